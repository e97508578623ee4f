/** Carries the server's commands out, each once: what was done is remembered on disk, and a command that comes again gets its answer again. */
import type { Logger } from 'pino'
import type { ResultData } from '../../shared/messages.ts'
import { parseCommand, type Command } from './signed-command.ts'
import type { AgentStore } from '../platform/state.ts'

const REMEMBERED = 64

export type CommandAnswer = { state: 'done' | 'failed' | 'refused' | 'expired'; text: string }
/** What each kind does; null = not finished, nothing to say: it will be asked for again. */
export type CommandHandlers = {
  [Kind in Command['kind']]: (command: Extract<Command, { kind: Kind }>) => Promise<CommandAnswer | null>
}

/** Makes the desk. `serverMs` is the server's clock as far as known; `keep` writes the agent's state and never throws. */
export function makeCommandDesk(options: {
  store: AgentStore
  keep: (change: Parameters<AgentStore['update']>[0]) => Promise<void>
  deviceId: string
  log: Logger
  serverMs: () => number
  send: (data: ResultData) => void
  handlers: CommandHandlers
}) {
  const { store, keep, log, handlers } = options
  const running = new Set<string>()

  const handle = (command: Command): Promise<CommandAnswer | null> => {
    switch (command.kind) {
      case 'upload-evidence':
        return handlers['upload-evidence'](command)
      case 'take-picture':
        return handlers['take-picture'](command)
      case 'run-remedy':
        return handlers['run-remedy'](command)
    }
  }

  const remember = (id: string, answer: CommandAnswer | null): Promise<void> =>
    keep(state => void (state.commands = [...state.commands.filter(known => known.id !== id), { id, answer }].slice(-REMEMBERED)))

  async function carryOut(command: Command): Promise<void> {
    const { id, kind } = command
    // an upload goes on where it was; everything else must never be done twice, so it counts as done before it begins
    if (kind !== 'upload-evidence') await remember(id, null)
    let answer: CommandAnswer | null
    try {
      answer = await handle(command)
    } catch (error) {
      answer = { state: 'failed', text: (error as Error).message.slice(0, 500) }
    }
    if (answer === null) return
    await remember(id, answer)
    log.info({ commandId: id, command: kind, ...answer }, 'command answered')
    options.send({ id, ...answer })
  }

  return {
    /** Takes one `dn/cmd` payload. What is not the server's own is not answered. */
    take(wire: string): void {
      const parsed = parseCommand(wire, store.data.signingKeys, options.deviceId)
      if (!parsed.ok) {
        log.warn({ fault: parsed.fault }, 'command refused')
        if (parsed.id !== null) options.send({ id: parsed.id, state: 'refused', text: parsed.fault })
        return
      }
      const { command } = parsed
      if (running.has(command.id)) return
      const known = store.data.commands.find(item => item.id === command.id)
      if (known)
        options.send({ id: command.id, ...(known.answer ?? { state: 'failed', text: 'the agent ended while it carried this out' }) })
      else if (options.serverMs() > command.expiresAt) options.send({ id: command.id, state: 'expired', text: 'it came too late' })
      else {
        running.add(command.id)
        void carryOut(command).finally(() => running.delete(command.id))
      }
    },
  }
}
