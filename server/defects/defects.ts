/** Defects: kept, rated, linked to tickets, and told to customers by a person through their own tickets alone. */
import type {
  Defect,
  DefectDetail,
  DefectInput,
  DefectLetter,
  DefectLetterAnswer,
  DefectLetterInput,
  DefectLetterKind,
  DefectPatch,
  DefectQuery,
} from '../../shared/api/defects/defect-api.ts'
import type { Page } from '../../shared/api/list.ts'
import { customerScope, type Caller } from '../platform/caller.ts'
import { draftLetter, formatDefectReference, mustFit, mustHaveNews, mustNotNameDefects, mustRate } from './rules/defect.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { LANGUAGES, languageOf, type Language } from '../../shared/languages.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import {
  countDefectTickets,
  deleteDefectTicket,
  findDefect,
  insertDefect,
  insertDefectEvent,
  insertDefectTicket,
  isDefectSeen,
  listDefectEvents,
  listDefects,
  listDefectTickets,
  lockDefect,
  markTold,
  updateDefect,
} from './store/defect-store.ts'
import { nextNumber } from '../database/instance-store.ts'
import { toPage } from '../database/paging.ts'
import type { DefectRow } from '../database/tables/relation-rows.ts'
import { lockTicket } from '../tickets/store/ticket-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { factsOf, spellChanges, toDefect } from './defect-view.ts'
import { tellMany, type ToTell } from '../tickets/message-many-tickets.ts'
import { toTiedView } from '../tickets/ticket-relations.ts'
import { note } from '../tickets/loaded-ticket.ts'
import type { Author, Desk } from '../tickets/ticket-context.ts'
import { newRowId } from '../database/row-id.ts'
import { iso } from '../../shared/instants.ts'

const authorOf = (caller: Caller): Author => ({ author_kind: 'person', author_name: caller.name })

/** Makes the service. Every function takes who asks: what they may not see of other customers is not there for them. */
export function makeDefects(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  desk: Desk
  catalogue: Pick<Catalogue, 'getProduct'>
}) {
  const { db, now, bus, desk, catalogue } = deps
  const act = async <Result>(id: string, work: (tx: Tx, changes: Change[]) => Promise<Result>): Promise<Result> => {
    const changes: Change[] = []
    const { result, customerIds } = await inTransaction(db, async tx => {
      const done = await work(tx, changes)
      const linked = await listDefectTickets(tx, id, null)
      return { result: done, customerIds: new Set(linked.map(({ ticket }) => ticket.customer_id)) }
    })
    // Staff of customers it is not about do not hear of it.
    const concerned = [...customerIds, ''].map(customerId => ({ kind: 'defect' as const, id, customerId }))
    bus.publish([...changes, ...concerned])
    return result
  }
  const mustSee = async (on: Database | Tx, row: DefectRow | null, caller: Caller): Promise<DefectRow> => {
    if (!row || !(await isDefectSeen(on, row.id, customerScope(caller)))) throw notFound('defect')
    return row
  }
  const mustLock = async (tx: Tx, id: string, caller: Caller): Promise<DefectRow> => mustSee(tx, await lockDefect(tx, id), caller)
  const log = (tx: Tx, defectId: string, caller: Caller, kind: string, text: string): Promise<void> =>
    insertDefectEvent(tx, { defect_id: defectId, kind, by_name: caller.name, text, at: now() })

  const read = async (id: string, caller: Caller): Promise<DefectDetail> => {
    const row = await mustSee(db, await findDefect(db, id), caller)
    const scope = customerScope(caller)
    const linked = await listDefectTickets(db, id, scope)
    // Lines about its tickets name those of everybody, or say how many they are.
    const isShown = (kind: string): boolean => scope === null || (kind !== 'ticket' && kind !== 'told')
    const events = (await listDefectEvents(db, id)).filter(event => isShown(event.kind))
    return {
      ...toDefect(row, linked.length),
      linked: linked.map(({ ticket, told }) => ({ ticket: toTiedView(ticket), told })),
      history: events.map(event => ({ id: event.id, at: iso(event.at), kind: event.kind, by: event.by_name, text: event.text })),
    }
  }
  const linkTicket = async (tx: Tx, row: DefectRow, ticketId: string, caller: Caller, changes: Change[]): Promise<void> => {
    const ticket = await lockTicket(tx, ticketId)
    if (!ticket) throw notFound('ticket')
    const nowMs = now()
    if (!(await insertDefectTicket(tx, { defect_id: row.id, ticket_id: ticketId, by_name: caller.name, at: nowMs }))) return
    const text = `Linked to the defect ${row.reference}: ${row.title}`
    await note(tx, desk, ticket, { atMs: nowMs, nowMs, kind: 'defect', text, author: authorOf(caller), data: { defectId: row.id } })
    await log(tx, row.id, caller, 'ticket', `${ticket.reference} linked.`)
    changes.push({ kind: 'ticket', id: ticket.id, customerId: ticket.customer_id })
  }
  const mustBeRelease = async (tx: Tx, wanted: { productId: string; version: string }): Promise<void> => {
    const product = await catalogue.getProduct(tx, wanted.productId)
    if (!product) throw invalidInput([{ path: 'body/fixedIn/productId', message: 'is not a product of the catalogue' }])
    if (!product.releases.some(release => release.version === wanted.version))
      throw invalidInput([{ path: 'body/fixedIn/version', message: `is not a release of ${product.name}; add it to the product first` }])
  }
  const draft = async (on: Database | Tx, row: DefectRow, what: DefectLetterKind): Promise<DefectLetter['texts']> => {
    const product = row.product_id === null ? null : await catalogue.getProduct(on, row.product_id)
    const facts = { ...factsOf(row), productName: product?.name ?? null }
    return Object.fromEntries(LANGUAGES.map(language => [language, draftLetter(what, facts, language)])) as Record<Language, string>
  }

  return {
    read,

    async list(query: DefectQuery, caller: Caller): Promise<Page<Defect>> {
      const limit = query.limit ?? 50
      const { rows, total } = await listDefects(db, { ...query, limit, scope: customerScope(caller) })
      const counts = await countDefectTickets(
        db,
        rows.map(row => row.id),
        customerScope(caller),
      )
      return toPage(
        rows,
        limit,
        total,
        row => toDefect(row, counts.get(row.id) ?? 0),
        row => [row.updated_at, row.id],
      )
    },

    /** Keeps a new one; `ticketId` is a ticket the caller may see. Throws forbidden for a severity from somebody who sets none. */
    async make(input: DefectInput, caller: Caller): Promise<DefectDetail> {
      if (input.severity !== undefined) mustRate(caller.role)
      const nowMs = now()
      const id = newRowId()
      await act(id, async (tx, changes) => {
        const row: DefectRow = {
          id,
          reference: formatDefectReference(await nextNumber(tx, 'defect')),
          class: input.class,
          title: input.title,
          severity: input.severity ?? null,
          impact: input.impact,
          status: 'open',
          estimate_on: null,
          product_id: null,
          fixed_version: null,
          version: 1,
          by_name: caller.name,
          created_at: nowMs,
          updated_at: nowMs,
        }
        await insertDefect(tx, row)
        await log(tx, id, caller, 'opened', 'Opened.')
        if (input.ticketId !== undefined) await linkTicket(tx, row, input.ticketId, caller, changes)
      })
      return read(id, caller)
    },

    /** Changes it. Throws forbidden, invalid-input, and conflict when it is not the version expected. */
    async patch(id: string, patch: DefectPatch, caller: Caller): Promise<DefectDetail> {
      if (patch.severity !== undefined) mustRate(caller.role)
      await act(id, async tx => {
        const before = await mustLock(tx, id, caller)
        if (patch.version !== undefined && patch.version !== before.version)
          throw new DomainError('conflict', 'conflict', `${before.reference} has changed since you read it. Read it again and repeat.`)
        if (patch.fixedIn) await mustBeRelease(tx, patch.fixedIn)
        const after: DefectRow = {
          ...before,
          class: patch.class ?? before.class,
          title: patch.title ?? before.title,
          impact: patch.impact ?? before.impact,
          severity: patch.severity ?? before.severity,
          status: patch.status ?? before.status,
          estimate_on: patch.estimateOn === undefined ? before.estimate_on : patch.estimateOn,
          ...(patch.fixedIn === undefined
            ? {}
            : { product_id: patch.fixedIn?.productId ?? null, fixed_version: patch.fixedIn?.version ?? null }),
        }
        mustFit(factsOf(after))
        const lines = spellChanges(before, after)
        if (lines.length === 0) return
        await updateDefect(tx, id, { ...after, version: before.version + 1, updated_at: now() })
        await log(tx, id, caller, 'changed', lines.join(' '))
      })
      return read(id, caller)
    },

    async comment(id: string, text: string, caller: Caller): Promise<DefectDetail> {
      await act(id, async tx => {
        await mustLock(tx, id, caller)
        await log(tx, id, caller, 'comment', text)
        await updateDefect(tx, id, { updated_at: now() })
      })
      return read(id, caller)
    },

    /** Links a ticket the caller may see; linked already is done too. */
    async link(id: string, ticketId: string, caller: Caller): Promise<DefectDetail> {
      await act(id, async (tx, changes) => linkTicket(tx, await mustLock(tx, id, caller), ticketId, caller, changes))
      return read(id, caller)
    },

    async unlink(id: string, ticketId: string, caller: Caller): Promise<DefectDetail> {
      await act(id, async (tx, changes) => {
        const row = await mustLock(tx, id, caller)
        const ticket = await lockTicket(tx, ticketId)
        if (!ticket || !(await deleteDefectTicket(tx, id, ticketId))) throw notFound('link')
        const nowMs = now()
        await note(tx, desk, ticket, {
          atMs: nowMs,
          nowMs,
          kind: 'defect',
          text: `No longer linked to ${row.reference}.`,
          author: authorOf(caller),
        })
        await log(tx, id, caller, 'ticket', `${ticket.reference} no longer linked.`)
        changes.push({ kind: 'ticket', id: ticket.id, customerId: ticket.customer_id })
      })
      return read(id, caller)
    },

    /** The words customers would hear, and which. Throws invalid-input when there is nothing to tell. */
    async letter(id: string, what: DefectLetterKind, caller: Caller): Promise<DefectLetter> {
      const row = await mustSee(db, await findDefect(db, id), caller)
      const key = mustHaveNews(what, factsOf(row))
      const recipients: DefectLetter['recipients'] = []
      for (const { ticket, told } of await listDefectTickets(db, id, customerScope(caller))) {
        const customer = await findCustomer(db, ticket.customer_id)
        recipients.push({
          ticket: toTiedView(ticket),
          customerName: customer?.name ?? '',
          language: languageOf(customer?.language),
          isTold: told === key,
        })
      }
      return { what, texts: await draft(db, row, what), recipients }
    },

    /** Writes it on every linked ticket the caller may see that has not heard it, as a public message of the caller. */
    async send(id: string, input: DefectLetterInput, caller: Caller): Promise<DefectLetterAnswer> {
      mustNotNameDefects(input.texts ?? {})
      return act(id, async (tx, changes) => {
        const row = await mustLock(tx, id, caller)
        const key = mustHaveNews(input.what, factsOf(row))
        const texts = { ...(await draft(tx, row, input.what)), ...input.texts }
        const items: ToTell[] = []
        for (const { ticket, told } of await listDefectTickets(tx, id, customerScope(caller))) {
          const customer = await findCustomer(tx, ticket.customer_id)
          const body = told === key ? null : texts[languageOf(customer?.language)]
          items.push({ ticket, body, why: 'Heard this already.' })
        }
        const answer = await tellMany({ tx, desk, changes, author: authorOf(caller) }, items)
        for (const { ticket } of items) await markTold(tx, id, ticket.id, key)
        if (answer.told.length > 0) await log(tx, id, caller, 'told', `The ${input.what} was told on ${answer.told.length} tickets.`)
        return answer
      })
    },
  }
}
export type Defects = ReturnType<typeof makeDefects>
