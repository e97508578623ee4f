/** What was agreed, and who may ask for help. */
import { Stack } from '@mantine/core'
import { ContactsCard } from '../customers/contacts-card.tsx'
import { EntitlementsCard } from '../customers/entitlements-card.tsx'
import { TermsInForce } from '../customer-terms/terms-in-force.tsx'
import { PageHead } from '../components/page-head.tsx'
import { usePortal } from './portal-customer.tsx'
import '../customers/customers.css'

/** To read: changes go through whoever looks after the contract. */
export function PortalPlan() {
  const { customer } = usePortal()
  return (
    <>
      <PageHead title="Plan" note={`${customer.planName}. To change it, write to us with a ticket.`} />
      <Stack gap="md">
        <TermsInForce customerId={customer.id} />
        <EntitlementsCard customerId={customer.id} mayChange={false} />
        <ContactsCard customerId={customer.id} mayChange={false} />
      </Stack>
    </>
  )
}
