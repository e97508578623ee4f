/** Tells the desk once a week which signals only make noise. */
import { weekOf, writeNoise } from './rules/noise-letter.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { readFact, writeFact } from '../database/instance-store.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import { listManagerAddresses } from '../accounts/store/staff-address-store.ts'
import type { RuleTrials } from './rule-trials.ts'

const TOLD_FACT = 'noise-told'
/** A letter of more lines is not read. */
const MAX_LINES = 10

/** Makes the worker. Without a common address of the desk, managers who see every customer are told. */
export function makeNoiseMail(deps: { db: Database; now: () => number; trials: Pick<RuleTrials, 'noise'>; deskEmail: string | null }) {
  const { db, now, trials, deskEmail } = deps
  return {
    /** Sends what is due, from Monday morning on, once a week; a week without noise is not told. */
    async run(): Promise<number> {
      const { week, isDue } = weekOf(now())
      if (!isDue || (await readFact(db, TOLD_FACT)) === week) return 0
      const report = await trials.noise()
      const letter = writeNoise({
        week,
        tickets: report.tickets,
        unacted: report.unacted,
        lines: report.items
          .slice(0, MAX_LINES)
          .map(item => ({ title: item.title, why: item.why, fix: item.fix === null ? null : `Worth a try: ${item.fix.label}` })),
      })
      const to = report.items.length === 0 ? [] : deskEmail === null ? await listManagerAddresses(db, '') : [deskEmail]
      await inTransaction(db, async tx => {
        for (const address of to)
          await addNotice(tx, { channel: 'email', dedupKey: `noise:v1:${week}:${address}`, address, nowMs: now(), ...letter })
        await writeFact(tx, TOLD_FACT, week)
      })
      return to.length
    },
  }
}
