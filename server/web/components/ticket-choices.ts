/** What a ticket or a plan can name, as value and label. */
import type { Plan } from '../../../shared/api/plans/plan-api.ts'

const spaced = (word: string): string => word.replaceAll('-', ' ')
const choices = <Word extends string>(words: readonly Word[]): { value: Word; label: string }[] =>
  words.map(value => ({ value, label: spaced(value) }))

export const ENVIRONMENTS = choices(['production', 'staging', 'test', 'installation'])
export const CATEGORIES = choices([
  'incident',
  'information',
  'feature-request',
  'cosmetic',
  'hardware',
  'third-party',
  'operating-system',
  'network',
  'printer',
  'consulting',
])
export const CHANNELS = choices(['form', 'email', 'phone', 'chat', 'portal', 'api'])

const FIELD_WORDS: Record<Plan['requiredFields'][number], string> = {
  name: 'name',
  email: 'e-mail',
  phone: 'phone',
  'email-or-phone': 'e-mail or phone',
  organisation: 'organisation',
  softwareVersion: 'software version',
  platformVersion: 'platform version',
  description: 'description',
  impact: 'impact',
  product: 'product',
}
export const REQUIRED_FIELDS = Object.entries(FIELD_WORDS).map(([value, label]) => ({ value, label }))

export const UNITS = choices(['hours', 'sessions', 'visits', 'included'])
export const PERIODS = [
  { value: 'month', label: 'a month' },
  { value: 'year', label: 'a year' },
  { value: 'product', label: 'a product' },
  { value: 'contract', label: 'the contract' },
]
