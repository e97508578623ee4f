/** The question to a customer: when it is asked, what counts, and a month of answers; a reason a row. */
import { describe, expect, it } from 'vitest'
import { countMonths, isAsking, takeAnswer } from '../../../server/satisfaction/rules/satisfaction-rules.ts'

describe('the question', () => {
  it.each([
    ['people resolved it', 'ticket-resolved', 'person', true],
    ['it was closed by hand', 'ticket-closed', null, true],
    ['it mended itself: nobody did anything to thank for', 'ticket-resolved', 'monitoring', false],
    ['a message asks nothing', 'message', null, false],
  ] as const)('%s', (_reason, kind, by, asks) => expect(isAsking(kind, by)).toBe(asks))

  it.each([
    ['the first answer counts', { score: null, comment: null }, { score: 1, comment: null }, { score: 1, comment: null }],
    ['a comment may come with it', { score: null, comment: null }, { score: 0, comment: 'slow' }, { score: 0, comment: 'slow' }],
    ['or after it', { score: 1, comment: null }, { score: 1, comment: 'quick' }, { comment: 'quick' }],
    ['not twice', { score: 1, comment: 'quick' }, { score: 1, comment: 'very' }, null],
    ['nobody changes their mind', { score: 1, comment: null }, { score: 0, comment: null }, null],
    ['nor with words', { score: 1, comment: null }, { score: 0, comment: 'no' }, null],
  ])('%s', (_reason, given, answer, change) => expect(takeAnswer(given, answer)).toEqual(change))

  it('months are those of the customer’s zone, newest first, and a share of nothing is none', () => {
    const asked = (at: string, score: number | null) => ({ askedAtMs: Date.parse(at), score })
    const items = [
      asked('2026-10-31T23:30:00Z', 1),
      asked('2026-11-02T10:00:00Z', 0),
      asked('2026-11-03T10:00:00Z', 1),
      asked('2026-10-02T10:00:00Z', null),
    ]
    expect(countMonths(items, 'Europe/Stockholm').map(({ items: _of, ...month }) => month)).toEqual([
      { month: '2026-11', asked: 3, answered: 3, good: 2, goodPercent: 66.7 },
      { month: '2026-10', asked: 1, answered: 0, good: 0, goodPercent: null },
    ])
  })
})
