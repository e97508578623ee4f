/** One customer: what of the plan is used, their terms, statements, serving time, and the platform's uptime. */
import { Alert, Button, Group, Stack, Tabs } from '@mantine/core'
import { IconDeviceDesktopPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { customerQuery, plansQuery } from '../api/catalog-queries.ts'
import { LinkButton } from '../components/link-button.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useMay } from '../session/use-session.ts'
import { TermsInForce } from '../customer-terms/terms-in-force.tsx'
import { TermsEditor } from '../customer-terms/terms-editor.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { CustomerServing } from '../serving/customer-serving.tsx'
import { ChangePlanModal } from './change-plan-modal.tsx'
import { ChatCard } from '../chat/chat-card.tsx'
import { CustomerSatisfactionCard } from '../satisfaction/satisfaction-cards.tsx'
import { ContactsCard } from './contacts-card.tsx'
import { CustomerStatement } from './customer-statement.tsx'
import { CustomerUptime } from './customer-uptime.tsx'
import { EntitlementsCard } from './entitlements-card.tsx'
import { SitesCard } from './sites-card.tsx'
import { UsageCard } from './usage-card.tsx'
import './customers.css'

const PARTS = { overview: 'Overview', terms: 'Terms', statement: 'Statement', serving: 'Serving time', uptime: 'Uptime' } as const

/** Parts have addresses of their own; the overview is usage, entitlements, sites and contacts. */
export function CustomerPage({ id, part }: { id: string; part: string }) {
  const [, go] = useLocation()
  const query = useQuery(customerQuery(id))
  const plans = useQuery(plansQuery)
  const [isChanging, setIsChanging] = useState(false)
  const mayManage = useMay('manage')
  const mayChange = useMay('desk')
  const customer = query.data
  if (query.isPending) return <PageLoader />
  if (!customer) {
    return (
      <div className="page">
        <PageHead title="Customer" crumbs={[{ to: '/customers', name: 'Customers' }]} />
        <ProblemAlert error={query.error} again={query.refetch} />
      </div>
    )
  }
  const plan = plans.data?.find(item => item.id === customer.planId)
  return (
    <div className="page page-narrow">
      <PageHead
        title={customer.name}
        crumbs={[{ to: '/customers', name: 'Customers' }]}
        note={
          <Group gap={10}>
            <Link href={`/plans/${customer.planId}`}>{plan ? `${plan.offer} ${plan.name}` : customer.planName}</Link>
            <span>{customer.timeZone}</span>
            <Link href={`/?customerId=${id}`}>{customer.deviceCount} devices</Link>
            <Link href={`/tickets?customerId=${id}`}>Tickets</Link>
          </Group>
        }
        actions={
          <>
            {mayManage && (
              <Button variant="default" onClick={() => setIsChanging(true)}>
                Change plan
              </Button>
            )}
            {mayChange && (
              <LinkButton to={`/add-device?customerId=${id}`} leftSection={<IconDeviceDesktopPlus size={17} aria-hidden />}>
                Add device
              </LinkButton>
            )}
          </>
        }
      />
      {customer.downgradeUntil && (
        <Alert color="yellow" variant="outline" mb="md" title="The new plan covers fewer devices">
          Until {new Date(customer.downgradeUntil).toLocaleString()} all devices stay covered. After that, those enrolled longest stay
          covered unless others are chosen; the rest is watched but raises no tickets.{' '}
          <Link href={`/customers/${id}/covered-devices`}>{mayChange ? 'Choose the devices' : 'See the devices'}</Link>
        </Alert>
      )}
      <Tabs
        value={part in PARTS ? part : 'overview'}
        onChange={next => go(next === 'overview' || next === null ? `/customers/${id}` : `/customers/${id}/${next}`)}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {Object.entries(PARTS).map(([value, name]) => (
            <Tabs.Tab key={value} value={value}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Stack gap="md">
            <UsageCard customerId={id} more={plan?.devices.more} />
            <EntitlementsCard customerId={id} mayChange={mayChange} />
            <SitesCard customer={customer} mayChange={mayChange} />
            <ContactsCard customerId={id} mayChange={mayChange} />
            <CustomerSatisfactionCard customerId={id} />
            <ChatCard customerId={id} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="terms">
          <Stack gap="md">
            <TermsInForce customerId={id} />
            {plan && mayManage && <TermsEditor key={JSON.stringify(customer.overrides)} customer={customer} plan={plan} />}
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="statement">
          <CustomerStatement customerId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="serving">
          <CustomerServing customerId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="uptime">
          <CustomerUptime customerId={id} />
        </Tabs.Panel>
      </Tabs>
      {isChanging && <ChangePlanModal customer={customer} onClose={() => setIsChanging(false)} />}
    </div>
  )
}
