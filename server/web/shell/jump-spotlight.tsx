/** What the jump box finds. */
import '@mantine/spotlight/styles.css'
import { Spotlight, spotlight, type SpotlightActionGroupData } from '@mantine/spotlight'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { customersQuery } from '../api/catalog-queries.ts'
import { useMay } from '../session/use-session.ts'
import { FLEET, INNER_PAGES, PAGE_GROUPS } from './console-pages.ts'
import { VerdictIcon } from '../components/truth-marks.tsx'

const PAGES = [FLEET, ...PAGE_GROUPS.flatMap(group => group.pages), ...INNER_PAGES]
const SHOWN = 6

/** Devices and tickets come from the server as one types; pages and customers are filtered here. */
export function JumpSpotlight({ asked }: { asked: number }) {
  const [, go] = useLocation()
  const [text, setText] = useState('')
  const [q] = useDebouncedValue(text.trim(), 150)
  useEffect(() => spotlight.open(), [asked])
  const isWanted = q.length > 0
  const devices = useQuery({
    queryKey: ['jump', 'devices', q],
    enabled: isWanted,
    queryFn: ({ signal }) => callApi<Page<Device>>('GET', `/devices${queryText({ q, limit: SHOWN })}`, { signal }),
  })
  const tickets = useQuery({
    queryKey: ['jump', 'tickets', q],
    enabled: isWanted,
    queryFn: ({ signal }) => callApi<Page<Ticket>>('GET', `/tickets${queryText({ q, limit: SHOWN })}`, { signal }),
  })
  const customers = useQuery(customersQuery)
  const may = { desk: useMay('desk'), manage: useMay('manage') }
  const has = (name: string): boolean => name.toLowerCase().includes(text.trim().toLowerCase())

  const groups: SpotlightActionGroupData[] = [
    {
      group: 'Devices',
      actions: (isWanted ? (devices.data?.items ?? []) : []).map(device => ({
        id: device.id,
        label: device.name,
        description: `${device.siteName} · ${device.customerName}`,
        leftSection: <VerdictIcon verdict={device.verdict} />,
        onClick: () => go(`/devices/${device.id}`),
      })),
    },
    {
      group: 'Tickets',
      actions: (isWanted ? (tickets.data?.items ?? []) : []).map(ticket => ({
        id: ticket.id,
        label: ticket.subject,
        description: `${ticket.reference} · ${ticket.status}`,
        onClick: () => go(`/tickets/${ticket.id}`),
      })),
    },
    {
      group: 'Customers',
      actions: (isWanted ? (customers.data ?? []) : [])
        .filter(customer => has(customer.name))
        .slice(0, SHOWN)
        .map(customer => ({
          id: customer.id,
          label: customer.name,
          description: customer.planName,
          onClick: () => go(`/customers/${customer.id}`),
        })),
    },
    {
      group: 'Pages',
      actions: PAGES.filter(page => (page.needs === undefined || may[page.needs]) && has(page.name)).map(({ to, name }) => ({
        id: to,
        label: name,
        onClick: () => go(to),
      })),
    },
  ].filter(group => group.actions.length > 0)

  return (
    <Spotlight
      actions={groups}
      query={text}
      onQueryChange={setText}
      filter={(_query, actions) => actions}
      shortcut={null}
      nothingFound={devices.isFetching ? 'Looking' : 'Nothing found'}
      highlightQuery
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: 'Device, ticket, customer or page',
        'aria-label': 'Device, ticket, customer or page',
      }}
    />
  )
}
