/** What a visitor of the chat is told: whether somebody answers now, else when, else how to reach the desk. */
import type { Channel } from '../../../shared/api/sla/sla-api.ts'

const CHANNEL_WORDS: Partial<Record<Channel, string>> = {
  form: 'the online form',
  email: 'e-mail',
  phone: 'phone',
  portal: 'the support portal',
}

/** `opensAt` in words; null = not known. */
export function chatWords(facts: { isInPlan: boolean; isOpen: boolean; opensAt: string | null; channels: readonly Channel[] }): string {
  if (!facts.isInPlan) {
    const others = facts.channels.flatMap(channel => CHANNEL_WORDS[channel] ?? [])
    return others.length === 0
      ? 'This chat is not answered. Please ask the shop how to reach support.'
      : `Support does not answer by chat here. Please use ${others.join(' or ')}.`
  }
  if (facts.isOpen) return 'We are here and answer as soon as we can.'
  return `We are closed right now${facts.opensAt === null ? '' : ` and answer from ${facts.opensAt}`}. You can write already.`
}

/** How long a conversation can be gone on with after its last word, and at most. */
const IDLE_MS = 24 * 3_600_000
const LONGEST_MS = 7 * 24 * 3_600_000
export function conversationEndsAt(createdAtMs: number, lastWordMs: number): number {
  return Math.min(lastWordMs + IDLE_MS, createdAtMs + LONGEST_MS)
}
