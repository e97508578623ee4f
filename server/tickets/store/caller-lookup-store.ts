/** Contacts of every customer, and open tickets of one, for the desk on the phone. */
import type { Database } from '../../database/database.ts'
import type { ContactRow, TicketRow } from '../../database/tables/schema.ts'

export type CallerRow = ContactRow & { customer: string }
const MAX_OPEN = 200

/** Every named contact the caller of the route may see; the rule finds among them. */
export async function readCallers(db: Database, scope: readonly string[] | null): Promise<CallerRow[]> {
  let query = db
    .selectFrom('contacts')
    .innerJoin('customers', 'customers.id', 'contacts.customer_id')
    .selectAll('contacts')
    .select('customers.name as customer')
  if (scope !== null) query = query.where('contacts.customer_id', 'in', scope.length > 0 ? scope : [''])
  return query.orderBy('contacts.name').orderBy('contacts.id').execute()
}

/** The newest open tickets of a customer. */
export async function readOpenTickets(db: Database, customerId: string): Promise<TicketRow[]> {
  return db
    .selectFrom('tickets')
    .selectAll()
    .where('customer_id', '=', customerId)
    .where('status', 'not in', ['resolved', 'closed'])
    .orderBy('created_at', 'desc')
    .limit(MAX_OPEN)
    .execute()
}

/** How many open tickets customers have. */
export async function countOpenTickets(db: Database, customerIds: readonly string[]): Promise<Map<string, number>> {
  if (customerIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('tickets')
    .select(e => ['customer_id', e.fn.countAll<number>().as('n')])
    .where('customer_id', 'in', customerIds)
    .where('status', 'not in', ['resolved', 'closed'])
    .groupBy('customer_id')
    .execute()
  return new Map(rows.map(row => [row.customer_id, Number(row.n)]))
}
