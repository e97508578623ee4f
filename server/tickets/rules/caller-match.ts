/** Somebody calls: who it may be, and which tickets it may be about already. */
import { wordsOf } from '../../platform/words.ts'

const digits = (text: string): string => text.replaceAll(/\D/g, '')
/** Fewer digits are no number yet. */
const MIN_DIGITS = 4

/** Whether what was typed is a part of a number: `070 12` of `+46 70 123 45 67`. Country and trunk prefixes may differ. */
export function matchesPhone(stored: string | null, asked: string): boolean {
  const wanted = digits(asked).replace(/^0+/, '')
  return stored !== null && wanted.length >= MIN_DIGITS && digits(stored).includes(wanted)
}

export type OpenTicket = {
  id: string
  subject: string
  description: string
  deviceId: string | null
  reporterEmail: string | null
  createdAtMs: number
}
export type Call = { subject: string; description: string; deviceId: string | null; email: string | null }

/** Words too common to say what a ticket is about, in the languages of our customers. */
const EMPTY_WORDS = new Set(
  'the and not does with for has have are was this that der die das und nicht mit ein eine ist wir och att det som inte med har den för que não com uma para está'.split(
    ' ',
  ),
)
const meaningful = (text: string): Set<string> => new Set(wordsOf(text).filter(word => word.length > 2 && !EMPTY_WORDS.has(word)))

/** How likely it is the same: the device counts most, then words of the subject in common, then who reported it. 0 = no sign of it. */
function likenessOf(ticket: OpenTicket, call: Call): number {
  const asked = meaningful(`${call.subject} ${call.description}`)
  const there = meaningful(ticket.subject)
  const common = [...there].filter(word => asked.has(word)).length
  const words = there.size === 0 ? 0 : common / Math.min(there.size, Math.max(1, asked.size))
  const isDevice = call.deviceId !== null && ticket.deviceId === call.deviceId
  // A ticket of another device is another fault, however alike the words are.
  if (call.deviceId !== null && ticket.deviceId !== null && !isDevice) return 0
  const isReporter = call.email !== null && ticket.reporterEmail?.toLowerCase() === call.email.toLowerCase()
  if (!isDevice && common === 0) return 0
  return (isDevice ? 2 : 0) + words + (isReporter ? 0.5 : 0)
}

/** Open tickets that a call may be about, likeliest first, newest of equals; at most five. */
export function findSimilar(tickets: readonly OpenTicket[], call: Call): OpenTicket[] {
  return tickets
    .map(ticket => ({ ticket, likeness: likenessOf(ticket, call) }))
    .filter(({ likeness }) => likeness >= 0.5)
    .toSorted((one, other) => other.likeness - one.likeness || other.ticket.createdAtMs - one.ticket.createdAtMs)
    .slice(0, 5)
    .map(({ ticket }) => ticket)
}
