/** Devices: list, page, change, retire, samples, timeline. */
import { Device, DeviceDetail, DevicePatch, DeviceQuery, Samples, SamplesQuery, TimelineItem } from '../../shared/api/devices/device-api.ts'
import { ListOf, ListQuery } from '../../shared/api/list.ts'
import { customerScope, mustSeeCustomer } from '../platform/caller.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Fleet } from './fleet.ts'
import type { SampleReader } from '../devices/samples.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import type { FastifyRequest } from 'fastify'
import { Id } from '../../shared/schema-pieces.ts'

/** Routes of devices. */
export function deviceRoutes({ fleet, samples, audit }: { fleet: Fleet; samples: SampleReader; audit: AuditNote }) {
  const mustSee = async (request: FastifyRequest, id: string): Promise<void> =>
    mustSeeCustomer(callerOf(request), await fleet.customerOf(id), 'device')
  return (app: App): void => {
    app.get(
      '/devices',
      { config: { access: 'read' }, schema: { tags: ['devices'], querystring: DeviceQuery, response: { 200: ListOf(Device) } } },
      request => fleet.list({ ...request.query, scope: customerScope(callerOf(request)) }),
    )
    app.get(
      '/devices/:id',
      { config: { access: 'read' }, schema: { tags: ['devices'], params: Id, response: { 200: DeviceDetail } } },
      async request => {
        await mustSee(request, request.params.id)
        return fleet.read(request.params.id)
      },
    )
    app.patch(
      '/devices/:id',
      { config: { access: 'desk' }, schema: { tags: ['devices'], params: Id, body: DevicePatch, response: { 200: DeviceDetail } } },
      async request => {
        await mustSee(request, request.params.id)
        const after = await fleet.update(request.params.id, request.body)
        await audit(callerOf(request), 'device.update', { kind: 'device', id: after.id }, request.body)
        return after
      },
    )
    app.post(
      '/devices/:id/retire',
      {
        config: { access: 'desk' },
        schema: { tags: ['devices'], summary: 'Free its place and end its credential', params: Id, response: { 200: DeviceDetail } },
      },
      async request => {
        await mustSee(request, request.params.id)
        await fleet.retire(request.params.id)
        await audit(callerOf(request), 'device.retire', { kind: 'device', id: request.params.id })
        return fleet.read(request.params.id)
      },
    )
    app.get(
      '/devices/:id/samples',
      {
        config: { access: 'read' },
        schema: {
          tags: ['devices'],
          summary: 'One metric over a span; the resolution follows the span',
          params: Id,
          querystring: SamplesQuery,
          response: { 200: Samples },
        },
      },
      async request => {
        await mustSee(request, request.params.id)
        const { metric, from, to } = request.query
        return samples.read(request.params.id, {
          metric,
          fromMs: from === undefined ? null : Date.parse(from),
          toMs: to === undefined ? null : Date.parse(to),
        })
      },
    )
    app.get(
      '/devices/:id/timeline',
      {
        config: { access: 'read' },
        schema: {
          tags: ['devices'],
          summary: 'Everything that happened, newest first',
          params: Id,
          querystring: ListQuery({}),
          response: { 200: ListOf(TimelineItem) },
        },
      },
      async request => {
        await mustSee(request, request.params.id)
        return fleet.timeline(request.params.id, { limit: request.query.limit ?? 50, cursor: request.query.cursor })
      },
    )
  }
}
