/** Incidents: rows in, rows out. */
import { sql } from 'kysely'
import { makeBulkInsert } from '../../database/bulk-insert.ts'
import type { Database, Tx } from '../../database/database.ts'
import { readCursor } from '../../database/paging.ts'
import { inChunks } from '../../database/row-lock.ts'
import type { IncidentRow } from '../../database/tables/schema.ts'

/** Incidents by id. Their conditions are locked before, so they need no lock of their own. */
export async function readIncidents(db: Database | Tx, ids: readonly string[]): Promise<Map<string, IncidentRow>> {
  const rows = new Map<string, IncidentRow>()
  await inChunks(ids, async chunk => {
    for (const row of await db.selectFrom('incidents').selectAll().where('id', 'in', chunk).execute()) rows.set(row.id, row)
  })
  return rows
}

const insertRows = makeBulkInsert<IncidentRow>(
  {
    id: true,
    kind: true,
    customer_id: true,
    site_id: true,
    device_id: true,
    signal: true,
    component: true,
    state: true,
    open_key: true,
    unstable: true,
    level: true,
    text: true,
    ticket_id: true,
    parent_id: true,
    evidence: true,
    remedies: true,
    ladder: true,
    started_at: true,
    ended_at: true,
    opened_count: true,
    opened_at: true,
    why: true,
  },
  (tx, rows) =>
    tx
      .insertInto('incidents')
      .values(rows)
      .onConflict(conflict =>
        conflict.column('id').doUpdateSet({
          state: sql`excluded.state`,
          open_key: sql`excluded.open_key`,
          unstable: sql`excluded.unstable`,
          level: sql`excluded.level`,
          text: sql`excluded.text`,
          ticket_id: sql`excluded.ticket_id`,
          parent_id: sql`excluded.parent_id`,
          evidence: sql`excluded.evidence`,
          remedies: sql`excluded.remedies`,
          ladder: sql`excluded.ladder`,
          ended_at: sql`excluded.ended_at`,
          opened_count: sql`excluded.opened_count`,
          opened_at: sql`excluded.opened_at`,
          why: sql`excluded.why`,
        }),
      ),
)

/** Writes incidents whole; closed ones first, so that a new one may take their open key. */
export async function writeIncidents(tx: Tx, rows: readonly IncidentRow[]): Promise<void> {
  await insertRows(
    tx,
    rows.filter(row => row.open_key === null),
  )
  await insertRows(
    tx,
    rows.filter(row => row.open_key !== null),
  )
}

export async function deleteIncidents(tx: Tx, ids: readonly string[]): Promise<void> {
  await inChunks(ids, chunk => tx.deleteFrom('incidents').where('id', 'in', chunk).execute())
}

/** Explained incidents whose evidence a ticket shows. */
const MAX_CHILDREN = 200

export type IncidentFilter = {
  /** Customers the caller is limited to; null = all. */
  scope: readonly string[] | null
  state?: IncidentRow['state'] | undefined
  kind?: IncidentRow['kind'] | undefined
  signal?: string | undefined
  component?: string | undefined
  deviceId?: string | undefined
  siteId?: string | undefined
  limit: number
  cursor?: string | undefined
}

const filtered = (db: Database, filter: IncidentFilter) => {
  let query = db.selectFrom('incidents')
  if (filter.scope !== null) query = query.where('customer_id', 'in', filter.scope.length > 0 ? filter.scope : [''])
  if (filter.state) query = query.where('state', '=', filter.state)
  if (filter.kind) query = query.where('kind', '=', filter.kind)
  if (filter.signal) query = query.where('signal', '=', filter.signal)
  if (filter.component) query = query.where('component', '=', filter.component)
  if (filter.deviceId) query = query.where('device_id', '=', filter.deviceId)
  if (filter.siteId) query = query.where('site_id', '=', filter.siteId)
  return query
}

/** Newest first. One row more than the limit says that there is a next page. */
export async function listIncidents(db: Database, filter: IncidentFilter): Promise<{ rows: IncidentRow[]; total: number }> {
  const cursor = readCursor(filter.cursor)
  let page = filtered(db, filter)
    .selectAll()
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
  if (cursor)
    page = page.where(e =>
      e.or([e('started_at', '<', Number(cursor[0])), e.and([e('started_at', '=', Number(cursor[0])), e('id', '<', cursor[1])])]),
    )
  const total = await filtered(db, filter)
    .select(e => e.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return { rows: await page.execute(), total: Number(total.n) }
}

export async function findIncident(db: Database | Tx, id: string): Promise<IncidentRow | null> {
  return (await db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** Ids of the children of these incidents, by parent. */
export async function readChildren(db: Database, parentIds: readonly string[]): Promise<Map<string, string[]>> {
  const children = new Map<string, string[]>()
  await inChunks(parentIds, async chunk => {
    const rows = await db
      .selectFrom('incidents')
      .select(['id', 'parent_id'])
      .where('parent_id', 'in', chunk)
      .orderBy('started_at')
      .execute()
    for (const { id, parent_id: parentId } of rows) {
      if (parentId === null) continue
      const known = children.get(parentId)
      if (known) known.push(id)
      else children.set(parentId, [id])
    }
  })
  return children
}

/** The incidents behind these tickets, and those they explain: these count as of the same ticket. */
export async function readIncidentsOfTickets(db: Database | Tx, ticketIds: readonly string[]): Promise<IncidentRow[]> {
  const rows: IncidentRow[] = []
  await inChunks(ticketIds, async chunk =>
    rows.push(...(await db.selectFrom('incidents').selectAll().where('ticket_id', 'in', chunk).orderBy('started_at').execute())),
  )
  const ticketOf = new Map(rows.map(row => [row.id, row.ticket_id]))
  await inChunks([...ticketOf.keys()], async chunk => {
    const children = await db
      .selectFrom('incidents')
      .selectAll()
      .where('parent_id', 'in', chunk)
      .where('evidence', '!=', '[]')
      .orderBy('started_at')
      .limit(MAX_CHILDREN)
      .execute()
    for (const child of children) rows.push({ ...child, ticket_id: ticketOf.get(child.parent_id ?? '') ?? null })
  })
  return rows
}
