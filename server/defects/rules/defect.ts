/** Rules of defects: who rates them, what a fix has to name, and the words customers hear, which never name the defect. */
import { roleMay, type Role } from '../../platform/caller.ts'
import { DomainError, invalidInput, type FieldError } from '../../platform/errors.ts'
import type { Language } from '../../../shared/languages.ts'

export type DefectFacts = {
  status: 'open' | 'confirmed' | 'in-progress' | 'fixed' | 'not-fixed'
  estimateOn: string | null
  fixedIn: { productId: string; version: string } | null
}
export type DefectLetterFacts = DefectFacts & { productName: string | null }

const REFERENCE = /\bDF-\d{6,9}\b/i

/** `DF-000042`: unique per installation; never leaves the house. */
export function formatDefectReference(number: number): string {
  return `DF-${String(number).padStart(6, '0')}`
}

/** The escalation manager rates defects: the plans name nobody else. Throws forbidden. */
export function mustRate(role: Role): void {
  if (!roleMay(role, 'manage'))
    throw new DomainError('forbidden', 'forbidden', 'The severity of a defect is set by a manager or administrator; leave it out.')
}

/** Throws invalid-input when a status lacks what it says: a fix is in a release. */
export function mustFit(defect: DefectFacts): void {
  if (defect.status === 'fixed' && defect.fixedIn === null)
    throw invalidInput([{ path: 'body/fixedIn', message: 'is needed: a fixed defect names the release that has the fix' }])
}

/** What one of its customers has heard when this letter was sent; null when there is nothing to tell yet. */
export function letterKey(what: 'estimate' | 'fix', defect: DefectFacts): string | null {
  if (what === 'estimate') return defect.estimateOn === null || defect.status === 'fixed' ? null : `estimate:${defect.estimateOn}`
  return defect.status !== 'fixed' || defect.fixedIn === null ? null : `fix:${defect.fixedIn.productId}:${defect.fixedIn.version}`
}

/** Throws invalid-input when there is nothing to tell. */
export function mustHaveNews(what: 'estimate' | 'fix', defect: DefectFacts): string {
  const key = letterKey(what, defect)
  if (key !== null) return key
  const message =
    what === 'estimate' ? 'cannot be told: the defect has no estimate, or is fixed' : 'cannot be told: the defect is not fixed yet'
  throw invalidInput([{ path: 'what', message }])
}

const ESTIMATE: Record<Language, (day: string) => string> = {
  en: day => `We have found the cause of what you reported and are working on it. We expect the fix on ${day}.`,
  de: day => `Wir haben die Ursache Ihrer Meldung gefunden und arbeiten daran. Die Behebung erwarten wir am ${day}.`,
  sv: day => `Vi har hittat orsaken till det du rapporterade och arbetar med den. Vi räknar med en lösning den ${day}.`,
  pt: day => `Encontramos a causa do que você relatou e estamos trabalhando nela. A correção é esperada para ${day}.`,
}
const FIX: Record<Language, (release: string) => string> = {
  en: release => `What you reported is fixed in ${release}.`,
  de: release => `Was Sie gemeldet haben, ist in ${release} behoben.`,
  sv: release => `Det du rapporterade är åtgärdat i ${release}.`,
  pt: release => `O que você relatou foi corrigido em ${release}.`,
}

/** The drafted words in a language. Neither the defect's reference nor its title or comments are in them. */
export function draftLetter(what: 'estimate' | 'fix', defect: DefectLetterFacts, language: Language): string {
  if (what === 'fix')
    return FIX[language](`${defect.productName ?? defect.fixedIn?.productId ?? ''} ${defect.fixedIn?.version ?? ''}`.trim())
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(
    Date.parse(`${defect.estimateOn ?? ''}T00:00:00Z`),
  )
  return ESTIMATE[language](day)
}

/** Throws invalid-input for words that name a defect: what is inside stays inside. */
export function mustNotNameDefects(texts: Partial<Record<string, string>>): void {
  const errors: FieldError[] = Object.entries(texts)
    .filter(([, text]) => text !== undefined && REFERENCE.test(text))
    .map(([language]) => ({ path: `body/texts/${language}`, message: 'names a defect; customers hear of their ticket alone' }))
  if (errors.length > 0) throw invalidInput(errors)
}
