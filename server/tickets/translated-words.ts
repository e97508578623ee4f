/** Faults and remedies in the language of a customer: faults in a file beside the templates. What is not known there is told in English. */
import { readFileSync } from 'node:fs'
import { remedyOf, remedyWords } from '../../shared/remedies.ts'
import { spellFault } from '../devices/rules/signal-words.ts'
import type { Language } from '../../shared/languages.ts'

type Words = { faults: Record<string, string> }
const WORDS = JSON.parse(readFileSync(new URL('../catalogue/words.json', import.meta.url), 'utf8')) as Partial<Record<Language, Words>>

/** What is wrong, with the component that is meant. */
export function localFault(language: Language, fault: { signal: string; component: string }): string {
  const faults = WORDS[language]?.faults ?? {}
  return spellFault({ ...fault, title: Object.hasOwn(faults, fault.signal) ? faults[fault.signal] : undefined })
}

/** What the device tried. */
export function localRemedy(language: Language, id: string): string {
  return (language === 'en' ? undefined : remedyOf(id)?.[language]) ?? remedyWords(id)
}
