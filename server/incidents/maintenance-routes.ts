/** Maintenance windows of devices. */
import { Type } from 'typebox'
import { ListOf } from '../../shared/api/list.ts'
import { MaintenanceQuery, MaintenanceWindow, MaintenanceWindowInput } from '../../shared/api/incidents/maintenance-api.ts'
import { customerScope } from '../platform/caller.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Maintenance } from './maintenance.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

/** Routes of maintenance windows. */
export function maintenanceRoutes({ maintenance, audit }: { maintenance: Maintenance; audit: AuditNote }) {
  return (app: App): void => {
    app.get(
      '/maintenance-windows',
      {
        config: { access: 'read' },
        schema: {
          tags: ['maintenance'],
          summary: 'Planned work that runs or is to come, newest first',
          querystring: MaintenanceQuery,
          response: { 200: ListOf(MaintenanceWindow) },
        },
      },
      request => maintenance.list({ ...request.query, scope: customerScope(callerOf(request)) }),
    )
    app.post(
      '/maintenance-windows',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['maintenance'],
          summary: 'Plan work: faults in it are seen, but call nobody before it ends',
          body: MaintenanceWindowInput,
          response: { 201: MaintenanceWindow },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const made = await maintenance.plan(request.body, caller)
        await audit(caller, 'maintenance.plan', { kind: 'maintenance', id: made.id }, request.body)
        return reply.code(201).send(made)
      },
    )
    app.get(
      '/maintenance-windows/:id',
      { config: { access: 'read' }, schema: { tags: ['maintenance'], params: Id, response: { 200: MaintenanceWindow } } },
      request => maintenance.read(request.params.id, callerOf(request)),
    )
    app.delete(
      '/maintenance-windows/:id',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['maintenance'],
          summary: 'Call it off: what waited is judged at once',
          params: Id,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        await maintenance.cancel(request.params.id, caller)
        await audit(caller, 'maintenance.call-off', { kind: 'maintenance', id: request.params.id })
        return reply.code(204).send(null)
      },
    )
  }
}
