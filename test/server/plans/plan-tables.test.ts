/**
 * The published offers as tables. Deadlines are worked out by hand from the words of each offer, never by the code under test;
 * facts stand as the offers' own comparison tables have them. Long because it is the whole of five offers.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Plan, PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import type { TicketPreviewBody } from '../../../shared/api/sla/sla-api.ts'
import { bandCloseMs, startClock } from '../../../server/sla/rules/clock.ts'
import { effectivePlan, promisesFor, type EffectivePlan } from '../../../server/plans/rules/plan.ts'
import { previewTicket } from '../../../server/tickets/rules/sla-preview-ticket.ts'

const shipped = (id: string): Plan =>
  JSON.parse(readFileSync(new URL(`../../../server/catalogue/plans/${id}.json`, import.meta.url), 'utf8')) as Plan
const inForce = (id: string, timeZone: string, overrides: PlanOverrides = {}): EffectivePlan =>
  effectivePlan({ plan: shipped(id), overrides, timeZone, holidaysOf: () => [] })
/** Christmas Day of 2026 is a Friday; the customer chose it as a holiday. */
const CHRISTMAS: PlanOverrides = { holidays: ['2026-12-25'] }
const full = (time: string | null): string | null => time?.replace(/(T\d\d:\d\d)(?=[+-])/, '$1:00') ?? null

type Due = string | null
/** Due instants of the response for levels 1 to 4; one alone is that of all levels. */
type Row = {
  why: string
  registered: string
  due: Due | readonly [Due, Due, Due, Due]
  /** When the response was given, and when the next status update is due then; left out = "when done". */
  answered?: string
  updates?: readonly [Due, Due, Due, Due]
  flags?: readonly string[]
  own?: PlanOverrides
}
type Table = { plans: readonly string[]; zone: string; channel?: TicketPreviewBody['channel']; rows: readonly Row[] }

/** 2026-03-16 is a Monday. Europe's clocks go forward on Sunday 29 March, Toronto's on Sunday 8 March, Sydney's back on Sunday 5 April. */
const TABLES: readonly Table[] = [
  {
    plans: ['ombori-free'],
    zone: 'Europe/Stockholm',
    rows: [
      { why: 'best effort has no deadline in hours', registered: '2026-03-16T09:00+01:00', due: null },
      { why: 'nor out of hours', registered: '2026-03-17T22:00+01:00', due: null },
      { why: 'nor on a Friday evening', registered: '2026-03-20T20:00+01:00', due: null },
      { why: 'nor over the change of the clock', registered: '2026-03-27T16:00+01:00', due: null },
      { why: 'nor over a holiday', registered: '2026-12-24T16:00+01:00', due: null, own: CHRISTMAS },
    ],
  },
  {
    // Mon-Fri 08-18: a day has ten hours. 4 h, 8 h, 48 h of them, 5 business days.
    plans: ['ombori-pilot'],
    zone: 'Europe/Stockholm',
    rows: [
      {
        why: '48 h = 9 of Monday, 10 each of Tue, Wed, Thu, 9 of Friday; the fifth business day after Monday is the next Monday',
        registered: '2026-03-16T09:00+01:00',
        due: ['2026-03-16T13:00+01:00', '2026-03-16T17:00+01:00', '2026-03-20T17:00+01:00', '2026-03-23T18:00+01:00'],
        answered: '2026-03-16T10:00+01:00',
        updates: ['2026-03-16T14:00+01:00', '2026-03-16T18:00+01:00', null, null],
      },
      {
        why: 'Tuesday 22:00 counts from Wednesday 08:00; 48 h end on the fifth day from there; five days after Tuesday end on Tuesday',
        registered: '2026-03-17T22:00+01:00',
        due: ['2026-03-18T12:00+01:00', '2026-03-18T16:00+01:00', '2026-03-24T16:00+01:00', '2026-03-24T18:00+01:00'],
        answered: '2026-03-18T09:00+01:00',
        updates: ['2026-03-18T13:00+01:00', '2026-03-18T17:00+01:00', null, null],
      },
      {
        why: 'Friday 20:00 counts from Monday 08:00',
        registered: '2026-03-20T20:00+01:00',
        due: ['2026-03-23T12:00+01:00', '2026-03-23T16:00+01:00', '2026-03-27T16:00+01:00', '2026-03-27T18:00+01:00'],
        answered: '2026-03-20T20:30+01:00',
        updates: ['2026-03-23T12:00+01:00', '2026-03-23T16:00+01:00', null, null],
      },
      {
        why: 'two hours on Friday, the rest from Monday 08:00 summer time; Good Friday (3 April) was not chosen as a holiday',
        registered: '2026-03-27T16:00+01:00',
        due: ['2026-03-30T10:00+02:00', '2026-03-30T14:00+02:00', '2026-04-03T14:00+02:00', '2026-04-03T18:00+02:00'],
        answered: '2026-03-27T17:00+01:00',
        updates: ['2026-03-30T11:00+02:00', '2026-03-30T15:00+02:00', null, null],
      },
      {
        why: 'two hours on Thursday, Christmas and the weekend do not count; New Year was not chosen as a holiday',
        registered: '2026-12-24T16:00+01:00',
        due: ['2026-12-28T10:00+01:00', '2026-12-28T14:00+01:00', '2027-01-01T14:00+01:00', '2027-01-01T18:00+01:00'],
        answered: '2026-12-24T17:00+01:00',
        updates: ['2026-12-28T11:00+01:00', '2026-12-28T15:00+01:00', null, null],
        own: CHRISTMAS,
      },
    ],
  },
  {
    // Mon-Sun 08-21: a day has thirteen hours. 30 min, 1 h, 8 h, 48 h.
    plans: ['ombori-production'],
    zone: 'Europe/Stockholm',
    rows: [
      {
        why: '48 h = 12 of Monday, 13 each of Tue and Wed, 10 of Thursday',
        registered: '2026-03-16T09:00+01:00',
        due: ['2026-03-16T09:30+01:00', '2026-03-16T10:00+01:00', '2026-03-16T17:00+01:00', '2026-03-19T18:00+01:00'],
        answered: '2026-03-16T09:20+01:00',
        updates: ['2026-03-16T10:20+01:00', '2026-03-16T11:20+01:00', null, null],
      },
      {
        why: 'Tuesday 22:00 counts from Wednesday 08:00; 48 h = three days and nine hours of Saturday',
        registered: '2026-03-17T22:00+01:00',
        due: ['2026-03-18T08:30+01:00', '2026-03-18T09:00+01:00', '2026-03-18T16:00+01:00', '2026-03-21T17:00+01:00'],
        answered: '2026-03-18T08:10+01:00',
        updates: ['2026-03-18T09:10+01:00', '2026-03-18T10:10+01:00', null, null],
      },
      {
        why: 'Friday 20:00 is within hours; what falls on closing time is due at closing time, the rest goes on on Saturday',
        registered: '2026-03-20T20:00+01:00',
        due: ['2026-03-20T20:30+01:00', '2026-03-20T21:00+01:00', '2026-03-21T15:00+01:00', '2026-03-24T16:00+01:00'],
        answered: '2026-03-20T20:30+01:00',
        updates: ['2026-03-21T08:30+01:00', '2026-03-21T09:30+01:00', null, null],
      },
      {
        why: 'a quarter on Saturday, the rest from Sunday 08:00 summer time',
        registered: '2026-03-28T20:45+01:00',
        due: ['2026-03-29T08:15+02:00', '2026-03-29T08:45+02:00', '2026-03-29T15:45+02:00', '2026-04-01T16:45+02:00'],
        answered: '2026-03-28T20:50+01:00',
        updates: ['2026-03-29T08:50+02:00', '2026-03-29T09:50+02:00', null, null],
      },
      {
        why: 'a quarter on Thursday, Friday is a holiday, the rest from Saturday',
        registered: '2026-12-24T20:45+01:00',
        due: ['2026-12-26T08:15+01:00', '2026-12-26T08:45+01:00', '2026-12-26T15:45+01:00', '2026-12-29T16:45+01:00'],
        answered: '2026-12-24T20:50+01:00',
        updates: ['2026-12-26T08:50+01:00', '2026-12-26T09:50+01:00', null, null],
        own: CHRISTMAS,
      },
    ],
  },
  {
    // Around the clock. 30 min, 1 h, 8 h, 48 h.
    plans: ['ombori-enterprise'],
    zone: 'Europe/Stockholm',
    rows: [
      {
        why: 'elapsed time',
        registered: '2026-03-16T09:00+01:00',
        due: ['2026-03-16T09:30+01:00', '2026-03-16T10:00+01:00', '2026-03-16T17:00+01:00', '2026-03-18T09:00+01:00'],
        answered: '2026-03-16T09:20+01:00',
        updates: ['2026-03-16T10:20+01:00', '2026-03-16T11:20+01:00', null, null],
      },
      {
        why: 'the night counts as well',
        registered: '2026-03-17T22:00+01:00',
        due: ['2026-03-17T22:30+01:00', '2026-03-17T23:00+01:00', '2026-03-18T06:00+01:00', '2026-03-19T22:00+01:00'],
        answered: '2026-03-17T23:30+01:00',
        updates: ['2026-03-18T00:30+01:00', '2026-03-18T01:30+01:00', null, null],
      },
      {
        why: 'the weekend counts as well',
        registered: '2026-03-20T20:00+01:00',
        due: ['2026-03-20T20:30+01:00', '2026-03-20T21:00+01:00', '2026-03-21T04:00+01:00', '2026-03-22T20:00+01:00'],
      },
      {
        why: 'at 02:00 it became 03:00: an hour that did not exist is not counted',
        registered: '2026-03-29T01:45+01:00',
        due: ['2026-03-29T03:15+02:00', '2026-03-29T03:45+02:00', '2026-03-29T10:45+02:00', '2026-03-31T02:45+02:00'],
        answered: '2026-03-29T01:50+01:00',
        updates: ['2026-03-29T03:50+02:00', '2026-03-29T04:50+02:00', null, null],
      },
      {
        why: 'at 03:00 it became 02:00: an hour that came twice counts twice',
        registered: '2026-10-25T01:45+02:00',
        due: ['2026-10-25T02:15+02:00', '2026-10-25T02:45+02:00', '2026-10-25T08:45+01:00', '2026-10-27T00:45+01:00'],
      },
      {
        why: 'a quarter on Thursday, a holiday of a whole day, the rest from Saturday 00:00',
        registered: '2026-12-24T23:45+01:00',
        due: ['2026-12-26T00:15+01:00', '2026-12-26T00:45+01:00', '2026-12-26T07:45+01:00', '2026-12-27T23:45+01:00'],
        answered: '2026-12-24T23:50+01:00',
        updates: ['2026-12-26T00:50+01:00', '2026-12-26T01:50+01:00', null, null],
        own: CHRISTMAS,
      },
    ],
  },
  {
    // Mon-Fri 08-17; 1-3 business days: by close of the third after the date.
    plans: ['op5-basic'],
    zone: 'Europe/Stockholm',
    rows: [
      { why: 'Monday: Tue, Wed, Thu', registered: '2026-03-16T09:00+01:00', due: '2026-03-19T17:00+01:00' },
      { why: 'Tuesday evening: Wed, Thu, Fri', registered: '2026-03-17T22:00+01:00', due: '2026-03-20T17:00+01:00' },
      { why: 'Friday evening: Mon, Tue, Wed', registered: '2026-03-20T20:00+01:00', due: '2026-03-25T17:00+01:00' },
      { why: 'Saturday: the same', registered: '2026-03-21T12:00+01:00', due: '2026-03-25T17:00+01:00' },
      { why: 'over the change of the clock', registered: '2026-03-27T16:00+01:00', due: '2026-04-01T17:00+02:00' },
      { why: 'a holiday is no business day', registered: '2026-12-24T16:00+01:00', due: '2026-12-30T17:00+01:00', own: CHRISTMAS },
    ],
  },
  {
    // Next business day, at every level.
    plans: ['op5-standard'],
    zone: 'Europe/Stockholm',
    rows: [
      { why: 'Monday: Tuesday', registered: '2026-03-16T09:00+01:00', due: '2026-03-17T17:00+01:00' },
      { why: 'Tuesday evening: Wednesday', registered: '2026-03-17T22:00+01:00', due: '2026-03-18T17:00+01:00' },
      { why: 'Friday evening: Monday', registered: '2026-03-20T20:00+01:00', due: '2026-03-23T17:00+01:00' },
      { why: 'over the change of the clock', registered: '2026-03-27T16:00+01:00', due: '2026-03-30T17:00+02:00' },
      { why: 'a holiday is no business day', registered: '2026-12-24T16:00+01:00', due: '2026-12-28T17:00+01:00', own: CHRISTMAS },
    ],
  },
  {
    plans: ['op5-standard'],
    zone: 'America/Chicago',
    rows: [
      {
        why: "the American region's hours, over its change of the clock",
        registered: '2026-03-06T16:00-06:00',
        due: '2026-03-09T17:00-05:00',
      },
    ],
  },
  {
    // Around the clock, 4 h at every level; outside Mon-Fri 08-17 the first line alone answers.
    plans: ['op5-premium'],
    zone: 'Europe/Stockholm',
    rows: [
      { why: 'in business hours', registered: '2026-03-16T09:00+01:00', due: '2026-03-16T13:00+01:00' },
      { why: 'at night, by the first line', registered: '2026-03-17T22:00+01:00', due: '2026-03-18T02:00+01:00', flags: ['after-hours'] },
      { why: 'Friday evening', registered: '2026-03-20T20:00+01:00', due: '2026-03-21T00:00+01:00', flags: ['after-hours'] },
      { why: 'an hour that did not exist', registered: '2026-03-29T01:45+01:00', due: '2026-03-29T06:45+02:00', flags: ['after-hours'] },
      {
        why: 'two hours, a holiday, two hours',
        registered: '2026-12-24T22:00+01:00',
        due: '2026-12-26T02:00+01:00',
        flags: ['after-hours'],
        own: CHRISTMAS,
      },
    ],
  },
  {
    // Mon-Fri 09-17. 4 h, 6 h, next business day, next business day; the same for all three tiers.
    plans: ['opmantek-standard', 'opmantek-premium', 'opmantek-enterprise'],
    zone: 'Australia/Sydney',
    rows: [
      {
        why: 'Monday 10:00',
        registered: '2026-03-16T10:00+11:00',
        due: ['2026-03-16T14:00+11:00', '2026-03-16T16:00+11:00', '2026-03-17T17:00+11:00', '2026-03-17T17:00+11:00'],
      },
      {
        why: 'Tuesday 22:00 counts from Wednesday 09:00; the next business day is Wednesday',
        registered: '2026-03-17T22:00+11:00',
        due: ['2026-03-18T13:00+11:00', '2026-03-18T15:00+11:00', '2026-03-18T17:00+11:00', '2026-03-18T17:00+11:00'],
      },
      {
        why: 'Friday evening counts from Monday',
        registered: '2026-03-20T20:00+11:00',
        due: ['2026-03-23T13:00+11:00', '2026-03-23T15:00+11:00', '2026-03-23T17:00+11:00', '2026-03-23T17:00+11:00'],
      },
      {
        why: 'two hours on Friday, the rest on Monday in winter time',
        registered: '2026-04-03T15:00+11:00',
        due: ['2026-04-06T11:00+10:00', '2026-04-06T13:00+10:00', '2026-04-06T17:00+10:00', '2026-04-06T17:00+10:00'],
      },
      {
        why: 'two hours on Thursday, a holiday, the rest on Monday',
        registered: '2026-12-24T15:00+11:00',
        due: ['2026-12-28T11:00+11:00', '2026-12-28T13:00+11:00', '2026-12-28T17:00+11:00', '2026-12-28T17:00+11:00'],
        own: CHRISTMAS,
      },
    ],
  },
  {
    // Critical: triage in 15 min and a notice in 1 h, both from registration, at every hour of the week; the rest best effort.
    plans: ['ops-com-standard-plus', 'ops-com-premium'],
    zone: 'America/Toronto',
    channel: 'email',
    rows: [
      {
        why: 'in hours',
        registered: '2026-03-16T10:00-04:00',
        due: ['2026-03-16T10:15-04:00', null, null, null],
        updates: ['2026-03-16T11:00-04:00', null, null, null],
      },
      {
        why: 'at night the staff on call',
        registered: '2026-03-17T22:00-04:00',
        due: ['2026-03-17T22:15-04:00', null, null, null],
        updates: ['2026-03-17T23:00-04:00', null, null, null],
        flags: ['after-hours'],
      },
      {
        why: 'Friday evening',
        registered: '2026-03-20T20:00-04:00',
        due: ['2026-03-20T20:15-04:00', null, null, null],
        updates: ['2026-03-20T21:00-04:00', null, null, null],
        flags: ['after-hours'],
      },
      {
        why: 'at 02:00 it became 03:00',
        registered: '2026-03-08T01:50-05:00',
        due: ['2026-03-08T03:05-04:00', null, null, null],
        updates: ['2026-03-08T03:50-04:00', null, null, null],
        flags: ['after-hours'],
      },
      {
        why: 'a holiday is outside hours, and does not stop the staff on call',
        registered: '2026-12-25T10:00-05:00',
        due: ['2026-12-25T10:15-05:00', null, null, null],
        updates: ['2026-12-25T11:00-05:00', null, null, null],
        flags: ['after-hours'],
        own: CHRISTMAS,
      },
    ],
  },
  {
    // "After registration the client receives an SLA definition": none is published, so nothing is promised before one is agreed.
    plans: ['opservices-pro', 'opservices-premium'],
    zone: 'America/Sao_Paulo',
    rows: [
      { why: 'in hours', registered: '2026-03-16T10:00-03:00', due: null },
      { why: 'out of hours', registered: '2026-03-17T22:00-03:00', due: null },
      { why: 'Friday evening', registered: '2026-03-20T20:00-03:00', due: null },
      { why: 'over a change of the clock', registered: '2018-11-03T23:30-03:00', due: null },
      { why: 'over a holiday', registered: '2026-12-24T16:00-03:00', due: null, own: CHRISTMAS },
    ],
  },
]

const rows = TABLES.flatMap(({ plans, zone, channel, rows: list }) =>
  plans.flatMap(planId => list.flatMap(row => [1, 2, 3, 4].map(level => ({ planId, zone, channel, level, ...row })))),
)
const at = <Value>(values: Value | readonly Value[], level: number): Value =>
  Array.isArray(values) ? ((values as readonly Value[])[level - 1] as Value) : (values as Value)

describe('deadlines of every plan and level', () => {
  it('are those of fourteen plans', () => expect(new Set(rows.map(row => row.planId)).size).toBe(14))

  it.each(rows)('$planId, level $level, registered $registered: $why', row => {
    const { planId, zone, channel, level, registered, answered, updates, own = {}, flags = [] } = row
    const plan = inForce(planId, zone, own)
    const body: TicketPreviewBody = {
      planId,
      timeZone: zone,
      level,
      registeredAt: registered,
      events: [],
      now: registered,
      ...(channel ? { channel } : {}),
    }
    const fresh = previewTicket(plan, body)
    const due = at(row.due, level)
    expect([fresh.clocks.response.dueAt, fresh.clocks.response.state]).toEqual([full(due), due === null ? 'best-effort' : 'running'])
    expect(fresh.flags).toEqual(flags)
    const later =
      answered === undefined ? fresh : previewTicket(plan, { ...body, events: [{ at: answered, type: 'response' }], now: answered })
    expect(later.clocks.update.dueAt).toBe(full(updates ? at(updates, level) : null))
  })
})

describe('who and what a level is for', () => {
  it.each<
    [
      reason: string,
      planId: string,
      asked: number,
      environment: TicketPreviewBody['environment'],
      category: TicketPreviewBody['category'],
      counts: number,
      due: string,
    ]
  >([
    ['production, complete loss of service: Blocker', 'opmantek-standard', 1, 'production', 'incident', 1, '2026-03-16T14:00+11:00'],
    ['an installation issue is never a Blocker: Minor', 'opmantek-standard', 1, 'installation', 'incident', 4, '2026-03-17T17:00+11:00'],
    ['nor is staging: Minor', 'opmantek-premium', 2, 'staging', 'incident', 4, '2026-03-17T17:00+11:00'],
    ['nor a test system, asked for as Major: Minor', 'opmantek-enterprise', 3, 'test', 'incident', 4, '2026-03-17T17:00+11:00'],
    ['a feature request in production is Major', 'opmantek-premium', 1, 'production', 'feature-request', 3, '2026-03-17T17:00+11:00'],
    ['a cosmetic defect in production is Major', 'opmantek-premium', 2, 'production', 'cosmetic', 3, '2026-03-17T17:00+11:00'],
    ['a feature request in staging is Minor', 'opmantek-premium', 3, 'staging', 'feature-request', 4, '2026-03-17T17:00+11:00'],
    ['a request for information is Minor', 'opmantek-enterprise', 1, 'production', 'information', 4, '2026-03-17T17:00+11:00'],
    ['broken hardware in production may be Critical', 'opmantek-enterprise', 2, 'production', 'hardware', 2, '2026-03-16T16:00+11:00'],
  ])('%s', (_reason, planId, asked, environment, category, counts, due) => {
    const registeredAt = '2026-03-16T10:00+11:00'
    const body = {
      planId,
      timeZone: 'Australia/Sydney',
      level: asked,
      registeredAt,
      events: [],
      now: registeredAt,
      environment,
      category,
    } as TicketPreviewBody
    const { clocks, flags } = previewTicket(inForce(planId, 'Australia/Sydney'), body)
    expect(clocks.response.dueAt).toBe(full(due))
    expect(flags).toEqual(counts === asked ? [] : ['level-not-eligible'])
    expect(clocks.response.why).toContain(`level ${counts}`)
  })

  it.each<[planId: string, category: NonNullable<TicketPreviewBody['category']>, isCovered: boolean]>([
    ['opservices-pro', 'incident', true],
    ['opservices-pro', 'third-party', false],
    ['opservices-pro', 'operating-system', false],
    ['opservices-pro', 'hardware', false],
    ['opservices-pro', 'printer', false],
    ['opservices-pro', 'network', false],
    ['opservices-pro', 'consulting', false],
    ['opservices-premium', 'printer', false],
    // Consultancy is for PREMIUM clients only.
    ['opservices-premium', 'consulting', true],
  ])('%s and %s: covered is %s', (planId, category, isCovered) => {
    const registeredAt = '2026-03-16T10:00-03:00'
    const { clocks, flags, why } = previewTicket(inForce(planId, 'America/Sao_Paulo'), {
      planId,
      timeZone: 'America/Sao_Paulo',
      level: 1,
      registeredAt,
      events: [],
      now: registeredAt,
      category,
    })
    expect([clocks.response.state, flags]).toEqual(isCovered ? ['best-effort', []] : ['none', ['out-of-scope']])
    if (!isCovered) expect(why[0]).toMatch(/does not cover .*: no deadlines, offered as billable work/)
  })

  it.each([
    ['ops-com-premium', 2, '2026-03-16T10:00-04:00', [], 'in hours the other levels are best effort'],
    ['ops-com-premium', 2, '2026-03-17T22:00-04:00', ['after-hours'], 'after hours only critical tickets are handled'],
    ['ops-com-standard-plus', 4, '2026-03-21T12:00-04:00', ['after-hours'], 'nor at the weekend'],
  ])('%s level %i at %s: %j, for %s', (planId, level, registeredAt, flags) => {
    const preview = previewTicket(inForce(planId, 'America/Toronto'), {
      planId,
      timeZone: 'America/Toronto',
      level,
      registeredAt,
      events: [],
      now: registeredAt,
      channel: 'email',
    })
    expect([preview.clocks.response.state, preview.clocks.update.dueAt, preview.flags]).toEqual(['best-effort', null, flags])
  })

  it('the band of one to three business days warns at the close of the first', () => {
    const plan = inForce('op5-basic', 'Europe/Stockholm')
    const atMs = Temporal.Instant.from('2026-03-20T20:00+01:00').epochMilliseconds
    const { response } = promisesFor(plan, {
      level: 1,
      environment: 'production',
      category: 'incident',
      channel: 'portal',
      registeredAtMs: atMs,
    })
    const clock = startClock({ target: response.target, calendar: response.calendar, atMs })
    expect([bandCloseMs(clock), clock.dueAtMs].map(ms => new Date(ms ?? 0).toISOString())).toEqual([
      '2026-03-23T16:00:00.000Z',
      '2026-03-25T16:00:00.000Z',
    ])
    expect(response.why).toBe('1-3 business days response, Basic plan, level 1')
  })
  it('outside business hours the first line alone answers, and says so', () => {
    const registeredAt = '2026-03-17T22:00+01:00'
    const { why } = previewTicket(inForce('op5-premium', 'Europe/Stockholm'), {
      planId: 'op5-premium',
      timeZone: 'Europe/Stockholm',
      level: 1,
      registeredAt,
      events: [],
      now: registeredAt,
    })
    expect(why[0]).toBe('Registered outside business hours: the first line alone answers until they begin.')
  })
})

/** The same in every column. */
const all = <Value>(columns: number, value: Value): Value[] => Array.from({ length: columns }, () => value)
const MON_FRI = ['mon', 'tue', 'wed', 'thu', 'fri']
const week = (days: readonly string[], from: string, to: string): Plan['hours'] => Object.fromEntries(days.map(day => [day, [[from, to]]]))
const always = week([...MON_FRI, 'sat', 'sun'], '00:00', '24:00')
const named = (included: number | null) => ({ included, namedOnly: true })
const anybody = { included: null, namedOnly: false }
const cases = (perMonth: number | null, beyond: string) => ({ perMonth, beyond, payPerIncident: false })
const entitlement = (id: string, unit: string, amount: number | null, per: string, addOn: boolean) =>
  expect.objectContaining({ id, unit, amount, per, addOn }) as unknown
const OP5_FIELDS = ['name', 'email-or-phone', 'softwareVersion', 'platformVersion', 'description']
const OPMANTEK_FIELDS = ['name', 'email', 'phone', 'organisation', 'description', 'product', 'softwareVersion', 'impact']
const OP5_VERSIONS = { currentOnly: ['agent'], previousMajorMonths: 24, majorMonths: 24, majorAtLeastMonths: 12 }
const OPMANTEK_HELP = ['knowledge base', 'documentation', 'configuration support', 'portal with current and old cases']
const MONTHLY = { everyMonths: 1, notesBefore: true, staged: true, days: [], previewEnvironment: true }
const ADVISOR = [
  'fine-tuning',
  'approval-environment',
  'high-availability-environment',
  'load-balanced-environment',
  'environment-updates',
  'exclusive-consultant',
  'installation-fast-track',
  'hotline-support',
  '24x7-incident',
  'proactive-monitoring',
  'service-requests',
  'msp-support',
  'on-site-visit',
  'webinar-release',
]
const perks = [
  entitlement('roadmap-input', 'included', null, 'contract', false),
  entitlement('architecture-workshop', 'hours', 1, 'contract', false),
  entitlement('product-webinar', 'hours', 1, 'product', false),
]
const training = entitlement('training', 'hours', 0, 'contract', false)

/** One line a term, one column a plan, as the offers print it. */
const FACTS: { plans: string[]; terms: Partial<Record<keyof Plan, unknown[]>> }[] = [
  {
    plans: ['ombori-free', 'ombori-pilot', 'ombori-production', 'ombori-enterprise'],
    terms: {
      devices: [
        { included: 3, more: 'refused' },
        { included: 3, more: 'billed' },
        { included: 60, more: 'billed' },
        { included: 500, more: 'billed' },
      ],
      marketplace: [false, true, true, true],
      suggestedTimeZone: ['Europe/Stockholm', 'Europe/Stockholm', 'Europe/Stockholm', 'Europe/Stockholm'],
      hours: [week(MON_FRI, '08:00', '17:00'), week(MON_FRI, '08:00', '18:00'), week([...MON_FRI, 'sat', 'sun'], '08:00', '21:00'), always],
      holidays: [[], [], [], []],
      contacts: [anybody, anybody, anybody, anybody],
      cases: [cases(null, 'approval'), cases(null, 'approval'), cases(null, 'approval'), cases(null, 'approval')],
      channels: [
        ['form', 'portal'],
        ['form', 'portal'],
        ['form', 'portal', 'email', 'phone', 'chat'],
        ['form', 'portal', 'email', 'phone', 'chat', 'api'],
      ],
      monitoring: ['none', 'proactive', 'proactive', 'proactive'],
      remoteSupport: [true, true, true, true],
      firstLinePhone: [false, false, true, true],
      uptimePercent: [null, 99.999, 99.999, 99.999],
      analytics: [false, false, true, true],
      reports: [false, false, true, true],
      suggestions: [false, false, true, true],
      manager: ['none', 'none', 'dedicated-contact', 'dedicated-contact'],
      escalationPhone: [false, false, true, true],
      majorIncidentCommunication: [false, false, true, true],
      onsite: ['none', 'partner', 'partner', 'partner'],
      // Hardware always needs somebody on site.
      onsiteCategories: [['hardware'], ['hardware'], ['hardware'], ['hardware']],
      deskIntegration: [false, false, false, true],
      requiredFields: [[], [], [], []],
      autoCloseAfterDays: [null, null, null, null],
    },
  },
  {
    plans: ['op5-basic', 'op5-standard', 'op5-premium'],
    terms: {
      contacts: [named(1), named(4), named(15)],
      hours: [week(MON_FRI, '08:00', '17:00'), week(MON_FRI, '08:00', '17:00'), always],
      afterHours: [undefined, undefined, { kind: 'first-line-only', businessHours: week(MON_FRI, '08:00', '17:00') }],
      channels: [
        ['portal', 'form', 'email'],
        ['portal', 'form', 'email', 'phone'],
        ['portal', 'form', 'email', 'phone'],
      ],
      firstLinePhone: [false, true, true],
      remoteSupport: [false, true, true],
      remoteTools: [[], ['secure tunnel'], ['secure tunnel', 'other']],
      distributedSetups: [false, true, true],
      priorityCases: [false, false, true],
      entitlements: [[], [], [entitlement('webinar', 'included', null, 'year', false)]],
      cases: [cases(null, 'approval'), cases(null, 'approval'), cases(null, 'approval')],
      lines: [3, 3, 3],
      firstLine: ['us', 'us', 'us'],
      tellEscalations: [true, true, true],
      autoCloseAfterDays: [42, 42, 42],
      requiredFields: [OP5_FIELDS, OP5_FIELDS, OP5_FIELDS],
      withholdUntilComplete: [true, true, true],
      defectClasses: [
        ['crash', 'block', 'other'],
        ['crash', 'block', 'other'],
        ['crash', 'block', 'other'],
      ],
      versionPolicy: [OP5_VERSIONS, OP5_VERSIONS, OP5_VERSIONS],
      selfHelp: all(3, ['online self help', 'knowledge base', 'release notes']),
      onsite: ['none', 'none', 'none'],
    },
  },
  {
    plans: ['opmantek-standard', 'opmantek-premium', 'opmantek-enterprise'],
    terms: {
      // "2 or more": a customer's own terms raise it.
      contacts: [named(1), named(2), named(2)],
      cases: [cases(4, 'approval'), cases(12, 'approval'), cases(20, 'approval')],
      hours: all(3, week(MON_FRI, '09:00', '17:00')),
      selfHelp: [OPMANTEK_HELP, OPMANTEK_HELP, OPMANTEK_HELP],
      remoteSupport: [false, true, true],
      remoteTools: [[], ['screen share'], ['screen share']],
      entitlements: [[], perks, perks],
      manager: ['none', 'none', 'regional-engineer'],
      // The engineer is reached directly.
      channels: [
        ['portal', 'form'],
        ['portal', 'form'],
        ['portal', 'form', 'email', 'phone'],
      ],
      requiredFields: [OPMANTEK_FIELDS, OPMANTEK_FIELDS, OPMANTEK_FIELDS],
      withholdUntilComplete: [false, false, false],
      autoCloseAfterDays: [null, null, null],
    },
  },
  {
    plans: ['ops-com-standard-plus', 'ops-com-premium'],
    terms: {
      suggestedTimeZone: ['America/Toronto', 'America/Toronto'],
      hours: all(2, week(MON_FRI, '09:00', '17:00')),
      channels: [['email'], ['email', 'phone']],
      firstLinePhone: [false, true],
      afterHours: all(2, { kind: 'levels', levels: [1], channels: ['email'] }),
      estimateOnAfterHours: [true, true],
      entitlements: [[training], [training, entitlement('extra-training', 'hours', 0, 'year', false)]],
      releases: [MONTHLY, MONTHLY],
      // Front line and escalation agents.
      lines: [2, 2],
      remoteTools: [['screen sharing'], ['screen sharing']],
      selfHelp: all(2, ['public wiki', 'videos', 'webinars', 'preview environment']),
    },
  },
  {
    plans: ['opservices-pro', 'opservices-premium'],
    terms: {
      contacts: [named(null), named(null)],
      cases: [cases(null, 'pay-per-incident'), cases(null, 'pay-per-incident')],
      channels: [
        ['portal', 'form'],
        ['portal', 'form'],
      ],
      selfHelp: all(2, ['knowledge base', 'forum', 'e-learning', 'portal with tickets']),
      remoteTools: all(2, ['VPN client', 'site-to-site VPN', 'NAT']),
      entitlements: [
        [entitlement('pay-per-incident', 'included', null, 'contract', true)],
        [
          ...ADVISOR.map(id => expect.objectContaining({ id, addOn: true, per: 'contract' }) as unknown),
          entitlement('consultancy', 'hours', 0, 'contract', false),
        ],
      ],
      outOfScope: [
        expect.objectContaining({
          categories: ['third-party', 'operating-system', 'network', 'hardware', 'printer', 'consulting'],
          offer: 'billable',
        }),
        expect.objectContaining({ categories: ['third-party', 'operating-system', 'network', 'hardware', 'printer'], offer: 'billable' }),
      ],
      defectClasses: [['qualified bug'], ['qualified bug']],
      endOfLifeNoticeMonths: [12, 12],
      // The latest major release, for as long as it is the latest.
      versionPolicy: all(2, { currentOnly: [], previousMajorMonths: 0, majorMonths: 1200, majorAtLeastMonths: 0 }),
    },
  },
]
const facts = FACTS.flatMap(({ plans, terms }) =>
  Object.entries(terms).flatMap(([term, values]) =>
    plans.map((planId, column) => ({ planId, term: term as keyof Plan, value: values[column] })),
  ),
)

describe('what the offers say beside deadlines', () => {
  it.each(facts)('$planId: $term', ({ planId, term, value }) => expect(shipped(planId)[term]).toEqual(value))
  it('out of scope are the subjects that OpServices lists', () =>
    expect(shipped('opservices-pro').outOfScope.subjects).toEqual(shipped('opservices-premium').outOfScope.subjects))
  it.each([
    ['opmantek-premium', ['Blocker', 'Critical', 'Major', 'Minor']],
    ['ombori-production', ['Critical', 'Major', 'Minor', 'Cosmetic']],
  ])('%s names its levels %j', (planId, names) => expect(Object.values(shipped(planId).levels).map(level => level.name)).toEqual(names))
  it('a Blocker needs the customer to have staff at hand', () =>
    expect(Object.values(shipped('opmantek-standard').levels).map(level => level.needsCustomerStaff ?? false)).toEqual([
      true,
      false,
      false,
      false,
    ]))
})
