/** Queries that several screens share: customers, sites, plans, products, partners, profiles. */
import { queryOptions } from '@tanstack/react-query'
import type { Contact, Customer, Site, Usage } from '../../../shared/api/contracts/customer-api.ts'
import type { HolidayItem, HolidayPlaceItem } from '../../../shared/api/calendars/holiday-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { Partner } from '../../../shared/api/customers/partner-api.ts'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import type { StoredProduct } from '../../../shared/api/plans/product-api.ts'
import type { PlanAnswer } from '../../../shared/api/contracts/terms-api.ts'
import type { Profile } from '../../../shared/profile.ts'
import { callApi, queryText, readAll } from './api-client.ts'
import { keys } from './query-keys.ts'

export type StoredPlan = Plan & { version: number }
export type StoredProfile = Profile & { id: string; version: number }

const SLOW_MS = 60_000

export const customersQuery = queryOptions({
  queryKey: keys.customers,
  queryFn: ({ signal }) => readAll<Customer>('/customers', {}, signal),
  staleTime: SLOW_MS,
})
export const plansQuery = queryOptions({
  queryKey: keys.plans,
  queryFn: ({ signal }) => readAll<StoredPlan>('/plans', {}, signal),
  staleTime: 5 * SLOW_MS,
})
export const planQuery = (id: string) =>
  queryOptions({ queryKey: keys.plan(id), queryFn: ({ signal }) => callApi<PlanAnswer>('GET', `/plans/${id}`, { signal }) })
export const holidayPlacesQuery = queryOptions({
  queryKey: keys.holidayPlaces,
  queryFn: ({ signal }) => readAll<HolidayPlaceItem>('/holidays/places', {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
})
export const holidaysQuery = ({ country, region, year }: { country: string; region: string | undefined; year: number }) =>
  queryOptions({
    queryKey: keys.holidays(country, region ?? '', year),
    queryFn: async ({ signal }) =>
      (await callApi<Page<HolidayItem>>('GET', `/holidays${queryText({ country, region, year })}`, { signal })).items,
    staleTime: Number.POSITIVE_INFINITY,
  })
export const productsQuery = queryOptions({
  queryKey: keys.products,
  queryFn: ({ signal }) => readAll<StoredProduct>('/products', {}, signal),
  staleTime: SLOW_MS,
})
export const partnersQuery = queryOptions({
  queryKey: keys.partners,
  queryFn: ({ signal }) => readAll<Partner>('/partners', {}, signal),
  staleTime: SLOW_MS,
})
export const profilesQuery = queryOptions({
  queryKey: keys.profiles,
  queryFn: ({ signal }) => readAll<StoredProfile>('/profiles', {}, signal),
  staleTime: SLOW_MS,
})

export const customerQuery = (id: string) =>
  queryOptions({ queryKey: keys.customer(id), queryFn: ({ signal }) => callApi<Customer>('GET', `/customers/${id}`, { signal }) })
export const usageQuery = (id: string) =>
  queryOptions({ queryKey: keys.usage(id), queryFn: ({ signal }) => callApi<Usage>('GET', `/customers/${id}/usage`, { signal }) })
export const sitesQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.sites(customerId),
    queryFn: ({ signal }) => readAll<Site>(`/customers/${customerId}/sites`, {}, signal),
    staleTime: SLOW_MS,
    enabled: customerId !== '',
  })
export const contactsQuery = (customerId: string) =>
  queryOptions({
    queryKey: keys.contacts(customerId),
    queryFn: ({ signal }) => readAll<Contact>(`/customers/${customerId}/contacts`, {}, signal),
  })
