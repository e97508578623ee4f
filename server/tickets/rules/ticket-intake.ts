/** What is checked when a person registers a ticket. Limits never refuse: they flag, and say why. */
import type { TicketFlag } from '../../../shared/api/tickets/ticket-flags.ts'
import type { EffectivePlan } from '../../plans/rules/plan.ts'

export type Reporter = { name: string; email?: string | undefined; phone?: string | undefined; organisation?: string | undefined }
export type Report = {
  reporter: Reporter
  description: string
  productId?: string | null | undefined
  softwareVersion?: string | undefined
  platformVersion?: string | undefined
  impact?: string | undefined
}
export type Finding = { flags: TicketFlag[]; why: string[] }
type Contact = { id: string; name: string; email: string; phone: string | null }

const same = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase()
const digits = (text: string): string => text.replaceAll(/\D/g, '')

/** The named contact who reports: by e-mail when one is given, else by phone, else by name. */
export function findContact(contacts: readonly Contact[], reporter: Reporter): Contact | null {
  const { email, phone, name } = reporter
  if (email) return contacts.find(contact => same(contact.email, email)) ?? null
  if (phone && digits(phone) !== '')
    return contacts.find(contact => contact.phone !== null && digits(contact.phone) === digits(phone)) ?? null
  return contacts.find(contact => same(contact.name, name)) ?? null
}

/** Whether the reporter may register under the plan. */
export function checkContact(plan: EffectivePlan, contacts: readonly Contact[], reporter: Reporter): Finding {
  if (!plan.contacts.namedOnly || findContact(contacts, reporter)) return { flags: [], why: [] }
  return {
    flags: ['contact-not-named'],
    why: [`${reporter.name} is not a named contact; the ${plan.name} plan takes tickets from named contacts only.`],
  }
}

/**
 * The case quota of the month. `used`: cases registered before in this month. Beyond it a case is paid on its own and has its
 * clocks, or waits for approval without them.
 */
export function checkQuota(plan: EffectivePlan, used: number): Finding & { owesClocks: boolean } {
  const { perMonth, beyond, payPerIncident } = plan.cases
  if (perMonth === null || used < perMonth) {
    return payPerIncident
      ? { flags: ['pay-per-incident'], why: ['Each case is paid on its own.'], owesClocks: true }
      : { flags: [], why: [], owesClocks: true }
  }
  const isPaid = beyond === 'pay-per-incident'
  const why = `${used} of ${perMonth} cases of this month were used before: ${isPaid ? 'paid on its own' : 'waits for approval, no deadlines until then'}.`
  return { flags: isPaid ? ['case-quota-exceeded', 'pay-per-incident'] : ['case-quota-exceeded'], why: [why], owesClocks: isPaid }
}

/** Calendar month of an instant in a zone: [fromMs, toMs). */
export function monthOf(atMs: number, timeZone: string): { month: string; fromMs: number; toMs: number } {
  const first = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate().with({ day: 1 })
  const startOf = (date: Temporal.PlainDate): number => date.toZonedDateTime(timeZone).epochMilliseconds
  return { month: first.toString().slice(0, 7), fromMs: startOf(first), toMs: startOf(first.add({ months: 1 })) }
}

/** Required fields that are not there, in the plan's words; a product is named by itself or by its version. */
export function missingFields(plan: EffectivePlan, report: Report, organisation: string): string[] {
  const { reporter } = report
  const has: Record<EffectivePlan['requiredFields'][number], boolean> = {
    name: reporter.name.trim() !== '',
    email: Boolean(reporter.email),
    phone: Boolean(reporter.phone),
    'email-or-phone': Boolean(reporter.email ?? reporter.phone),
    organisation: organisation !== '',
    softwareVersion: Boolean(report.softwareVersion),
    platformVersion: Boolean(report.platformVersion),
    description: report.description.trim() !== '',
    impact: Boolean(report.impact),
    product: Boolean(report.productId ?? report.softwareVersion),
  }
  return plan.requiredFields.filter(field => !has[field])
}

/** What missing fields do: a flag, and the ticket waits for them when the plan says so. */
export function checkFields(plan: EffectivePlan, missing: readonly string[]): Finding & { waits: boolean } {
  if (missing.length === 0) return { flags: [], why: [], waits: false }
  const consequence = plan.withholdUntilComplete ? ' Its clocks do not run until they are there.' : ''
  return {
    flags: ['missing-information'],
    why: [`The ${plan.name} plan needs ${missing.join(', ')}.${consequence}`],
    waits: plan.withholdUntilComplete,
  }
}

const NEEDS = /^The .+ plan needs [\w, -]+\.(?: Its clocks do not run until they are there\.)?$/

/** Sentences with what a report lacks now in place of what it lacked before. */
export function restateFields(why: readonly string[], plan: EffectivePlan, missing: readonly string[]): string[] {
  return [...why.filter(sentence => !NEEDS.test(sentence)), ...checkFields(plan, missing).why]
}
