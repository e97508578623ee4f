/** Faults and remedies in the language of a customer: a file beside the templates. What it does not know is told in English. */
import { readFileSync } from 'node:fs'
import { remedyWords } from '../../shared/remedies.ts'
import { spellFault } from '../devices/rules/signal-words.ts'
import type { Language } from '../customers/rules/report-fields.ts'

type Words = { faults: Record<string, string>; remedies: Record<string, string> }
const WORDS = JSON.parse(readFileSync(new URL('../catalogue/words.json', import.meta.url), 'utf8')) as Partial<Record<Language, Words>>

/** What is wrong, with the component that is meant. */
export function localFault(language: Language, fault: { signal: string; component: string }): string {
  const faults = WORDS[language]?.faults ?? {}
  return spellFault({ ...fault, title: Object.hasOwn(faults, fault.signal) ? faults[fault.signal] : undefined })
}

/** What the device tried. */
export function localRemedy(language: Language, id: string): string {
  const remedies = WORDS[language]?.remedies ?? {}
  return (Object.hasOwn(remedies, id) ? remedies[id] : undefined) ?? remedyWords(id)
}
