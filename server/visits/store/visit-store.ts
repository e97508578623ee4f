/** Visits and their history. */
import type { Database, Tx } from '../../database/database.ts'
import { readCursor } from '../../database/paging.ts'
import { rowLock } from '../../database/row-lock.ts'
import type { VisitEventRow, VisitRow } from '../../database/tables/visit-rows.ts'
import { newRowId } from '../../database/row-id.ts'

export async function insertVisit(tx: Tx, row: VisitRow): Promise<void> {
  await tx.insertInto('visits').values(row).execute()
}
export async function updateVisit(tx: Tx, id: string, change: Partial<VisitRow>): Promise<void> {
  await tx.updateTable('visits').set(change).where('id', '=', id).execute()
}
export async function findVisit(db: Database | Tx, id: string): Promise<VisitRow | null> {
  return (await db.selectFrom('visits').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}
/** The visit a link belongs to, while the link lives. */
export async function findVisitByLink(db: Database | Tx, linkSha256: string, nowMs: number): Promise<VisitRow | null> {
  const query = db.selectFrom('visits').selectAll().where('link_sha256', '=', linkSha256).where('link_expires_at', '>', nowMs)
  return (await query.executeTakeFirst()) ?? null
}
/** The visit of a ticket that is under way, locked. */
export async function lockOpenVisit(tx: Tx, ticketId: string): Promise<VisitRow | null> {
  const query = tx.selectFrom('visits').selectAll().where('open_key', '=', ticketId)
  return (await query.modifyEnd(rowLock(tx)).executeTakeFirst()) ?? null
}
/** Every visit of a ticket, oldest first. */
export async function readVisits(db: Database | Tx, ticketId: string): Promise<VisitRow[]> {
  return db.selectFrom('visits').selectAll().where('ticket_id', '=', ticketId).orderBy('offered_at').orderBy('id').execute()
}
/** Visits whose answer or time is overdue, earliest first. */
export async function findDueVisits(db: Database, nowMs: number, limit: number): Promise<string[]> {
  const query = db.selectFrom('visits').select('id').where('deadline_at', '<=', nowMs).orderBy('deadline_at').limit(limit)
  return (await query.execute()).map(row => row.id)
}
export async function insertVisitEvent(tx: Tx, row: Omit<VisitEventRow, 'id'>): Promise<void> {
  await tx
    .insertInto('visit_events')
    .values({ id: newRowId(), ...row })
    .execute()
}
/** The history of a visit, oldest first. */
export async function readVisitEvents(db: Database | Tx, visitId: string): Promise<VisitEventRow[]> {
  return db.selectFrom('visit_events').selectAll().where('visit_id', '=', visitId).orderBy('at').orderBy('id').execute()
}

/** `scope`: only these customers, null = all; `partnerOnly`: only this partner's. */
export type VisitFilter = {
  scope: readonly string[] | null
  partnerOnly: string | null
  state?: VisitRow['state'] | undefined
  partnerId?: string | undefined
  ticketId?: string | undefined
  customerId?: string | undefined
  overdue?: boolean | undefined
  /** Appointments in [from, to). */
  fromMs?: number | undefined
  toMs?: number | undefined
  /** Leaves out those a partner did not take. */
  hidesDeclined?: boolean | undefined
  nowMs: number
  limit: number
  cursor?: string | undefined
}
/** Newest first. One row more than the limit says that there is a next page. */
export async function listVisits(db: Database, filter: VisitFilter): Promise<{ rows: VisitRow[]; total: number }> {
  const cursor = readCursor(filter.cursor)
  let matching = db.selectFrom('visits')
  if (filter.partnerOnly !== null) matching = matching.where('partner_id', '=', filter.partnerOnly)
  else if (filter.scope !== null) matching = matching.where('customer_id', 'in', filter.scope.length > 0 ? filter.scope : [''])
  if (filter.hidesDeclined === true) matching = matching.where('state', '<>', 'declined')
  if (filter.state !== undefined) matching = matching.where('state', '=', filter.state)
  if (filter.partnerId !== undefined) matching = matching.where('partner_id', '=', filter.partnerId)
  if (filter.ticketId !== undefined) matching = matching.where('ticket_id', '=', filter.ticketId)
  if (filter.customerId !== undefined) matching = matching.where('customer_id', '=', filter.customerId)
  if (filter.fromMs !== undefined) matching = matching.where('scheduled_at', '>=', filter.fromMs)
  if (filter.toMs !== undefined) matching = matching.where('scheduled_at', '<', filter.toMs)
  // An appointment that has passed without anybody on site is overdue too.
  if (filter.overdue !== undefined)
    matching = matching.where(e => {
      const isLate = e.or([
        e.and([e('deadline_at', 'is not', null), e('deadline_at', '<=', filter.nowMs)]),
        e.and([e('state', '=', 'scheduled'), e('scheduled_at', '<=', filter.nowMs)]),
      ])
      return filter.overdue ? isLate : e.not(isLate)
    })
  const { total } = await matching.select(e => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  let page = matching
    .selectAll()
    .orderBy('offered_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
  if (cursor)
    page = page.where(e =>
      e.or([e('offered_at', '<', Number(cursor[0])), e.and([e('offered_at', '=', Number(cursor[0])), e('id', '<', cursor[1])])]),
    )
  return { rows: await page.execute(), total: Number(total) }
}

export type StillFailing = { signal: string; component: string; text: string; since_at: number; evidence: string | null }
/** What of an incident still fails: its own condition, and those it explains. */
export async function readStillFailing(db: Database | Tx, incidentId: string): Promise<StillFailing[]> {
  return db
    .selectFrom('conditions')
    .innerJoin('incidents', 'incidents.id', 'conditions.incident_id')
    .select(['conditions.signal', 'conditions.component', 'conditions.text', 'conditions.since_at', 'conditions.evidence'])
    .where('conditions.state', '=', 'failing')
    .where(e => e.or([e('incidents.id', '=', incidentId), e('incidents.parent_id', '=', incidentId)]))
    .orderBy('conditions.since_at')
    .execute()
}
/** When a device was last heard by what is stored; null = never. */
export async function readLastSeen(db: Database | Tx, deviceId: string): Promise<number | null> {
  const row = await db.selectFrom('device_latest').select('last_seen_at').where('device_id', '=', deviceId).executeTakeFirst()
  return row?.last_seen_at ?? null
}
