/** Virtual time: what is to happen waits in order; in between, everything the server owes at an instant is done at that instant. */
import type { Database } from '../../server/database/database.ts'

export type VirtualTime = {
  now(): number
  /** Plans something; in the past = now. */
  at(atMs: number, run: () => unknown): void
  /** Lives until an instant: planned things and deadlines in order. */
  liveUntil(endMs: number): Promise<void>
}

/** A deadline that stays due after so many turns waits for the next planned thing. */
const MAX_TRIES = 5

/** Earliest deadline of conditions and tickets, or null. */
async function nextDeadline(db: Database): Promise<number | null> {
  const [opens, clears, tickets] = [
    await db
      .selectFrom('conditions')
      .select(e => e.fn.min('opens_at').as('at'))
      .where('opens_at', 'is not', null)
      .executeTakeFirst(),
    await db
      .selectFrom('conditions')
      .select(e => e.fn.min('clears_at').as('at'))
      .where('clears_at', 'is not', null)
      .executeTakeFirst(),
    await db
      .selectFrom('tickets')
      .select(e => e.fn.min('next_deadline_at').as('at'))
      .where('next_deadline_at', 'is not', null)
      .executeTakeFirst(),
  ]
  const instants = [opens?.at, clears?.at, tickets?.at].filter(at => typeof at === 'number')
  return instants.length === 0 ? null : Math.min(...instants)
}

/** Makes a time that starts at an instant. `runDue` does what is due now. */
export function makeVirtualTime(options: { db: Database; startMs: number; runDue: () => Promise<unknown> }): VirtualTime {
  let nowMs = options.startMs
  let order = 0
  const planned: { atMs: number; order: number; run: () => unknown }[] = []

  const at = (atMs: number, run: () => unknown): void => {
    const item = { atMs: Math.max(Math.round(atMs), nowMs), order: ++order, run }
    let low = 0
    let high = planned.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((planned[middle] as typeof item).atMs <= item.atMs) low = middle + 1
      else high = middle
    }
    planned.splice(low, 0, item)
  }

  return {
    now: () => nowMs,
    at,
    async liveUntil(endMs) {
      for (let tries = 0; ;) {
        const next = planned[0]
        const stepMs = next && next.atMs <= endMs ? next.atMs : endMs
        const due = await nextDeadline(options.db)
        if (due !== null && due <= stepMs && tries <= MAX_TRIES) {
          tries = due > nowMs ? 0 : tries + 1
          nowMs = Math.max(nowMs, due)
          await options.runDue()
          continue
        }
        tries = 0
        nowMs = Math.max(nowMs, stepMs)
        if (!next || next.atMs > endMs) return
        planned.shift()
        await next.run()
      }
    },
  }
}
