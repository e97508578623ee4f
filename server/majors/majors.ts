/** Major incidents: raised from tickets or an incident, one message to all concerned, ended with another. */
import type { Page } from '../../shared/api/list.ts'
import type {
  Major,
  MajorAnswer,
  MajorDetail,
  MajorInput,
  MajorMessageInput,
  MajorQuery,
  MajorTicketsOpened,
  MajorTicketsToOpen,
} from '../../shared/api/majors/major-api.ts'
import { customerScope, forbidden, type Caller } from '../platform/caller.ts'
import { invalidInput, notFound } from '../platform/errors.ts'
import { formatMajorReference, hearsOfMajor, mustBeRunning, mustConcernAll, wordsFor } from './rules/major.ts'
import { languageOf } from '../../shared/languages.ts'
import { addFlags } from '../tickets/rules/ticket.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findIncident } from '../incidents/store/incident-store.ts'
import { nextNumber } from '../database/instance-store.ts'
import {
  countMajorTickets,
  deleteMajorTicket,
  endMajor,
  hasOpenMajor,
  insertMajor,
  insertMajorEvent,
  insertMajorTicket,
  listMajors,
  listMajorTickets,
  lockMajor,
} from './store/major-store.ts'
import { toPage } from '../database/paging.ts'
import type { MajorRow } from '../database/tables/relation-rows.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { openForCustomer } from './major-tickets.ts'
import { makeMajorView, toMajor } from './major-view.ts'
import { tellMany } from '../tickets/message-many-tickets.ts'
import { flagsOf, loadCase, note } from '../tickets/loaded-ticket.ts'
import type { Author, Desk } from '../tickets/ticket-context.ts'
import { saveCase } from '../tickets/save-ticket.ts'
import { newRowId } from '../database/row-id.ts'

const authorOf = (caller: Caller): Author => ({ author_kind: 'person', author_name: caller.name })

/** Who looks after some customers only would leave the others without a word. Throws forbidden. */
function mustSeeAll(caller: Caller): void {
  if (caller.customerIds !== null) throw forbidden('You look after some customers only; a major incident is led by somebody who sees all.')
}

/** Makes the service. `escalationPhone` is told to customers whose plan has one; null = there is none. */
export function makeMajors(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  desk: Desk
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  escalationPhone: string | null
}) {
  const { db, now, bus, desk, escalationPhone } = deps
  const act = async <Result>(id: string, work: (tx: Tx, changes: Change[]) => Promise<Result>): Promise<Result> => {
    const changes: Change[] = []
    const { result, customerIds } = await inTransaction(db, async tx => {
      const done = await work(tx, changes)
      const tickets = await listMajorTickets(tx, id, null)
      return { result: done, customerIds: new Set(tickets.map(ticket => ticket.customer_id)) }
    })
    // Staff of a customer it has no ticket of do not hear of it.
    const concerned = [...customerIds, ''].map(customerId => ({ kind: 'major' as const, id, customerId }))
    bus.publish([...changes, ...concerned])
    return result
  }
  const mustLock = async (tx: Tx, id: string): Promise<MajorRow> => {
    const row = await lockMajor(tx, id)
    if (!row) throw notFound('major incident')
    mustBeRunning(row)
    return row
  }
  const log = (
    tx: Tx,
    majorId: string,
    caller: Caller,
    event: { kind: 'began' | 'tickets' | 'message' | 'note' | 'ended'; text: string; told?: number },
  ) =>
    insertMajorEvent(tx, {
      major_id: majorId,
      kind: event.kind,
      by_name: caller.name,
      text: event.text,
      tickets_told: event.told ?? null,
      at: now(),
    })

  /** Tickets become part of it: flagged, and said in the history of each. */
  const take = async (tx: Tx, major: MajorRow, ticketIds: readonly string[], caller: Caller, changes: Change[]): Promise<string[]> => {
    const taken: string[] = []
    const nowMs = now()
    for (const ticketId of [...new Set(ticketIds)].toSorted()) {
      const one = await loadCase(tx, desk, ticketId)
      if (!(await insertMajorTicket(tx, { major_id: major.id, ticket_id: ticketId, by_name: caller.name, at: nowMs }))) continue
      const text = 'Handled as a major incident.'
      const isPublic = one.plan.majorIncidentCommunication
      await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'major', text, author: authorOf(caller), isPublic })
      const change: Partial<TicketRow> = { flags: JSON.stringify(addFlags(flagsOf(one.row), 'major')) }
      await saveCase(tx, desk, one, { change }, { nowMs, changes })
      taken.push(one.row.reference)
    }
    return taken
  }

  const { members, read, withoutTicket } = makeMajorView(deps)

  /** Writes it on every ticket whose plan has the term, each in its customer's language with what its plan adds. */
  const tellAll = async (tx: Tx, major: MajorRow, message: MajorMessageInput, caller: Caller, changes: Change[]): Promise<MajorAnswer> => {
    const all = await members(tx, await listMajorTickets(tx, major.id, null))
    const { body, translations } = message
    const texts = Object.entries(translations ?? {}).map(([language, text]) => [`body/translations/${language}`, text] as const)
    mustConcernAll(
      Object.fromEntries([['body/body', body], ...texts]),
      all.map(one => one.customer.name),
    )
    const items = all.map(({ row, customer, hears, why }) => ({
      ticket: row,
      why,
      body: hears
        ? wordsFor(
            { body, translations },
            { language: languageOf(customer.language), hasEscalationPhone: customer.plan.escalationPhone },
            escalationPhone,
          )
        : null,
    }))
    return tellMany({ tx, desk, changes, author: authorOf(caller) }, items)
  }

  return {
    read,

    async list(query: MajorQuery, caller: Caller): Promise<Page<Major>> {
      const limit = query.limit ?? 50
      const { rows, total } = await listMajors(db, { ...query, limit, scope: customerScope(caller) })
      const counts = await countMajorTickets(
        db,
        rows.map(row => row.id),
        customerScope(caller),
      )
      return toPage(
        rows,
        limit,
        total,
        row => toMajor(row, counts.get(row.id) ?? 0),
        row => [row.started_at, row.id],
      )
    },

    /** Raises one from tickets, an incident of a site or the platform, or both. Throws invalid-input. */
    async raise(input: MajorInput, caller: Caller): Promise<MajorDetail> {
      mustSeeAll(caller)
      const id = newRowId()
      await act(id, async (tx, changes) => {
        const incident = input.incidentId === undefined ? null : await findIncident(tx, input.incidentId)
        if (input.incidentId !== undefined && (!incident || incident.kind === 'device'))
          throw invalidInput([{ path: 'body/incidentId', message: 'is not an incident of a site or the platform' }])
        const ticketIds = [...(input.ticketIds ?? []), ...(incident?.ticket_id ? [incident.ticket_id] : [])]
        if (incident === null && ticketIds.length === 0)
          throw invalidInput([{ path: 'body/ticketIds', message: 'is needed: a major incident begins with a ticket or an incident' }])
        const major: MajorRow = {
          id,
          reference: formatMajorReference(await nextNumber(tx, 'major')),
          title: input.title,
          state: 'open',
          incident_id: incident?.id ?? null,
          by_name: caller.name,
          started_at: now(),
          ended_at: null,
        }
        await insertMajor(tx, major)
        const taken = await take(tx, major, ticketIds, caller, changes)
        const text = taken.length === 0 ? 'Raised; no ticket belongs to it yet.' : `Raised with ${taken.join(', ')}.`
        await log(tx, id, caller, { kind: 'began', text })
      })
      return read(id, caller)
    },

    /** More tickets belong to it. */
    async add(id: string, ticketIds: readonly string[], caller: Caller): Promise<MajorDetail> {
      mustSeeAll(caller)
      await act(id, async (tx, changes) => {
        const taken = await take(tx, await mustLock(tx, id), ticketIds, caller, changes)
        if (taken.length > 0) await log(tx, id, caller, { kind: 'tickets', text: `Added: ${taken.join(', ')}.` })
      })
      return read(id, caller)
    },

    /** Opens a ticket for each customer its incident concerns that has none here. Throws invalid-input for words about one of them. */
    async openTickets(id: string, input: MajorTicketsToOpen, caller: Caller): Promise<MajorTicketsOpened> {
      mustSeeAll(caller)
      return act(id, async (tx, changes) => {
        const major = await mustLock(tx, id)
        const answer: MajorTicketsOpened = { opened: [], skipped: [] }
        const customers = await withoutTicket(tx, major)
        const names = [...customers, ...(await members(tx, await listMajorTickets(tx, id, null))).map(one => one.customer)]
        const { subject, body, translations } = input
        const texts = Object.entries(translations ?? {}).map(([language, text]) => [`body/translations/${language}`, text] as const)
        mustConcernAll(
          Object.fromEntries([['body/subject', subject], ['body/body', body], ...texts]),
          names.map(one => one.name),
        )
        for (const { customerId, language, plan } of customers) {
          const { hears, why } = hearsOfMajor(plan, { status: 'new' })
          if (!hears) {
            answer.skipped.push({ customerId, why })
            continue
          }
          const description = wordsFor({ body, translations }, { language, hasEscalationPhone: plan.escalationPhone }, escalationPhone)
          const about = { customerId, subject, description, incidentId: major.incident_id, author: authorOf(caller) }
          answer.opened.push(await openForCustomer(tx, desk, about, changes))
        }
        await take(tx, major, answer.opened, caller, changes)
        if (answer.opened.length > 0) await log(tx, id, caller, { kind: 'tickets', text: `Opened for ${answer.opened.length} customers.` })
        return answer
      })
    },

    /** A ticket does not belong to it after all. Throws not-found. */
    async remove(id: string, ticketId: string, caller: Caller): Promise<MajorDetail> {
      mustSeeAll(caller)
      await act(id, async (tx, changes) => {
        const major = await mustLock(tx, id)
        if (!(await deleteMajorTicket(tx, id, ticketId))) throw notFound('ticket of this major incident')
        const one = await loadCase(tx, desk, ticketId)
        const nowMs = now()
        const flags = (await hasOpenMajor(tx, ticketId)) ? flagsOf(one.row) : flagsOf(one.row).filter(flag => flag !== 'major')
        const text = `No longer handled with ${major.reference}.`
        await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'major', text, author: authorOf(caller) })
        await saveCase(tx, desk, one, { change: { flags: JSON.stringify(flags) } }, { nowMs, changes })
        await log(tx, id, caller, { kind: 'tickets', text: `Taken out: ${one.row.reference}.` })
      })
      return read(id, caller)
    },

    /** One message to all concerned; each one's update clock starts anew. Throws invalid-input when it says something of one of them. */
    async tell(id: string, message: MajorMessageInput, caller: Caller): Promise<MajorAnswer> {
      mustSeeAll(caller)
      return act(id, async (tx, changes) => {
        const answer = await tellAll(tx, await mustLock(tx, id), message, caller, changes)
        await log(tx, id, caller, { kind: 'message', text: message.body, told: answer.told.length })
        return answer
      })
    },

    /** A word between colleagues, also after its end. */
    async remark(id: string, text: string, caller: Caller): Promise<MajorDetail> {
      // One the caller may not see takes no word of theirs.
      await read(id, caller)
      await act(id, async tx => {
        if (!(await lockMajor(tx, id))) throw notFound('major incident')
        await log(tx, id, caller, { kind: 'note', text })
      })
      return read(id, caller)
    },

    /** The last message to all concerned. Its tickets are resolved on their own: what still fails is not over. */
    async end(id: string, message: MajorMessageInput, caller: Caller): Promise<MajorAnswer> {
      mustSeeAll(caller)
      return act(id, async (tx, changes) => {
        const answer = await tellAll(tx, await mustLock(tx, id), message, caller, changes)
        await endMajor(tx, id, now())
        await log(tx, id, caller, { kind: 'ended', text: message.body, told: answer.told.length })
        return answer
      })
    },
  }
}
export type Majors = ReturnType<typeof makeMajors>
