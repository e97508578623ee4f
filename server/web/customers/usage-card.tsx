/** How much of its plan a customer uses. */
import { Paper, Progress, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { ReachedLimit } from '../../../shared/api/contracts/customer-api.ts'
import { usageQuery } from '../api/catalog-queries.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'

/** From here on somebody should talk with the customer. */
const WARN_PERCENT = 80

function Meter({ name, used, included, note }: { name: string; used: number; included: number | null; note?: ReactNode }) {
  const percent = included === null ? 0 : included === 0 ? (used > 0 ? 100 : 0) : (used / included) * 100
  const tone = percent >= 100 ? 'bad' : percent >= WARN_PERCENT ? 'warn' : 'plain'
  const color = { bad: 'var(--bad)', warn: 'var(--warn)', plain: 'var(--ink-link)' }[tone]
  return (
    <div>
      <div className="meter-line">
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {tone === 'bad' && included !== null && <Tag tone="bad">All used</Tag>}
        {tone === 'warn' && <Tag tone="warn">{Math.round(percent)} %</Tag>}
        <Text size="sm" ml="auto">
          <b>{used}</b> <span className="quiet">{included === null ? 'without limit' : `of ${included}`}</span>
        </Text>
      </div>
      {included !== null && <Progress value={Math.min(100, percent)} color={color} size="sm" mt={5} aria-label={`${name} used`} />}
      {note && (
        <Text size="xs" c="dimmed" mt={4} component="div">
          {note}
        </Text>
      )}
    </div>
  )
}

/** What is nearly or wholly used, and what follows under this plan: the server's sentences, the worst first. */
function Reached({ reached }: { reached: readonly ReachedLimit[] }) {
  if (reached.length === 0) return null
  return (
    <ul className="reached-list">
      {reached
        .toSorted((one, other) => other.percent - one.percent)
        .map(limit => (
          <li key={`${limit.limit} ${limit.id ?? ''}`}>
            <Tag tone={limit.percent === 100 ? 'bad' : 'warn'} {...(limit.since ? { title: `Since ${fullTime(limit.since)}` } : {})}>
              {limit.percent} %
            </Tag>
            <Text size="sm">{limit.sentence}</Text>
          </li>
        ))}
    </ul>
  )
}

/** Bars for devices, contacts and cases, marked at 80 and at 100 percent; below them what follows. */
export function UsageCard({ customerId, more }: { customerId: string; more: 'refused' | 'billed' | undefined }) {
  const usage = useQuery(usageQuery(customerId))
  const { data } = usage
  // The sentence below the bars says it already.
  const saysDevices = data?.reached.some(({ limit }) => limit === 'devices') ?? false
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="sm">
        Use of the plan
      </Title>
      <ProblemAlert error={usage.error} again={usage.refetch} />
      {data && (
        <div className="meters">
          <Meter
            name="Devices"
            used={data.devices.covered}
            included={data.devices.included}
            note={
              <>
                {data.devices.additional > 0 && <div>{data.devices.additional} additional, billed separately</div>}
                {data.devices.waiting > 0 && (
                  <div className="text-warn">
                    <Link href={`/?customerId=${customerId}&state=waiting`}>{data.devices.waiting} waiting</Link>: they enter when a device
                    is retired or the plan grows
                  </div>
                )}
                {data.devices.included !== null && data.devices.waiting === 0 && data.devices.additional === 0 && more && !saysDevices && (
                  <div>More are {more === 'billed' ? 'allowed and billed separately' : 'refused: they would wait'}</div>
                )}
              </>
            }
          />
          <Meter name="Named contacts" used={data.contacts.used} included={data.contacts.included} />
          <Meter name="Cases this month" used={data.cases.used} included={data.cases.included} note={data.cases.month} />
        </div>
      )}
      {data && <Reached reached={data.reached} />}
    </Paper>
  )
}
