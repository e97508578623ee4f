/** Which devices a plan covers: a pure function of who asked when, so that it is the same after any order of events. */

export type PlaceState = 'active' | 'additional' | 'waiting' | 'uncovered'
export type Candidate = { id: string; state: PlaceState; enrolledAtMs: number; waitingSinceMs: number | null; chosen: boolean }
export type Allowance = {
  /** Devices the plan includes; null = without limit. */
  included: number | null
  /** What happens beyond: refused (they wait) or billed (they are additional). */
  more: 'refused' | 'billed'
  /** After a downgrade: until then everything active stays active. */
  inGrace: boolean
}

const byAge = (one: Candidate, other: Candidate): number =>
  Number(other.chosen) - Number(one.chosen) || one.enrolledAtMs - other.enrolledAtMs || (one.id < other.id ? -1 : 1)
const byQueue = (one: Candidate, other: Candidate): number =>
  (one.waitingSinceMs ?? 0) - (other.waitingSinceMs ?? 0) || (one.id < other.id ? -1 : 1)

/**
 * New state of each device whose state changes. Devices that hold a place keep it, chosen and longest enrolled first;
 * free places go to uncovered ones, then to those waiting longest.
 */
export function allocatePlaces(devices: readonly Candidate[], allowance: Allowance): Map<string, PlaceState> {
  const target = new Map<string, PlaceState>()
  const holders = devices.filter(device => device.state === 'active' || device.state === 'additional').toSorted(byAge)
  const uncovered = devices.filter(device => device.state === 'uncovered').toSorted(byAge)
  const waiting = devices.filter(device => device.state === 'waiting').toSorted(byQueue)
  const included = allowance.included ?? Number.POSITIVE_INFINITY
  // A choice after a downgrade may prefer an uncovered device to one that holds a place now.
  const ranked = [...holders, ...uncovered].toSorted(
    (one, other) =>
      Number(other.chosen) - Number(one.chosen) ||
      Number(one.state === 'uncovered') - Number(other.state === 'uncovered') ||
      byAge(one, other),
  )
  let places = 0
  for (const device of [...ranked, ...waiting]) {
    const holdsPlace = device.state === 'active' || device.state === 'additional'
    if (places < included) target.set(device.id, 'active')
    else if (allowance.more === 'billed') target.set(device.id, 'additional')
    else if (holdsPlace && allowance.inGrace) target.set(device.id, 'active')
    else target.set(device.id, device.state === 'waiting' ? 'waiting' : 'uncovered')
    if (target.get(device.id) === 'active' || target.get(device.id) === 'additional') places += 1
  }
  for (const device of devices) if (target.get(device.id) === device.state) target.delete(device.id)
  return target
}
