/** Another plan for a customer, with what changes. */
import { Alert, Button, Group, Modal, Select, Stack, Table, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Customer } from '../../../shared/api/contracts/customer-api.ts'
import { callApi } from '../api/api-client.ts'
import { plansQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { planDifferences } from '../plans/plan-words.ts'

/** Compares before it changes; says what happens to running clocks and to devices beyond the new plan. */
export function ChangePlanModal({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const client = useQueryClient()
  const plans = useQuery(plansQuery)
  const [planId, setPlanId] = useState<string | null>(null)
  const change = useMutation({
    mutationFn: (body: { planId: string }) => callApi<Customer>('PATCH', `/customers/${customer.id}`, { body }),
    onSuccess: after => {
      void client.invalidateQueries({ queryKey: keys.customers })
      void client.invalidateQueries({ queryKey: keys.fleet })
      void client.invalidateQueries({ queryKey: keys.tickets })
      showDone(`${after.name} is on ${after.planName} now`)
      onClose()
    },
    meta: { isShownInPlace: true },
  })
  const before = plans.data?.find(plan => plan.id === customer.planId)
  const after = plans.data?.find(plan => plan.id === planId)
  const differences = before && after ? planDifferences(before, after) : []
  const isTooSmall =
    after !== undefined &&
    after.devices.more === 'refused' &&
    after.devices.included !== null &&
    customer.deviceCount > after.devices.included
  const offers = [...Map.groupBy(plans.data ?? [], plan => plan.offer)].map(([group, items]) => ({
    group,
    items: items.filter(plan => plan.id !== customer.planId).map(({ id, name, offer }) => ({ value: id, label: `${offer} ${name}` })),
  }))
  return (
    <Modal opened onClose={onClose} size="xl" title={`Change the plan of ${customer.name}`}>
      <Stack gap="md">
        <ProblemAlert error={change.error} />
        <Select
          label="New plan"
          description={`Now: ${before ? `${before.offer} ${before.name}` : customer.planName}`}
          searchable
          data={offers}
          value={planId}
          onChange={setPlanId}
          data-autofocus
        />
        {differences.length > 0 && (
          <div className="scroll-box">
            <Table verticalSpacing={4} aria-label="What changes">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>What changes</Table.Th>
                  <Table.Th>Now</Table.Th>
                  <Table.Th>Then</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {differences.map(row => (
                  <Table.Tr key={row.name}>
                    <Table.Th scope="row" fw={550}>
                      {row.name}
                    </Table.Th>
                    <Table.Td className="quiet">{row.before}</Table.Td>
                    <Table.Td>{row.after}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
        {isTooSmall && (
          <Alert color="yellow" variant="outline" title={`${customer.deviceCount} devices, ${after.devices.included ?? 0} included`}>
            All devices stay covered for 14 days. Choose in that time which ones stay; otherwise those enrolled longest do. The rest is
            watched but raises no tickets.
          </Alert>
        )}
        {after && (
          <Text size="sm" c="dimmed">
            Clocks that are met stay as they are. Running clocks keep the time they used and take the new targets and hours from this
            moment; one that has no time left is overdue at once and marked so.
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={!planId} loading={change.isPending} onClick={() => planId && change.mutate({ planId })}>
            Change the plan
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
