/** Faults and remedies in the language of a customer. What this version does not know is told in English. */
import { remedyOf, remedyWords } from '../../shared/remedies.ts'
import { spellFault } from '../devices/rules/signal-words.ts'
import type { Language } from '../../shared/languages.ts'

/** What is wrong, with the component that is meant. */
export function localFault(language: Language, { signal, component }: { signal: string; component: string }): string {
  return spellFault({ signal, component }, language)
}

/** What the device tried. */
export function localRemedy(language: Language, id: string): string {
  return (language === 'en' ? undefined : remedyOf(id)?.[language]) ?? remedyWords(id)
}
