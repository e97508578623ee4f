/** The notifications of the Alertmanager defaults, counted by hand for small months. */
import { describe, expect, it } from 'vitest'
import { alertmanagerNotices } from '../../estate/alertmanager-defaults.ts'
import { peerStates, tally, type PeerDevice, type PeerSpan } from '../../estate/peer-states.ts'
import { layOut } from '../../estate/layout.ts'
import { seededRandom } from '../../demo/demo-random.ts'
import type { Cause, Truth } from '../../estate/truth.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
/** On the evaluation grid of 15 s. */
const T0 = Date.parse('2026-10-12T09:00:00Z')
const span = (fromSeconds: number, toSeconds: number, causeId: number | null = 1): PeerSpan => ({
  fromMs: T0 + fromSeconds * SECOND,
  toMs: T0 + toSeconds * SECOND,
  causeId,
})
const jam = (index: number, failing: PeerSpan[], more: Partial<PeerDevice> = {}): PeerDevice => ({
  index,
  down: [],
  services: [{ key: 'printer.jam', failing }],
  quiet: [],
  ...more,
})
const times = (devices: PeerDevice[], forMs = 0): string[] =>
  alertmanagerNotices(devices, forMs, { fromMs: T0, toMs: T0 + 24 * 60 * MINUTE })
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, kind }) => `${kind} ${(atMs - T0) / SECOND}`)

describe('alerts with the defaults of Alertmanager', () => {
  it.each([
    {
      why: 'seen at the evaluation of 15 s, told after group_wait, the end at the next group_interval',
      devices: [jam(0, [span(1, 100)])],
      sent: ['problem 45', 'recovery 345'],
    },
    { why: 'over before the group waited: nothing to tell', devices: [jam(0, [span(1, 40)])], sent: [] },
    { why: 'between two evaluations nobody looks', devices: [jam(0, [span(1, 14)])], sent: [] },
    {
      why: 'two devices with the same alert are one notification',
      devices: [jam(0, [span(1, 1000)]), jam(1, [span(20, 1000)])],
      sent: ['problem 45', 'recovery 1245'],
    },
    {
      why: 'a second device later: told anew at the next group_interval',
      devices: [jam(0, [span(1, 1000)]), jam(1, [span(100, 1000)])],
      sent: ['problem 45', 'problem 345', 'recovery 1245'],
    },
    {
      why: 'one of two is well: told with send_resolved while the other fires',
      devices: [jam(0, [span(1, 1000)]), jam(1, [span(1, 100)])],
      sent: ['problem 45', 'problem 345', 'recovery 1245'],
    },
    {
      why: 'unchanged for more than 4 h: told again',
      devices: [jam(0, [span(1, 5 * 3600)])],
      sent: ['problem 45', 'problem 14745', 'recovery 18045'],
    },
    { why: 'for 5 min: what is shorter never fires', devices: [jam(0, [span(1, 300)])], forMs: 5 * MINUTE, sent: [] },
    {
      why: 'for 5 min: fires 5 min after the first evaluation that saw it',
      devices: [jam(0, [span(1, 1000)])],
      forMs: 5 * MINUTE,
      sent: ['problem 345', 'recovery 1245'],
    },
    {
      why: 'nothing is scraped while the device is away: the jam resolves and fires anew',
      devices: [jam(0, [span(1, 3000)], { down: [span(600, 1200)] })],
      sent: ['problem 45', 'problem 630', 'recovery 645', 'recovery 1230', 'problem 1230', 'recovery 3030'],
    },
    { why: 'silenced while people work on it', devices: [jam(0, [span(1, 1000)], { quiet: [span(0, 2000)] })], sent: [] },
  ])('$why', ({ devices, forMs = 0, sent }) => {
    expect(times(devices, forMs)).toEqual(sent)
  })
})

describe('the states a peer sees', () => {
  const layout = layOut(seededRandom(1), 10)
  const link = (device: number, isPlanned = false) => ({ ...span(0, 600), device, how: 'will' as const, boots: false, isPlanned })
  const cause = (more: Partial<Cause>): Cause => ({
    id: 7,
    kind: 'off-the-network',
    device: 0,
    site: null,
    keys: ['agent.offline'],
    fromMs: T0,
    toMs: T0 + 10 * MINUTE,
    owesTicket: true,
    signals: [],
    links: [link(0)],
    ...more,
  })
  const truth = (causes: Cause[], links: Truth['around']['links'] = []): Truth => ({
    causes,
    around: { signals: [], links, restarts: [], clockJumps: [], maintenance: [], disabled: [] },
  })
  it.each([
    { why: 'what owes a ticket carries its cause', of: truth([cause({})]), causeIds: [7] },
    { why: 'what owes none is for nothing', of: truth([cause({ owesTicket: false })]), causeIds: [null] },
    { why: 'an outage of our own broker is not theirs', of: truth([cause({ kind: 'platform-outage' })]), causeIds: [] },
    { why: 'a closing time is an absence by default', of: truth([], [link(0, true)]), causeIds: [null] },
    { why: 'and none for who knows the hours', of: truth([], [link(0, true)]), knowsHours: true, causeIds: [] },
    { why: 'where two overlap the one that owes something counts', of: truth([cause({})], [link(0, true)]), causeIds: [7] },
  ])('$why', ({ of, knowsHours = false, causeIds }) => {
    expect(peerStates(layout, of, knowsHours)[0]?.down.map(one => one.causeId)).toEqual(causeIds)
  })

  it('counts a notification as for nothing only when no alert in it has a cause', () => {
    const at = { atMs: T0, kind: 'problem' as const }
    expect(
      tally([
        { ...at, causeIds: [null, 7] },
        { ...at, causeIds: [null] },
        { ...at, kind: 'recovery', causeIds: [7] },
      ]),
    ).toEqual({
      notices: 3,
      recoveries: 1,
      forNothing: 1,
      causesTold: 1,
    })
  })
})
