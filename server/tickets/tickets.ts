/** Tickets: one place that monitoring, people and deadlines go through. */
import type { Logger } from 'pino'
import type {
  ApprovalInput,
  MessageInput,
  Ticket,
  TicketClockEvent,
  TicketCounts,
  TicketInput,
  TicketPatch,
  TicketQuery,
  TicketTimelineItem,
  TransitionInput,
} from '../../shared/api/tickets/ticket-api.ts'
import type { Page } from '../../shared/api/list.ts'
import { notFound } from '../platform/errors.ts'
import { listClockEvents } from '../sla/store/clock-event-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { toPage } from '../database/paging.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { countQueue, listTickets } from './store/ticket-queue-store.ts'
import { findTicket, listTicketEvents } from './store/ticket-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { SYSTEM } from './loaded-ticket.ts'
import type { Author, Desk } from './ticket-context.ts'
import { approveTicket } from './approve-ticket.ts'
import { makeTicketDeadlines, type QuietUntil } from './ticket-deadlines.ts'
import { followInOrder, type TicketFollower } from './ticket-followers.ts'
import { registerTicket } from './register-ticket.ts'
import { makeTeller } from './ticket-notifications.ts'
import { patchTicket } from './edit-ticket.ts'
import { addMessage, type FilesOf } from './write-message.ts'
import { moveTicket } from './move-ticket.ts'
import { replanTickets } from './replan-tickets.ts'
import { placeOfWords } from './merged-ticket.ts'
import { mustBeVersion, type Expected } from './expected-version.ts'
import { toTimelineItem, viewClockEvents, viewTickets, type IncidentsOf } from './ticket-view.ts'

/** Makes ticketing. `deskEmail` is the desk's common address; null = every desk user is told. `followers` follow in the order given. */
export function makeTicketing(deps: {
  db: Database
  log: Logger
  now: () => number
  bus: ChangeBus
  catalogue: Pick<Catalogue, 'effectivePlanOf' | 'rulesOf'>
  deskEmail: string | null
  caseCounted: Desk['caseCounted']
  followers: readonly TicketFollower[]
  /** What the incidents behind tickets tell them. */
  incidents: { of: IncidentsOf; quietUntil: QuietUntil }
}) {
  const { db, log, now, bus, catalogue } = deps
  const follow = followInOrder(deps.followers)
  const tell = makeTeller({ deskEmail: deps.deskEmail, asked: follow.asked })
  const desk: Desk = { now, catalogue, tell, caseCounted: deps.caseCounted, follow }
  const around = {
    planOf: (customerId: string) => catalogue.effectivePlanOf(db, customerId),
    incidentsOf: deps.incidents.of,
  }

  /** One intention, one transaction; people are told of the change after the commit. */
  const act = async <Result>(work: (tx: Tx, changes: Change[]) => Promise<Result>): Promise<Result> => {
    const changes: Change[] = []
    const result = await inTransaction(db, tx => work(tx, changes))
    bus.publish(changes)
    return result
  }
  const read = async (id: string): Promise<Ticket> => {
    const row = await findTicket(db, id)
    const [ticket] = row ? await viewTickets(db, [row], now(), around) : []
    if (!ticket) throw notFound('ticket')
    return ticket
  }

  return {
    ...makeTicketDeadlines(desk, deps.incidents.quietUntil),
    read,
    desk,

    /** Whose ticket it is; null = there is none. For tenant checks. */
    async ownerOf(id: string): Promise<Pick<TicketRow, 'customer_id' | 'partner_id'> | null> {
      return findTicket(db, id)
    },

    async list(query: TicketQuery & { scope: readonly string[] | null; partnerOnly: string | null }): Promise<Page<Ticket>> {
      const limit = query.limit ?? 50
      const { rows, total } = await listTickets(db, { ...query, limit, nowMs: now() })
      const page = toPage(
        rows,
        limit,
        total,
        row => row,
        row => [query.order === 'due' ? (row.queue_at ?? 0) : row.created_at, row.id] as const,
      )
      return { ...page, items: await viewTickets(db, page.items, now(), around) }
    },

    /** How much of it there is to do. */
    counts: (seen: { scope: readonly string[] | null; partnerOnly: string | null }): Promise<TicketCounts> =>
      countQueue(db, { ...seen, nowMs: now() }),

    /** History, newest first; only its public lines when asked so. */
    async timeline(
      ticketId: string,
      query: { isPublicOnly: boolean; limit: number; cursor?: string | undefined },
    ): Promise<Page<TicketTimelineItem>> {
      const { rows, total } = await listTicketEvents(db, { ticketId, ...query })
      return toPage(rows, query.limit, total, toTimelineItem, row => [row.at, row.id] as const)
    },

    /** How the due times of a ticket came about, oldest first. */
    async clockEvents(ticketId: string): Promise<TicketClockEvent[]> {
      return viewClockEvents(await listClockEvents(db, ticketId))
    },

    /** Registers a person's ticket; limits of the plan flag it, they never refuse it. */
    async register(input: TicketInput, author: Author): Promise<Ticket> {
      const id = await act((tx, changes) => registerTicket(tx, desk, input, author, changes))
      log.info({ ticketId: id, customerId: input.customerId, level: input.level, channel: input.channel }, 'ticket registered')
      return read(id)
    },

    /** Adds a message; gives the line of the history, and the ticket it stands on: another one when this was merged. */
    async write(ticketId: string, input: MessageInput & FilesOf, author: Author): Promise<{ messageId: string; ticket: Ticket }> {
      const kept = await act(async (tx, changes) => {
        const placeId = await placeOfWords(tx, ticketId, author)
        return { placeId, messageId: await addMessage({ tx, desk, changes, author }, placeId, input) }
      })
      return { messageId: kept.messageId, ticket: await read(kept.placeId) }
    },

    /** Moves to another status. Throws transition-not-allowed, and ticket-changed when it is not the version expected. */
    async move(ticketId: string, input: TransitionInput, author: Author, expected: Expected | null = null): Promise<Ticket> {
      await act(async (tx, changes) => {
        await mustBeVersion(tx, ticketId, expected)
        await moveTicket({ tx, desk, changes, author }, ticketId, input)
      })
      return read(ticketId)
    },

    /** A case beyond the quota is taken on: its clocks run from now. Throws nothing-to-approve. */
    async approve(ticketId: string, input: ApprovalInput, author: Author): Promise<Ticket> {
      await act((tx, changes) => approveTicket({ tx, desk, changes, author }, ticketId, input))
      return read(ticketId)
    },

    /** Changes it. Throws ticket-changed when it is not the version expected. */
    async patch(ticketId: string, input: TicketPatch, author: Author, expected: Expected | null = null): Promise<Ticket> {
      await act(async (tx, changes) => {
        await mustBeVersion(tx, ticketId, expected)
        await patchTicket({ tx, desk, changes, author }, ticketId, input)
      })
      return read(ticketId)
    },

    /** After a change of the customer's plan or terms, in its transaction: running clocks take the new promise from now on. */
    replan: (tx: Tx, customerId: string, changes: Change[]): Promise<void> =>
      replanTickets({ tx, desk, changes, author: SYSTEM }, customerId),
  }
}
export type Ticketing = ReturnType<typeof makeTicketing>
