/** The one question a customer is asked about a ticket: when, what counts as its answer, and a month of answers. */
import type { LetterKind } from '../../tickets/rules/staff-letter.ts'
import { monthOf } from '../../tickets/rules/ticket-intake.ts'

/** How long the link in the letter lives. */
export const ASKED_FOR_MS = 30 * 86_400_000

/** Whether a letter asks: when people have ended a ticket, not where it ended by itself. */
export function isAsking(kind: LetterKind, resolvedBy: 'monitoring' | 'person' | null): boolean {
  return (kind === 'ticket-resolved' || kind === 'ticket-closed') && resolvedBy !== 'monitoring'
}

type Given = { score: number | null; comment: string | null }
/** What an answer changes: the first score counts, a comment may follow it once. Null = nothing is taken any more. */
export function takeAnswer(given: Given, answer: { score: number; comment: string | null }): Partial<Given> | null {
  if (given.score === null) return { score: answer.score, comment: answer.comment }
  return given.score === answer.score && given.comment === null && answer.comment !== null ? { comment: answer.comment } : null
}

export type Asked = { askedAtMs: number; score: number | null }
export type MonthCount<Item> = { month: string; asked: number; answered: number; good: number; goodPercent: number | null; items: Item[] }

/** Months newest first, in a zone, by when was asked; a share of nothing is no share. */
export function countMonths<Item extends Asked>(items: readonly Item[], timeZone: string): MonthCount<Item>[] {
  const months = Map.groupBy(items, item => monthOf(item.askedAtMs, timeZone).month)
  return [...months]
    .toSorted(([one], [other]) => (one < other ? 1 : -1))
    .map(([month, of]) => {
      const answered = of.filter(item => item.score !== null).length
      const good = of.filter(item => item.score === 1).length
      return {
        month,
        asked: of.length,
        answered,
        good,
        goodPercent: answered === 0 ? null : Math.round((good / answered) * 1000) / 10,
        items: of,
      }
    })
}
