/** Who of the staff is at which ticket: kept in memory, gone with a restart, told over the event stream. */
import { heard, looksAlike, present, type Attendant } from './rules/attendance-rules.ts'
import type { ChangeBus } from '../platform/change-bus.ts'

/** Tickets with somebody at them at once; beyond, the one heard of longest ago is forgotten. */
const MAX_TICKETS = 5_000

/** Makes the service. */
export function makeAttendance({ now, bus }: { now: () => number; bus: ChangeBus }) {
  const tickets = new Map<string, { customerId: string; attendants: readonly Attendant[] }>()

  const keep = (ticketId: string, customerId: string, after: readonly Attendant[]): void => {
    const before = tickets.get(ticketId)?.attendants ?? []
    tickets.delete(ticketId)
    if (after.length > 0) tickets.set(ticketId, { customerId, attendants: after })
    if (tickets.size > MAX_TICKETS) tickets.delete(tickets.keys().next().value ?? '')
    if (!looksAlike(before, after)) bus.publish([{ kind: 'attendance', id: ticketId, customerId }])
  }
  const list = (ticketId: string): readonly Attendant[] => present(tickets.get(ticketId)?.attendants ?? [], now())

  return {
    list,

    /** Somebody is at a ticket. Gives everybody who is. */
    heard(at: { ticketId: string; customerId: string }, person: Pick<Attendant, 'personId' | 'name' | 'isWriting'>): readonly Attendant[] {
      keep(at.ticketId, at.customerId, heard(tickets.get(at.ticketId)?.attendants ?? [], person, now()))
      return list(at.ticketId)
    },

    /** Somebody went. */
    left(ticketId: string, personId: string): void {
      const known = tickets.get(ticketId)
      if (!known) return
      const after = present(known.attendants, now()).filter(one => one.personId !== personId)
      keep(ticketId, known.customerId, after)
    },

    /** Forgets whoever was not heard of for too long. */
    async expire(): Promise<void> {
      for (const [ticketId, { customerId, attendants }] of tickets) {
        const after = present(attendants, now())
        if (after !== attendants) keep(ticketId, customerId, after)
      }
    },
  }
}
export type Attendance = ReturnType<typeof makeAttendance>
