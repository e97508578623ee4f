/** Everybody whose kiosks are looked after. */
import { Button, Modal, Stack, Table, Text, TextInput, Group } from '@mantine/core'
import { IconBuildingStore, IconPlus, IconSearch } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { Customer, CustomerInput } from '../../../shared/api/contracts/customer-api.ts'
import { callApi } from '../api/api-client.ts'
import { customersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { HERE_ZONE } from '../components/time-zones.ts'
import { useFields } from '../components/use-fields.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { CustomerForm } from './customer-form.tsx'

function NewCustomerModal({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const make = useMutation({
    mutationFn: (body: CustomerInput) => callApi<Customer>('POST', '/customers', { body }),
    onSuccess: customer => {
      void client.invalidateQueries({ queryKey: keys.customers })
      onClose()
      go(`/customers/${customer.id}`)
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ name: '', planId: '', timeZone: HERE_ZONE }, make.error)
  return (
    <Modal opened onClose={onClose} title="New customer" size="lg">
      <form
        onSubmit={event => {
          event.preventDefault()
          make.mutate(fields.values)
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={make.error} hidesFaults />
          <CustomerForm fields={fields} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={make.isPending} disabled={fields.values.planId === ''}>
              Make the customer
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** List with search; each row leads to the customer. */
export function CustomersPage() {
  const customers = useQuery(customersQuery)
  const mayMake = useMay('manage')
  const [text, setText] = useState('')
  const [isNew, setIsNew] = useState(false)
  if (customers.isPending) return <PageLoader />
  const all = customers.data ?? []
  const shown = all.filter(customer => `${customer.name} ${customer.planName}`.toLowerCase().includes(text.toLowerCase()))
  const newButton = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setIsNew(true)}>
      New customer
    </Button>
  )
  return (
    <div className="page page-narrow">
      <PageHead title="Customers" actions={mayMake && all.length > 0 ? newButton : undefined} />
      <ProblemAlert error={customers.error} again={customers.refetch} />
      {all.length === 0 ? (
        <NothingHere icon={<IconBuildingStore />} title="No customers yet" action={mayMake ? newButton : undefined}>
          A customer has a support plan, sites where devices stand, and people who may ask for help.
        </NothingHere>
      ) : (
        <>
          {all.length > 8 && (
            <TextInput
              mb="sm"
              maw={360}
              aria-label="Search customers"
              placeholder="Search customers"
              leftSection={<IconSearch size={16} aria-hidden />}
              value={text}
              onChange={event => setText(event.currentTarget.value)}
            />
          )}
          <div className="table-box">
            <Table highlightOnHover verticalSpacing="xs" aria-label="Customers">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Customer</Table.Th>
                  <Table.Th>Plan</Table.Th>
                  <Table.Th ta="right">Devices</Table.Th>
                  <Table.Th ta="right">Sites</Table.Th>
                  <Table.Th visibleFrom="sm">Time zone</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {shown.map(customer => (
                  <Table.Tr key={customer.id}>
                    <Table.Td fw={550}>
                      <Link href={`/customers/${customer.id}`}>{customer.name}</Link>
                    </Table.Td>
                    <Table.Td>
                      {customer.planName} {customer.downgradeUntil && <Tag tone="warn">Downgrade pending</Tag>}
                    </Table.Td>
                    <Table.Td ta="right">{customer.deviceCount}</Table.Td>
                    <Table.Td ta="right">{customer.siteCount}</Table.Td>
                    <Table.Td visibleFrom="sm" className="quiet">
                      {customer.timeZone}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
          {shown.length === 0 && (
            <Text size="sm" c="dimmed" mt="sm">
              No customer matches.
            </Text>
          )}
        </>
      )}
      {isNew && <NewCustomerModal onClose={() => setIsNew(false)} />}
    </div>
  )
}
