/** An open fault becomes more serious by itself: by its age, or because it spreads. A level rises once for each reason, and never falls. */
import type { LevelNumber } from '../../../shared/schema-pieces.ts'
import { MINUTE_MS } from '../../../shared/units.ts'

/** Of a rule: open for so many minutes, or open on so many devices of the site at once. Left out = never. */
export type RiseTerms = { afterMinutes?: number | undefined; whenDevices?: number | undefined }
export type RiseReason = 'age' | 'spread'
export type OpenFault = { level: LevelNumber; openedAtMs: number; done: readonly RiseReason[]; devicesHere: number }
export type Rise = { reason: RiseReason; level: LevelNumber; why: string }

/** What is due at `nowMs`, in order; level 1 has nowhere to rise. */
export function risesOf(terms: RiseTerms, fault: OpenFault, nowMs: number): Rise[] {
  const due: { reason: RiseReason; why: string }[] = []
  const { afterMinutes, whenDevices } = terms
  if (afterMinutes !== undefined && nowMs - fault.openedAtMs >= afterMinutes * MINUTE_MS)
    due.push({ reason: 'age', why: `open for ${afterMinutes} minutes` })
  if (whenDevices !== undefined && fault.devicesHere >= whenDevices)
    due.push({ reason: 'spread', why: `the same fault on ${fault.devicesHere} devices of the site` })
  const rises: Rise[] = []
  let { level } = fault
  for (const { reason, why } of due) {
    if (fault.done.includes(reason) || level === 1) continue
    level = (level - 1) as LevelNumber
    rises.push({ reason, level, why })
  }
  return rises
}
