/** Who may make and change whom, and what each role is bound to. */
import { forbidden, type Caller, type Role } from '../../platform/caller.ts'
import { invalidInput, notFound, type FieldError } from '../../platform/errors.ts'

/** What somebody may see: customers (a limit for staff, theirs for a customer), the partner, the named contact they are. */
export type Binding = { role: Role; customerIds: readonly string[]; partnerId: string | null; contactId: string | null }

const BELOW_MANAGER: readonly Role[] = ['desk', 'viewer', 'customer', 'partner']

/** Roles the caller may give. A manager of some customers cannot make partners: they go to anybody's devices. */
export function rolesToGive(caller: Pick<Caller, 'role' | 'customerIds'>): readonly Role[] {
  if (caller.role === 'admin') return ['admin', 'manager', ...BELOW_MANAGER]
  if (caller.role !== 'manager') return []
  return caller.customerIds === null ? BELOW_MANAGER : BELOW_MANAGER.filter(role => role !== 'partner')
}

/** Whether the caller may know of this person and change them. Somebody who sees more than the caller is not theirs to manage. */
export function mayManage(caller: Pick<Caller, 'role' | 'customerIds'>, person: Pick<Binding, 'role' | 'customerIds'>): boolean {
  if (!rolesToGive(caller).includes(person.role)) return false
  if (caller.customerIds === null) return true
  const own = caller.customerIds
  return person.customerIds.length > 0 && person.customerIds.every(id => own.includes(id))
}

/** Throws the 404 that a missing person gets. */
export function mustManage(caller: Pick<Caller, 'role' | 'customerIds'>, person: Pick<Binding, 'role' | 'customerIds'>): void {
  if (!mayManage(caller, person)) throw notFound('person')
}

/** Throws for a role the caller may not give, and for a binding that does not fit the role. */
export function mustBind(caller: Pick<Caller, 'role' | 'customerIds'>, wanted: Binding): void {
  if (!rolesToGive(caller).includes(wanted.role)) throw forbidden(`The role ${caller.role} may not make a ${wanted.role}.`)
  const faults: FieldError[] = []
  if (wanted.role === 'customer' && wanted.customerIds.length === 0)
    faults.push({ path: 'body/customerIds', message: 'a person with role customer needs the customers they belong to' })
  if (wanted.role === 'partner' && wanted.partnerId === null)
    faults.push({ path: 'body/partnerId', message: 'a person with role partner needs the partner they belong to' })
  if (wanted.role !== 'partner' && wanted.partnerId !== null)
    faults.push({ path: 'body/partnerId', message: 'only a person with role partner belongs to a partner' })
  if (wanted.role === 'partner' && wanted.customerIds.length > 0)
    faults.push({ path: 'body/customerIds', message: 'a partner sees its visits, whosever they are: leave it empty' })
  if (wanted.role !== 'customer' && wanted.contactId !== null)
    faults.push({ path: 'body/contactId', message: 'only a person with role customer is a named contact' })
  if (faults.length > 0) throw invalidInput(faults)
  if (!mayManage(caller, wanted))
    throw invalidInput([{ path: 'body/customerIds', message: 'must be customers you see yourself, at least one' }])
}
