/** The desk on the phone: who calls, and which open tickets it may be about. */
import type { FoundCaller, SimilarQuery, SimilarTicket } from '../../shared/api/tickets/call-api.ts'
import { findSimilar, matchesPhone } from './rules/caller-match.ts'
import { countOpenTickets, readCallers, readOpenTickets } from './store/caller-lookup-store.ts'
import type { Database } from '../database/database.ts'

const MAX_CALLERS = 10

/** Makes the service. */
export function makePhoneDesk({ db }: { db: Database }) {
  return {
    /** Named contacts by number, address or name; at most ten. */
    async callers(q: string, scope: readonly string[] | null): Promise<FoundCaller[]> {
      const asked = q.trim().toLowerCase()
      const found = (await readCallers(db, scope))
        .filter(
          contact =>
            matchesPhone(contact.phone, asked) ||
            contact.email.toLowerCase().includes(asked) ||
            contact.name.toLowerCase().includes(asked) ||
            contact.customer.toLowerCase().includes(asked),
        )
        .slice(0, MAX_CALLERS)
      const open = await countOpenTickets(
        db,
        found.map(contact => contact.customer_id),
      )
      return found.map(contact => ({
        contactId: contact.id,
        name: contact.name,
        email: contact.email,
        phone: contact.phone,
        customerId: contact.customer_id,
        customer: contact.customer,
        openTickets: open.get(contact.customer_id) ?? 0,
      }))
    },

    /** Open tickets of the customer that it may be about already, likeliest first. */
    async similar(query: SimilarQuery): Promise<SimilarTicket[]> {
      const rows = await readOpenTickets(db, query.customerId)
      const byId = new Map(rows.map(row => [row.id, row]))
      const alike = findSimilar(
        rows.map(row => ({
          id: row.id,
          subject: row.subject,
          description: row.description,
          deviceId: row.device_id,
          reporterEmail: row.reporter === null ? null : ((JSON.parse(row.reporter) as { email?: string }).email ?? null),
          createdAtMs: row.created_at,
        })),
        {
          subject: query.subject ?? '',
          description: query.description ?? '',
          deviceId: query.deviceId ?? null,
          email: query.email ?? null,
        },
      )
      return alike.flatMap(({ id }) => {
        const row = byId.get(id)
        if (!row) return []
        const { reference, subject, status, level } = row
        return [{ id, reference, subject, status, level, createdAt: new Date(row.created_at).toISOString() }]
      })
    },
  }
}
export type PhoneDesk = ReturnType<typeof makePhoneDesk>
