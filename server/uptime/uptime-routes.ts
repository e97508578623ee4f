/** Availability of the platform, outside probes and announced maintenance. */
import { Type } from 'typebox'
import { ListOf } from '../../shared/api/list.ts'
import { PlannedMaintenance, PlannedMaintenanceInput, ProbeResults, UptimeReport } from '../../shared/api/uptime/uptime-api.ts'
import { Closed, Id } from '../../shared/schema-pieces.ts'
import { mustSeeCustomer } from '../platform/caller.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Uptime } from './uptime.ts'
import { callerOf, type App } from '../platform/http/app.ts'

const Months = Closed({ months: Type.Optional(Type.Integer({ minimum: 1, maximum: 36, default: 12 })) })
const ProbeName = Type.Object({ name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }) })

export type UptimeRouteDeps = { uptime: Uptime; audit: AuditNote }

/** Routes of uptime. */
export function uptimeRoutes({ uptime, audit }: UptimeRouteDeps) {
  return (app: App): void => {
    app.get(
      '/uptime',
      {
        config: { access: 'staff' },
        schema: {
          tags: ['uptime'],
          summary: 'The platform, month by month, newest first',
          querystring: Months,
          response: { 200: UptimeReport },
        },
      },
      request => uptime.platform(request.query.months ?? 12),
    )
    app.get(
      '/customers/:id/uptime',
      {
        config: { access: 'read' },
        schema: {
          tags: ['uptime'],
          summary: 'The platform against what the plan promises',
          params: Id,
          querystring: Months,
          response: { 200: UptimeReport },
        },
      },
      request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return uptime.ofCustomer(request.params.id, request.query.months ?? 12)
      },
    )
    app.post(
      '/uptime/probes/:name/results',
      {
        config: { access: 'desk', isForAll: true },
        schema: {
          tags: ['uptime'],
          summary: 'What an outside probe saw; sent again it is taken once',
          params: ProbeName,
          body: ProbeResults,
          response: { 200: Closed({ taken: Type.Integer() }) },
        },
      },
      request => uptime.takeProbe(request.params.name, request.body),
    )
    app.get(
      '/uptime/maintenance',
      { config: { access: 'staff' }, schema: { tags: ['uptime'], response: { 200: ListOf(PlannedMaintenance) } } },
      async () => {
        const items = await uptime.listMaintenance()
        return { items, total: items.length, next: null }
      },
    )
    app.post(
      '/uptime/maintenance',
      {
        config: { access: 'manage', isForAll: true },
        schema: {
          tags: ['uptime'],
          summary: 'Announce maintenance of the platform before it begins',
          body: PlannedMaintenanceInput,
          response: { 201: PlannedMaintenance },
        },
      },
      async (request, reply) => {
        const made = await uptime.announce(request.body)
        await audit(callerOf(request), 'maintenance.announce', { kind: 'maintenance', id: made.id }, request.body)
        return reply.code(201).send(made)
      },
    )
    app.delete(
      '/uptime/maintenance/:id',
      { config: { access: 'manage', isForAll: true }, schema: { tags: ['uptime'], params: Id, response: { 204: Type.Null() } } },
      async (request, reply) => {
        await uptime.cancel(request.params.id)
        await audit(callerOf(request), 'maintenance.cancel', { kind: 'maintenance', id: request.params.id })
        return reply.code(204).send(null)
      },
    )
  }
}
