/** Who calls and what they may see: the one place where tenants are told apart. */
import { DomainError, notFound } from './errors.ts'

export const ROLES = ['admin', 'manager', 'desk', 'viewer', 'customer', 'partner'] as const
export type Role = (typeof ROLES)[number]
export const STAFF_ROLES = ['admin', 'manager', 'desk', 'viewer'] as const satisfies readonly Role[]

export type Caller = {
  kind: 'user' | 'token' | 'bootstrap'
  id: string
  name: string
  role: Role
  /** Customers this caller is limited to; null = every customer. */
  customerIds: readonly string[] | null
  partnerId: string | null
}

/** What a route asks for. `read`: anybody logged in, within their tenant. */
export type Access = 'public' | 'read' | 'staff' | 'desk' | 'manage' | 'admin'

const ALLOWED: Record<Exclude<Access, 'public'>, readonly Role[]> = {
  read: ROLES,
  staff: STAFF_ROLES,
  desk: ['admin', 'manager', 'desk'],
  manage: ['admin', 'manager'],
  admin: ['admin'],
}

/** Whether a role may use a route at all. */
export function roleMay(role: Role, access: Access): boolean {
  return access === 'public' || ALLOWED[access].includes(role)
}

/** Whether the caller may see things of this customer. */
export function seesCustomer(caller: Caller, customerId: string): boolean {
  return caller.role !== 'partner' && (caller.customerIds === null || caller.customerIds.includes(customerId))
}

/** Throws the 404 that also a missing thing gets, so that nothing leaks about other tenants. */
export function mustSeeCustomer(caller: Caller, customerId: string, what: string): void {
  if (!seesCustomer(caller, customerId)) throw notFound(what)
}

/** Customers a list must be limited to; null = all. A partner sees no customer's lists, only what was given to them. */
export function customerScope(caller: Caller): readonly string[] | null {
  return caller.role === 'partner' ? [] : caller.customerIds
}

/** Whether the caller may know of the rules of a scope: everybody's, and those of customers they see; no site's or device's that may be another's. */
export function reachesRules({ customerIds }: Pick<Caller, 'customerIds'>, scope: string): boolean {
  return scope === '' || customerIds === null || customerIds.some(id => scope === `customer:${id}`)
}

/** Refuses staff who look after some customers only: what they ask for concerns the others too. */
export function mustSeeEveryCustomer(caller: Pick<Caller, 'customerIds'>): void {
  if (caller.customerIds !== null)
    throw forbidden('You look after some customers only; this concerns every customer, and is for somebody who sees all.')
}

/** Refuses a role that may not do this. */
export function forbidden(detail: string): DomainError {
  return new DomainError('forbidden', 'forbidden', detail)
}
