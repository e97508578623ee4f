/** Changes on their way to a client's desk and from it: each once, in order per ticket, kept until they are done. */
import { sql } from 'kysely'
import type { Database, Tx } from '../../database/database.ts'
import type { SyncInboxRow, SyncOutboxRow } from '../../database/tables/sync-rows.ts'
import { newRowId } from '../../database/row-id.ts'

/** Queues a change on a ticket that has a pair, behind those before it. False when it was queued already. The pair's row serialises who asks at once. */
export async function enqueueOut(
  tx: Tx,
  change: Pick<SyncOutboxRow, 'link_id' | 'ticket_id' | 'kind' | 'dedup_key'> & { body: object; nowMs: number; error?: string },
): Promise<boolean> {
  const known = await tx.selectFrom('sync_outbox').select('id').where('dedup_key', '=', change.dedup_key).executeTakeFirst()
  if (known) return false
  const pair = await tx
    .updateTable('sync_pairs')
    .set({ last_seq: sql<number>`last_seq + 1` })
    .where('link_id', '=', change.link_id)
    .where('ticket_id', '=', change.ticket_id)
    .returning('last_seq')
    .executeTakeFirst()
  if (!pair) return false
  const result = await tx
    .insertInto('sync_outbox')
    .values({
      id: newRowId(),
      link_id: change.link_id,
      ticket_id: change.ticket_id,
      seq: pair.last_seq,
      kind: change.kind,
      body: JSON.stringify(change.body),
      state: change.error === undefined ? 'pending' : 'parked',
      attempts: 0,
      next_attempt_at: change.nowMs,
      last_error: change.error ?? null,
      dedup_key: change.dedup_key,
      created_at: change.nowMs,
      done_at: null,
    })
    .onConflict(conflict => conflict.column('dedup_key').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}

/** What is due on a link: of each ticket its earliest change only, so that nothing overtakes; a parked one holds its ticket. */
export async function readDueOut(db: Database | Tx, linkId: string, nowMs: number, limit: number): Promise<SyncOutboxRow[]> {
  return db
    .selectFrom('sync_outbox as o')
    .selectAll('o')
    .where('o.link_id', '=', linkId)
    .where('o.state', '=', 'pending')
    .where('o.next_attempt_at', '<=', nowMs)
    .where(e =>
      e.not(
        e.exists(
          e
            .selectFrom('sync_outbox as earlier')
            .select('earlier.id')
            .whereRef('earlier.ticket_id', '=', 'o.ticket_id')
            .whereRef('earlier.link_id', '=', 'o.link_id')
            .whereRef('earlier.seq', '<', 'o.seq')
            .where('earlier.state', 'in', ['pending', 'parked']),
        ),
      ),
    )
    .orderBy('o.created_at')
    .orderBy('o.id')
    .limit(limit)
    .execute()
}
export async function updateOut(db: Database | Tx, id: string, change: Partial<SyncOutboxRow>): Promise<void> {
  await db.updateTable('sync_outbox').set(change).where('id', '=', id).execute()
}
/** Takes back what has not gone out yet: an echo of what came from there, or a state that is the same by now. */
export async function withdrawOut(
  tx: Tx,
  query: { linkId: string; ticketId: string; kinds: readonly SyncOutboxRow['kind'][]; dedupKey?: string },
): Promise<void> {
  let rows = tx
    .deleteFrom('sync_outbox')
    .where('link_id', '=', query.linkId)
    .where('ticket_id', '=', query.ticketId)
    .where('kind', 'in', query.kinds)
    .where('state', '=', 'pending')
  if (query.dedupKey !== undefined) rows = rows.where('dedup_key', '=', query.dedupKey)
  await rows.execute()
}
/**
 * Whether a change of a kind waits on a ticket, or for a person. One that somebody has begun with does not count: it may have read
 * the ticket already.
 */
export async function hasWaitingOut(db: Database | Tx, linkId: string, ticketId: string, kind: SyncOutboxRow['kind']): Promise<boolean> {
  const row = await db
    .selectFrom('sync_outbox')
    .select('id')
    .where('link_id', '=', linkId)
    .where('ticket_id', '=', ticketId)
    .where('kind', '=', kind)
    .where(e => e.or([e('state', '=', 'parked'), e.and([e('state', '=', 'pending'), e('attempts', '=', 0)])]))
    .executeTakeFirst()
  return row !== undefined
}
/** Parks everything that waits on a ticket. */
export async function parkTicketOut(tx: Tx, linkId: string, ticketId: string, error: string): Promise<number> {
  const result = await tx
    .updateTable('sync_outbox')
    .set({ state: 'parked', last_error: error })
    .where('link_id', '=', linkId)
    .where('ticket_id', '=', ticketId)
    .where('state', '=', 'pending')
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

/** Keeps a delivery; false when it was here before. */
export async function insertIn(tx: Database | Tx, row: SyncInboxRow): Promise<boolean> {
  const result = await tx
    .insertInto('sync_inbox')
    .values(row)
    .onConflict(conflict => conflict.columns(['link_id', 'delivery_id']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
/** Deliveries due on a link, oldest first. */
export async function readDueIn(db: Database | Tx, linkId: string, nowMs: number, limit: number): Promise<SyncInboxRow[]> {
  return db
    .selectFrom('sync_inbox')
    .selectAll()
    .where('link_id', '=', linkId)
    .where('state', '=', 'pending')
    .where('next_attempt_at', '<=', nowMs)
    .orderBy('received_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}
export async function updateIn(db: Database | Tx, ids: readonly string[], change: Partial<SyncInboxRow>): Promise<void> {
  if (ids.length > 0) await db.updateTable('sync_inbox').set(change).where('id', 'in', ids).execute()
}

/** Whether something is due on a link, either way. */
export async function hasDue(db: Database | Tx, linkId: string, nowMs: number): Promise<boolean> {
  return (await readDueIn(db, linkId, nowMs, 1)).length > 0 || (await readDueOut(db, linkId, nowMs, 1)).length > 0
}

export type QueueDepth = { pending: number; oldestPendingAtMs: number | null; parked: number; oldestParkedAtMs: number | null }
/** What waits and what is parked on a link, both ways together. */
export async function readDepth(db: Database | Tx, linkId: string): Promise<QueueDepth> {
  const out = await db
    .selectFrom('sync_outbox')
    .select(e => ['state', e.fn.countAll<number>().as('n'), e.fn.min('created_at').as('oldest')])
    .where('link_id', '=', linkId)
    .where('state', 'in', ['pending', 'parked'])
    .groupBy('state')
    .execute()
  const inbound = await db
    .selectFrom('sync_inbox')
    .select(e => ['state', e.fn.countAll<number>().as('n'), e.fn.min('received_at').as('oldest')])
    .where('link_id', '=', linkId)
    .where('state', 'in', ['pending', 'parked'])
    .groupBy('state')
    .execute()
  const both = [...out, ...inbound]
  const of = (state: 'pending' | 'parked') => {
    const rows = both.filter(row => row.state === state)
    return {
      n: rows.reduce((sum, row) => sum + Number(row.n), 0),
      oldest: rows.length === 0 ? null : Math.min(...rows.map(row => Number(row.oldest))),
    }
  }
  const [pending, parked] = [of('pending'), of('parked')]
  return { pending: pending.n, oldestPendingAtMs: pending.oldest, parked: parked.n, oldestParkedAtMs: parked.oldest }
}

/** What waits and what is parked on all links, both ways together. */
export async function countChanges(db: Database | Tx): Promise<{ pending: number; parked: number }> {
  const counts = { pending: 0, parked: 0 }
  for (const table of ['sync_outbox', 'sync_inbox'] as const) {
    const rows = await db
      .selectFrom(table)
      .select(e => ['state', e.fn.countAll<number>().as('n')])
      .where('state', 'in', ['pending', 'parked'])
      .groupBy('state')
      .execute()
    for (const row of rows) if (row.state === 'pending' || row.state === 'parked') counts[row.state] += Number(row.n)
  }
  return counts
}

export type ParkedRow = {
  id: string
  way: 'out' | 'in'
  kind: string
  ticket_id: string | null
  external_id: string | null
  attempts: number
  last_error: string | null
  created_at: number
}
/** Everything parked on a link, oldest first; a person decides about each, so the list is short. */
export async function readParked(db: Database | Tx, linkId: string): Promise<ParkedRow[]> {
  const out = await db
    .selectFrom('sync_outbox')
    .select(['id', 'kind', 'ticket_id', 'attempts', 'last_error', 'created_at'])
    .where('link_id', '=', linkId)
    .where('state', '=', 'parked')
    .orderBy('created_at')
    .limit(500)
    .execute()
  const inbound = await db
    .selectFrom('sync_inbox')
    .select(['id', 'external_id', 'attempts', 'last_error', 'received_at'])
    .where('link_id', '=', linkId)
    .where('state', '=', 'parked')
    .orderBy('received_at')
    .limit(500)
    .execute()
  return [
    ...out.map(row => ({ ...row, way: 'out' as const, external_id: null })),
    ...inbound.map(({ received_at, ...row }) => ({
      ...row,
      way: 'in' as const,
      kind: 'delivery',
      ticket_id: null,
      created_at: received_at,
    })),
  ].toSorted((one, other) => one.created_at - other.created_at)
}
/** Decides about a parked row: `pending` = tried again now, `dropped`. Gives its ticket; null when it is not parked (any more). */
export async function decideParked(
  tx: Tx,
  query: { linkId: string; id: string; to: 'pending' | 'dropped'; nowMs: number },
): Promise<{ ticketId: string | null } | null> {
  // One attempt is on record, so that the next looks first whether the one before has arrived.
  const change = { state: query.to, attempts: 1, next_attempt_at: query.nowMs, done_at: query.to === 'dropped' ? query.nowMs : null }
  for (const table of ['sync_outbox', 'sync_inbox'] as const) {
    const result = await tx
      .updateTable(table)
      .set(change)
      .where('id', '=', query.id)
      .where('link_id', '=', query.linkId)
      .where('state', '=', 'parked')
      .executeTakeFirst()
    if (Number(result.numUpdatedRows) !== 1) continue
    if (table === 'sync_inbox') return { ticketId: null }
    const row = await tx.selectFrom('sync_outbox').select('ticket_id').where('id', '=', query.id).executeTakeFirst()
    return { ticketId: row?.ticket_id ?? null }
  }
  return null
}
/** Lets what is over since long go. */
export async function deleteDoneSync(tx: Tx, beforeMs: number): Promise<void> {
  for (const table of ['sync_outbox', 'sync_inbox'] as const)
    await tx.deleteFrom(table).where('done_at', 'is not', null).where('done_at', '<', beforeMs).execute()
}
