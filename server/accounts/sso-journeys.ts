/** What is remembered of a browser while it is at the single sign-on: bound to it by a cookie, used once, ten minutes long. */
import { newToken } from '../../shared/ids.ts'
import type { Database } from '../database/database.ts'
import { findOneTime, keepOneTime, useOneTime } from './store/one-time-store.ts'

const JOURNEY_MS = 10 * 60_000

/** Makes the service; `Checks` is what the single sign-on wants back. */
export function makeSsoJourneys<Checks>({ db, now }: { db: Database; now: () => number }) {
  return {
    lengthMs: JOURNEY_MS,

    /** Keeps what is to be checked, and the page that was asked for; gives the secret of the cookie. */
    async begin(facts: { checks: Checks; to: string }): Promise<string> {
      const secret = newToken('kot')
      const times = { created_at: now(), expires_at: now() + JOURNEY_MS }
      await keepOneTime(db, secret, { kind: 'sso', user_id: null, data: JSON.stringify(facts), ...times })
      return secret
    },

    /** What was kept, once; null for a secret that is unknown, used or too old. */
    async end(secret: string): Promise<{ checks: Checks; to: string } | null> {
      const row = await findOneTime(db, secret, ['sso'], now())
      if (!row || !(await useOneTime(db, row))) return null
      return JSON.parse(row.data) as { checks: Checks; to: string }
    },
  }
}
export type SsoJourneys<Checks> = ReturnType<typeof makeSsoJourneys<Checks>>
