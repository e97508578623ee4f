/** Who calls and what about: a reason a row. */
import { describe, expect, it } from 'vitest'
import { findSimilar, matchesPhone, type Call, type OpenTicket } from '../../../server/tickets/rules/caller-match.ts'

describe('a number', () => {
  it.each([
    ['as it is kept', '+46 70 123 45 67', '+46701234567', true],
    ['as it is dialled at home', '+46 70 123 45 67', '070-123 45 67', true],
    ['with the international prefix', '+46 70 123 45 67', '0046 70 123 45 67', true],
    ['a part of it', '+46 70 123 45 67', '12345', true],
    ['too little of it', '+46 70 123 45 67', '070', false],
    ['another', '+46 70 123 45 67', '070-123 45 68', false],
    ['none is kept', null, '0701234567', false],
    ['no digits at all', '+46 70 123 45 67', 'Carl', false],
  ] as const)('%s', (_reason, stored, asked, is) => expect(matchesPhone(stored, asked)).toBe(is))
})

const ticket = (id: string, more: Partial<OpenTicket> = {}): OpenTicket => ({
  id,
  subject: 'The printer prints nothing',
  description: '',
  deviceId: null,
  reporterEmail: null,
  createdAtMs: 1,
  ...more,
})
const call = (more: Partial<Call> = {}): Call => ({ subject: '', description: '', deviceId: null, email: null, ...more })

describe('tickets a call may be about', () => {
  it.each<[string, OpenTicket[], Call, string[]]>([
    ['the same device, whatever is said', [ticket('a', { deviceId: 'd' })], call({ deviceId: 'd', subject: 'Broken' }), ['a']],
    [
      'another device is another fault',
      [ticket('a', { deviceId: 'd' })],
      call({ deviceId: 'e', subject: 'The printer prints nothing' }),
      [],
    ],
    ['words in common', [ticket('a'), ticket('b', { subject: 'Screen is dark' })], call({ subject: 'Printer prints white pages' }), ['a']],
    [
      'common words say nothing',
      [ticket('a', { subject: 'The till is not with the others' })],
      call({ subject: 'The screen is not dark' }),
      [],
    ],
    ['nothing said yet', [ticket('a')], call(), []],
    ['the reporter alone is no sign', [ticket('a', { reporterEmail: 'a@b.c' })], call({ email: 'A@b.c', subject: 'Screen' }), []],
    [
      'the reporter decides among alike',
      [ticket('a'), ticket('b', { reporterEmail: 'a@b.c' })],
      call({ email: 'A@b.c', subject: 'printer prints nothing' }),
      ['b', 'a'],
    ],
    ['the newest of equals first', [ticket('a'), ticket('b', { createdAtMs: 2 })], call({ subject: 'printer prints nothing' }), ['b', 'a']],
    [
      'five at most',
      Array.from({ length: 9 }, (_, n) => ticket(`${n}`, { createdAtMs: -n })),
      call({ subject: 'printer prints' }),
      ['0', '1', '2', '3', '4'],
    ],
  ])('%s', (_reason, tickets, said, ids) => expect(findSimilar(tickets, said).map(one => one.id)).toEqual(ids))
})
