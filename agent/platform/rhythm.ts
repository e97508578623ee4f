/** Checks that come again: each after its first wait, then on the common beat of its period, so that work of different periods falls together. */
import type { Logger } from 'pino'
import { every, untilNextMs, type Clock } from './agent-clock.ts'

export type Check = () => Promise<void> | void
export type Rhythms = {
  /** Runs after `firstMs`, then every `periodMs()`. A check that throws is a bug; it costs its own reading, never the agent. */
  repeat(name: string, firstMs: number, periodMs: () => number, check: Check): void
  stop(): void
}

/** Makes the rhythms of one watch; `stop` ends them all, and new ones can be started after it. */
export function makeRhythms(clock: Clock, log: Logger): Rhythms {
  let cancels: (() => void)[] = []
  return {
    repeat(name, firstMs, periodMs, check) {
      let isFirst = true
      const nextMs = () => {
        const wait = isFirst ? firstMs : untilNextMs(clock, periodMs())
        isFirst = false
        return wait
      }
      const fail = (error: unknown) => log.warn({ err: error, probe: name }, 'probe failed')
      // most checks are over when they return: no promise for those
      const guarded = () => {
        try {
          return check()?.catch(fail)
        } catch (error) {
          fail(error)
        }
      }
      cancels.push(every(clock, nextMs, guarded))
    },
    stop() {
      for (const cancel of cancels) cancel()
      cancels = []
    },
  }
}
