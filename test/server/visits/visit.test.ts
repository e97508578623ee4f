/** Visits: who may move them where, until when an answer waits, who is asked next. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileCalendar } from '../../../server/calendars/rules/calendar.ts'
import type { DomainError } from '../../../server/platform/errors.ts'
import {
  answerDueAt,
  isOpenVisit,
  linkEndsAt,
  mustBeReachable,
  mustMoveVisit,
  nextPartner,
  spellNoAnswer,
  visitMoves,
} from '../../../server/visits/rules/visit.ts'
import { VISIT_STATES, type VisitState } from '../../../shared/api/visits/visit-api.ts'
import { writeAppointment } from '../../../server/visits/rules/visit-calendar.ts'

const MONDAY_MS = Date.parse('2026-11-16T09:00:00Z')
const WEEKDAYS = compileCalendar({
  timezone: 'UTC',
  hours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map(day => [day, [['08:00', '17:00']]])),
  holidays: [],
})

describe('moves of a visit', () => {
  const cases: [VisitState, VisitState, 'partner' | 'desk', boolean, string][] = [
    ['offered', 'accepted', 'partner', true, 'the partner takes it'],
    ['offered', 'on-site', 'partner', false, 'nobody arrives who has not said yes'],
    ['offered', 'cancelled', 'partner', false, 'a partner declines, only the desk calls off'],
    ['scheduled', 'cancelled', 'desk', true, 'the desk may call off at any time'],
    ['accepted', 'declined', 'partner', true, 'given back'],
    ['scheduled', 'scheduled', 'partner', true, 'another time'],
    ['accepted', 'on-site', 'partner', true, 'who is there needs no appointment'],
    ['scheduled', 'done', 'partner', false, 'done is only what was begun on site'],
    ['on-site', 'declined', 'partner', false, 'who is there has begun'],
    ['done', 'cancelled', 'desk', false, 'what is over is over'],
    ['declined', 'accepted', 'partner', false, 'it was offered to somebody else since'],
  ]
  it.each(cases)('%s to %s by %s: %s (%s)', (from, to, by, isAllowed) => {
    if (isAllowed) expect(() => mustMoveVisit(from, to, by)).not.toThrow()
    else expect(() => mustMoveVisit(from, to, by)).toThrow(/The visit is/)
  })

  it('any order of wishes ends in a state of the table, and what is over stays as it is', () => {
    const wish = fc.tuple(fc.constantFrom(...VISIT_STATES), fc.constantFrom('partner' as const, 'desk' as const))
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 30 }), wishes => {
        let state: VisitState = 'offered'
        for (const [to, by] of wishes) {
          const isMove = visitMoves(state, by).includes(to)
          if (isMove) expect(isOpenVisit(state)).toBe(true)
          if (isMove) state = to
        }
        expect(VISIT_STATES).toContain(state)
      }),
    )
  })
})

describe('deadlines', () => {
  it.each([
    [1, 30],
    [2, 120],
    [3, 480],
    [4, 1440],
  ] as const)('level %i waits %i minutes of every hour without hours', (level, minutes) => {
    expect(answerDueAt(level, null, MONDAY_MS)).toBe(MONDAY_MS + minutes * 60_000)
  })
  it('counts only the hours of the partner', () => {
    expect(answerDueAt(3, WEEKDAYS, MONDAY_MS)).toBe(Date.parse('2026-11-16T17:00:00Z'))
    expect(answerDueAt(1, WEEKDAYS, Date.parse('2026-11-14T12:00:00Z'))).toBe(Date.parse('2026-11-16T08:30:00Z'))
  })
  it('says how long nobody answered', () => {
    expect(spellNoAnswer('offered', 1)).toBe('no answer in 30 min')
    expect(spellNoAnswer('accepted', 3)).toBe('no time named in 8 h')
  })
  it('ends a link 7 days after done, and after 60 days at the latest', () => {
    const day = 86_400_000
    expect(linkEndsAt(0, null)).toBe(60 * day)
    expect(linkEndsAt(0, 3 * day)).toBe(10 * day)
    expect(linkEndsAt(0, 58 * day)).toBe(60 * day)
  })
})

describe('appointments', () => {
  it('are inside the opening hours; the next opening is told', () => {
    expect(() => mustBeReachable(MONDAY_MS + 3_600_000, MONDAY_MS, WEEKDAYS)).not.toThrow()
    expect(() => mustBeReachable(MONDAY_MS + 12 * 3_600_000, MONDAY_MS, WEEKDAYS)).toThrow('it opens Tue 17 Nov 08:00 (UTC)')
    expect(() => mustBeReachable(MONDAY_MS - 1, MONDAY_MS, null)).toThrow(expect.objectContaining({ slug: 'invalid-input' }) as DomainError)
  })
  it('are written with one UID, folded lines and escaped words', () => {
    const text = writeAppointment({
      visitId: 'v1',
      method: 'CANCEL',
      sequence: 3,
      startMs: MONDAY_MS,
      minutes: 60,
      stampMs: MONDAY_MS,
      summary: `Kiosk, hall; ${'å'.repeat(60)}`,
      location: 'A\r\nATTENDEE:mailto:x@example.com',
      description: 'x',
    })
    expect(text).toContain('UID:visit-v1@kioskeeper\r\nSEQUENCE:3\r\nDTSTAMP:20261116T090000Z\r\n')
    expect(text).toContain('SUMMARY:Kiosk\\, hall\\; ')
    expect(text).toContain('STATUS:CANCELLED')
    expect(text).not.toMatch(/^ATTENDEE/m)
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  })
})

describe('the next partner', () => {
  const partner = (id: string, order: number) => ({ id, name: id, regions: ['north'], skills: ['display'], order })
  const facts = {
    fixedBy: 'onsite' as const,
    skill: 'display',
    planName: 'Production',
    planOnsite: 'partner' as const,
    sitePartnerId: 'own',
    region: 'north',
    partners: [partner('b', 2), partner('a', 1), { ...partner('own', 9), regions: [] }],
  }
  const asked: [string[], string | null, string][] = [
    [[], 'own', 'the partner of the site is asked first'],
    [['own'], 'a', 'then by order in the region'],
    [['own', 'a'], 'b', 'then the next one'],
    [['own', 'a', 'b'], null, 'nobody is left'],
  ]
  it.each(asked)('after %j: %s (%s)', (refused, expected) => {
    expect(nextPartner(facts, new Set(refused)).partnerId).toBe(expected)
  })
  it('says why nobody is left', () => {
    expect(nextPartner(facts, new Set(['own', 'a', 'b'])).why).toBe('Every partner who could go has declined or not answered (3).')
  })
})
