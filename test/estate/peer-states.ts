/** The truth of a month as a monitoring peer can see it: hosts that are down and services that fail, from when to when. Pure. */
import type { Layout, Span } from './layout.ts'
import type { Truth } from './truth.ts'

/** `causeId` of the cause that owes a ticket; null = people need not hear of it. */
export type PeerSpan = Span & { causeId: number | null }
/** What a peer sends. `causeIds`: one entry for each alert in it. */
export type PeerNotice = { atMs: number; kind: 'problem' | 'recovery'; causeIds: (number | null)[] }
export type PeerDevice = {
  index: number
  down: PeerSpan[]
  services: { key: string; failing: PeerSpan[] }[]
  /** Planned work that somebody entered: downtime, silence. */
  quiet: Span[]
}

/** In order, without overlaps; what overlaps belongs to the cause that owes something. */
function merged(spans: readonly PeerSpan[]): PeerSpan[] {
  const result: PeerSpan[] = []
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1)
    if (!last || last.toMs < span.fromMs) result.push({ ...span })
    else Object.assign(last, { toMs: Math.max(last.toMs, span.toMs), causeId: last.causeId ?? span.causeId })
  }
  return result
}

/**
 * The states of every device. An outage of our own broker and restarts of our own server are left out: a peer has its own.
 * Planned work and signals a customer wants to hear nothing of are told to the peer too. `knowsHours`: closing times and updates
 * are not there either, as if somebody had entered them all as time periods; no peer has them by default.
 */
export function peerStates(layout: Layout, { causes, around }: Truth, knowsHours: boolean): PeerDevice[] {
  const down = layout.devices.map((): PeerSpan[] => [])
  const failing = layout.devices.map(() => new Map<string, PeerSpan[]>())
  const add = (effects: Pick<Truth['around'], 'signals' | 'links'>, causeId: number | null): void => {
    for (const { device, fromMs, toMs, isPlanned } of effects.links)
      if (isPlanned !== true || !knowsHours) down[device]?.push({ fromMs, toMs, causeId })
    for (const { device, key, fromMs, toMs } of effects.signals) {
      const customer = layout.devices[device]?.site.customer
      if (around.disabled.some(one => one.customer === customer && one.signal === key)) continue
      const services = failing[device]
      services?.set(key, [...(services.get(key) ?? []), { fromMs, toMs, causeId }])
    }
  }
  add(around, null)
  for (const cause of causes) if (cause.kind !== 'platform-outage') add(cause, cause.owesTicket ? cause.id : null)
  return layout.devices.map(({ index, site }) => ({
    index,
    down: merged(down[index] ?? []),
    services: [...(failing[index] ?? [])].map(([key, spans]) => ({ key, failing: merged(spans) })),
    quiet: around.maintenance.filter(one => (one.device === null ? one.site === site.index : one.device === index)),
  }))
}

export type PeerTally = { notices: number; recoveries: number; forNothing: number; causesTold: number }

/** Counts what was sent; for nothing is what has no alert of a cause that owes a ticket in it. */
export function tally(notices: readonly PeerNotice[]): PeerTally {
  const told = notices.filter(one => one.kind === 'problem').flatMap(one => one.causeIds.filter(id => id !== null))
  return {
    notices: notices.length,
    recoveries: notices.filter(one => one.kind === 'recovery').length,
    forNothing: notices.filter(one => one.causeIds.every(id => id === null)).length,
    causesTold: new Set(told).size,
  }
}

/** The span an instant lies in, for instants that only grow. */
export function makeCursor<S extends Span>(spans: readonly S[]) {
  let at = 0
  return {
    at(ms: number): S | null {
      while (at < spans.length && (spans[at] as S).toMs <= ms) at += 1
      const span = spans[at]
      return span !== undefined && span.fromMs <= ms ? span : null
    },
    /** When the state changes next after the instant last asked for; infinite when it does not. */
    nextChangeMs(ms: number): number {
      const span = spans[at]
      if (span === undefined) return Infinity
      return span.fromMs > ms ? span.fromMs : span.toMs
    },
  }
}
