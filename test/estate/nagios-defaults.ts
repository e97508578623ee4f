/**
 * The notifications Nagios Core would send with the templates it comes with. Pure.
 * Numbers: `templates.cfg` (linux-server, generic-service, local-service), `timeperiods.cfg` (workhours) and `nagios.cfg` (flap thresholds)
 * of Debian's nagios4-common 4.4.6; rules: its manual, "State Types", "Notifications", "Detection and Handling of State Flapping",
 * "Determining Status and Reachability of Network Hosts" (a service problem and a service recovery have the host checked at once).
 */
import { makeCursor, type PeerDevice, type PeerNotice, type PeerSpan } from './peer-states.ts'
import type { Span } from './layout.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
/** States kept to find flapping, and the weights of the oldest and newest change. */
const HISTORY = 21
const [OLDEST_WEIGHT, NEWEST_WEIGHT] = [0.75, 1.25]
const [FLAP_LOW_PERCENT, FLAP_HIGH_PERCENT] = [5, 20]
/** Services of a kiosk, checked one after the other: so long until the first of them has noticed that the host is away. */
const SERVICES_OF_A_HOST = 28

export type NagiosTemplate = {
  checkMinutes: number
  retryMinutes: number
  maxAttempts: number
  repeatMinutes: number
  notificationPeriod: '24x7' | 'workhours'
}
export const LINUX_SERVER: NagiosTemplate = {
  checkMinutes: 5,
  retryMinutes: 1,
  maxAttempts: 10,
  repeatMinutes: 120,
  notificationPeriod: 'workhours',
}
export const GENERIC_SERVICE: NagiosTemplate = {
  checkMinutes: 10,
  retryMinutes: 2,
  maxAttempts: 3,
  repeatMinutes: 60,
  notificationPeriod: '24x7',
}
export const LOCAL_SERVICE: NagiosTemplate = { ...GENERIC_SERVICE, checkMinutes: 5, retryMinutes: 1, maxAttempts: 4 }

/** Monday to Friday, 09:00 to 17:00 of the one clock the server has (UTC here). */
function isInPeriod(period: NagiosTemplate['notificationPeriod'], atMs: number): boolean {
  if (period === '24x7') return true
  // The first day of the epoch was a Thursday: 0 = Monday.
  const day = (Math.floor(atMs / DAY_MS) + 3) % 7
  const hour = (atMs % DAY_MS) / (60 * MINUTE_MS)
  return day < 5 && hour >= 9 && hour < 17
}

/** Flapping from the last states: begins at the high threshold, ends at the low one. */
function makeFlaps() {
  const states: boolean[] = Array.from({ length: HISTORY }, () => false)
  let [at, wellFor, isFlapping] = [0, HISTORY, false]
  return (isFailing: boolean): boolean => {
    wellFor = isFailing ? 0 : wellFor + 1
    // Nearly all checks are of what is well for long.
    if (wellFor > HISTORY) return false
    states[at] = isFailing
    at = (at + 1) % HISTORY
    let weight = 0
    for (let change = 1; change < HISTORY; change += 1)
      if (states[(at + change) % HISTORY] !== states[(at + change - 1) % HISTORY])
        weight += OLDEST_WEIGHT + ((change - 1) * (NEWEST_WEIGHT - OLDEST_WEIGHT)) / (HISTORY - 2)
    const percent = (weight * 100) / (HISTORY - 1)
    if (percent <= FLAP_LOW_PERCENT) isFlapping = false
    else if (percent >= FLAP_HIGH_PERCENT) isFlapping = true
    return isFlapping
  }
}

type Watched = {
  template: NagiosTemplate
  failing: readonly PeerSpan[]
  /** A service fails while its host is down. */
  hostDown: readonly Span[]
  /** While Nagios has the host as down, the service fails for good at once, and nobody is told. */
  hostKnownDown: readonly Span[]
  quiet: readonly Span[]
  /** So long after a change of the truth another check has this one done at once; infinite = never. */
  onDemandMs: number
  firstCheckMs: number
  endMs: number
}

/** Checks one host or service to the end of the month. */
function watch(watched: Watched): { notices: PeerNotice[]; knownFailing: Span[] } {
  const { template, quiet, onDemandMs, firstCheckMs, endMs } = watched
  const notices: PeerNotice[] = []
  const knownFailing: Span[] = []
  const [own, host, planned] = [makeCursor(watched.failing), makeCursor(watched.hostDown), makeCursor(quiet)]
  const hostKnown = makeCursor(watched.hostKnownDown)
  const flaps = makeFlaps()
  let attempts = 0
  let noticedMs: number | null = null
  let span: PeerSpan | null = null
  let failedFirstMs: number | null = null
  for (let atMs = firstCheckMs; atMs < endMs;) {
    const ownSpan = own.at(atMs)
    const isFailing = host.at(atMs) !== null || ownSpan !== null
    const isHostDown = hostKnown.at(atMs) !== null
    const isFlapping = flaps(isFailing)
    const mayTell = !isHostDown && planned.at(atMs) === null && !isFlapping && isInPeriod(template.notificationPeriod, atMs)
    if (isFailing) {
      failedFirstMs ??= atMs
      attempts = !isHostDown ? Math.min(attempts + 1, template.maxAttempts) : template.maxAttempts
      span = ownSpan ?? span
      const isDue = noticedMs === null || atMs - noticedMs >= template.repeatMinutes * MINUTE_MS
      if (attempts === template.maxAttempts && mayTell && isDue) {
        notices.push({ atMs, kind: 'problem', causeIds: [span?.causeId ?? null] })
        noticedMs = atMs
      }
    } else {
      if (noticedMs !== null && mayTell) notices.push({ atMs, kind: 'recovery', causeIds: [span?.causeId ?? null] })
      if (failedFirstMs !== null) knownFailing.push({ fromMs: failedFirstMs, toMs: atMs })
      ;[attempts, noticedMs, span, failedFirstMs] = [0, null, null, null]
    }
    const isSoft = isFailing && attempts < template.maxAttempts
    const scheduledMs = atMs + (isSoft ? template.retryMinutes : template.checkMinutes) * MINUTE_MS
    const onDemandAtMs = own.nextChangeMs(atMs) + onDemandMs
    atMs = onDemandAtMs > atMs ? Math.min(scheduledMs, onDemandAtMs) : scheduledMs
  }
  if (failedFirstMs !== null) knownFailing.push({ fromMs: failedFirstMs, toMs: endMs })
  return { notices, knownFailing }
}

/** Everything Nagios would send about these devices from `fromMs` on. */
export function nagiosNotices(devices: readonly PeerDevice[], service: NagiosTemplate, { fromMs, toMs }: Span): PeerNotice[] {
  const notices: PeerNotice[] = []
  const serviceMs = service.checkMinutes * MINUTE_MS
  for (const { index, down, services, quiet } of devices) {
    // Nagios spreads first checks over the interval; here they come one after the other, about 8 s apart.
    const spreadMs = (place: number, overMs: number): number => fromMs + ((place * 7919) % overMs)
    const host = watch({
      template: LINUX_SERVER,
      failing: down,
      hostDown: [],
      hostKnownDown: [],
      quiet,
      onDemandMs: serviceMs / SERVICES_OF_A_HOST,
      firstCheckMs: spreadMs(index, LINUX_SERVER.checkMinutes * MINUTE_MS),
      endMs: toMs,
    })
    notices.push(...host.notices)
    for (const [place, { failing }] of services.entries()) {
      const firstCheckMs = spreadMs(index + place + 1, serviceMs)
      const ofHost = { hostDown: down, hostKnownDown: host.knownFailing, quiet }
      notices.push(...watch({ template: service, failing, ...ofHost, onDemandMs: Infinity, firstCheckMs, endMs: toMs }).notices)
    }
  }
  return notices.toSorted((a, b) => a.atMs - b.atMs)
}
