/** Major incidents as callers see them: their tickets with what is due, and everybody they concern. */
import type { Major, MajorDetail } from '../../shared/api/majors/major-api.ts'
import { customerScope, type Caller } from '../platform/caller.ts'
import { notFound } from '../platform/errors.ts'
import { earliest, hearsOfMajor } from './rules/major.ts'
import { languageOf } from '../../shared/languages.ts'
import { latestClock, type Clocks } from '../sla/rules/ticket-clocks.ts'
import { readClocks } from '../sla/store/clock-store.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import type { Database, Tx } from '../database/database.ts'
import { findMajor, listMajorEvents, listMajorTickets, listNames, listPlacesOf } from './store/major-store.ts'
import type { MajorRow } from '../database/tables/relation-rows.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import { toTiedView } from '../tickets/ticket-relations.ts'
import { iso, isoOrNull } from '../../shared/instants.ts'

/** Places that are named on the page. */
const MAX_PLACES = 2_000

/** As lists show it; `tickets` is how many the caller may see. */
export function toMajor(row: MajorRow, tickets: number): Major {
  return {
    id: row.id,
    reference: row.reference,
    title: row.title,
    state: row.state,
    incidentId: row.incident_id,
    startedAt: iso(row.started_at),
    startedBy: row.by_name,
    endedAt: isoOrNull(row.ended_at),
    tickets,
  }
}

/** When the customer of a ticket is owed the next word: its first answer, else its next update. */
function nextWordMs(clocks: Clocks): number | null {
  const due = (kind: 'response' | 'update'): number | null => {
    const facts = latestClock(clocks, kind)?.facts
    return facts && facts.endedAtMs === null && facts.runningSinceMs !== null ? facts.dueAtMs : null
  }
  return earliest([due('response'), due('update')])
}

/** Makes the reading side of major incidents. */
export function makeMajorView(deps: { db: Database; catalogue: Pick<Catalogue, 'effectivePlanOf'>; escalationPhone: string | null }) {
  const { db, catalogue, escalationPhone } = deps

  /** Tickets with their customer, what is due, and whether one message reaches them. */
  const members = async (on: Database | Tx, rows: readonly TicketRow[]) => {
    const clocks = await readClocks(
      on,
      rows.map(row => row.id),
    )
    const customers = new Map<string, { name: string; language: string; plan: Awaited<ReturnType<typeof catalogue.effectivePlanOf>> }>()
    for (const id of new Set(rows.map(row => row.customer_id))) {
      const customer = await findCustomer(on, id)
      customers.set(id, {
        name: customer?.name ?? '',
        language: languageOf(customer?.language),
        plan: await catalogue.effectivePlanOf(on, id),
      })
    }
    return rows.flatMap(row => {
      const customer = customers.get(row.customer_id)
      return customer ? [{ row, customer, dueAtMs: nextWordMs(clocks.get(row.id) ?? []), ...hearsOfMajor(customer.plan, row) }] : []
    })
  }

  /** Throws not-found, also for one without a ticket of the caller's customers. */
  const read = async (id: string, caller: Caller): Promise<MajorDetail> => {
    const row = await findMajor(db, id)
    if (!row) throw notFound('major incident')
    const scope = customerScope(caller)
    const all = await members(db, await listMajorTickets(db, id, scope))
    const below = row.incident_id === null ? [] : await listPlacesOf(db, row.incident_id, MAX_PLACES)
    const places = [
      ...below.filter(place => scope === null || (place.customerId !== null && scope.includes(place.customerId))),
      ...all.map(one => ({ customerId: one.row.customer_id, siteId: one.row.site_id, deviceId: one.row.device_id })),
    ]
    if (scope !== null && places.length === 0) throw notFound('major incident')
    const events = await listMajorEvents(db, id)
    // Lines about its tickets name those of everybody.
    const shown = (kind: string, text: string): string =>
      scope !== null && (kind === 'began' || kind === 'tickets') ? 'Its tickets changed.' : text
    return {
      ...toMajor(row, all.length),
      nextUpdateDueAt: row.state === 'ended' ? null : isoOrNull(earliest(all.map(one => one.dueAtMs))),
      escalationPhone,
      members: all.map(one => ({
        ticket: toTiedView(one.row),
        customerName: one.customer.name,
        language: one.customer.language,
        updateDueAt: isoOrNull(one.dueAtMs),
        hears: one.hears,
        why: one.why,
      })),
      affected: {
        customers: await listNames(
          db,
          'customers',
          places.flatMap(place => place.customerId ?? []),
        ),
        sites: await listNames(
          db,
          'sites',
          places.flatMap(place => place.siteId ?? []),
        ),
        devices: await listNames(
          db,
          'devices',
          places.flatMap(place => place.deviceId ?? []),
        ),
      },
      history: events.map(event => ({
        id: event.id,
        at: iso(event.at),
        kind: event.kind,
        by: event.by_name,
        text: shown(event.kind, event.text),
        // Of tickets the caller does not see there is not even a number.
        ticketsTold: scope === null ? event.tickets_told : null,
      })),
    }
  }
  /** Customers its incident concerns that have no ticket here, in the order of their ids. */
  const withoutTicket = async (tx: Tx, major: MajorRow) => {
    const places = major.incident_id === null ? [] : await listPlacesOf(tx, major.incident_id, MAX_PLACES)
    const known = new Set((await listMajorTickets(tx, major.id, null)).map(row => row.customer_id))
    const ids = new Set(places.flatMap(place => (place.customerId === null || known.has(place.customerId) ? [] : place.customerId)))
    const found = []
    for (const customerId of [...ids].toSorted()) {
      const customer = await findCustomer(tx, customerId)
      const plan = await catalogue.effectivePlanOf(tx, customerId)
      found.push({ customerId, name: customer?.name ?? '', language: languageOf(customer?.language), plan })
    }
    return found
  }

  return { members, read, withoutTicket }
}
