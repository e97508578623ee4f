/** Links to clients' service desks, and how they are. */
import { Button, Paper, Table, Text } from '@mantine/core'
import { IconArrowsExchange, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { ServicedeskLink } from '../../../shared/api/servicedesks/servicedesk-api.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { readAll } from '../api/api-client.ts'
import { customersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { HEALTH, KINDS } from './desk-words.ts'
import { LinkModal } from './link-modal.tsx'
import './servicedesks.css'

function Row({ link, customer }: { link: ServicedeskLink; customer: string }) {
  const health = HEALTH[link.health]
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={550}>
          <Link href={`/servicedesks/${link.id}`}>{link.name}</Link>
        </Text>
        <div className="quiet">{KINDS[link.kind].name}</div>
      </Table.Td>
      <Table.Td>
        <Link href={`/customers/${link.customerId}`}>{customer}</Link>
      </Table.Td>
      <Table.Td>
        <Tag tone={health.tone}>{health.word}</Tag>
        {link.why.length > 0 && (
          <Text size="xs" c="dimmed" mt={2}>
            {link.why[0]}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

/** List and create. */
export function ServicedesksPage() {
  const mayManage = useMay('manage')
  const [isNew, setIsNew] = useState(false)
  const links = useQuery({
    queryKey: keys.servicedesks,
    queryFn: ({ signal }) => readAll<ServicedeskLink>('/servicedesk-links', {}, signal),
    refetchInterval: 30_000,
  })
  const customers = useQuery(customersQuery)
  if (links.isPending) return <PageLoader />
  const all = links.data ?? []
  const newButton = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setIsNew(true)}>
      Link a service desk
    </Button>
  )
  return (
    <div className="page page-narrow">
      <PageHead
        title="Service desks"
        note="Tickets of these customers are at their own desk too, with the same status on both."
        actions={mayManage && all.length > 0 ? newButton : undefined}
      />
      <ProblemAlert error={links.error} again={links.refetch} />
      {all.length === 0 && !links.isError ? (
        <NothingHere icon={<IconArrowsExchange />} title="No service desk is linked" action={mayManage ? newButton : undefined}>
          A customer whose plan has client servicedesk integration works at their own desk: Jira, ServiceNow, Zammad, GLPI, or one of their
          making.
        </NothingHere>
      ) : (
        <Paper p="md">
          <div className="scroll-box" role="region" aria-label="Service desks" tabIndex={0}>
            <Table verticalSpacing={8} aria-label="Service desks">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Desk</Table.Th>
                  <Table.Th>Customer</Table.Th>
                  <Table.Th>Health</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map(link => (
                  <Row key={link.id} link={link} customer={customers.data?.find(one => one.id === link.customerId)?.name ?? 'Customer'} />
                ))}
              </Table.Tbody>
            </Table>
          </div>
        </Paper>
      )}
      {isNew && <LinkModal link={null} onClose={() => setIsNew(false)} />}
    </div>
  )
}
