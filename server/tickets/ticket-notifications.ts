/** Who is told what about a ticket: rows of the outbox in the same transaction, each once. */
import { writeLetter } from './rules/staff-letter.ts'
import { watcherHears } from './rules/watcher-rules.ts'
import { findCustomer, findSite, listContacts } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import { languageOf } from '../../shared/languages.ts'
import { writeLocalLetter } from './customer-letters.ts'
import type { Following, Tell, Telling } from './ticket-context.ts'
import { insertMail, noticeMailId } from '../notifications/store/mail-store.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import { listStaffFor, listWatchers } from './store/ticket-relation-store.ts'
import { findPartner } from '../customers/store/partner-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { listDeskAddresses, listManagerAddresses } from '../accounts/store/staff-address-store.ts'
import { newRowId } from '../database/row-id.ts'

/** Makes the teller. `deskEmail` is the desk's common address; without it every desk user is told. `asked`: the question of a letter. */
export function makeTeller(deps: { deskEmail: string | null; asked: Following['asked'] }): Tell {
  const deskAddresses = async (tx: Tx, customerId: string): Promise<string[]> =>
    deps.deskEmail === null ? listDeskAddresses(tx, customerId) : [deps.deskEmail]

  const customerAddresses = async (tx: Tx, ticket: TicketRow): Promise<string[]> => {
    const reporter = ticket.reporter === null ? null : (JSON.parse(ticket.reporter) as { email?: string })
    if (reporter?.email) return [reporter.email]
    return (await listContacts(tx, ticket.customer_id)).map(contact => contact.email)
  }

  /** Addresses of those who watch and still may: colleagues in one list, the customer's people in the other. */
  const watchersOf = async (tx: Tx, { ticket, kind, to }: Telling): Promise<{ staff: string[]; customers: string[] }> => {
    const isForCustomer = to.includes('customer')
    const watchers = (await listWatchers(tx, ticket.id)).filter(watcher => watcherHears(watcher.kind, kind, isForCustomer))
    if (watchers.length === 0) return { staff: [], customers: [] }
    const staff = new Map((await listStaffFor(tx, ticket.customer_id)).map(user => [user.id, user.email]))
    const contacts = new Map((await listContacts(tx, ticket.customer_id)).map(contact => [contact.id, contact.email]))
    return {
      staff: watchers.flatMap(watcher => (watcher.kind === 'staff' ? (staff.get(watcher.ref_id) ?? []) : [])),
      customers: watchers.flatMap(watcher =>
        watcher.kind === 'reporter' ? watcher.email : watcher.kind === 'contact' ? (contacts.get(watcher.ref_id) ?? []) : [],
      ),
    }
  }

  return async function tell(tx: Tx, telling: Telling): Promise<void> {
    const { ticket, kind, nowMs, to } = telling
    const customer = await findCustomer(tx, ticket.customer_id)
    const site = ticket.site_id === null ? null : await findSite(tx, ticket.site_id)
    const partner = ticket.partner_id === null || !to.includes('partner') ? null : await findPartner(tx, ticket.partner_id)
    const { subject, body } = writeLetter({
      kind,
      reference: ticket.reference,
      subject: ticket.subject,
      level: ticket.level,
      levelName: telling.levelName,
      customerName: customer?.name ?? '',
      placeName: site ? [site.name, site.address].filter(Boolean).join(', ') : null,
      text: telling.text,
      why: telling.why,
    })
    const asking = to.includes('customer') ? await deps.asked(tx, ticket, kind, nowMs) : null
    const local =
      customer === null || !to.includes('customer')
        ? null
        : writeLocalLetter(languageOf(customer.language), {
            ...telling,
            customerName: customer.name,
            timeZone: customer.time_zone,
            asks: asking !== null,
          })
    const hook = JSON.stringify({
      type: kind,
      at: new Date(nowMs).toISOString(),
      text: telling.text,
      ticket: {
        id: ticket.id,
        reference: ticket.reference,
        status: ticket.status,
        level: ticket.level,
        subject: ticket.subject,
        customerId: ticket.customer_id,
        siteId: ticket.site_id,
        deviceId: ticket.device_id,
        partnerId: ticket.partner_id,
        occurrences: ticket.occurrences,
      },
    })
    const emails = new Set<string>()
    const customers = new Set<string>()
    const hooks = new Set<string>()
    const managers = to.includes('manager') ? await listManagerAddresses(tx, ticket.customer_id) : []
    for (const address of managers) emails.add(address)
    // Nobody above the desk: then the desk itself.
    if (to.includes('desk') || (to.includes('manager') && managers.length === 0))
      for (const address of await deskAddresses(tx, ticket.customer_id)) emails.add(address)
    if (partner) {
      emails.add(partner.email)
      if (partner.webhook_url) hooks.add(partner.webhook_url)
    }
    const watching = await watchersOf(tx, telling)
    for (const address of watching.staff) emails.add(address)
    if (to.includes('customer')) {
      for (const address of [...(await customerAddresses(tx, ticket)), ...watching.customers]) {
        // Who is of the desk too reads the desk's letter.
        if (!emails.has(address)) customers.add(address)
        emails.add(address)
      }
      if (customer?.webhook_url) hooks.add(customer.webhook_url)
    }
    const common = {
      ticketId: ticket.id,
      customerId: ticket.customer_id,
      ...(ticket.device_id === null ? {} : { deviceId: ticket.device_id }),
      ...(kind === 'message' ? { eventId: String(telling.once) } : {}),
      nowMs,
    }
    const key = (address: string): string => `${kind}:v1:${ticket.id}:${telling.once}:${address}`
    for (const address of emails) {
      const dedupKey = key(address)
      const words = (customers.has(address) ? local : null) ?? { subject, body }
      // What the customer is asked takes the place of the way to the ticket, which the question's page shows as well.
      const link = asking !== null && customers.has(address) ? { linkPath: asking } : {}
      if (await addNotice(tx, { channel: 'email', dedupKey, address, ...words, ...common, ...link }))
        await insertMail(tx, {
          id: newRowId(),
          message_id: noticeMailId(dedupKey),
          direction: 'out',
          ticket_id: ticket.id,
          customer_id: ticket.customer_id,
          address: address.toLowerCase(),
          subject: words.subject,
          at: nowMs,
          bytes: words.body.length,
          sha256: null,
          outcome: 'sent',
          why: '',
        })
    }
    for (const address of hooks)
      await addNotice(tx, { channel: 'webhook', dedupKey: key(address), address, subject, body: hook, ...common })
  }
}
