/** Who is on call: a reason a row; and that the days to come say the same as each instant. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineAt, onCallAt, rotaFaults, rotaFor, upcomingShifts, type RotaFacts } from '../../../server/on-call/rules/rota.ts'
import type { RotaInput } from '../../../shared/api/on-call/on-call-api.ts'

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri'] as const
const person = (key: string) => ({ key, name: key, email: `${key}@desk.example` })
const rota = (more: Partial<RotaFacts> = {}): RotaFacts => ({
  timeZone: 'America/Toronto',
  people: [person('ada'), person('bo'), person('cy')],
  shifts: [
    { days: [...WEEK], from: '17:00', to: '09:00', people: ['ada', 'bo'] },
    { days: ['sat', 'sun'], from: '09:00', to: '09:00', people: ['cy'] },
  ],
  overrides: [],
  handOver: { day: 'mon', time: '09:00', since: '2026-11-16' },
  ...more,
})

describe('who is on call', () => {
  it.each<[string, string, Partial<RotaFacts>, string | null]>([
    ['the first week is the first one’s', '2026-11-16T20:00-05:00', {}, 'ada'],
    ['the next week the next one’s', '2026-11-23T20:00-05:00', {}, 'bo'],
    ['then around', '2026-11-30T20:00-05:00', {}, 'ada'],
    ['weeks before the first count backwards', '2026-11-09T20:00-05:00', {}, 'bo'],
    ['the night belongs to who began it', '2026-11-17T08:59-05:00', {}, 'ada'],
    ['until its very end', '2026-11-17T09:00-05:00', {}, null],
    ['nobody within service hours', '2026-11-18T12:00-05:00', {}, null],
    ['Friday night into Saturday', '2026-11-21T08:00-05:00', {}, 'ada'],
    ['a day and night of 24 hours', '2026-11-22T03:00-05:00', {}, 'cy'],
    ['Sunday’s shift into Monday morning, before the hand-over', '2026-11-23T08:00-05:00', {}, 'cy'],
    [
      'an override wins',
      '2026-11-16T20:00-05:00',
      { overrides: [{ from: '2026-11-16T19:00:00-05:00', to: '2026-11-16T23:00:00-05:00', person: 'cy' }] },
      'cy',
    ],
    [
      'and ends',
      '2026-11-16T23:00-05:00',
      { overrides: [{ from: '2026-11-16T19:00:00-05:00', to: '2026-11-16T23:00:00-05:00', person: 'cy' }] },
      'ada',
    ],
    [
      'the later one of two',
      '2026-11-16T20:00-05:00',
      {
        overrides: [
          { from: '2026-11-16T19:00:00-05:00', to: '2026-11-16T23:00:00-05:00', person: 'cy' },
          { from: '2026-11-16T19:30:00-05:00', to: '2026-11-16T21:00:00-05:00', person: 'bo' },
        ],
      },
      'bo',
    ],
    ['the hour that is twice', '2026-11-01T01:30-05:00', { handOver: { day: 'mon', time: '09:00', since: '2026-10-26' } }, 'cy'],
    ['the hour that is not there', '2026-03-08T03:30-04:00', {}, 'cy'],
    ['in the rota’s zone, not ours', '2026-11-17T13:59Z', {}, 'ada'],
    ['without shifts nobody', '2026-11-16T20:00-05:00', { shifts: [] }, null],
  ])('%s', (_reason, at, more, who) => expect(onCallAt(rota(more), Date.parse(at))).toBe(who))

  it.each([
    ['who is on call, then the others around', '2026-11-23T20:00-05:00', ['bo', 'cy', 'ada']],
    ['nobody on call: as listed', '2026-11-18T12:00-05:00', ['ada', 'bo', 'cy']],
  ])('asks %s', (_reason, at, line) => expect(lineAt(rota(), Date.parse(at)).map(one => one.key)).toEqual(line))

  it('of the days to come there is no gap, and each instant says the same', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2026-02-20'), max: Date.parse('2026-12-20') }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (nowMs, part) => {
          const spans = upcomingShifts(rota(), nowMs)
          expect([spans[0]?.fromMs, spans.at(-1)?.toMs]).toEqual([nowMs, nowMs + 14 * 86_400_000])
          for (const [index, span] of spans.entries()) expect(span.fromMs).toBe(index === 0 ? nowMs : spans[index - 1]?.toMs)
          const atMs = nowMs + Math.floor(part * 14 * 86_400_000)
          expect(spans.find(span => span.fromMs <= atMs && atMs < span.toMs)?.person).toBe(onCallAt(rota(), atMs))
        },
      ),
      { numRuns: 60 },
    ))

  it.each([
    ['one of the customer before one for all', 'a', 'Ours'],
    ['one for all otherwise', 'b', 'All'],
  ])('the rota is %s', (_reason, customerId, name) => {
    const rotas = [
      { name: 'All', customers: [] },
      { name: 'Ours', customers: ['a'] },
    ]
    expect(rotaFor(rotas, customerId)?.name).toBe(name)
    expect(rotaFor([{ name: 'Ours', customers: ['a'] }], 'b')).toBe(null)
  })

  const input = (more: Partial<RotaInput>): RotaInput => ({ ...rota(), name: 'N', customers: [], nextAfterMinutes: 10, ...more })
  it.each<[string, Partial<RotaInput>, string]>([
    ['a zone there is not', { timeZone: 'Mars/Base' }, 'body/timeZone'],
    ['two of one key', { people: [person('ada'), person('ada')], shifts: [] }, 'body/people'],
    ['a shift of nobody known', { shifts: [{ days: ['mon'], from: '17:00', to: '09:00', people: ['eve'] }] }, 'body/shifts/0/people'],
    [
      'an override of nobody known',
      { overrides: [{ from: '2026-11-16T19:00:00Z', to: '2026-11-16T20:00:00Z', person: 'eve' }] },
      'body/overrides/0/person',
    ],
    [
      'an override that ends before it begins',
      { overrides: [{ from: '2026-11-16T19:00:00Z', to: '2026-11-16T19:00:00Z', person: 'ada' }] },
      'body/overrides/0/to',
    ],
    ['a day there is not', { handOver: { day: 'mon', time: '09:00', since: '2026-02-30' } }, 'body/handOver/since'],
  ])('%s is refused at its place', (_reason, more, path) => expect(rotaFaults(input(more)).map(fault => fault.path)).toEqual([path]))
})
