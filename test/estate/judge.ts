/** Holds tickets and notifications against the true causes. Pure. */
import type { Cause } from './truth.ts'

/** Something that was told to people: about a device, or about a site (`device` null). `key` null = whatever it is about. */
export type Told = { device: number | null; site: number | null; key: string | null; atMs: number }
export type Verdict = {
  told: number
  owed: number
  matched: number
  duplicates: number
  precision: number
  recall: number
  /** Told for nothing, and owed but not told; to look at. */
  wrong: Told[]
  missed: Cause[]
  doubled: { told: Told; cause: Cause }[]
}

const EARLY_MS = 2 * 60_000
const LATE_MS = 20 * 60_000

/** Each thing told belongs to at most one cause, each cause that owes a ticket has at most one; what else is told of it is a duplicate. */
export function judge(causes: readonly Cause[], told: readonly Told[], siteOfDevice: (device: number) => number): Verdict {
  const owing = causes.filter(cause => cause.owesTicket)
  const byDevice = Map.groupBy(
    owing.filter(cause => cause.device !== null),
    cause => cause.device,
  )
  const bySite = Map.groupBy(
    owing.filter(cause => cause.site !== null),
    cause => cause.site,
  )
  const isTime = (cause: Cause, one: Told): boolean => one.atMs >= cause.fromMs - EARLY_MS && one.atMs <= cause.toMs + LATE_MS
  const isOf = (cause: Cause, one: Told): boolean => isTime(cause, one) && (one.key === null || cause.keys.includes(one.key))
  const first = new Map<Cause, Told>()
  const wrong: Told[] = []
  const doubled: Verdict['doubled'] = []
  for (const one of told) {
    const ofDevice = one.device === null ? [] : (byDevice.get(one.device) ?? []).filter(cause => isOf(cause, one))
    // A device told for an outage of its site is about the right cause, but the cause is one.
    const siteIndex = one.device === null ? one.site : siteOfDevice(one.device)
    const ofSite = (bySite.get(siteIndex) ?? []).filter(cause => isTime(cause, one) && (one.device !== null || isOf(cause, one)))
    const candidates = [...ofDevice, ...ofSite]
    const cause = candidates.find(candidate => !first.has(candidate)) ?? candidates[0]
    if (!cause) wrong.push(one)
    else if (first.has(cause)) doubled.push({ told: one, cause })
    else first.set(cause, one)
  }
  const matched = first.size
  return {
    told: told.length,
    owed: owing.length,
    matched,
    duplicates: doubled.length,
    precision: told.length === 0 ? 1 : matched / told.length,
    recall: owing.length === 0 ? 1 : matched / owing.length,
    wrong,
    missed: owing.filter(cause => !first.has(cause)),
    doubled,
  }
}
