/** What an incident is known by, what it does to its ticket, and what people read about it. */
import { spellFixed } from '../../../shared/remedies.ts'

/** A monitoring-resolved ticket of the same fault is reopened within this time; after it a new one is linked. */
const REOPEN_WITHIN_MS = 24 * 3_600_000

/** Key that can be open once: one incident per cause. */
export function openKey(incident: { customerId: string; deviceId: string; signal: string; component: string }): string {
  return `${incident.customerId}/${incident.deviceId}/${incident.signal}/${incident.component}`
}

/** As `openKey` for an outage: one of each site, one of the platform. */
export function outageKey(siteId: string | null): string {
  return siteId === null ? 'platform' : `site/${siteId}`
}

/** `usb.missing:scanner`, or the signal alone. */
export function signalKey(signal: string, component: string): string {
  return component === '' ? signal : `${signal}:${component}`
}

/** Signal and component of a key. The component may hold further colons. */
export function splitSignalKey(key: string): { signal: string; component: string } {
  const colon = key.indexOf(':')
  return colon < 0 ? { signal: key, component: '' } : { signal: key.slice(0, colon), component: key.slice(colon + 1) }
}

/** The newest ticket of the same fault, as far as it decides what an opening does. */
export type EarlierTicket = { id: string; isOpen: boolean; resolvedBy: 'monitoring' | 'person' | null; resolvedAtMs: number | null }
export type Opening =
  | { kind: 'new'; why: string; sameAs: string | null }
  | { kind: 'reopen'; ticketId: string; why: string }
  | { kind: 'attach'; ticketId: string; why: string }

/** What an opening incident does: new ticket, or the one that is already there. */
export function chooseTicket(earlier: EarlierTicket | null, startedAtMs: number): Opening {
  if (!earlier) return { kind: 'new', sameAs: null, why: 'The first ticket of this fault on this device.' }
  if (earlier.isOpen) return { kind: 'attach', ticketId: earlier.id, why: 'The fault is back while its ticket is still open.' }
  if (earlier.resolvedBy !== 'monitoring')
    return { kind: 'new', sameAs: earlier.id, why: 'The earlier ticket of this fault was resolved by a person: a new one, linked.' }
  const agoMs = startedAtMs - (earlier.resolvedAtMs ?? 0)
  if (agoMs <= REOPEN_WITHIN_MS)
    return { kind: 'reopen', ticketId: earlier.id, why: 'The same fault came back within 24 h of its recovery.' }
  return { kind: 'new', sameAs: earlier.id, why: 'The same fault came back more than 24 h after its recovery: a new ticket, linked.' }
}

/** What a recovery does to the ticket: whoever wrote on it has the last word. */
export function chooseRecovery(ticket: { isOpen: boolean; hasPersonWritten: boolean }): {
  kind: 'resolve' | 'flag' | 'nothing'
  why: string
} {
  if (!ticket.isOpen) return { kind: 'nothing', why: 'The ticket is resolved already.' }
  if (ticket.hasPersonWritten)
    return { kind: 'flag', why: 'The fault recovered by itself. A person has written on this ticket, so a person closes it.' }
  return { kind: 'resolve', why: 'Resolved by the monitoring: the fault is over and stayed over.' }
}

/** A remedy's outcome as an event carries it. */
export type RemedyNote = { id: string; outcome: string; tookMs?: number | undefined }

/** `fixed by itself: restarted app, 41 s`, or null when no remedy worked. `lastedMs` is the length of the fault. */
export function spellRemedy(remedies: readonly RemedyNote[], lastedMs: number): string | null {
  const worked = remedies.findLast(remedy => remedy.outcome === 'worked')
  if (!worked) return null
  return spellFixed(worked.id, worked.tookMs ?? lastedMs)
}
