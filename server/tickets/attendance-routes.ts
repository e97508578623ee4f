/** Who is at a ticket: for staff alone, who see each other and never overwrite. */
import { Type } from 'typebox'
import { AttendanceAnswer, AttendanceInput } from '../../shared/api/tickets/attendance-api.ts'
import { mustSeeCustomer, type Caller } from '../platform/caller.ts'
import type { Attendant } from './rules/attendance-rules.ts'
import { notFound } from '../platform/errors.ts'
import type { Attendance } from './attendance.ts'
import type { Ticketing } from './tickets.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const personOf = (caller: Caller): string => `${caller.kind}:${caller.id}`

function view(attendants: readonly Attendant[], caller: Caller): AttendanceAnswer {
  return {
    people: attendants.map(({ personId, name, isWriting, sinceMs }) => ({
      name,
      writing: isWriting,
      since: new Date(sinceMs).toISOString(),
      isYou: personId === personOf(caller),
    })),
  }
}

/** Routes of attendance. */
export function attendanceRoutes({ attendance, ticketOwner }: { attendance: Attendance; ticketOwner: Ticketing['ownerOf'] }) {
  const mustSee = async (caller: Caller, ticketId: string): Promise<string> => {
    const owner = await ticketOwner(ticketId)
    if (!owner) throw notFound('ticket')
    mustSeeCustomer(caller, owner.customer_id, 'ticket')
    return owner.customer_id
  }
  return (app: App): void => {
    app.get(
      '/tickets/:id/presence',
      {
        config: { access: 'staff' },
        schema: { tags: ['tickets'], summary: 'Who is at the ticket now', params: Id, response: { 200: AttendanceAnswer } },
      },
      async request => {
        const caller = callerOf(request)
        await mustSee(caller, request.params.id)
        return view(attendance.list(request.params.id), caller)
      },
    )
    app.put(
      '/tickets/:id/presence',
      {
        config: { access: 'staff' },
        schema: {
          tags: ['tickets'],
          summary: 'I am at the ticket: repeated every 15 s, forgotten after 40 s',
          params: Id,
          body: AttendanceInput,
          response: { 200: AttendanceAnswer },
        },
      },
      async request => {
        const caller = callerOf(request)
        const ticketId = request.params.id
        const customerId = await mustSee(caller, ticketId)
        const person = { personId: personOf(caller), name: caller.name, isWriting: request.body.writing }
        return view(attendance.heard({ ticketId, customerId }, person), caller)
      },
    )
    app.delete(
      '/tickets/:id/presence',
      { config: { access: 'staff' }, schema: { tags: ['tickets'], summary: 'I have gone', params: Id, response: { 204: Type.Null() } } },
      async (request, reply) => {
        const caller = callerOf(request)
        await mustSee(caller, request.params.id)
        attendance.left(request.params.id, personOf(caller))
        return reply.code(204).send(null)
      },
    )
  }
}
