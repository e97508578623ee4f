/** The customer whose portal is open: the only one somebody belongs to, or the one they chose. */
import { Select } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { createContext, useContext, type ReactNode } from 'react'
import type { Me } from '../../../shared/api/accounts/account-api.ts'
import type { Customer } from '../../../shared/api/contracts/customer-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { customersQuery } from '../api/catalog-queries.ts'

type Chosen = { me: Me; customer: Customer; customers: readonly Customer[]; choose: (id: string) => void }
const ChosenContext = createContext<Chosen | null>(null)

/** Who is here, and for which customer. */
export function usePortal(): Chosen {
  const chosen = useContext(ChosenContext)
  if (!chosen) throw new Error('a page of the portal stands outside of it')
  return chosen
}

/** Loads the customers; everything in it has one. */
export function PortalCustomer({ me, children }: { me: Me; children: ReactNode }) {
  const customers = useQuery(customersQuery)
  const [id, choose] = useLocalStorage({ key: 'kioskeeper-portal-customer', defaultValue: '' })
  if (customers.isPending) return <PageLoader />
  const all = customers.data ?? []
  const customer = all.find(one => one.id === id) ?? all[0]
  if (!customer)
    return <ProblemAlert error={customers.error ?? new Error('Your account belongs to no customer any more. Ask who invited you.')} />
  return <ChosenContext value={{ me, customer, customers: all, choose }}>{children}</ChosenContext>
}

/** Which customer; a name alone where there is one. */
export function CustomerChoice() {
  const { customer, customers, choose } = usePortal()
  if (customers.length === 1) return <span className="portal-name clip">{customer.name}</span>
  return (
    <Select
      aria-label="Customer"
      size="xs"
      w={180}
      allowDeselect={false}
      data={customers.map(({ id, name }) => ({ value: id, label: name }))}
      value={customer.id}
      onChange={value => value !== null && choose(value)}
    />
  )
}
