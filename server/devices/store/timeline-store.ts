/** The device timeline: append-only. */
import { makeBulkInsert } from '../../database/bulk-insert.ts'
import type { Database, Tx } from '../../database/database.ts'
import { readCursor } from '../../database/paging.ts'
import type { TimelineRow } from '../../database/tables/schema.ts'
import { newRowId } from '../../database/row-id.ts'

export type NewTimelineRow = Pick<TimelineRow, 'device_id' | 'at' | 'received_at' | 'kind' | 'text'> & Partial<TimelineRow>

const complete = (row: NewTimelineRow): TimelineRow => ({
  id: newRowId(),
  signal: null,
  component: null,
  state: null,
  epoch: null,
  sequence: null,
  data: null,
  ...row,
})

const insertRows = makeBulkInsert<TimelineRow>(
  {
    id: true,
    device_id: true,
    at: true,
    received_at: true,
    kind: true,
    signal: true,
    component: true,
    state: true,
    text: true,
    epoch: true,
    sequence: true,
    data: true,
  },
  (tx, rows) => tx.insertInto('timeline').values(rows),
)

export async function insertTimeline(tx: Tx, ...rows: readonly NewTimelineRow[]): Promise<void> {
  await insertRows(tx, rows.map(complete))
}

/** When contact with a device was lost without a goodbye, the newest time; null = never. */
export async function findLastLoss(db: Database | Tx, deviceId: string): Promise<number | null> {
  const row = await db
    .selectFrom('timeline')
    .select('at')
    .where('device_id', '=', deviceId)
    .where('kind', '=', 'connection')
    .where('state', '=', 'offline')
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.at ?? null
}

/** Newest first. One row more than the limit says that there is a next page. */
export async function listTimeline(
  db: Database,
  query: { deviceId: string; limit: number; cursor?: string | undefined },
): Promise<{ rows: TimelineRow[]; total: number }> {
  const cursor = readCursor(query.cursor)
  let page = db
    .selectFrom('timeline')
    .selectAll()
    .where('device_id', '=', query.deviceId)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
  if (cursor)
    page = page.where(e => e.or([e('at', '<', Number(cursor[0])), e.and([e('at', '=', Number(cursor[0])), e('id', '<', cursor[1])])]))
  const total = await db
    .selectFrom('timeline')
    .select(e => e.fn.countAll<number>().as('n'))
    .where('device_id', '=', query.deviceId)
    .executeTakeFirstOrThrow()
  return { rows: await page.execute(), total: Number(total.n) }
}

/** Deletes old timeline items of some devices (by their small numbers, so that each transaction stays short). */
export async function deleteTimelineBefore(tx: Tx, beforeMs: number, deviceNos: { from: number; to: number }): Promise<void> {
  const devices = tx.selectFrom('devices').select('id').where('device_no', '>=', deviceNos.from).where('device_no', '<', deviceNos.to)
  await tx.deleteFrom('timeline').where('device_id', 'in', devices).where('at', '<', beforeMs).execute()
}

export async function deleteQuarantineBefore(tx: Tx, beforeMs: number): Promise<void> {
  await tx.deleteFrom('quarantine').where('received_at', '<', beforeMs).execute()
}
