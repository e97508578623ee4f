/** Whether two tickets may be about the same thing: device, site and words of the subject. It proposes, a person decides. */

export type LikeTicket = { id: string; subject: string; deviceId: string | null; siteId: string | null; signal?: string | null }
export type Likeness = { id: string; score: number; why: string }

/** More than this are no proposal but a list. */
const MAX_PROPOSED = 5
const MIN_SCORE = 0.5
const STOP = new Set(
  'the and for not with our has have was are from that this den det och inte der die das und ist ein eine nicht mit von uma não com para device kiosk site'.split(
    ' ',
  ),
)

/** Words of a subject that say something. */
export function tellingWords(subject: string): ReadonlySet<string> {
  const words = subject
    .slice(0, 500)
    .normalize('NFC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
  return new Set(words.filter(word => word.length > 2 && !STOP.has(word)))
}

/** How alike two tickets are (0 to 1) and why; null when they are not alike enough to say so. */
function likenessOf(one: LikeTicket, words: ReadonlySet<string>, other: LikeTicket): Likeness | null {
  const otherWords = tellingWords(other.subject)
  const shared = [...words].filter(word => otherWords.has(word))
  const overlap = shared.length / Math.max(1, new Set([...words, ...otherWords]).size)
  const isSameDevice = one.deviceId !== null && one.deviceId === other.deviceId
  const isSameSite = !isSameDevice && one.siteId !== null && one.siteId === other.siteId
  // Other devices fail the same way all the time: words alone are no sign then.
  const isOtherDevice = one.deviceId !== null && other.deviceId !== null && !isSameDevice
  const score = Math.min(1, overlap + (isSameDevice ? 0.5 : isSameSite ? 0.2 : isOtherDevice ? -0.3 : 0))
  if (score < MIN_SCORE || (!isSameDevice && shared.length < 2)) return null
  const reasons = [
    ...(isSameDevice ? ['the same device'] : isSameSite ? ['the same site'] : []),
    ...(shared.length > 0 ? [`words in common: ${shared.slice(0, 5).join(', ')}`] : []),
  ]
  const why = reasons.join('; ')
  return { id: other.id, score: Math.round(score * 100) / 100, why: `${why.charAt(0).toUpperCase()}${why.slice(1)}` }
}

/** Tickets that may be about the same, most alike first; of equals the first one given. */
export function findAlike(ticket: LikeTicket, others: readonly LikeTicket[]): Likeness[] {
  const words = tellingWords(ticket.subject)
  return others
    .filter(other => other.id !== ticket.id)
    .flatMap(other => likenessOf(ticket, words, other) ?? [])
    .toSorted((one, other) => other.score - one.score)
    .slice(0, MAX_PROPOSED)
}
