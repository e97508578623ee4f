/** Rules of major incidents: who hears the one message, what is added to it, and what it must not say. */
import { DomainError, invalidInput, type FieldError } from '../../platform/errors.ts'
import type { EffectivePlan } from '../../plans/rules/plan.ts'
import type { Language } from '../../../shared/languages.ts'
import { isOpenStatus } from '../../tickets/rules/ticket.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'

/** `MI-000007`: unique per installation. */
export function formatMajorReference(number: number): string {
  return `MI-${String(number).padStart(6, '0')}`
}

/** Whether the one message goes to a ticket's customer, and the reason in a sentence. */
export function hearsOfMajor(
  plan: Pick<EffectivePlan, 'name' | 'majorIncidentCommunication'>,
  ticket: { status: TicketStatus },
): { hears: boolean; why: string } {
  if (!plan.majorIncidentCommunication)
    return { hears: false, why: `The ${plan.name} plan has no major incident communication: written to on its ticket by hand.` }
  if (!isOpenStatus(ticket.status) && ticket.status !== 'resolved') return { hears: false, why: 'Its ticket is closed.' }
  return { hears: true, why: `Major incident communication, ${plan.name} plan.` }
}

const PHONE: Record<Language, (phone: string) => string> = {
  en: phone => `Escalation phone: ${phone}`,
  de: phone => `Telefon für Eskalationen: ${phone}`,
  sv: phone => `Telefon för eskalering: ${phone}`,
  pt: phone => `Telefone para escalonamento: ${phone}`,
}

/** The words a customer reads: in its language where somebody wrote them in it, with the phone its plan gives. */
export function wordsFor(
  message: { body: string; translations?: Partial<Record<Language, string | undefined>> | undefined },
  customer: { language: Language; hasEscalationPhone: boolean },
  phone: string | null,
): string {
  const body = message.translations?.[customer.language] ?? message.body
  return customer.hasEscalationPhone && phone !== null ? `${body}\n\n${PHONE[customer.language](phone)}` : body
}

const REFERENCE = /\b(?:KK-\d{4}-\d{6,9}|DF-\d{6,9})\b/i

/**
 * One text goes to several customers: it names none of them, and no ticket. Throws invalid-input at each text that does.
 * `names` are those of the customers it goes to; with one customer alone its own name is free.
 */
export function mustConcernAll(texts: Readonly<Record<string, string | undefined>>, names: readonly string[]): void {
  const others = new Set(names)
  const errors: FieldError[] = []
  for (const [path, text] of Object.entries(texts)) {
    if (text === undefined) continue
    const reference = REFERENCE.exec(text)?.[0]
    if (reference !== undefined) errors.push({ path, message: `names ${reference}: every customer reads it on its own ticket` })
    const named = others.size < 2 ? undefined : [...others].find(name => name.length > 2 && text.toLowerCase().includes(name.toLowerCase()))
    if (named !== undefined) errors.push({ path, message: `names ${named}: the other customers would read it` })
  }
  if (errors.length > 0) throw invalidInput(errors, 'The message goes to several customers and says something of one of them.')
}

/** Throws conflict for work on what is over. */
export function mustBeRunning(major: { state: 'open' | 'ended'; reference: string }): void {
  if (major.state === 'ended') throw new DomainError('conflict', 'conflict', `${major.reference} has ended; raise another one.`)
}

/** The earliest of what is due; null when nothing is. */
export function earliest(dueAtMs: readonly (number | null)[]): number | null {
  const due = dueAtMs.filter(atMs => atMs !== null)
  return due.length === 0 ? null : Math.min(...due)
}
