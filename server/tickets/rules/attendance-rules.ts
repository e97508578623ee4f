/** Who is at a ticket right now, and whether they write: heartbeats that expire. Lists in, lists out. */

export type Attendant = { personId: string; name: string; isWriting: boolean; sinceMs: number; heardAtMs: number }

/** A console tells of itself every 15 s; two may be lost before its person counts as gone. */
export const ATTENDANCE_MS = 40_000
/** More people than this are not told apart on one ticket. */
export const MAX_ATTENDANTS = 50

/** Those who are still there. The same list when nobody has gone. */
export function present(attendants: readonly Attendant[], nowMs: number): readonly Attendant[] {
  const isHere = ({ heardAtMs }: Attendant): boolean => nowMs - heardAtMs < ATTENDANCE_MS
  return attendants.every(isHere) ? attendants : attendants.filter(isHere)
}

/** One was heard: new, or there since before. Beyond the limit who was heard longest ago is left out. */
export function heard(
  attendants: readonly Attendant[],
  person: Pick<Attendant, 'personId' | 'name' | 'isWriting'>,
  nowMs: number,
): readonly Attendant[] {
  const before = attendants.find(known => known.personId === person.personId)
  const others = present(attendants, nowMs).filter(known => known.personId !== person.personId)
  const sinceMs = before && nowMs - before.heardAtMs < ATTENDANCE_MS ? before.sinceMs : nowMs
  return [...others, { ...person, sinceMs, heardAtMs: nowMs }].slice(-MAX_ATTENDANTS)
}

/** What others are told of: who is there and who writes. A heartbeat alone changes nothing. */
export function looksAlike(before: readonly Attendant[], after: readonly Attendant[]): boolean {
  const told = (list: readonly Attendant[]): string =>
    list
      .map(({ personId, isWriting }) => `${personId}:${isWriting}`)
      .toSorted()
      .join(' ')
  return told(before) === told(after)
}
