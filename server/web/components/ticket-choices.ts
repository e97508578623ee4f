/** What a ticket or a plan can name, as value and label. */
import { CATEGORY_WORDS, CHANNEL_WORDS } from '../../../shared/api/plans/term-words.ts'

const spaced = (word: string): string => word.replaceAll('-', ' ')
const choices = <Word extends string>(words: readonly Word[]): { value: Word; label: string }[] =>
  words.map(value => ({ value, label: spaced(value) }))

/** The words of a table as value and label, in its order. */
export function choicesOf<Word extends string>(words: Partial<Record<Word, string>>): { value: Word; label: string }[] {
  return Object.entries<string | undefined>(words).map(([value, label]) => ({ value: value as Word, label: label ?? value }))
}

export const ENVIRONMENTS = choices(['production', 'staging', 'test', 'installation'])
export const CATEGORIES = choicesOf(CATEGORY_WORDS)
export const CHANNELS = choicesOf(CHANNEL_WORDS)

export const UNITS = choices(['hours', 'sessions', 'visits', 'included'])
export const PERIODS = [
  { value: 'month', label: 'a month' },
  { value: 'year', label: 'a year' },
  { value: 'product', label: 'a product' },
  { value: 'contract', label: 'the contract' },
]
