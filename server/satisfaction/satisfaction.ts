/** Asking customers what they thought of a ticket, taking the answer by the link of the letter, and a month of answers. */
import type { AnswerInput, Question, SatisfactionMonth, TicketSatisfaction } from '../../shared/api/satisfaction/satisfaction-api.ts'
import { newToken, sha256Hex } from '../../shared/ids.ts'
import { DomainError, notFound } from '../platform/errors.ts'
import { ASKED_FOR_MS, countMonths, isAsking, takeAnswer } from './rules/satisfaction-rules.ts'
import type { LetterKind } from '../tickets/rules/staff-letter.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import type { SatisfactionRow } from '../database/tables/on-call-rows.ts'
import { findQuestionOf, insertQuestion, listQuestions, lockQuestion, updateQuestion } from './store/satisfaction-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { TicketFollower } from '../tickets/ticket-followers.ts'
import type { ChangeBus } from '../platform/change-bus.ts'
import { iso, isoOrNull } from '../../shared/instants.ts'

const YEAR_MS = 366 * 86_400_000
const scoreOf = (score: number | null): 'good' | 'bad' | null => (score === null ? null : score === 1 ? 'good' : 'bad')
const answerOf = (row: SatisfactionRow) => ({ score: scoreOf(row.score), comment: row.comment, answeredAt: isoOrNull(row.answered_at) })

/** In the letter's transaction: the path of the question's page, or null where nothing is asked, or was asked before. */
async function askWith(tx: Tx, ticket: TicketRow, kind: LetterKind, nowMs: number): Promise<string | null> {
  if (!isAsking(kind, ticket.resolved_by)) return null
  const token = newToken('kst')
  const isNew = await insertQuestion(tx, {
    ticket_id: ticket.id,
    customer_id: ticket.customer_id,
    token_sha256: sha256Hex(token),
    asked_at: nowMs,
    expires_at: nowMs + ASKED_FOR_MS,
    score: null,
    comment: null,
    answered_at: null,
  })
  return isNew ? `how-was-it/${token}` : null
}

/** The question to the customer follows the ticket's letters. */
export const satisfactionFollower: TicketFollower = { asked: askWith }

/** Makes the service. */
export function makeSatisfaction({ db, now, bus }: { db: Database; now: () => number; bus: ChangeBus }) {
  const view = async (tx: Tx, row: SatisfactionRow): Promise<Question> => {
    const ticket = await findTicket(tx, row.ticket_id)
    const customer = await findCustomer(tx, row.customer_id)
    if (!ticket) throw notFound('question')
    return { reference: ticket.reference, subject: ticket.subject, language: customer?.language ?? 'en', ...answerOf(row) }
  }
  const open = async (tx: Tx, token: string): Promise<SatisfactionRow> => {
    const row = await lockQuestion(tx, sha256Hex(token), now())
    if (!row) throw notFound('question')
    return row
  }
  return {
    /** Throws the same not-found for a link that is unknown or has ended. */
    read: (token: string): Promise<Question> => inTransaction(db, async tx => view(tx, await open(tx, token))),

    /** Takes the answer. Throws conflict when another was given before. */
    async answer(token: string, input: AnswerInput): Promise<Question> {
      const { question, row } = await inTransaction(db, async tx => {
        const before = await open(tx, token)
        const score = input.score === 'good' ? 1 : 0
        const change = takeAnswer(before, { score, comment: input.comment?.trim() || null })
        const isSame = before.score === score && input.comment === undefined
        if (!change && !isSame) throw new DomainError('conflict', 'conflict', 'You have answered already. Thank you.')
        const after = { ...before, ...change, answered_at: before.answered_at ?? now() }
        if (change) await updateQuestion(tx, before.ticket_id, { ...change, answered_at: after.answered_at })
        return { question: await view(tx, after), row: after }
      })
      bus.publish([{ kind: 'ticket', id: row.ticket_id, customerId: row.customer_id }])
      return question
    },

    async ofTicket(ticketId: string): Promise<TicketSatisfaction> {
      const row = await findQuestionOf(db, ticketId)
      return row ? { askedAt: iso(row.asked_at), ...answerOf(row) } : { askedAt: null, score: null, comment: null, answeredAt: null }
    },

    /** The last twelve months of a customer, newest first. Throws not-found. */
    async months(customerId: string): Promise<SatisfactionMonth[]> {
      const customer = await findCustomer(db, customerId)
      if (!customer) throw notFound('customer')
      const rows = await listQuestions(db, customerId, now() - YEAR_MS)
      const asked = rows.map(row => ({ ...row, askedAtMs: row.asked_at }))
      return countMonths(asked, customer.time_zone).map(({ items, ...month }) => ({
        ...month,
        comments: items.flatMap(row => {
          const score = scoreOf(row.score)
          return row.comment === null || score === null
            ? []
            : [{ ticketId: row.ticket_id, reference: row.reference, score, comment: row.comment, at: iso(row.answered_at ?? row.asked_at) }]
        }),
      }))
    },
  }
}
export type Satisfaction = ReturnType<typeof makeSatisfaction>
