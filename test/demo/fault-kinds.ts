/** What goes wrong with kiosks, how often, for how long, and in what words. */
import type { ProfileId } from './demo-estate.ts'
import type { Random } from './demo-random.ts'

export type FaultKind = {
  /** `agent.offline` = the device loses contact; everything else is an event of the agent. */
  signal: string
  failing: string
  ok: string
  minutes: [low: number, high: number]
  /** How often, against the others. */
  weight: number
  only?: ProfileId[]
  /** Rung that may mend it within its hold. */
  remedy?: string
}

export const KINDS: FaultKind[] = [
  {
    signal: 'app.crashed',
    failing: 'The kiosk app has ended: exit code 139',
    ok: 'The kiosk app runs again',
    minutes: [2, 45],
    weight: 5,
    remedy: 'restart-app',
  },
  {
    signal: 'screen.error-page',
    failing: 'The screen shows an error page: connection reset',
    ok: 'The screen shows the kiosk app',
    minutes: [2, 70],
    weight: 4,
    remedy: 'reload-page',
  },
  {
    signal: 'page.unreachable',
    failing: 'The start page does not answer: no TCP connection in 10 s',
    ok: 'The start page answers',
    minutes: [3, 150],
    weight: 3,
  },
  {
    signal: 'process.missing:till',
    failing: 'Process till is not running',
    ok: 'Process till runs again',
    minutes: [2, 90],
    weight: 5,
    only: ['self-checkout'],
    remedy: 'restart-unit',
  },
  {
    signal: 'process.missing:ticketing',
    failing: 'Process ticketing is not running',
    ok: 'Process ticketing runs again',
    minutes: [2, 60],
    weight: 5,
    only: ['ticket-machine'],
    remedy: 'restart-unit',
  },
  {
    signal: 'printer.jam',
    failing: 'The printer reports a paper jam',
    ok: 'The printer is ready',
    minutes: [6, 240],
    weight: 5,
    only: ['ticket-machine', 'point-of-sale', 'self-checkout'],
  },
  {
    signal: 'printer.paper-out',
    failing: 'The printer is out of paper',
    ok: 'The printer has paper',
    minutes: [10, 200],
    weight: 5,
    only: ['ticket-machine', 'point-of-sale'],
  },
  {
    signal: 'usb.missing:scanner',
    failing: 'Scanner 05e0:1200 is not on the bus',
    ok: 'Scanner 05e0:1200 is back',
    minutes: [4, 500],
    weight: 4,
    only: ['self-checkout'],
    remedy: 'reset-usb',
  },
  {
    signal: 'usb.missing:card-reader',
    failing: 'Card reader 0801:0001 is not on the bus',
    ok: 'Card reader 0801:0001 is back',
    minutes: [4, 400],
    weight: 3,
    only: ['ticket-machine'],
    remedy: 'reset-usb',
  },
  {
    signal: 'display.disconnected',
    failing: 'Display HDMI-A-1 is not connected',
    ok: 'Display HDMI-A-1 is connected',
    minutes: [15, 900],
    weight: 3,
    only: ['signage', 'self-checkout'],
  },
  {
    signal: 'network.degraded',
    failing: 'Loss 18 %, round trip 420 ms for 5 minutes',
    ok: 'Loss 0 %, round trip 24 ms',
    minutes: [12, 180],
    weight: 3,
    remedy: 'renew-network',
  },
  {
    signal: 'disk.filling',
    failing: 'The disk will be full in 7 hours',
    ok: 'The disk has room for weeks',
    minutes: [60, 1200],
    weight: 2,
    remedy: 'clear-caches',
  },
  { signal: 'temperature.high', failing: 'Zone cpu at 88 °C', ok: 'Zone cpu at 61 °C', minutes: [20, 240], weight: 2 },
  {
    signal: 'reboot.unexpected',
    failing: 'Booted without a goodbye: power was lost',
    ok: 'Runs since ten minutes',
    minutes: [10, 11],
    weight: 2,
  },
  {
    signal: 'certificate.expiring:shop',
    failing: 'The certificate of the shop ends in 13 days',
    ok: 'The certificate was renewed',
    minutes: [1500, 4000],
    weight: 1,
  },
  { signal: 'agent.offline', failing: '', ok: '', minutes: [5, 420], weight: 5 },
]

export type PlannedFault = { atMs: number; endMs: number; kind: FaultKind; mendedBy: string | null }

/** Faults of one device between two instants; one at a time, all over before the end. */
export function planFaults(random: Random, profile: ProfileId, span: { fromMs: number; toMs: number }, perMonth: number): PlannedFault[] {
  const kinds = KINDS.filter(kind => !kind.only || kind.only.includes(profile))
  const total = kinds.reduce((sum, kind) => sum + kind.weight, 0)
  const planned: PlannedFault[] = []
  const meanGapMs = (30 * 86_400_000) / perMonth
  for (let atMs = span.fromMs; ;) {
    atMs += -Math.log(1 - random.next()) * meanGapMs
    let ticket = random.next() * total
    const kind = kinds.find(candidate => (ticket -= candidate.weight) < 0)
    if (!kind) continue
    const mendedBy = kind.remedy !== undefined && random.chance(0.35) ? kind.remedy : null
    // Short ones are more frequent than long ones.
    const [low, high] = kind.minutes
    const lastsMs = mendedBy === null ? (low + (high - low) * random.next() ** 2.5) * 60_000 : random.between(6000, 14_000)
    if (atMs + lastsMs > span.toMs) return planned
    planned.push({ atMs: Math.round(atMs), endMs: Math.round(atMs + lastsMs), kind, mendedBy })
    atMs += lastsMs + 20 * 60_000
  }
}
