/** Small facts of a pair of tickets, each written in one place: what both agreed on, how much went by, and when it is too much. */
import { LOOP_LIMIT, countMirrored } from './rules/sync-retry.ts'
import type { ShownFacts } from './rules/sync-ownership.ts'
import type { Tx } from '../database/database.ts'
import { updateLink } from './store/sync-link-store.ts'
import { updatePair } from './store/sync-pair-store.ts'
import { enqueueOut, parkTicketOut } from './store/sync-queue-store.ts'
import type { SyncLinkRow, SyncPairRow } from '../database/tables/sync-rows.ts'
import type { SyncDesk } from './sync-to-ticket.ts'

/** What is kept of their side: shown facts, their subject, and the newest version seen. */
export type PairFacts = Partial<ShownFacts> & { subject?: string; version?: number | null }

/** Facts of a row. */
export function factsOf(pair: Pick<SyncPairRow, 'facts'>): PairFacts {
  return JSON.parse(pair.facts) as PairFacts
}

const LOOP = `More than ${LOOP_LIMIT} changes were mirrored on this ticket within ten minutes: the two desks answer each other. It is not mirrored any more until somebody retries.`

/** Counts changes mirrored on a pair; too many stop it, and say so on the ticket and where people decide. */
export async function noteMirrored(tx: Tx, bySync: SyncDesk, pair: SyncPairRow, count: number, nowMs: number): Promise<void> {
  if (count === 0) return
  const { recent, isLoop } = countMirrored(JSON.parse(pair.recent) as number[], count, nowMs)
  await updatePair(tx, pair.id, { recent: JSON.stringify(recent), ...(isLoop ? { stopped_at: nowMs } : {}) })
  if (!isLoop) return
  await bySync.note(tx, pair.ticket_id, LOOP)
  const about = { link_id: pair.link_id, ticket_id: pair.ticket_id, dedup_key: `state:${pair.id}:stopped:${nowMs}` }
  await enqueueOut(tx, { ...about, kind: 'state', body: {}, nowMs, error: LOOP })
  await parkTicketOut(tx, pair.link_id, pair.ticket_id, LOOP)
}

const MOST_WARNINGS = 20

/** Adds a sentence to a link's warnings, once. */
export async function warnLink(tx: Tx, link: SyncLinkRow, sentence: string): Promise<void> {
  const warnings = JSON.parse(link.warnings) as string[]
  if (warnings.includes(sentence)) return
  link.warnings = JSON.stringify([...warnings, sentence].slice(-MOST_WARNINGS))
  await updateLink(tx, link.id, { warnings: link.warnings })
}
