/** The notifications of the Nagios templates, counted by hand for small months. */
import { describe, expect, it } from 'vitest'
import { GENERIC_SERVICE, LOCAL_SERVICE, nagiosNotices } from '../../estate/nagios-defaults.ts'
import type { PeerDevice, PeerSpan } from '../../estate/peer-states.ts'

const MINUTE = 60_000
/** A Monday, 09:00 UTC: work hours begin. */
const T0 = Date.parse('2026-10-12T09:00:00Z')
const spans = (...minutes: readonly (readonly [from: number, to: number])[]): PeerSpan[] =>
  minutes.map(([from, to]) => ({ fromMs: T0 + from * MINUTE, toMs: T0 + to * MINUTE, causeId: 1 }))
/** A device 0 whose host is checked at T0 and whose service 7.9 s after it. */
const device = (down: PeerSpan[], failing: PeerSpan[], quiet: PeerSpan[] = []): PeerDevice => ({
  index: 0,
  down,
  services: failing.length === 0 ? [] : [{ key: 'printer.jam', failing }],
  quiet,
})
const times = (of: PeerDevice, service = GENERIC_SERVICE, hours = 8): string[] =>
  nagiosNotices([of], service, { fromMs: T0, toMs: T0 + hours * 60 * MINUTE }).map(
    ({ atMs, kind }) => `${kind} ${Math.floor((atMs - T0) / MINUTE)}`,
  )
/** Fails for every second check of a service that is checked every ten minutes and again after two. */
const comesAndGoes = spans(...Array.from({ length: 12 }, (_, index) => [index * 32 + 9, index * 32 + 25] as const))

describe('a service of the sample templates', () => {
  it.each([
    { why: 'the check of minute 10 fails, the third attempt is 4 min later', failing: spans([1, 30]), sent: ['problem 14', 'recovery 34'] },
    { why: 'well again before the third attempt: soft, nobody hears of it', failing: spans([1, 13]), sent: [] },
    { why: 'between two checks nobody looks', failing: spans([1, 9]), sent: [] },
    {
      why: 'told again each 60 min while it lasts',
      failing: spans([1, 140]),
      sent: ['problem 14', 'problem 74', 'problem 134', 'recovery 144'],
    },
    {
      why: 'told again in the night too: services have 24x7',
      failing: spans([1, 24 * 60]),
      hours: 20,
      sent: Array.from({ length: 20 }, (_, hour) => `problem ${14 + hour * 60}`),
    },
    {
      why: 'a downtime silences the problem; the recovery of what nobody heard of is silent',
      failing: spans([1, 30]),
      quiet: spans([0, 60]),
      sent: [],
    },
    {
      why: 'a problem that outlives the downtime is told at the next check',
      failing: spans([1, 100]),
      quiet: spans([0, 60]),
      sent: ['problem 64', 'recovery 104'],
    },
  ])('$why', ({ failing, quiet = [], hours = 8, sent }) => {
    expect(times(device([], failing, quiet), GENERIC_SERVICE, hours)).toEqual(sent)
  })

  it('local-service looks each 5 min and asks four times', () => {
    expect(times(device([], spans([1, 30])), LOCAL_SERVICE)).toEqual(['problem 8', 'recovery 33'])
  })

  it('what comes and goes is told until a fifth of the last states are changes, then no more', () => {
    const sent = times(device([], comesAndGoes))
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.length, 'every spell would have told twice').toBeLessThan(comesAndGoes.length)
  })
})

describe('a host of the sample templates', () => {
  it.each([
    {
      why: 'ten attempts a minute apart; a service that answers again has the host looked at',
      down: spans([5.5, 30]),
      sent: ['problem 14', 'recovery 30'],
    },
    { why: 'away for less than ten attempts: soft', down: spans([5.5, 12]), sent: [] },
    { why: 'told again each 120 min', down: spans([5.5, 260]), sent: ['problem 14', 'problem 134', 'problem 254', 'recovery 260'] },
    {
      why: 'its services are not told of while it is down',
      down: spans([5.5, 60]),
      failing: spans([5.5, 60]),
      sent: ['problem 14', 'recovery 60'],
    },
    {
      why: 'a service that still fails when its host is back is told at the first check that has the host as up',
      down: spans([5.5, 60]),
      failing: spans([5.5, 85]),
      sent: ['problem 14', 'recovery 60', 'problem 70', 'recovery 90'],
    },
    {
      why: 'after 17:00 the template tells nobody; it is told at the first check of Tuesday',
      down: spans([500, 1500]),
      hours: 30,
      sent: ['problem 1444', 'recovery 1500'],
    },
    { why: 'back before the morning: never told', down: spans([500, 900]), hours: 30, sent: [] },
    { why: 'in a downtime nobody is told', down: spans([5.5, 60]), quiet: spans([0, 90]), sent: [] },
  ])('$why', ({ down, failing = [], quiet = [], hours = 8, sent }) => {
    expect(times(device(down, failing, quiet), GENERIC_SERVICE, hours)).toEqual(sent)
  })
})
