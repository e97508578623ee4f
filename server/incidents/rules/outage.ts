/** Outages of a whole site or of our own platform, found in when devices were lost: no map of the network is drawn by anybody. */

/** Devices lost within this of each other were lost together. */
export const TOGETHER_MS = 60_000
/** After contact returns, devices get this long before what still fails is a fault of its own. */
export const GRACE_MS = 2 * 60_000
const SHARE = 0.3
const SITE_MIN_DEVICES = 4
const SITE_MIN_LOST = 2
const PLATFORM_MIN_DEVICES = 10

export type Loss = { deviceId: string; siteId: string; atMs: number }
export type Burst = { beganAtMs: number; losses: Loss[] }

/** More than this many devices away is an outage of the site; null = the site is too small to tell. */
export function siteThreshold(devices: number): number | null {
  return devices < SITE_MIN_DEVICES ? null : Math.max(SITE_MIN_LOST, SHARE * devices)
}

/** As for a site, of all devices there are. */
export function platformThreshold(devices: number): number | null {
  return devices < PLATFORM_MIN_DEVICES ? null : SHARE * devices
}

/** The first losses that were more than `threshold` within a minute; null = none were. */
export function findBurst(losses: readonly Loss[], threshold: number | null): Burst | null {
  if (threshold === null || losses.length <= threshold) return null
  const ordered = losses.toSorted((one, other) => one.atMs - other.atMs)
  let first = 0
  for (const [index, loss] of ordered.entries()) {
    while (loss.atMs - (ordered[first] as Loss).atMs > TOGETHER_MS) first += 1
    if (index - first + 1 <= threshold) continue
    const beganAtMs = (ordered[first] as Loss).atMs
    return { beganAtMs, losses: ordered.slice(first).filter(one => one.atMs - beganAtMs <= TOGETHER_MS) }
  }
  return null
}

/** As `findBurst` for the whole platform: over several sites, else it is that site's own. */
export function findPlatformBurst(losses: readonly Loss[], devices: number): Burst | null {
  const burst = findBurst(losses, platformThreshold(devices))
  return burst && new Set(burst.losses.map(loss => loss.siteId)).size > 1 ? burst : null
}

/** Where an outage stands. `pending` is not held yet, `opensAtMs` says until when. */
export type OutageState = {
  state: 'pending' | 'open' | 'recovering'
  opensAtMs: number
  recoveredAtMs: number | null
}
export type OutageMove = 'drop' | 'open' | 'recover' | 'resume' | 'close' | 'none'

/**
 * What an outage does now that `away` devices are away. `quietMs`: how long contact must stay. While `isHeld` (an outage of the
 * platform explains it) nothing opens.
 */
export function moveOutage(
  outage: OutageState,
  facts: { away: number; threshold: number | null; nowMs: number; quietMs: number; isHeld: boolean },
): OutageMove {
  const isAway = facts.away > (facts.threshold ?? 0)
  switch (outage.state) {
    case 'pending':
      if (!isAway) return 'drop'
      return !facts.isHeld && outage.opensAtMs <= facts.nowMs ? 'open' : 'none'
    case 'open':
      return isAway ? 'none' : 'recover'
    case 'recovering':
      if (isAway) return 'resume'
      return facts.nowMs - (outage.recoveredAtMs ?? facts.nowMs) >= Math.max(GRACE_MS, facts.quietMs) ? 'close' : 'none'
  }
}
