/** Commands to devices. */
import { CommandInput, DeviceCommand } from '../../shared/api/devices/command-api.ts'
import { ListOf } from '../../shared/api/list.ts'
import { mustSeeCustomer } from '../platform/caller.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { DeviceCommands } from './device-commands.ts'
import type { CustomerOfDevice } from './device-customer.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import type { FastifyRequest } from 'fastify'
import { Id } from '../../shared/schema-pieces.ts'

/** Routes of commands. */
export function commandRoutes(deps: { commands: DeviceCommands; customerOf: CustomerOfDevice; audit: AuditNote }) {
  const { commands, audit } = deps
  const customerOf = async (request: FastifyRequest, id: string): Promise<string> => {
    const customerId = await deps.customerOf(id)
    mustSeeCustomer(callerOf(request), customerId, 'device')
    return customerId
  }
  return (app: App): void => {
    app.post(
      '/devices/:id/commands',
      {
        config: { access: 'desk' },
        schema: {
          tags: ['devices'],
          summary: 'Ask a device to do something, once; it waits for the device until it expires',
          params: Id,
          body: CommandInput,
          response: { 202: DeviceCommand },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const customerId = await customerOf(request, id)
        const caller = callerOf(request)
        const command = await commands.order({ id, customerId }, request.body, caller.name)
        await audit(caller, 'device.command', { kind: 'device', id }, { commandId: command.id, ...request.body })
        return reply.code(202).send(command)
      },
    )
    app.get(
      '/devices/:id/commands',
      {
        config: { access: 'read' },
        schema: {
          tags: ['devices'],
          summary: 'The newest commands and what became of them',
          params: Id,
          response: { 200: ListOf(DeviceCommand) },
        },
      },
      async request => {
        await customerOf(request, request.params.id)
        return commands.list(request.params.id)
      },
    )
  }
}
