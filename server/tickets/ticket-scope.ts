/** Tickets beyond their plan: marked with the reason, offered as billable work or given to a partner, and what the customer decides. */
import type { OfferDecision, OutOfScopeInput, TicketOffer, TicketScope } from '../../shared/api/tickets/scope-api.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { languageOf } from '../../shared/languages.ts'
import { retargetClocks } from '../sla/rules/ticket-clocks.ts'
import { draftOffer, mustBeExcluded, mustBeOpenOffer, scopeReasons } from './rules/scope-rules.ts'
import { addFlags, isOpenStatus } from './rules/ticket.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { insertOffer, listOffers, updateOffer } from './store/offer-store.ts'
import type { TicketOfferRow } from '../database/tables/relation-rows.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { findTicket } from './store/ticket-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { mustNotBeMerged } from './merged-ticket.ts'
import { clocksFor, flagsOf, loadCase, note, owedSinceMs, promisesOf, tellAbout, whyOf } from './loaded-ticket.ts'
import type { Author, Case, Desk, Act } from './ticket-context.ts'
import { addMessage } from './write-message.ts'
import { moveTicket } from './move-ticket.ts'
import { saveCase } from './save-ticket.ts'
import { newRowId } from '../database/row-id.ts'
import { iso } from '../../shared/instants.ts'

const toOffer = (row: TicketOfferRow): TicketOffer => ({
  id: row.id,
  kind: row.kind,
  reason: row.reason,
  estimate: row.estimate,
  state: row.state,
  offeredAt: iso(row.at),
  decidedBy: row.decided_by,
  decidedAt: row.decided_at === null ? null : iso(row.decided_at),
  note: row.note,
})

/** Saves a ticket whose scope changed: running clocks take what is owed from now on. */
async function saveScope({ tx, desk, changes }: Act, one: Case, change: Partial<TicketRow>): Promise<Case> {
  const nowMs = desk.now()
  const row = { ...one.row, ...change }
  const promises = promisesOf(one.plan, row, owedSinceMs(row))
  const isOpen = isOpenStatus(row.status)
  const after = isOpen ? clocksFor({ ...one, promises }, retargetClocks(one.clocks, promises, nowMs).clocks, row.status, nowMs) : {}
  const flags = JSON.stringify(addFlags(flagsOf(row), ...promises.flags))
  return saveCase(tx, desk, one, { change: { ...change, flags }, ...after, promises }, { nowMs, changes })
}

async function withdrawOpen(tx: Tx, ticketId: string, by: string, nowMs: number): Promise<void> {
  for (const offer of await listOffers(tx, ticketId))
    if (offer.state === 'open') await updateOffer(tx, offer.id, { state: 'withdrawn', decided_by: by, decided_at: nowMs })
}

async function exclude(act: Act, ticketId: string, input: OutOfScopeInput): Promise<{ kind: TicketOfferRow['kind'] }> {
  const { tx, desk, author } = act
  const nowMs = desk.now()
  const one = await loadCase(tx, desk, ticketId)
  mustNotBeMerged(one.row)
  if (!isOpenStatus(one.row.status))
    throw new DomainError('conflict', 'conflict', `${one.row.reference} is ${one.row.status}: open it again before you mark it.`)
  mustBeExcluded(one.plan, input.reason)
  const kind = input.offer ?? one.plan.outOfScope.offer
  if (input.estimate !== undefined && kind !== 'billable')
    throw invalidInput([{ path: 'body/estimate', message: 'is for billable work only' }])
  const by = author.author_name ?? 'the desk'
  const estimate = input.estimate ?? null
  const customer = await findCustomer(tx, one.row.customer_id)
  const body = input.message ?? draftOffer({ kind, reason: input.reason, estimate }, languageOf(customer?.language))
  // The word comes first: it is an answer, and meets what was owed until now.
  await addMessage(act, ticketId, { visibility: 'public', body, ...(kind === 'billable' ? { asks: true } : {}) })
  const told = await loadCase(tx, desk, ticketId)
  const sentence = `The ${one.plan.name} plan does not cover it: ${input.reason}. Marked by ${by}; no deadlines.`
  const data = { reason: input.reason, offer: kind }
  await note(tx, desk, told.row, {
    atMs: nowMs,
    nowMs,
    kind: 'out-of-scope',
    text: `Out of scope: ${input.reason}.`,
    author,
    isPublic: true,
    data,
  })
  const why = JSON.stringify(addFlags(whyOf(told.row), sentence))
  await saveScope(act, told, { scope_reason: input.reason, flags: JSON.stringify(addFlags(flagsOf(told.row), 'out-of-scope')), why })
  await withdrawOpen(tx, ticketId, by, nowMs)
  await insertOffer(tx, {
    id: newRowId(),
    ticket_id: ticketId,
    kind,
    reason: input.reason,
    estimate,
    state: kind === 'declined' ? 'declined' : 'open',
    by_name: by,
    at: nowMs,
    decided_by: kind === 'declined' ? by : null,
    decided_at: kind === 'declined' ? nowMs : null,
    note: null,
  })
  return { kind }
}

async function decide(act: Act, ticketId: string, decision: OfferDecision): Promise<void> {
  const { tx, desk, author, changes } = act
  const nowMs = desk.now()
  const one = await loadCase(tx, desk, ticketId)
  const offer = (await listOffers(tx, ticketId)).find(known => known.state === 'open') ?? null
  mustBeOpenOffer(offer)
  if (!offer) return
  const by = author.author_name ?? author.author_kind
  await updateOffer(tx, offer.id, {
    state: decision.accepted ? 'accepted' : 'declined',
    decided_by: by,
    decided_at: nowMs,
    note: decision.note ?? null,
  })
  const text = decision.accepted ? 'The offer of billable work was accepted.' : 'The offer of billable work was declined.'
  const data = { offerId: offer.id, accepted: decision.accepted }
  await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'offer', text, author, isPublic: true, data })
  if (decision.note !== undefined && author.author_kind === 'customer')
    await addMessage(act, ticketId, { visibility: 'public', body: decision.note })
  else if (decision.note !== undefined) await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'reason', text: decision.note, author })
  const now = await findTicket(tx, ticketId)
  if (now?.status === 'waiting-customer') await moveTicket(act, ticketId, { to: 'in-progress' })
  const saved = await loadCase(tx, desk, ticketId)
  await tellAbout(tx, desk, saved, { kind: 'message', to: ['desk'], text, once: `offer:${offer.id}`, nowMs })
  changes.push({ kind: 'ticket', id: ticketId, customerId: one.row.customer_id })
}

async function include(act: Act, ticketId: string): Promise<void> {
  const { tx, desk, author } = act
  const nowMs = desk.now()
  const one = await loadCase(tx, desk, ticketId)
  if (!one.row.scope_reason)
    throw new DomainError('conflict', 'conflict', `${one.row.reference} was not marked as out of scope by a person.`)
  await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'in-scope', text: 'Covered by the plan after all.', author, isPublic: true })
  await withdrawOpen(tx, ticketId, author.author_name ?? 'the desk', nowMs)
  const flags = JSON.stringify(flagsOf(one.row).filter(flag => flag !== 'out-of-scope'))
  await saveScope(act, one, { scope_reason: null, flags, why: JSON.stringify(addFlags(whyOf(one.row), 'Covered by the plan after all.')) })
}

/** Asks a partner, the one named or the next by the rules, to come for a ticket. Throws a DomainError that says why nobody can be asked. */
export type AskPartner = (ticketId: string, to: { partnerId?: string }, author: Author) => Promise<unknown>

/** Makes the service. */
export function makeTicketScope(deps: { db: Database; bus: ChangeBus; desk: Desk; askPartner: AskPartner }) {
  const { db, bus, desk, askPartner } = deps
  const act = async <Result>(author: Author, work: (act: Act) => Promise<Result>): Promise<Result> => {
    const changes: Change[] = []
    const result = await inTransaction(db, tx => work({ tx, desk, changes, author }))
    bus.publish(changes)
    return result
  }
  const view = async (ticketId: string, partnerWhy: string | null = null): Promise<TicketScope> => {
    const row = await findTicket(db, ticketId)
    if (!row) throw notFound('ticket')
    const plan = await desk.catalogue.effectivePlanOf(db, row.customer_id)
    const offers = await listOffers(db, ticketId)
    return {
      reason: row.scope_reason ?? null,
      choices: scopeReasons(plan),
      offer: plan.outOfScope.offer,
      offers: offers.map(toOffer),
      partnerWhy,
    }
  }

  return {
    view,

    /**
     * Marks a ticket as out of scope with a reason its plan lists, tells the customer what is offered instead, and asks a partner
     * where that is the offer; nobody to ask is said and changes nothing else. Throws invalid-input.
     */
    async exclude(ticketId: string, input: OutOfScopeInput, author: Author): Promise<TicketScope> {
      const { kind } = await act(author, one => exclude(one, ticketId, input))
      if (kind !== 'partner') return view(ticketId)
      try {
        await askPartner(ticketId, input.partnerId === undefined ? {} : { partnerId: input.partnerId }, author)
        return await view(ticketId)
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        return view(ticketId, error.message)
      }
    },

    /** It is covered after all: what is owed runs again with the time it had used. */
    async include(ticketId: string, author: Author): Promise<TicketScope> {
      await act(author, one => include(one, ticketId))
      return view(ticketId)
    },

    /** The customer's word on the open offer, from the customer or noted by the desk. Throws conflict when there is none. */
    async decide(ticketId: string, decision: OfferDecision, author: Author): Promise<TicketScope> {
      await act(author, one => decide(one, ticketId, decision))
      return view(ticketId)
    },
  }
}
export type TicketScopes = ReturnType<typeof makeTicketScope>
