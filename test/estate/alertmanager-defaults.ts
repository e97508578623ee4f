/**
 * The notifications Prometheus with Alertmanager would send with the settings they come with. Pure.
 * Scrape and evaluation every 15 s: `prometheus.yml` of Debian's package. Grouped by alertname: the sample `alertmanager.yml` has
 * ['alertname', 'cluster', 'service'], and these alerts have neither of the last two. group_wait 30 s, group_interval 5 min,
 * repeat_interval 4 h: the defaults of the reference ("Configuration", `<route>`); the sample repeats every 3 h.
 * send_resolved on, as webhooks have it by default. When a group is told again: `needsUpdate` in Alertmanager's notify.go.
 */
import type { Span } from './layout.ts'
import { makeCursor, type PeerDevice, type PeerNotice, type PeerSpan } from './peer-states.ts'

const EVALUATION_MS = 15_000
const GROUP_WAIT_MS = 30_000
const GROUP_INTERVAL_MS = 300_000
const REPEAT_MS = 4 * 3_600_000
const OFFLINE = 'agent.offline'

type Change = { atMs: number; device: number; isFiring: boolean; causeId: number | null }
type Held = { isFiring: boolean; causeId: number | null }

/** A target that cannot be scraped has no series: what failed before it resolves, and fires anew when it is back. */
function seen(failing: readonly PeerSpan[], down: readonly PeerSpan[]): PeerSpan[] {
  return down.reduce<PeerSpan[]>(
    (spans, gap) =>
      spans.flatMap(span =>
        gap.fromMs >= span.toMs || gap.toMs <= span.fromMs
          ? [span]
          : [
              { ...span, toMs: gap.fromMs },
              { ...span, fromMs: gap.toMs },
            ].filter(part => part.toMs > part.fromMs),
      ),
    [...failing],
  )
}

/** When the rule fires and when it resolves; nothing when no evaluation sees it for long enough. */
function changesOf(device: number, { fromMs, toMs, causeId }: PeerSpan, forMs: number): Change[] {
  const evaluated = (ms: number): number => Math.ceil(ms / EVALUATION_MS) * EVALUATION_MS
  const [firesMs, resolvesMs] = [evaluated(fromMs) + forMs, evaluated(toMs)]
  if (firesMs >= resolvesMs) return []
  return [
    { atMs: firesMs, device, isFiring: true, causeId },
    { atMs: resolvesMs, device, isFiring: false, causeId },
  ]
}

/** One group to the end of the month; `changes` in order. */
function tellGroup(changes: readonly Change[], isQuiet: (device: number, atMs: number) => boolean, endMs: number): PeerNotice[] {
  const notices: PeerNotice[] = []
  const held = new Map<number, Held>()
  let said: { atMs: number; firing: Set<number>; resolved: Set<number> } | null = null
  let next = 0
  while (next < changes.length) {
    let atMs = (changes[next] as Change).atMs + GROUP_WAIT_MS
    do {
      if (atMs >= endMs) return notices
      for (let change = changes[next]; change !== undefined && change.atMs <= atMs; change = changes[next]) {
        held.set(change.device, change)
        next += 1
      }
      const heard = [...held].filter(([device]) => !isQuiet(device, atMs))
      const firing = heard.filter(([, one]) => one.isFiring).map(([device]) => device)
      const resolved = heard.filter(([, one]) => !one.isFiring).map(([device]) => device)
      if (needsUpdate(said, firing, resolved, atMs)) {
        notices.push({ atMs, kind: firing.length > 0 ? 'problem' : 'recovery', causeIds: heard.map(([, one]) => one.causeId) })
        said = { atMs, firing: new Set(firing), resolved: new Set(resolved) }
      }
      for (const [device, one] of held) if (!one.isFiring) held.delete(device)
      atMs += GROUP_INTERVAL_MS
    } while (held.size > 0)
  }
  return notices
}

function needsUpdate(
  said: { atMs: number; firing: Set<number>; resolved: Set<number> } | null,
  firing: readonly number[],
  resolved: readonly number[],
  atMs: number,
): boolean {
  if (said === null) return firing.length > 0
  if (firing.some(device => !said.firing.has(device))) return true
  if (firing.length === 0) return said.firing.size > 0
  return resolved.some(device => !said.resolved.has(device)) || said.atMs < atMs - REPEAT_MS
}

/** Everything Alertmanager would send about these devices with rules that wait for so long. */
export function alertmanagerNotices(devices: readonly PeerDevice[], forMs: number, { toMs }: Span): PeerNotice[] {
  const groups = new Map<string, Change[]>()
  for (const { index, down, services } of devices)
    for (const { key, failing } of [{ key: OFFLINE, failing: down }, ...services]) {
      const visible = key === OFFLINE ? failing : seen(failing, down)
      groups.set(key, [...(groups.get(key) ?? []), ...visible.flatMap(span => changesOf(index, span, forMs))])
    }
  return [...groups.values()].flatMap(changes => {
    const planned = new Map(devices.map(({ index, quiet }) => [index, makeCursor(quiet)]))
    const isQuiet = (device: number, atMs: number): boolean => planned.get(device)?.at(atMs) !== null
    return tellGroup(
      changes.toSorted((a, b) => a.atMs - b.atMs),
      isQuiet,
      toMs,
    )
  })
}
