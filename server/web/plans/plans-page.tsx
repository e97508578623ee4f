/** The catalogue of support plans, readable. */
import { Group, Paper, Table, Tabs, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { plansQuery, type StoredPlan } from '../api/catalog-queries.ts'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { levelNote, planFacts, targetText } from './plan-words.ts'
import './plans.css'

function PlanCard({ plan, mayChange }: { plan: StoredPlan; mayChange: boolean }) {
  return (
    <Paper p="md" id={plan.id} component="article" className="plan-card" aria-label={`${plan.offer} ${plan.name}`}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          <Link href={`/plans/${plan.id}`} className="plain-link">
            {plan.name}
          </Link>
        </Title>
        <Text size="xs" c="dimmed">
          <Link href={`/plans/${plan.id}`}>{mayChange ? 'Edit' : 'All terms'}</Link>, version {plan.version}
        </Text>
      </Group>
      <Table verticalSpacing={4} mb="sm" aria-label={`Levels of ${plan.name}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Level</Table.Th>
            <Table.Th>First response</Table.Th>
            <Table.Th>Update every</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {(['1', '2', '3', '4'] as const).map(level => {
            const terms = plan.levels[level]
            const note = levelNote(terms)
            return (
              <Table.Tr key={level}>
                <Table.Td>
                  <b>{level}</b> {terms.name}
                  {note && (
                    <Text size="xs" c="dimmed">
                      {note}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{targetText(terms.response)}</Table.Td>
                <Table.Td>{targetText(terms.update)}</Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
      <dl className="facts">
        {planFacts(plan).map(fact => (
          <div key={fact.name} style={{ display: 'contents' }}>
            <dt>{fact.name}</dt>
            <dd>{fact.value}</dd>
          </div>
        ))}
      </dl>
    </Paper>
  )
}

const LIMITLESS = Number.MAX_SAFE_INTEGER
/** Smaller offers first, by what they include. */
function bySize(one: StoredPlan, other: StoredPlan): number {
  const size = (plan: StoredPlan): number[] => [
    plan.devices.included ?? LIMITLESS,
    plan.contacts.included ?? LIMITLESS,
    plan.cases.perMonth ?? LIMITLESS,
    plan.channels.length,
    plan.entitlements.length,
  ]
  const [first, second] = [size(one), size(other)]
  for (const [index, value] of first.entries()) if (value !== second[index]) return value - (second[index] ?? 0)
  return 0
}

/** One tab per offer; an address with a plan's id opens its offer. */
export function PlansPage() {
  const plans = useQuery(plansQuery)
  const mayChange = useMay('manage')
  const [chosen, setChosen] = useState<string | null>(null)
  const wantedId = window.location.hash.slice(1)
  const offers = Map.groupBy(plans.data ?? [], plan => plan.offer)
  const wantedOffer = plans.data?.find(plan => plan.id === wantedId)?.offer
  const offer = chosen ?? wantedOffer ?? [...offers.keys()][0] ?? ''
  useEffect(() => {
    if (wantedOffer) document.getElementById(wantedId)?.scrollIntoView({ block: 'center' })
  }, [wantedId, wantedOffer])
  if (plans.isPending) return <PageLoader />
  return (
    <div className="page">
      <PageHead
        title="Plans"
        note="What each support offer promises. An edit shows what it does to open tickets and devices before it is saved."
      />
      <ProblemAlert error={plans.error} again={plans.refetch} />
      <Tabs value={offer} onChange={setChosen} keepMounted={false}>
        <Tabs.List mb="md">
          {[...offers].map(([name, items]) => (
            <Tabs.Tab key={name} value={name}>
              {name} <span className="quiet">{items.length}</span>
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {[...offers].map(([name, items]) => (
          <Tabs.Panel key={name} value={name}>
            <div className="plan-grid">
              {items.toSorted(bySize).map(plan => (
                <PlanCard key={plan.id} plan={plan} mayChange={mayChange} />
              ))}
            </div>
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  )
}
