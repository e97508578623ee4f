/** The functions of the server that only watch: one that throws is logged and changes nothing for the devices. */
import type { BrokerDeps } from './broker-types.ts'
import type { LogLimiter } from './log-limiter.ts'

export type Observers = Pick<BrokerDeps, 'connected' | 'disconnected' | 'heard' | 'heartbeat' | 'counters'>
export type HookFailed = (hook: string, error: unknown) => void

/** How a hook that threw is told: an error line, for it is a bug of ours. */
export function makeHookFailed(logLine: LogLimiter): HookFailed {
  return (hook, error) => logLine('error', `hook ${hook}`, { hook, err: error }, 'a function the broker calls has thrown')
}

/** The same functions, unable to throw. */
export function makeObservers(deps: Observers, failed: HookFailed): Observers {
  const watch =
    <Given extends unknown[]>(hook: string, call: (...given: Given) => void) =>
    (...given: Given) => {
      try {
        call(...given)
      } catch (error) {
        failed(hook, error)
      }
    }
  return {
    connected: watch('connected', deps.connected),
    disconnected: watch('disconnected', deps.disconnected),
    heard: watch('heard', deps.heard),
    heartbeat: watch('heartbeat', deps.heartbeat),
    counters: {
      rejected: watch('rejected', deps.counters.rejected),
      message: watch('message', deps.counters.message),
      connections: watch('connections', deps.counters.connections),
      commitSeconds: watch('commitSeconds', deps.counters.commitSeconds),
    },
  }
}
