/** A month of a support desk as a list of acts, the same in every run: who registers, answers, waits, re-ranks, resolves and is silent. */
import type { PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import { seededRandom, type Random } from '../../demo/demo-random.ts'

const MINUTE_MS = 60_000
const HOUR = 60
const DAY = 24 * HOUR
/** Monday; Europe and then America leave summer time within the month. */
export const START_MS = Date.parse('2026-10-05T00:00:00Z')
export const MINUTES = 31 * DAY
export const END_MS = START_MS + MINUTES * MINUTE_MS

export const DEVICES = 500
const TICKETS = 2_000
const MONITORED = 700

/** One customer for each plan; some have holidays of their own. */
export const CUSTOMERS: readonly { planId: string; timeZone: string; overrides: PlanOverrides; devices: number }[] = [
  { planId: 'ombori-free', timeZone: 'Europe/Stockholm', overrides: { holidays: ['2026-10-12'] }, devices: 3 },
  { planId: 'ombori-pilot', timeZone: 'Europe/Stockholm', overrides: { holidays: ['2026-10-14', '2026-10-15'] }, devices: 37 },
  { planId: 'ombori-production', timeZone: 'Europe/Stockholm', overrides: {}, devices: 140 },
  { planId: 'ombori-enterprise', timeZone: 'America/New_York', overrides: {}, devices: 200 },
  { planId: 'op5-basic', timeZone: 'Europe/Berlin', overrides: {}, devices: 12 },
  { planId: 'op5-standard', timeZone: 'America/Chicago', overrides: { holidays: ['2026-10-12'] }, devices: 12 },
  { planId: 'op5-premium', timeZone: 'Europe/Stockholm', overrides: {}, devices: 12 },
  { planId: 'opmantek-standard', timeZone: 'Australia/Sydney', overrides: {}, devices: 12 },
  { planId: 'opmantek-premium', timeZone: 'America/New_York', overrides: {}, devices: 12 },
  { planId: 'opmantek-enterprise', timeZone: 'Asia/Kolkata', overrides: {}, devices: 12 },
  { planId: 'ops-com-standard-plus', timeZone: 'America/Toronto', overrides: { holidays: ['2026-10-12'] }, devices: 12 },
  { planId: 'ops-com-premium', timeZone: 'America/Toronto', overrides: {}, devices: 12 },
  { planId: 'opservices-pro', timeZone: 'America/Sao_Paulo', overrides: { holidays: ['2026-11-02'] }, devices: 12 },
  { planId: 'opservices-premium', timeZone: 'America/Sao_Paulo', overrides: {}, devices: 12 },
]
/** Faults whose hold and quiet time are whole minutes, one for each level. */
const SIGNALS = ['filesystem.read-only', 'page.unreachable', 'url.failing', 'certificate.expiring'] as const

type What =
  | { kind: 'register'; customer: number; level: number }
  | { kind: 'observe'; device: number; signal: string; state: 'failing' | 'ok' }
  | { kind: 'message'; by: 'person' | 'customer'; asks: boolean }
  | { kind: 'move'; to: 'in-progress' | 'waiting-partner' | 'resolved' | 'closed' }
  | { kind: 'level'; level: number }
  | { kind: 'approve' }
/** `number` counts from 1 in the order of the acts; `key` names the ticket: `R17`, or `D3 url.failing`. */
export type MonthAct = What & { number: number; key: string; atMs: number }
type Planned = What & { key: string; minute: number }

/** Which customer a device belongs to. */
export function customerOfDevice(device: number): number {
  let end = 0
  return CUSTOMERS.findIndex(customer => (end += customer.devices) > device)
}

/** Minutes until the next thing: at once, within hours, or a long silence. */
const gap = (random: Random): number => {
  const length = random.next()
  if (length < 0.55) return Math.floor(random.between(1, 50))
  if (length < 0.9) return Math.floor(random.between(30, 7 * HOUR))
  return Math.floor(random.between(7 * HOUR, 3 * DAY))
}

type Status = 'open' | 'waiting' | 'partner' | 'resolved' | 'closed'
const person = (asks: boolean): What => ({ kind: 'message', by: 'person', asks })
const word: What = { kind: 'message', by: 'customer', asks: false }

/** What people do next with a ticket in a status, and the status after it; null = nothing more. */
function nextAct(random: Random, status: Status): { what: What; after: Status } | null {
  const dice = random.next()
  const level = (): What => ({ kind: 'level', level: Math.floor(random.between(1, 5)) })
  const move = (to: (What & { kind: 'move' })['to'], after: Status) => ({ what: { kind: 'move', to } as const, after })
  if (status === 'open') {
    if (dice < 0.38) return { what: person(false), after: 'open' }
    if (dice < 0.52) return { what: person(true), after: 'waiting' }
    if (dice < 0.66) return { what: level(), after: 'open' }
    if (dice < 0.71) return { what: word, after: 'open' }
    if (dice < 0.87) return move('resolved', 'resolved')
    if (dice < 0.91) return move('waiting-partner', 'partner')
    return dice < 0.94 ? move('closed', 'closed') : null
  }
  if (status === 'waiting') {
    if (dice < 0.5) return { what: word, after: 'open' }
    if (dice < 0.62) return { what: person(false), after: 'waiting' }
    if (dice < 0.75) return { what: level(), after: 'waiting' }
    return dice < 0.88 ? move('resolved', 'resolved') : null
  }
  if (status === 'partner') return dice < 0.7 ? move('in-progress', 'open') : { what: person(false), after: 'partner' }
  if (status === 'resolved') {
    if (dice < 0.2) return { what: word, after: 'open' }
    if (dice < 0.28) return move('in-progress', 'open')
    return dice < 0.45 ? move('closed', 'closed') : null
  }
  return dice < 0.1 ? move('in-progress', 'open') : null
}

function peopleActs(random: Random, key: string, fromMinute: number): Planned[] {
  const acts: Planned[] = []
  let status: Status = 'open'
  let minute = fromMinute
  for (let count = 0; count < 5; count += 1) {
    const next = nextAct(random, status)
    minute += gap(random)
    if (!next || minute >= MINUTES) break
    acts.push({ ...next.what, key, minute })
    status = next.after
  }
  // Few are left for good: an overdue update is reminded of every hour until the month is over.
  const endMinute = minute + gap(random)
  if (status !== 'resolved' && status !== 'closed' && random.chance(0.96) && endMinute < MINUTES)
    acts.push({ kind: 'move', to: 'resolved', key, minute: endMinute })
  return acts
}

function registered(random: Random, index: number): Planned[] {
  const key = `R${index}`
  const customer = index % CUSTOMERS.length
  const minute = Math.floor(random.between(0, 29 * DAY))
  const acts: Planned[] = [{ kind: 'register', customer, level: Math.floor(random.between(1, 5)), key, minute }]
  const hasQuota = CUSTOMERS[customer]?.planId.startsWith('opmantek') === true
  const approvedAt = minute + gap(random)
  if (hasQuota && random.chance(0.6) && approvedAt < MINUTES) acts.push({ kind: 'approve', key, minute: approvedAt })
  return [...acts, ...peopleActs(random, key, hasQuota ? approvedAt : minute)]
}

/** A fault, and what ends it: it recovers by itself (and may be back within a day), or people see to it. */
function monitored(random: Random, index: number): Planned[] {
  const device = index % DEVICES
  const signal = SIGNALS[Math.floor(index / DEVICES + index) % SIGNALS.length] as string
  const key = `D${device} ${signal}`
  let minute = Math.floor(random.between(0, 29 * DAY))
  const acts: Planned[] = [{ kind: 'observe', device, signal, state: 'failing', key, minute }]
  if (random.chance(0.5)) return [...acts, ...peopleActs(random, key, minute + 10)]
  for (const state of ['ok', 'failing', 'ok'] as const) {
    // Back within a day of its recovery: the same ticket opens again.
    minute += 10 + (state === 'failing' ? Math.floor(random.between(0, 20 * HOUR)) : gap(random))
    if (minute >= MINUTES) break
    acts.push({ kind: 'observe', device, signal, state, key, minute })
    if (state === 'ok' && random.chance(0.7)) break
  }
  return acts
}

/** Every act of the month in order; observations have each a minute of their own, so that the newest one names how far it went. */
export function monthActs(seed: number): MonthAct[] {
  const random = seededRandom(seed)
  const planned: Planned[] = []
  for (let index = 0; index < TICKETS; index += 1)
    planned.push(...(index < MONITORED ? monitored(random, index) : registered(random, index - MONITORED)))
  const taken = new Set<number>()
  const inTime = planned.map(act => {
    let { minute } = act
    while (act.kind === 'observe' && taken.has(minute)) minute += 1
    if (act.kind === 'observe') taken.add(minute)
    return { ...act, minute }
  })
  return inTime
    .map((act, index) => ({ act, index }))
    .toSorted((one, other) => one.act.minute - other.act.minute || one.index - other.index)
    .map(({ act: { minute, ...act } }, index) => ({ ...act, number: index + 1, atMs: START_MS + minute * MINUTE_MS }))
}
