/** The lock of the kiosk app: while a customer pays nobody takes pictures or restarts things; but a lock that is never given back does not count for ever. */
import { existsSync } from 'node:fs'
import type { KioskApp } from '../../shared/profile.ts'
import type { Clock } from '../platform/agent-clock.ts'

const DEFAULT_SECONDS = 600

/** Makes the lock of one app. `isTrue` asks the page and rejects when it does not answer. */
export function makeAppLock(clock: Clock, lock: KioskApp['lock'], isTrue: (expression: string) => Promise<boolean>) {
  let sinceMs: number | null = null
  let wasTrue = false

  async function isExpressionTrue(): Promise<boolean> {
    if (lock?.expression === undefined) return false
    try {
      wasTrue = await isTrue(lock.expression)
    } catch {
      // a page that froze while a customer paid still holds the lock
    }
    return wasTrue
  }

  return {
    /** Is the app locked now, and not for longer than it may be? */
    async isLocked(): Promise<boolean> {
      if (!lock) return false
      const isHeld = (lock.file !== undefined && existsSync(lock.file)) || (await isExpressionTrue())
      sinceMs = isHeld ? (sinceMs ?? clock.monotonicMs()) : null
      return sinceMs !== null && clock.monotonicMs() - sinceMs <= (lock.maxSeconds ?? DEFAULT_SECONDS) * 1000
    },
  }
}
export type AppLock = ReturnType<typeof makeAppLock>
