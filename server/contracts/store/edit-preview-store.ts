/** What a preview of an edit reads: whole sets at once, however many customers and tickets there are. */
import type { Database } from '../../database/database.ts'
import { inChunks } from '../../database/row-lock.ts'
import type { CustomerRow, DeviceRow, TicketRow } from '../../database/tables/schema.ts'

export type PreviewCustomer = Pick<CustomerRow, 'id' | 'name' | 'time_zone' | 'overrides'>
export type PreviewTicket = Pick<
  TicketRow,
  | 'id'
  | 'reference'
  | 'subject'
  | 'customer_id'
  | 'status'
  | 'level'
  | 'environment'
  | 'category'
  | 'channel'
  | 'flags'
  | 'approved_at'
  | 'scope_reason'
  | 'created_at'
>

/** Customers on a plan. */
export async function readCustomersOfPlan(db: Database, planId: string): Promise<PreviewCustomer[]> {
  return db.selectFrom('customers').select(['id', 'name', 'time_zone', 'overrides']).where('plan_id', '=', planId).orderBy('id').execute()
}

/** Ids of the open tickets of these customers. */
export async function listOpenTicketIdsOf(db: Database, customerIds: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  await inChunks(customerIds, async chunk => {
    const rows = await db
      .selectFrom('tickets')
      .select('id')
      .where('customer_id', 'in', chunk)
      .where('status', 'not in', ['resolved', 'closed'])
      .execute()
    for (const row of rows) ids.push(row.id)
  })
  return ids
}

/** What of these tickets a preview asks. */
export async function readPreviewTickets(db: Database, ids: readonly string[]): Promise<PreviewTicket[]> {
  return db
    .selectFrom('tickets')
    .select([
      'id',
      'reference',
      'subject',
      'customer_id',
      'status',
      'level',
      'environment',
      'category',
      'channel',
      'flags',
      'approved_at',
      'scope_reason',
      'created_at',
    ])
    .where('id', 'in', ids)
    .where('status', 'not in', ['resolved', 'closed'])
    .execute()
}

export type PreviewDevice = Pick<DeviceRow, 'id' | 'customer_id' | 'state' | 'enrolled_at' | 'waiting_since'>

/** Devices that count against the plans of these customers, and how many contacts each names. */
export async function readPreviewHolders(
  db: Database,
  customerIds: readonly string[],
): Promise<{ devices: Map<string, PreviewDevice[]>; contacts: Map<string, number> }> {
  const devices: PreviewDevice[] = []
  const contacts = new Map<string, number>()
  await inChunks(customerIds, async chunk => {
    const found = await db
      .selectFrom('devices')
      .select(['id', 'customer_id', 'state', 'enrolled_at', 'waiting_since'])
      .where('customer_id', 'in', chunk)
      .where('state', '!=', 'retired')
      .execute()
    for (const device of found) devices.push(device)
    const counted = await db
      .selectFrom('contacts')
      .select(e => ['customer_id', e.fn.countAll<number>().as('n')])
      .where('customer_id', 'in', chunk)
      .groupBy('customer_id')
      .execute()
    for (const row of counted) contacts.set(row.customer_id, Number(row.n))
  })
  return { devices: Map.groupBy(devices, device => device.customer_id), contacts }
}
