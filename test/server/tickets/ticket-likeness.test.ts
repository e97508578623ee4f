import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findAlike, tellingWords, type LikeTicket } from '../../../server/tickets/rules/ticket-likeness.ts'

const ticket = (id: string, subject: string, deviceId: string | null = null, siteId: string | null = null): LikeTicket => ({
  id,
  subject,
  deviceId,
  siteId,
})

describe('tickets that may be about the same', () => {
  it.each([
    {
      why: 'the same device is reason enough to look',
      one: ticket('a', 'Screen dark', 'd1'),
      other: ticket('b', 'No picture', 'd1'),
      isAlike: true,
    },
    {
      why: 'half of the words are the same',
      one: ticket('a', 'Scanner does not read codes'),
      other: ticket('b', 'The scanner reads no codes'),
      isAlike: false,
    },
    {
      why: 'nearly all words are the same',
      one: ticket('a', 'Queue numbers wrong'),
      other: ticket('b', 'The queue numbers are wrong!'),
      isAlike: true,
    },
    { why: 'one word alone says nothing', one: ticket('a', 'Printer'), other: ticket('b', 'Printer'), isAlike: false },
    {
      why: 'devices fail alike all the time',
      one: ticket('a', 'Queue numbers wrong', 'd1'),
      other: ticket('b', 'Numbers wrong today', 'd2'),
      isAlike: false,
    },
    {
      why: 'a site in common lowers the bar',
      one: ticket('a', 'Payment terminal offline since morning', null, 's1'),
      other: ticket('b', 'Payment terminal offline', null, 's1'),
      isAlike: true,
    },
    { why: 'nothing in common', one: ticket('a', 'Screen dark'), other: ticket('b', 'Wrong menu language'), isAlike: false },
  ])('$why', ({ one, other, isAlike }) => {
    expect(findAlike(one, [other]).length === 1).toBe(isAlike)
  })

  it('says why, and proposes the most alike first, five at most, never itself', () => {
    const one = ticket('a', 'Queue numbers wrong', 'd1')
    const others = [
      ticket('b', 'Numbers', 'd1'),
      ticket('c', 'Queue numbers wrong', 'd1'),
      one,
      ...['d', 'e', 'f', 'g', 'h'].map(id => ticket(id, 'x', 'd1')),
    ]
    const found = findAlike(one, others)
    expect(found.map(item => item.id).slice(0, 2)).toEqual(['c', 'b'])
    expect(found[0]?.why).toBe('The same device; words in common: queue, numbers, wrong')
    expect(found).toHaveLength(5)
  })

  it('takes any text, and finds the same both ways', () => {
    const subject = fc.string({ unit: 'binary', maxLength: 60 })
    fc.assert(
      fc.property(subject, subject, (one, other) => {
        expect(tellingWords(one).has('')).toBe(false)
        expect(findAlike(ticket('a', one), [ticket('b', other)]).map(item => item.score)).toEqual(
          findAlike(ticket('b', other), [ticket('a', one)]).map(item => item.score),
        )
      }),
    )
  })
})
