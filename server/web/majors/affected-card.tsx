/** Customers, sites and devices that a major incident concerns. */
import { Paper, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { MajorDetail } from '../../../shared/api/majors/major-api.ts'
import { TiedGroup } from '../ticket-relations/tied-list.tsx'

const SHOWN = 12
type Named = { id: string; name: string }

function Names({ name, items, path }: { name: string; items: readonly Named[]; path: string | null }) {
  if (items.length === 0) return null
  return (
    <TiedGroup name={`${name} (${items.length})`}>
      <Text size="sm" component="div">
        {items.slice(0, SHOWN).map((item, index) => (
          <span key={item.id}>
            {index > 0 && ', '}
            {path === null ? item.name : <Link href={`${path}/${item.id}`}>{item.name}</Link>}
          </span>
        ))}
        {items.length > SHOWN && ` and ${items.length - SHOWN} more`}
      </Text>
    </TiedGroup>
  )
}

/** Names with links; long lists are cut and counted. */
export function AffectedCard({ affected, children }: { affected: MajorDetail['affected']; children?: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label="Affected">
      <Title order={2} size="h4">
        Affected
      </Title>
      <Names name="Customers" items={affected.customers} path="/customers" />
      <Names name="Sites" items={affected.sites} path={null} />
      <Names name="Devices" items={affected.devices} path="/devices" />
      {children}
      {affected.customers.length === 0 && (
        <Text size="sm" c="dimmed" mt={4}>
          Nobody yet: add the tickets of the customers concerned.
        </Text>
      )}
    </Paper>
  )
}
