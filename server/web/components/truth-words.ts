/** Words, order and colours of the three truths about a device. */
import type { Device } from '../../../shared/api/devices/device-api.ts'

export type Verdict = Device['verdict']
export type Connection = Device['connection']
export type DeviceState = Device['state']

export const VERDICT_WORDS: Record<Verdict, string> = {
  'not-serving': 'Not serving',
  degraded: 'Degraded',
  serving: 'Serving',
  closed: 'Closed',
  unknown: 'Unknown',
}
/** Worst first: the order of tiles, filters and rows. */
export const VERDICT_ORDER = ['not-serving', 'degraded', 'unknown', 'serving', 'closed'] as const satisfies readonly Verdict[]
export const VERDICT_MEANS: Record<Verdict, string> = {
  'not-serving': 'Customers cannot be served right now',
  degraded: 'Serves, but something that matters is broken',
  serving: 'Serves its customers',
  closed: 'Outside opening hours, or planned off',
  unknown: 'No fresh facts to judge from',
}

export const CONNECTION_WORDS: Record<Connection, string> = {
  online: 'Online',
  suspect: 'Suspect',
  offline: 'Offline',
  'planned-offline': 'Planned offline',
  unknown: 'Unknown',
  never: 'Never seen',
}
export const CONNECTION_ORDER = [
  'offline',
  'suspect',
  'unknown',
  'never',
  'planned-offline',
  'online',
] as const satisfies readonly Connection[]
export const CONNECTION_MEANS: Record<Connection, string> = {
  online: 'Its link to the server stands',
  suspect: 'Connected, but nothing was heard for 30 seconds',
  offline: 'The link broke without a goodbye',
  'planned-offline': 'Said goodbye: shutdown, update or maintenance',
  unknown: 'The server started a moment ago and still listens',
  never: 'Enrolled, but never connected',
}

export const STATE_WORDS: Record<DeviceState, string> = {
  active: 'Covered',
  additional: 'Additional',
  waiting: 'Waiting',
  uncovered: 'Not covered',
  retired: 'Retired',
}
export const STATE_MEANS: Record<DeviceState, string> = {
  active: 'Inside the plan of the customer',
  additional: 'Beyond the devices of the plan: watched in full, billed separately',
  waiting: 'All places of the plan are taken. It enters by itself when a device is retired or the plan grows',
  uncovered: 'Outside the plan after a downgrade: watched, but raises no tickets',
  retired: 'Its place is free and its credential is revoked',
}

const DEFAULT_LEVEL_WORDS = { 1: 'Critical', 2: 'Major', 3: 'Minor', 4: 'Cosmetic' } as const
/** `1 Critical` unless the plan names its levels otherwise. */
export const levelWord = (level: number, name?: string): string => name ?? DEFAULT_LEVEL_WORDS[level as 1 | 2 | 3 | 4] ?? String(level)
