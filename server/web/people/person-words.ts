/** Roles and second factors in words. */
import type { Person } from '../../../shared/api/accounts/people-api.ts'

export const ROLE_WORDS: Record<Person['role'], { word: string; may: string }> = {
  admin: { word: 'Administrator', may: 'everything, people and tokens too' },
  manager: { word: 'Manager', may: 'plans, customers, partners and people below' },
  desk: { word: 'Support desk', may: 'tickets, devices and visits' },
  viewer: { word: 'Viewer', may: 'look at everything, change nothing' },
  customer: { word: 'Customer', may: 'see their own kiosks and report faults' },
  partner: { word: 'Partner', may: 'see and answer their own jobs' },
}
export const FACTOR_WORDS: Record<Person['secondFactor'], string> = { none: 'none', totp: 'Authenticator', mail: 'By mail' }
/** A role as people call it; a word that is unknown here stays as it is. */
export function roleWord(role: string): string {
  return Object.entries(ROLE_WORDS).find(([name]) => name === role)?.[1].word ?? role
}
