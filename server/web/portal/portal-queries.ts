/** What the portal reads of its customer. */
import { queryOptions } from '@tanstack/react-query'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { MaintenanceWindow } from '../../../shared/api/incidents/maintenance-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi, queryText, readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

/** A clock that runs out is a change nobody tells. */
const AGAIN_MS = 60_000
const TICKETS_SHOWN = 200

/** Every device but the retired ones. */
export const devicesQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.customerDevices(customerId),
    queryFn: async ({ signal }) => (await readAll<Device>('/devices', { customerId }, signal)).filter(({ state }) => state !== 'retired'),
    refetchInterval: AGAIN_MS,
  })
/** The newest tickets, open and done. */
export const ticketsQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.customerTickets(customerId),
    queryFn: async ({ signal }) =>
      (await callApi<Page<Ticket>>('GET', `/tickets${queryText({ customerId, limit: TICKETS_SHOWN })}`, { signal })).items,
    refetchInterval: AGAIN_MS,
  })
/** Planned work that runs or is to come, soonest first. */
export const plannedWorkQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.customerWork(customerId),
    queryFn: async ({ signal }) =>
      (await callApi<Page<MaintenanceWindow>>('GET', `/maintenance-windows${queryText({ customerId })}`, { signal })).items
        .filter(({ nextFrom }) => nextFrom !== null)
        .toSorted((one, other) => Date.parse(one.nextFrom ?? '') - Date.parse(other.nextFrom ?? '')),
  })
