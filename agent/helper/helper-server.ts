/** The helper's door: one request a connection, one at a time, each checked by pattern and logged. */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Logger } from 'pino'
import { Refused } from './refused.ts'
import { MAX_REQUEST_BYTES, parseRequest, type HelperAnswer, type Verb } from './protocol.ts'

const READ_LIMIT_MS = 5_000

export type HelperOptions = {
  /** A socket that the service manager opened (file descriptor), or the path of one to open. */
  listen: { fd: number } | { path: string }
  verbs: Record<Verb, (args: readonly string[]) => Promise<string>>
  log: Logger
  /** Called when something is asked, and when nothing is asked or done any more. */
  onBusy?: () => void
  onIdle?: () => void
}

/** Opens the door; answers once it is open. */
export async function startHelper({ listen, verbs, log, onBusy, onIdle }: HelperOptions): Promise<Server> {
  let queue = Promise.resolve()
  let open = 0

  async function answer(line: string): Promise<HelperAnswer> {
    const request = parseRequest(line)
    if ('fault' in request) {
      log.warn({ fault: request.fault }, 'request refused')
      return { outcome: 'refused', text: request.fault }
    }
    const { verb, args } = request
    try {
      const text = await verbs[verb](args)
      log.info({ verb, args, text: text.slice(0, 200) }, 'done')
      return { outcome: 'done', text }
    } catch (error) {
      const outcome = error instanceof Refused ? 'refused' : 'failed'
      log.warn({ verb, args, outcome, text: (error as Error).message }, 'not done')
      return { outcome, text: (error as Error).message.slice(0, 500) }
    }
  }

  function hear(socket: Socket): void {
    let text = ''
    let isHeard = false
    open += 1
    onBusy?.()
    socket.setEncoding('utf8')
    socket.setTimeout(READ_LIMIT_MS, () => {
      if (!isHeard) socket.destroy()
    })
    socket.on('error', () => {})
    socket.once('close', () => {
      open -= 1
      void queue.then(() => void (open === 0 && onIdle?.()))
    })
    socket.on('data', (part: string) => {
      if (isHeard) return
      text += part
      if (text.length > MAX_REQUEST_BYTES) return void socket.destroy()
      const end = text.indexOf('\n')
      if (end === -1) return
      isHeard = true
      queue = queue.then(async () => void socket.end(`${JSON.stringify(await answer(text.slice(0, end)))}\n`))
    })
  }

  const server = createServer(hear)
  if ('path' in listen) rmSync(listen.path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen, resolve)
  })
  if ('path' in listen) chmodSync(listen.path, 0o660)
  return server
}
