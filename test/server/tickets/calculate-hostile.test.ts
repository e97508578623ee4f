import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

type Answer = { to?: string; minutes?: number; type?: string; detail?: string; errors?: { path: string; message: string }[] }
/** No answer takes longer, whatever is asked; generous for a busy machine. */
const LIMIT_MS = 3000

const office = { timezone: 'Europe/Stockholm', hours: { mon: [['08:00', '17:00']], tue: [['08:00', '17:00']] } }
const whole = [['00:00', '24:00']]
const add = (calendar: object, more: object = {}) => ({ op: 'add', calendar, from: '2026-03-16T08:00:00+01:00', minutes: 60, ...more })
const dates = (count: number, from = '2026-01-01'): string[] =>
  Array.from({ length: count }, (_, index) => Temporal.PlainDate.from(from).add({ days: index }).toString())
const dated = (count: number, intervals: unknown): object => Object.fromEntries(dates(count).map(date => [date, intervals]))

describe('the calculators with hostile input', () => {
  let world: World
  beforeAll(async () => {
    world = await makeWorld()
  })
  afterAll(() => world.stop())
  const send = async (text: string, path = '/sla/calculate'): Promise<{ status: number; body: Answer }> => {
    const startMs = performance.now()
    const response = await fetch(`${world.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: text,
    })
    const body = (await response.json()) as Answer
    expect(performance.now() - startMs).toBeLessThan(LIMIT_MS)
    return { status: response.status, body }
  }

  it.each<[reason: string, body: object, path: string]>([
    [
      'overlapping hours',
      add({
        ...office,
        hours: {
          mon: [
            ['08:00', '12:00'],
            ['11:59', '13:00'],
          ],
        },
      }),
      'body/calendar/hours/mon',
    ],
    [
      'the same hours twice',
      add({
        ...office,
        hours: {
          mon: [
            ['08:00', '12:00'],
            ['08:00', '12:00'],
          ],
        },
      }),
      'body/calendar/hours/mon',
    ],
    ['an empty week', add({ timezone: 'Etc/UTC', hours: {} }), 'body/calendar/hours'],
    ['a week of empty days', add({ timezone: 'Etc/UTC', hours: { mon: [], sun: [] } }), 'body/calendar/hours'],
    [
      'overrides that breaks cover all',
      add({ timezone: 'Etc/UTC', hours: {}, overrides: dated(9_000, whole), breaks: dated(9_000, whole) }),
      'body/calendar/hours',
    ],
    ['an unknown zone', add({ ...office, timezone: 'Europe/Atlantis' }), 'body/calendar/timezone'],
    ['an offset as a zone', add({ ...office, timezone: '+01:00' }), 'body/calendar/timezone'],
    ['24:00 as a start', add({ ...office, hours: { mon: [['24:00', '24:00']] } }), 'body/calendar/hours/mon/0'],
    ['24:01', add({ ...office, hours: { mon: [['08:00', '24:01']] } }), 'body/calendar/hours/mon/0'],
    ['an end before its start', add({ ...office, hours: { mon: [['17:00', '08:00']] } }), 'body/calendar/hours/mon/0'],
    ['three times in one interval', add({ ...office, hours: { mon: [['08:00', '12:00', '13:00']] } }), 'body/calendar/hours/mon/0/2'],
    ['numbers as times', add({ ...office, hours: { mon: [[8, 17]] } }), 'body/calendar/hours/mon/0/0'],
    ['an unknown day', add({ ...office, hours: { funday: whole } }), 'body/calendar/hours/funday'],
    [
      'a thousand intervals a day',
      add({ ...office, hours: { mon: Array.from({ length: 1000 }, () => ['08:00', '09:00']) } }),
      'body/calendar/hours/mon',
    ],
    ['an unknown field', add({ ...office, colour: 'red' }), 'body/calendar/colour'],
    ['another operation', { ...add(office), op: 'drop' }, 'body/op'],
    ['negative minutes', add(office, { minutes: -1 }), 'body/minutes'],
    ['endless minutes', add(office, { minutes: 1e300 }), 'body/minutes'],
    ['NaN as a text', add(office, { minutes: 'NaN' }), 'body/minutes'],
    ['a number as a text', add(office, { minutes: '60' }), 'body/minutes'],
    ['no minutes', { op: 'add', calendar: office, from: '2026-03-16T08:00:00Z' }, 'body/minutes'],
    ['no end', { op: 'between', calendar: office, from: '2026-03-16T08:00:00Z' }, 'body/to'],
    ['an instant without offset', add(office, { from: '2026-03-16T08:00:00' }), 'body/from'],
    ['an instant of a day that does not exist', add(office, { from: '2026-02-30T08:00:00Z' }), 'body/from'],
    ['hour 24', add(office, { from: '2026-03-16T24:00:00Z' }), 'body/from'],
    ['a holiday that does not exist', add({ ...office, holidays: ['2026-02-29'] }), 'body/calendar/holidays/0'],
    ['more holidays than a thousand', add({ ...office, holidays: dates(1001) }), 'body/calendar/holidays'],
    ['a holiday that is a number', add({ ...office, holidays: [20261225] }), 'body/calendar/holidays/0'],
    ['an override of no date', add({ ...office, overrides: { christmas: [] } }), 'body/calendar/overrides/christmas'],
  ])('refuses %s, naming the place', async (_reason, body, path) => {
    const answer = await send(JSON.stringify(body))
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, path])
  })

  it.each<[reason: string, text: string]>([
    ['NaN', JSON.stringify(add(office)).replace('"minutes":60', '"minutes":NaN')],
    [
      'a day of the week twice, the second one wrong',
      '{"op":"add","calendar":{"timezone":"Etc/UTC","hours":{"mon":[["08:00","12:00"]],"mon":[["12:00","08:00"]]}},"from":"2026-03-16T08:00:00Z","minutes":1}',
    ],
    ['a prototype', '{"op":"add","calendar":{"__proto__":{"timezone":"Etc/UTC"},"hours":{}},"from":"2026-03-16T08:00:00Z","minutes":1}'],
    [
      'a constructor',
      '{"op":"add","calendar":{"timezone":"Etc/UTC","hours":{"constructor":[["08:00","12:00"]]}},"from":"2026-03-16T08:00:00Z","minutes":1}',
    ],
    ['a hundred thousand brackets', `{"op":"add","calendar":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['a list', '[]'],
    ['nothing', 'null'],
    ['half a document', '{"op":"add","calendar":{"timezone":'],
  ])('refuses %s', async (_reason, text) => expect((await send(text)).status).toBe(400))

  it('refuses a body over its limit', async () => {
    const answer = await send(JSON.stringify(add({ ...office, overrides: dated(40_000, whole) })))
    expect([answer.status, answer.body.type]).toEqual([413, '/problems/too-large'])
  })

  it('of ten thousand wrong lines the first are told', async () => {
    const answer = await send(JSON.stringify(add({ ...office, overrides: dated(10_000, [['10:00', '09:00']]) })))
    expect([answer.status, answer.body.errors?.length]).toEqual([400, 200])
  })

  it.each<[reason: string, body: object, answer: Answer]>([
    [
      'ten thousand overrides, all closed, then the week again',
      add({ ...office, overrides: dated(10_000, []) }, { minutes: 1 }),
      { to: '2053-05-19T08:01:00+02:00' },
    ],
    [
      'two intervals that touch at midnight',
      add({ timezone: 'Etc/UTC', hours: { mon: [['23:00', '24:00']], tue: [['00:00', '01:00']] } }, { minutes: 90 }),
      { to: '2026-03-17T00:30:00+00:00' },
    ],
    [
      'the first instant there is',
      add({ timezone: 'Etc/UTC', hours: { sat: whole } }, { from: '0000-01-01T00:00:00Z', minutes: 1 }),
      { to: '0000-01-01T00:01:00+00:00' },
    ],
    [
      'nine digits of a second',
      add({ timezone: 'Etc/UTC', hours: { mon: whole } }, { from: '2026-03-16T08:00:00.123456789Z', minutes: 1 }),
      { to: '2026-03-16T08:01:00.123+00:00' },
    ],
    [
      'a leap second is the next minute begun',
      add({ timezone: 'Etc/UTC', hours: { sun: whole, sat: whole } }, { from: '2016-12-31T23:59:60Z', minutes: 1 }),
      { to: '2017-01-01T00:00:59+00:00' },
    ],
    ['no minutes to add', add(office, { minutes: 0, from: '2026-03-14T08:00:00Z' }), { to: '2026-03-14T09:00:00+01:00' }],
    ['reversed', { op: 'between', calendar: office, from: '2026-03-16T10:00:00+01:00', to: '2026-03-16T09:00:00+01:00' }, { minutes: 60 }],
    [
      'a hundred years',
      {
        op: 'between',
        calendar: {
          timezone: 'Etc/UTC',
          hours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map(day => [day, whole])),
        },
        from: '1926-01-01T00:00:00Z',
        to: '2026-01-01T00:00:00Z',
      },
      { minutes: 36_525 * 1440 },
    ],
  ])('answers %s', async (_reason, body, expected) => expect(await send(JSON.stringify(body))).toEqual({ status: 200, body: expected }))

  it.each<[reason: string, body: object, words: string]>([
    [
      'one minute a week for a hundred thousand years',
      add({ timezone: 'Etc/UTC', hours: { mon: [['08:00', '08:01']] } }, { minutes: 5_256_000 }),
      'too little open time',
    ],
    ['an opening that is over', add({ timezone: 'Etc/UTC', hours: {}, overrides: { '2020-05-01': whole } }), 'too little open time'],
    [
      'a due time beyond the last year',
      add({ timezone: 'Etc/UTC', hours: { mon: whole } }, { from: '9999-12-20T00:00:00Z', minutes: 5_000_000 }),
      'too little open time',
    ],
    [
      'the years 0000 to 9999',
      { op: 'between', calendar: office, from: '0000-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' },
      'more than 100 years',
    ],
    [
      'an answer in a year that cannot be written',
      add({ timezone: 'Etc/GMT+5', hours: { mon: whole } }, { from: '0000-01-01T00:00:00Z', minutes: 0 }),
      '0000 to 9999',
    ],
  ])('says why there is no answer for %s', async (_reason, body, words) => {
    const answer = await send(JSON.stringify(body))
    expect([answer.status, answer.body.type]).toEqual([400, '/problems/invalid-input'])
    expect(answer.body.detail).toContain(words)
  })

  const minuteAWeek = (minute: number): object => {
    const time = (plus: number): string => `08:${String(minute + plus).padStart(2, '0')}`
    return { timezone: 'Etc/UTC', hours: { mon: [[time(0), time(1)]] } }
  }
  const retargets = (count: number, more: (index: number) => object): object => ({
    calendar: minuteAWeek(0),
    // Ninety-six years of Mondays.
    targetMinutes: 5_000,
    start: '2026-03-16T08:00:00Z',
    events: Array.from({ length: count }, (_, index) => ({
      at: new Date(Date.UTC(2026, 2, 16, 8) + index * 1000).toISOString(),
      type: 'retarget',
      targetMinutes: 5_000,
      ...more(index),
    })),
  })
  it('a clock of a thousand changes in a calendar that hardly ever opens is worked out', async () => {
    const answer = await send(JSON.stringify(retargets(1_000, () => ({}))), '/sla/preview')
    expect([answer.status, answer.body]).toMatchObject([200, { state: 'running' }])
  })
  it('a hundred calendars are taken, a thousand are not', async () => {
    const own = (index: number): object => ({ calendar: minuteAWeek(index % 50) })
    expect((await send(JSON.stringify(retargets(100, own)), '/sla/preview')).status).toBe(200)
    const refused = await send(JSON.stringify(retargets(1_000, own)), '/sla/preview')
    expect([refused.status, refused.body.errors]).toEqual([400, [{ path: 'body/events', message: 'name more than 100 calendars' }]])
  })
  it('a calendar of a preview that is wrong is named where it stands', async () => {
    const wrong = retargets(2, index => (index === 1 ? { calendar: { timezone: 'Etc/UTC', hours: { mon: [['09:00', '08:00']] } } } : {}))
    const answer = await send(JSON.stringify(wrong), '/sla/preview')
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, 'body/events/1/calendar/hours/mon/0'])
  })
})
