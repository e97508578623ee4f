/** Takes configurations as they arrive, one after the other: judged, kept, then used, and reported to the server. */
import type { Logger } from 'pino'
import type { UpKind } from '../../shared/topics.ts'
import { judgeConfig } from './desired-config.ts'
import type { Report } from '../signals/reading.ts'
import type { AgentState, AppliedConfig } from '../platform/state.ts'

export type ConfigKeeper = {
  /** A `dn/cfg` payload came. */
  heard(wire: string): void
  /** Waits for what came so far. */
  settled(): Promise<void>
}

/** Makes the keeper. `apply` makes the watches use a configuration that is kept. */
export function makeConfigKeeper(deps: {
  state: () => AgentState
  deviceId: string
  log: Logger
  keep: (change: (state: AgentState) => void) => Promise<void>
  put: (kind: UpKind, data: object) => void
  report: Report
  apply: (config: AppliedConfig) => void
}): ConfigKeeper {
  const { log, put } = deps
  let lastRefusedWire = ''
  let queue = Promise.resolve()

  function refuse(wire: string, rev: number, errors: string[]): void {
    // the same retained document comes back with every connection
    if (wire === lastRefusedWire) return
    lastRefusedWire = wire
    log.warn({ rev, errors }, 'configuration refused')
    put('cfg', { rev, status: 'invalid', errors })
    const text = `Configuration ${rev || ''} refused: ${errors[0] ?? ''}`.slice(0, 500)
    deps.report([{ key: 'config.invalid', verdict: 'failing', text, evidence: { errors } }])
  }

  async function take(wire: string): Promise<void> {
    const applied = deps.state().config
    const verdict = await judgeConfig({
      wire,
      keys: deps.state().signingKeys,
      deviceId: deps.deviceId,
      appliedRev: applied?.rev ?? 0,
      hasRules: applied?.rules !== undefined,
    })
    if (verdict.kind === 'ignored') return
    if (verdict.kind === 'invalid') return refuse(wire, verdict.rev, verdict.errors)
    const { config } = verdict
    // written, then used: after a crash the device wakes up with the old or the new one, whole
    await deps.keep(state => void (state.config = config))
    deps.apply(config)
    log.info({ rev: config.rev }, 'configuration applied')
    put('cfg', { rev: config.rev, status: 'applied', hash: config.hash })
    deps.report([{ key: 'config.invalid', verdict: 'ok', text: `Configuration ${config.rev} applied` }])
  }

  return {
    heard: wire => void (queue = queue.then(() => take(wire))),
    settled: () => queue,
  }
}
