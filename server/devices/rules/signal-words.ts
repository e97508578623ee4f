/** Signals in the words of a ticket's subject. */
import type { Language } from '../../../shared/languages.ts'
import { signalOf } from '../../../shared/signals/signals.ts'

/** What is wrong: the rule's own title, else our words, else the signal of another version spelled out. The component is named. */
export function spellFault(fault: { signal: string; component: string; title?: string | undefined }, language: Language = 'en'): string {
  const words = fault.title ?? signalOf(fault.signal)?.words[language] ?? fault.signal.replaceAll(/[.-]/g, ' ')
  return fault.component === '' ? words : `${words}: ${fault.component}`
}
