/** What is in force for a customer: the plan with their own terms in it, in words. */
import { Alert, Loader, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { CustomerTerms } from '../../../shared/api/contracts/terms-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useNow } from '../components/use-now.ts'
import { levelNote, planFacts, targetText } from '../plans/plan-words.ts'
import { customerTermsQuery } from '../api/customer-queries.ts'

const LEVELS = ['1', '2', '3', '4'] as const
const SHOWN_FREE_DAYS = 8

const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
const dayWords = (date: string): string => day.format(new Date(`${date}T00:00:00Z`))
/** `/autoCloseAfterDays` as `auto close after days`. */
const pointerWords = (pointer: string): string =>
  pointer
    .slice(1)
    .replaceAll('/', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()

function Own() {
  return (
    <Tag tone="odd" title="Agreed with this customer, not the plan’s">
      own
    </Tag>
  )
}

function InForce({ terms }: { terms: CustomerTerms }) {
  const { plan, own, holidayDates } = terms
  const isOwn = (path: string): boolean => own.some(pointer => pointer === path || pointer.startsWith(`${path}/`))
  const facts = planFacts(plan)
  const shown = [...facts.map(fact => fact.path), '/levels', '/holidays', '/specialDates']
  const others = own.filter(pointer => !shown.some(path => pointer === path || pointer.startsWith(`${path}/`)))
  const today = new Date(useNow()).toLocaleDateString('en-CA')
  const freeDays = holidayDates.filter(date => date >= today)
  const row = (name: string, value: ReactNode, path: string): ReactNode => (
    <div key={name} style={{ display: 'contents' }}>
      <dt>{name}</dt>
      <dd>
        {value} {isOwn(path) && <Own />}
      </dd>
    </div>
  )
  return (
    <div className="in-force">
      <div className="scroll-box" role="region" aria-label="Levels" tabIndex={0}>
        <Table verticalSpacing={4} aria-label="Levels in force">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Level</Table.Th>
              <Table.Th>First response</Table.Th>
              <Table.Th>Update every</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {LEVELS.map(level => (
              <Table.Tr key={level}>
                <Table.Td>
                  <b>{level}</b> {plan.levels[level].name}
                  <Text size="xs" c="dimmed">
                    {levelNote(plan.levels[level])}
                  </Text>
                </Table.Td>
                <Table.Td>
                  {targetText(plan.levels[level].response)} {isOwn(`/levels/${level}/response`) && <Own />}
                </Table.Td>
                <Table.Td>
                  {targetText(plan.levels[level].update)} {isOwn(`/levels/${level}/update`) && <Own />}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <dl className="facts">
        {facts.map(({ name, value, path }) => row(name, value, path))}
        {row(
          'Next days without service',
          freeDays.length === 0
            ? 'none are known'
            : `${freeDays.slice(0, SHOWN_FREE_DAYS).map(dayWords).join('; ')}${freeDays.length > SHOWN_FREE_DAYS ? ` and ${freeDays.length - SHOWN_FREE_DAYS} more by the end of next year` : ''}`,
          own.includes('/specialDates') ? '/specialDates' : '/holidays',
        )}
        {others.length > 0 && row('Also agreed', others.map(pointerWords).join(', '), others[0] ?? '')}
      </dl>
    </div>
  )
}

/** Warnings first, then the terms; each of the customer's own is marked. */
export function TermsInForce({ customerId }: { customerId: string }) {
  const terms = useQuery(customerTermsQuery(customerId))
  const { data } = terms
  return (
    <Stack gap="sm">
      {data?.warnings.map(warning => (
        <Alert key={warning} color="yellow" variant="outline">
          {warning}
        </Alert>
      ))}
      <Paper p="md" component="section" aria-label="In force">
        <Title order={2} size="h4" mb={2}>
          In force
        </Title>
        {terms.isPending && <Loader size="xs" />}
        <ProblemAlert error={terms.error} again={terms.refetch} />
        {data && (
          <>
            <Text size="sm" c="dimmed" mb="sm">
              {data.plan.offer} {data.plan.name}, version {data.version}, clocks in {data.timeZone}.{' '}
              {data.own.length === 0 ? 'Everything is as in the plan.' : 'What is marked own was agreed with this customer.'}
            </Text>
            <InForce terms={data} />
          </>
        )}
      </Paper>
    </Stack>
  )
}
