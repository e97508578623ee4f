/** Places where devices of the customer stand. */
import { Button, Group, Paper, Table, Text, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Customer, Site } from '../../../shared/api/contracts/customer-api.ts'
import type { WeeklyHours } from '../../../shared/api/sla/sla-api.ts'
import { partnersQuery, sitesQuery } from '../api/catalog-queries.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { weekText } from '../../../shared/week-words.ts'
import { SiteModal } from './site-modal.tsx'

function hoursText(site: Site): string {
  const hours = (site.openingHours as { hours?: WeeklyHours } | null)?.hours
  return hours ? weekText(hours) : 'Always'
}

/** Sites with hours and partner; each leads to its devices. */
export function SitesCard({ customer, mayChange }: { customer: Customer; mayChange: boolean }) {
  const sites = useQuery(sitesQuery(customer.id))
  const partners = useQuery(partnersQuery)
  const [open, setOpen] = useState<{ site: Site | null } | null>(null)
  const partnerName = (id: string | null): string => partners.data?.find(partner => partner.id === id)?.name ?? ''
  return (
    <Paper p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Sites
        </Title>
        {mayChange && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setOpen({ site: null })}>
            Add site
          </Button>
        )}
      </Group>
      <ProblemAlert error={sites.error} again={sites.refetch} />
      {sites.data?.length === 0 ? (
        <Text size="sm" c="dimmed">
          No sites yet. A device always belongs to a site.
        </Text>
      ) : (
        <div className="scroll-box">
          <Table verticalSpacing={6} aria-label="Sites" className="phone-cards">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Site</Table.Th>
                <Table.Th>Open</Table.Th>
                <Table.Th>Partner</Table.Th>
                <Table.Th>
                  <span className="sr-only">Actions</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {sites.data?.map(site => (
                <Table.Tr key={site.id}>
                  <Table.Td>
                    <Link href={`/?customerId=${customer.id}&siteId=${site.id}`}>{site.name}</Link>
                    {site.address && (
                      <Text size="xs" c="dimmed">
                        {site.address}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    {hoursText(site)}
                    {site.timeZone !== customer.timeZone && (
                      <Text size="xs" c="dimmed">
                        {site.timeZone}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    {partnerName(site.partnerId) || <span className="quiet">{site.region ? `By region: ${site.region}` : 'None'}</span>}
                  </Table.Td>
                  <Table.Td ta="right">
                    {mayChange && (
                      <Button size="compact-xs" variant="default" onClick={() => setOpen({ site })} aria-label={`Change ${site.name}`}>
                        Change
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {open && <SiteModal customer={customer} site={open.site} onClose={() => setOpen(null)} />}
    </Paper>
  )
}
