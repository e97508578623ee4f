/** Queries about one customer's terms, balances, statements and the platform's uptime. */
import { queryOptions } from '@tanstack/react-query'
import type { CoverChoice } from '../../../shared/api/contracts/customer-api.ts'
import type { EntitlementBalance, EntitlementUse } from '../../../shared/api/contracts/entitlement-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { Statement, StatementListItem } from '../../../shared/api/contracts/statement-api.ts'
import type { CustomerTerms } from '../../../shared/api/contracts/terms-api.ts'
import type { PlannedMaintenance, UptimeReport } from '../../../shared/api/uptime/uptime-api.ts'
import { callApi } from './api-client.ts'
import { keys } from './query-keys.ts'

const items = async <Item>(path: string, signal: AbortSignal): Promise<Item[]> => (await callApi<Page<Item>>('GET', path, { signal })).items

export const customerTermsQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.customerTerms(customerId),
    queryFn: ({ signal }) => callApi<CustomerTerms>('GET', `/customers/${customerId}/terms`, { signal }),
  })
export const coverChoiceQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.coverChoice(customerId),
    queryFn: ({ signal }) => callApi<CoverChoice>('GET', `/customers/${customerId}/covered-devices`, { signal }),
  })
export const entitlementsQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.entitlements(customerId),
    queryFn: ({ signal }) => items<EntitlementBalance>(`/customers/${customerId}/entitlements`, signal),
  })
export const entitlementUsesQuery = (customerId: string, entitlementId: string) =>
  queryOptions({
    queryKey: keys.entitlementUses(customerId, entitlementId),
    queryFn: ({ signal }) => items<EntitlementUse>(`/customers/${customerId}/entitlements/${entitlementId}/uses`, signal),
  })
export const statementsQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.statements(customerId),
    queryFn: ({ signal }) => items<StatementListItem>(`/customers/${customerId}/statements`, signal),
  })
export const statementQuery = (customerId: string, month: string) =>
  queryOptions({
    queryKey: keys.statement(customerId, month),
    queryFn: ({ signal }) => callApi<Statement>('GET', `/customers/${customerId}/statement?month=${month}`, { signal }),
    enabled: month !== '',
  })
export const customerUptimeQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.customerUptime(customerId),
    queryFn: ({ signal }) => callApi<UptimeReport>('GET', `/customers/${customerId}/uptime?months=12`, { signal }),
  })
export const uptimeQuery = queryOptions({
  queryKey: keys.uptime,
  queryFn: ({ signal }) => callApi<UptimeReport>('GET', '/uptime?months=12', { signal }),
})
export const maintenanceQuery = queryOptions({
  queryKey: keys.maintenance,
  queryFn: ({ signal }) => items<PlannedMaintenance>('/uptime/maintenance', signal),
})
