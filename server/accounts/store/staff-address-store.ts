/** Mail addresses of the staff who are told about a customer. */
import type { Database, Tx } from '../../database/database.ts'

/** Users of these roles who may see this customer. */
async function usersFor(db: Database | Tx, customerId: string, roles: readonly string[]): Promise<{ email: string; role: string }[]> {
  const rows = await db
    .selectFrom('users')
    .select(['email', 'role', 'customer_ids'])
    .where('role', 'in', roles)
    .where('disabled_at', 'is', null)
    .orderBy('email')
    .execute()
  return rows.filter(row => {
    const limitedTo = JSON.parse(row.customer_ids) as string[]
    return limitedTo.length === 0 || limitedTo.includes(customerId)
  })
}

/** Addresses of the desk users who may see this customer. */
export async function listDeskAddresses(db: Database | Tx, customerId: string): Promise<string[]> {
  return (await usersFor(db, customerId, ['desk', 'manager', 'admin'])).map(user => user.email)
}

/** Addresses of the managers who may see this customer; of the administrators when there is no manager. */
export async function listManagerAddresses(db: Database | Tx, customerId: string): Promise<string[]> {
  const users = await usersFor(db, customerId, ['manager', 'admin'])
  const managers = users.filter(user => user.role === 'manager')
  return (managers.length > 0 ? managers : users).map(user => user.email)
}
