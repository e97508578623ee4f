/** What an edit of a plan or of terms does to customers, counted and put into one sentence. */
import type { CustomerEffect, EditPreview, MovedClock } from '../../../shared/api/contracts/plan-preview-api.ts'
import { allocatePlaces, type Allowance, type Candidate } from './cover-allocation.ts'

const MAX_CUSTOMERS = 200
const MAX_CLOCKS = 50

type Totals = EditPreview['totals']
type Places = CustomerEffect['devices']

/** Devices that change their place, once the grace of a downgrade is over. */
export function placeEffect(devices: readonly Candidate[], allowance: Omit<Allowance, 'inGrace'>): Places {
  const moved = allocatePlaces(devices, { ...allowance, inGrace: false })
  const places: Places = { admitted: 0, additional: 0, uncovered: 0 }
  for (const { id, state } of devices) {
    const after = moved.get(id)
    if (after === 'uncovered') places.uncovered += 1
    if (after === 'additional') places.additional += 1
    if ((after === 'active' || after === 'additional') && (state === 'waiting' || state === 'uncovered')) places.admitted += 1
  }
  return places
}

/** How much an edit changes for a customer: the order of the list. What is overdue or not covered any more weighs most. */
function weight({ tickets, devices, contactsOver }: CustomerEffect): number {
  const hard = tickets.overdue + devices.uncovered
  return hard * 1_000_000 + tickets.moved + devices.admitted + devices.additional + contactsOver
}

const many = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`

/** `7 tickets move, 2 become overdue; 3 devices lose their place`. */
function sentenceOf(totals: Totals, contactsOver: number): string {
  const { moved, overdue, admitted, additional, uncovered } = totals
  const tickets = [
    ...(moved > 0 ? [many(moved, 'ticket moves', 'tickets move')] : []),
    ...(overdue > 0
      ? [moved > 0 ? many(overdue, 'becomes overdue', 'become overdue') : many(overdue, 'ticket becomes overdue', 'tickets become overdue')]
      : []),
  ].join(', ')
  const parts = [
    ...(tickets === '' ? [] : [tickets]),
    ...(uncovered > 0 ? [many(uncovered, 'device loses its place', 'devices lose their place')] : []),
    ...(additional > 0 ? [many(additional, 'device is billed beyond the plan', 'devices are billed beyond the plan')] : []),
    ...(admitted > 0 ? [many(admitted, 'device gets a place', 'devices get a place')] : []),
    ...(contactsOver > 0 ? [many(contactsOver, 'contact is beyond the number named', 'contacts are beyond the number named')] : []),
  ]
  return parts.length === 0 ? 'Nothing changes for anybody.' : parts.join('; ')
}

/** The whole answer from what was counted for each customer. */
export function summariseEdit(effects: readonly CustomerEffect[], clocks: readonly MovedClock[], warnings: readonly string[]): EditPreview {
  const touched = effects.filter(effect => weight(effect) > 0)
  const sum = (of: (effect: CustomerEffect) => number): number => effects.reduce((total, effect) => total + of(effect), 0)
  const totals: Totals = {
    customers: touched.length,
    open: sum(({ tickets }) => tickets.open),
    moved: sum(({ tickets }) => tickets.moved),
    overdue: sum(({ tickets }) => tickets.overdue),
    admitted: sum(({ devices }) => devices.admitted),
    additional: sum(({ devices }) => devices.additional),
    uncovered: sum(({ devices }) => devices.uncovered),
  }
  return {
    sentence: sentenceOf(
      totals,
      sum(({ contactsOver }) => contactsOver),
    ),
    totals,
    customers: touched.toSorted((one, other) => weight(other) - weight(one) || (one.name < other.name ? -1 : 1)).slice(0, MAX_CUSTOMERS),
    clocks: clocks.toSorted((one, other) => Number(other.overdue) - Number(one.overdue)).slice(0, MAX_CLOCKS),
    warnings: [...warnings],
  }
}
