/** Lists of tickets: the desk's queue by what is due next, searches, and how much there is to do. */
import { sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { likePattern, readCursor } from '../../database/paging.ts'
import type { TicketRow } from '../../database/tables/schema.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'

export type TicketFilter = {
  /** Customers the caller is limited to; null = all. */
  scope: readonly string[] | null
  /** Only tickets given to this partner. */
  partnerOnly: string | null
  /** Those worked on, or those that are over. */
  open?: boolean | undefined
  /** A person's, or with `nobody` those without one. */
  assignee?: string | undefined
  /** `due`: what is due next first; else the newest. */
  order?: 'due' | 'newest' | undefined
  status?: TicketStatus | undefined
  level?: number | undefined
  customerId?: string | undefined
  deviceId?: string | undefined
  source?: TicketRow['source'] | undefined
  partnerId?: string | undefined
  overdue?: boolean | undefined
  q?: string | undefined
  nowMs: number
  limit: number
  cursor?: string | undefined
}

const OVER = ['resolved', 'closed'] as const

const filteredTickets = (db: Database, filter: TicketFilter) => {
  let query = db.selectFrom('tickets')
  if (filter.partnerOnly !== null) query = query.where('partner_id', '=', filter.partnerOnly)
  else if (filter.scope !== null) query = query.where('customer_id', 'in', filter.scope.length > 0 ? filter.scope : [''])
  if (filter.open !== undefined) query = query.where('status', filter.open ? 'not in' : 'in', OVER)
  if (filter.status) query = query.where('status', '=', filter.status)
  if (filter.assignee !== undefined)
    query =
      filter.assignee === 'nobody' ? query.where('assignee_user_id', 'is', null) : query.where('assignee_user_id', '=', filter.assignee)
  if (filter.level) query = query.where('level', '=', filter.level)
  if (filter.customerId) query = query.where('customer_id', '=', filter.customerId)
  if (filter.deviceId) query = query.where('device_id', '=', filter.deviceId)
  if (filter.source) query = query.where('source', '=', filter.source)
  if (filter.partnerId) query = query.where('partner_id', '=', filter.partnerId)
  // what is over has no clock that runs
  if (filter.overdue === true) query = query.where('status', 'not in', OVER).where('queue_at', '<', filter.nowMs)
  if (filter.overdue === false) query = query.where(e => e.or([e('status', 'in', OVER), e('queue_at', '>=', filter.nowMs)]))
  for (const word of (filter.q ?? '').split(/\s+/).filter(Boolean).slice(0, 8)) {
    query = query.where('search_text', 'like', sql<string>`${likePattern(word)} escape '!'`)
  }
  return query
}

/** In the order asked for. One row more than the limit says that there is a next page. */
export async function listTickets(db: Database, filter: TicketFilter): Promise<{ rows: TicketRow[]; total: number }> {
  const cursor = readCursor(filter.cursor)
  const [by, way, comes] = filter.order === 'due' ? (['queue_at', 'asc', '>'] as const) : (['created_at', 'desc', '<'] as const)
  // found and counted in one go over what is looked through: a search reads every text once
  const found = filteredTickets(db, filter).select(['id', by, sql<number>`count(*) over ()`.as('total')])
  let page = db
    .selectFrom(found.as('found'))
    .select(['id', 'total'])
    .orderBy(by, way)
    .orderBy('id', way)
    .limit(filter.limit + 1)
  if (cursor)
    page = page.where(e => e.or([e(by, comes, Number(cursor[0])), e.and([e(by, '=', Number(cursor[0])), e('id', comes, cursor[1])])]))
  const ids = await page.execute()
  const rows =
    ids.length === 0
      ? []
      : await db
          .selectFrom('tickets')
          .selectAll()
          .where(
            'id',
            'in',
            ids.map(row => row.id),
          )
          .execute()
  const rowById = new Map(rows.map(row => [row.id, row]))
  return { rows: ids.flatMap(({ id }) => rowById.get(id) ?? []), total: Number(ids[0]?.total ?? 0) }
}

/** Open tickets the caller may see, and those of them with a clock that ran out. */
export async function countQueue(
  db: Database,
  filter: Pick<TicketFilter, 'scope' | 'partnerOnly' | 'nowMs'>,
): Promise<{ open: number; overdue: number }> {
  const row = await filteredTickets(db, { ...filter, open: true, limit: 0 })
    .select(e => [
      e.fn.countAll<number>().as('open'),
      e.fn.sum<number>(sql`case when queue_at < ${filter.nowMs} then 1 else 0 end`).as('overdue'),
    ])
    .executeTakeFirstOrThrow()
  return { open: Number(row.open), overdue: Number(row.overdue ?? 0) }
}
