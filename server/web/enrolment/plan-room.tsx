/** Whether the plan has room, told before anybody walks to the machine. */
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { customerQuery, plansQuery, usageQuery } from '../api/catalog-queries.ts'

/** One line under the customer. */
export function PlanRoom({ customerId, wanted }: { customerId: string; wanted: number }) {
  const usage = useQuery(usageQuery(customerId))
  const customer = useQuery(customerQuery(customerId))
  const plans = useQuery(plansQuery)
  const devices = usage.data?.devices
  if (!devices || devices.included === null) return null
  const left = Math.max(0, devices.included - devices.covered)
  const isBilled = plans.data?.find(plan => plan.id === customer.data?.planId)?.devices.more === 'billed'
  const text = `${devices.covered} of ${devices.included} devices of the plan are taken.`
  if (left >= wanted) {
    return (
      <Text size="sm" c="dimmed" mt={8}>
        {text}
      </Text>
    )
  }
  return (
    <Text size="sm" className="text-warn" mt={8}>
      {text}{' '}
      {isBilled
        ? 'Devices beyond that are admitted and billed separately.'
        : 'A device beyond that waits until another one is retired or the plan is changed.'}
    </Text>
  )
}
