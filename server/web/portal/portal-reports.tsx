/** What a customer gets to read: hours served, uptime of the platform, the monthly statement. */
import { Tabs } from '@mantine/core'
import { useLocation } from 'wouter'
import { CustomerStatement } from '../customers/customer-statement.tsx'
import { CustomerUptime } from '../customers/customer-uptime.tsx'
import { PageHead } from '../components/page-head.tsx'
import { CustomerServing } from '../serving/customer-serving.tsx'
import { usePortal } from './portal-customer.tsx'
import '../customers/customers.css'

const PARTS = { serving: 'Hours served', statement: 'Statement', uptime: 'Uptime' } as const

/** Parts have addresses of their own. */
export function PortalReports({ part }: { part: string }) {
  const { customer } = usePortal()
  const [, go] = useLocation()
  const open = part in PARTS ? part : 'serving'
  return (
    <>
      <PageHead title="Reports" />
      <Tabs value={open} onChange={next => go(`/reports/${next ?? ''}`)} keepMounted={false}>
        <Tabs.List mb="md">
          {Object.entries(PARTS).map(([value, word]) => (
            <Tabs.Tab key={value} value={value}>
              {word}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="serving">
          <CustomerServing customerId={customer.id} />
        </Tabs.Panel>
        <Tabs.Panel value="statement">
          <CustomerStatement customerId={customer.id} />
        </Tabs.Panel>
        <Tabs.Panel value="uptime">
          <CustomerUptime customerId={customer.id} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
