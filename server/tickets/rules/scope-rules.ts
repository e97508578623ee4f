/** What a plan does not cover: reasons it lists, and the words that offer something instead. */
import { DomainError, invalidInput } from '../../platform/errors.ts'
import type { EffectivePlan } from '../../plans/rules/plan.ts'
import type { Language } from '../../../shared/languages.ts'

export type OfferKind = 'billable' | 'partner' | 'declined'
type ScopeTerms = Pick<EffectivePlan, 'name' | 'outOfScope'>

/** Reasons a ticket may be out of scope by: the plan's subjects, then its categories. */
export function scopeReasons({ outOfScope }: ScopeTerms): string[] {
  return [...new Set([...outOfScope.subjects, ...outOfScope.categories])]
}

/** Throws invalid-input for a reason the plan does not list: what it does not exclude it covers. */
export function mustBeExcluded(plan: ScopeTerms, reason: string): void {
  const reasons = scopeReasons(plan)
  if (reasons.includes(reason)) return
  const message =
    reasons.length === 0
      ? `the ${plan.name} plan excludes nothing; agree exclusions with the customer in its own terms first`
      : `is not on the list of the ${plan.name} plan: ${reasons.join('; ')}`
  throw invalidInput([{ path: 'body/reason', message }])
}

const REASON: Record<Language, (reason: string) => string> = {
  en: reason => `What you ask for is not covered by your support plan (${reason}).`,
  de: reason => `Ihre Anfrage ist von Ihrem Supportplan nicht abgedeckt (${reason}).`,
  sv: reason => `Det du frågar om ingår inte i ditt supportavtal (${reason}).`,
  pt: reason => `O que você solicita não está coberto pelo seu plano de suporte (${reason}).`,
}
const OFFER: Record<OfferKind, Record<Language, (estimate: string | null) => string>> = {
  billable: {
    en: estimate => `We can do it as billable work${estimate === null ? '' : `: ${estimate}`}. Do you accept?`,
    de: estimate =>
      `Wir können es als kostenpflichtige Leistung ausführen${estimate === null ? '' : `: ${estimate}`}. Sind Sie einverstanden?`,
    sv: estimate => `Vi kan göra det mot betalning${estimate === null ? '' : `: ${estimate}`}. Godkänner du det?`,
    pt: estimate => `Podemos fazê-lo como serviço pago${estimate === null ? '' : `: ${estimate}`}. Você aceita?`,
  },
  partner: {
    en: () => 'We give it to one of our partners, who will contact you.',
    de: () => 'Wir geben es an einen unserer Partner weiter, der sich bei Ihnen meldet.',
    sv: () => 'Vi lämnar över det till en av våra partner, som kontaktar dig.',
    pt: () => 'Vamos encaminhá-lo a um de nossos parceiros, que entrará em contato.',
  },
  declined: {
    en: () => 'We cannot take it on.',
    de: () => 'Wir können es nicht übernehmen.',
    sv: () => 'Vi kan inte ta oss an det.',
    pt: () => 'Não podemos assumi-lo.',
  },
}

/** What the customer reads when nobody wrote other words. */
export function draftOffer(offer: { kind: OfferKind; reason: string; estimate: string | null }, language: Language): string {
  return `${REASON[language](offer.reason)} ${OFFER[offer.kind][language](offer.estimate)}`
}

/** Throws conflict when there is nothing to decide. */
export function mustBeOpenOffer(offer: { state: string; kind: OfferKind } | null): void {
  if (offer === null || offer.state !== 'open' || offer.kind !== 'billable')
    throw new DomainError('conflict', 'conflict', 'There is no open offer of billable work on this ticket.')
}
