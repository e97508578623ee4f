/** Pairs of tickets on two desks, and comments known on both. */
import type { Database, Tx } from '../../database/database.ts'
import type { AttachmentRow } from '../../database/tables/mail-rows.ts'
import type { SyncCommentRow, SyncLinkRow, SyncPairRow } from '../../database/tables/sync-rows.ts'
import type { TicketEventRow } from '../../database/tables/schema.ts'
import { newRowId } from '../../database/row-id.ts'

/** Adds a pair unless the ticket has one on this link; false when it has. */
export async function insertPair(
  tx: Tx,
  pair: Pick<SyncPairRow, 'link_id' | 'ticket_id' | 'made_by' | 'created_at'> & Partial<SyncPairRow>,
): Promise<boolean> {
  const row: SyncPairRow = {
    id: newRowId(),
    external_id: null,
    external_key: null,
    external_url: null,
    agreed_ours: null,
    agreed_theirs: null,
    facts: '{}',
    last_seq: 0,
    recent: '[]',
    stopped_at: null,
    ...pair,
  }
  const result = await tx
    .insertInto('sync_pairs')
    .values(row)
    .onConflict(conflict => conflict.columns(['ticket_id', 'link_id']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}
export async function updatePair(tx: Tx, id: string, change: Partial<SyncPairRow>): Promise<void> {
  await tx.updateTable('sync_pairs').set(change).where('id', '=', id).execute()
}
export async function findPair(db: Database | Tx, linkId: string, ticketId: string): Promise<SyncPairRow | null> {
  const query = db.selectFrom('sync_pairs').selectAll().where('link_id', '=', linkId).where('ticket_id', '=', ticketId)
  return (await query.executeTakeFirst()) ?? null
}
export async function findPairByExternal(db: Database | Tx, linkId: string, externalId: string): Promise<SyncPairRow | null> {
  const query = db.selectFrom('sync_pairs').selectAll().where('link_id', '=', linkId).where('external_id', '=', externalId)
  return (await query.executeTakeFirst()) ?? null
}
/** The pairs of a ticket with their links. */
export async function readPairsOf(
  db: Database | Tx,
  ticketId: string,
): Promise<(SyncPairRow & { link_name: string; link_kind: SyncLinkRow['kind'] })[]> {
  return db
    .selectFrom('sync_pairs')
    .innerJoin('sync_links', 'sync_links.id', 'sync_pairs.link_id')
    .selectAll('sync_pairs')
    .select(['sync_links.name as link_name', 'sync_links.kind as link_kind'])
    .where('sync_pairs.ticket_id', '=', ticketId)
    .orderBy('sync_pairs.created_at')
    .execute()
}
export async function countStopped(db: Database | Tx, linkId: string): Promise<number> {
  const row = await db
    .selectFrom('sync_pairs')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('link_id', '=', linkId)
    .where('stopped_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

export async function insertComment(tx: Tx, row: Omit<SyncCommentRow, 'id'>): Promise<void> {
  await tx
    .insertInto('sync_comments')
    .values({ id: newRowId(), ...row })
    .execute()
}
export async function nameComment(tx: Tx, id: string, externalId: string): Promise<void> {
  await tx.updateTable('sync_comments').set({ external_id: externalId }).where('id', '=', id).execute()
}
/** Comments of a ticket known on both sides. */
export async function readComments(db: Database | Tx, linkId: string, ticketId: string): Promise<SyncCommentRow[]> {
  return db
    .selectFrom('sync_comments')
    .selectAll()
    .where('link_id', '=', linkId)
    .where('ticket_id', '=', ticketId)
    .orderBy('at')
    .orderBy('id')
    .execute()
}

/** Public messages of a ticket so far, oldest first. */
export async function readPublicMessages(tx: Tx, ticketId: string): Promise<TicketEventRow[]> {
  return tx
    .selectFrom('ticket_events')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .where('kind', '=', 'message')
    .where('visibility', '=', 'public')
    .orderBy('at')
    .orderBy('id')
    .execute()
}
/** Public files that came to mirrored tickets of a link since an instant. */
export async function readNewFiles(db: Database | Tx, linkId: string, sinceMs: number): Promise<AttachmentRow[]> {
  return db
    .selectFrom('ticket_attachments')
    .innerJoin('sync_pairs', 'sync_pairs.ticket_id', 'ticket_attachments.ticket_id')
    .selectAll('ticket_attachments')
    .where('sync_pairs.link_id', '=', linkId)
    .where('ticket_attachments.created_at', '>=', sinceMs)
    .where('ticket_attachments.visibility', '=', 'public')
    .orderBy('ticket_attachments.created_at')
    .limit(500)
    .execute()
}
