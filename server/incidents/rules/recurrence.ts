/** A fault that keeps coming back: said on its new ticket, with what to do about it. */

/** How far back earlier tickets of the same fault count. */
export const RECURRENCE_DAYS = 30
/** From so many on, mending it the same way again is no answer. */
const PROPOSE_FROM = 3

const suffix = (count: number): string => {
  const tens = count % 100
  if (tens >= 11 && tens <= 13) return 'th'
  return ['th', 'st', 'nd', 'rd'][count % 10] ?? 'th'
}

/** `count`: tickets of this fault on this device within the days, the new one among them. Null when it is the first. */
export function spellRecurrence(count: number, fault: string, fixedBy: 'remote' | 'onsite' | 'customer'): string | null {
  if (count < 2) return null
  const said = `${count}${suffix(count)} ticket within ${RECURRENCE_DAYS} days: ${fault}.`
  if (count < PROPOSE_FROM) return said
  const proposal =
    fixedBy === 'onsite'
      ? 'Mending it has not lasted: propose to swap the part.'
      : fixedBy === 'customer'
        ? 'Talk to the customer about how it comes about.'
        : 'Mending it has not lasted: look for what causes it.'
  return `${said} ${proposal}`
}
