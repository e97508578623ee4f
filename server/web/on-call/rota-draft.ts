/** A rota while it is written: times of day and local times as inputs hold them. */
import type { Rota, RotaInput } from '../../../shared/api/on-call/on-call-api.ts'
import { HERE_ZONE } from '../components/time-zones.ts'

export const DAYS = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' } as const
export type Day = keyof typeof DAYS

/** What of a rota a person writes. */
export function inputOf(rota: Rota): RotaInput {
  const { name, customers, timeZone, people, shifts, overrides, handOver, nextAfterMinutes } = rota
  return { name, customers, timeZone, people, shifts, overrides, handOver, nextAfterMinutes }
}

/** Nights and weekends of one person: what most desks begin with. */
export function blankRota(today: string): RotaInput {
  return {
    name: '',
    customers: [],
    timeZone: HERE_ZONE,
    people: [{ key: 'p1', name: '', email: '' }],
    shifts: [
      { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '17:00', to: '09:00', people: ['p1'] },
      { days: ['sat', 'sun'], from: '09:00', to: '09:00', people: ['p1'] },
    ],
    overrides: [],
    handOver: { day: 'mon', time: '09:00', since: today },
    nextAfterMinutes: 10,
  }
}

/** A key no other person of the rota has. */
export function freeKey(people: RotaInput['people']): string {
  const taken = new Set(people.map(person => person.key))
  for (let number = 1; ; number += 1) if (!taken.has(`p${number}`)) return `p${number}`
}

/** Takes a person out everywhere; a shift that nobody is left for goes too. */
export function withoutPerson(rota: RotaInput, key: string): RotaInput {
  return {
    ...rota,
    people: rota.people.filter(person => person.key !== key),
    shifts: rota.shifts
      .map(shift => ({ ...shift, people: shift.people.filter(other => other !== key) }))
      .filter(shift => shift.people.length > 0),
    overrides: rota.overrides.filter(one => one.person !== key),
  }
}

/** An instant as an input of the kind datetime-local holds it, in this browser's time. */
export function localInput(iso: string): string {
  const ms = Date.parse(iso)
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
