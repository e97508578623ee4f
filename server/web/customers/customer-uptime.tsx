/** The platform against what this customer was promised. */
import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { customerUptimeQuery } from '../api/customer-queries.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { UptimeMonths } from '../uptime/uptime-months.tsx'
import '../uptime/uptime.css'

/** Newest month first, with the sentence of the month that runs. */
export function CustomerUptime({ customerId }: { customerId: string }) {
  const uptime = useQuery(customerUptimeQuery(customerId))
  return (
    <Stack gap="sm">
      <ProblemAlert error={uptime.error} again={uptime.refetch} />
      {uptime.data?.months[0] && <Text size="sm">{uptime.data.months[0].why}</Text>}
      {uptime.data && <UptimeMonths months={uptime.data.months} timeZone={uptime.data.timeZone} />}
    </Stack>
  )
}
