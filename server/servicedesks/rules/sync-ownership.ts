/** Who owns which field of a mirrored ticket. Each has one owner; what the other side says about it is shown, never merged. */

/** What a client's desk says of a ticket beside its status and comments. */
export type TheirFields = { key: string; subject: string; priority: string | null; assignee: string | null; stateName: string }

/** Theirs is their number, their words for the state and the priority, and who works on it there: shown as facts. */
export type ShownFacts = Omit<TheirFields, 'subject'>
export function shownFacts({ key, priority, assignee, stateName }: TheirFields): ShownFacts {
  return { key, priority, assignee, stateName }
}

/** A subject that was changed over there, in words for our desk; null = it is ours. The subject is ours and stays. */
export function subjectConflict(ours: string, theirs: string): string | null {
  return theirs.includes(ours.trim()) ? null : `At the client’s desk the subject was changed to “${theirs.slice(0, 200)}”; here it stays.`
}
