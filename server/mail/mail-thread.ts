/** Which ticket a mail answers: by a Message-ID of ours, else by the reference in its subject. */
import { referenceIn, type IncomingMail, type ThreadFacts } from './rules/mail-decision.ts'
import { listContacts } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import { findThreadTicket, findTicketByReference } from '../notifications/store/mail-store.ts'
import { listWatchers } from '../tickets/store/ticket-relation-store.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import { findEnd } from '../tickets/merged-ticket.ts'

/** The ticket with everybody who belongs to it; null when it answers none. */
export async function threadOf(tx: Tx, mail: IncomingMail): Promise<ThreadFacts | null> {
  const ours = mail.answers.flatMap(id => /^<([0-9a-f]{40})@/.exec(id)?.[1] ?? [])
  const named = await findThreadTicket(tx, ours)
  const reference = referenceIn(mail.subject)
  const found = named !== null ? await findTicket(tx, named) : reference === null ? null : await findTicketByReference(tx, reference)
  if (!found) return null
  // What was merged is answered where it goes on.
  const row = await findEnd(tx, found.id)
  const reporters = [found, row].flatMap(one => (one.reporter === null ? [] : [(JSON.parse(one.reporter) as { email?: string }).email]))
  const watching = (await listWatchers(tx, row.id)).filter(watcher => watcher.kind === 'reporter').map(watcher => watcher.email)
  const contacts = await listContacts(tx, row.customer_id)
  return {
    ticketId: row.id,
    reference: row.reference,
    customerId: row.customer_id,
    addresses: [...contacts.map(contact => contact.email), ...reporters.filter(email => email !== undefined), ...watching],
  }
}
