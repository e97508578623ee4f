/** Words that terms of plans share: a limit, yes and no, lists, and what a ticket can name. */
import type { Category, Channel } from '../sla/sla-api.ts'
import type { RequiredField } from './plan-parts.ts'

/** `3 devices`, `1 device`, `without limit`. */
export const limitText = (included: number | null, one: string, many: string): string =>
  included === null ? 'without limit' : `${included} ${included === 1 ? one : many}`
export const yesNo = (is: boolean): string => (is ? 'yes' : 'no')
export const listed = (words: readonly string[]): string => words.join(', ') || 'none'

/** Ways that people may register by; what monitoring raises is a term of its own. */
export const CHANNEL_WORDS: Record<Exclude<Channel, 'monitoring'>, string> = {
  form: 'form',
  email: 'email',
  phone: 'phone',
  chat: 'chat',
  portal: 'portal',
  api: 'api',
}
export const CATEGORY_WORDS: Record<Category, string> = {
  incident: 'incident',
  information: 'information',
  'feature-request': 'feature request',
  cosmetic: 'cosmetic',
  hardware: 'hardware',
  'third-party': 'third party',
  'operating-system': 'operating system',
  network: 'network',
  printer: 'printer',
  consulting: 'consulting',
}
export const FIELD_WORDS: Record<RequiredField, string> = {
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
