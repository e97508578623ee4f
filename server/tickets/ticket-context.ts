/** What every change of a ticket works with: the ticket as it is loaded, who changes it, and what it needs of others. Types alone. */
import type { EffectivePlan } from '../plans/rules/plan.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { TicketPromises } from '../sla/rules/promise.ts'
import type { Audience } from '../sla/rules/escalation.ts'
import type { TicketClock } from '../sla/rules/ticket-clocks.ts'
import type { Tx } from '../database/database.ts'
import type { TicketEventRow, TicketRow } from '../database/tables/schema.ts'
import type { Change } from '../platform/change-bus.ts'
import type { LetterTimes } from './customer-letters.ts'
import type { LetterKind } from './rules/staff-letter.ts'

export type PlanInForce = EffectivePlan & { version: number }
/** A ticket under work. `row` and `clocks` are as stored; what changes goes through `save`. */
export type Case = { row: TicketRow; clocks: TicketClock[]; plan: PlanInForce; promises: TicketPromises }
export type Author = Pick<TicketEventRow, 'author_kind' | 'author_name'>

/** What is told about a ticket, and to whom. */
export type Telling = {
  kind: LetterKind
  ticket: TicketRow
  levelName: string
  to: readonly Audience[]
  text: string
  why: readonly string[]
  /** What makes this notice different from others of its kind on this ticket: the occurrence, clock and cycle, message. */
  once: string | number
  nowMs: number
} & LetterTimes
export type Tell = (tx: Tx, telling: Telling) => Promise<void>

/** When it happens (epoch ms), and what pages are told of it after the commit. */
export type FollowContext = { nowMs: number; changes: Change[] }
/** A ticket before and after it was written, and the plan it is under. */
export type SavedTicket = { before: TicketRow; after: TicketRow; plan: PlanInForce }
/** A message as it stands in the history. */
export type SaidMessage = Pick<TicketEventRow, 'id' | 'text' | 'author_kind' | 'author_name'>

/**
 * What a ticket lets others follow, so that it knows none of them. Every hook runs inside the transaction that changes the ticket, which
 * is locked: what it writes is there with the change or not at all, and what it throws undoes the change. A hook may read, write its own
 * rows and those of the outbox, and lock in the order customer, conditions, ticket, visit; it calls nothing outside of the database.
 */
export type Following = {
  /**
   * A fault's ticket was raised, opened again or given to a partner, and is saved and told. May change the ticket through the use cases
   * of tickets; whoever called takes its own case as outdated then.
   */
  raised(tx: Tx, desk: Desk, one: Case, context: FollowContext): Promise<void>
  /** A public message stands in the history of the ticket (`ticket` is as its change will leave it); its files may not be there yet. */
  said(tx: Tx, ticket: TicketRow, message: SaidMessage, nowMs: number): Promise<void>
  /**
   * Tickets were written with their clocks and the log of these. Of one ticket it comes after what fired was told; of many whose promise
   * changed, before. May not change the tickets.
   */
  saved(tx: Tx, saved: readonly SavedTicket[], context: FollowContext): Promise<void>
  /**
   * A letter about the ticket goes to the customer. Gives the path of a page that is to stand in it in place of the ticket's own; null =
   * nothing is asked. It comes before the letter is written.
   */
  asked(tx: Tx, ticket: TicketRow, kind: LetterKind, nowMs: number): Promise<string | null>
}

/** What use cases of tickets need. */
export type Desk = {
  now: () => number
  catalogue: Pick<Catalogue, 'effectivePlanOf' | 'rulesOf'>
  tell: Tell
  /** A case of the customer counts against the plan now. */
  caseCounted(tx: Tx, customerId: string): Promise<void>
  /** All who follow, one after the other in their written order. */
  follow: Following
}
/** Who does something to a ticket, in whose transaction, and what is to be told of it after the commit. */
export type Act = { tx: Tx; desk: Desk; changes: Change[]; author: Author }
