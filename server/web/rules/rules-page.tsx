/** What follows from each signal: when a ticket opens, how serious it is, what the device tries first. */
import { Stack, Table, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Rule } from '../../../shared/api/incidents/rule-api.ts'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { levelWord } from '../components/truth-words.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { NoiseCard } from './noise-card.tsx'
import { RuleModal } from './rule-modal.tsx'
import { FIXED_BY, ruleWords } from './rule-words.ts'
import './rules.css'

/** Everybody's rules; each opens its editor. */
export function RulesPage() {
  const rules = useQuery({ queryKey: keys.rules, queryFn: ({ signal }) => readAll<Rule>('/rules', {}, signal) })
  const mayChange = useMay('manage')
  const [q, setQ] = useState('')
  const [edited, setEdited] = useState<Rule | null>(null)
  if (rules.isPending) return <PageLoader />
  const wanted = q.trim().toLowerCase()
  const shown = (rules.data ?? []).filter(rule => `${rule.signal} ${rule.title ?? ''}`.toLowerCase().includes(wanted))
  return (
    <div className="page page-narrow">
      <PageHead title="Rules" note="What follows from each signal. A change is tried on the last thirty days before it is saved." />
      <ProblemAlert error={rules.error} again={rules.refetch} />
      <Stack gap="md">
        <NoiseCard rules={rules.data ?? []} mayChange={mayChange} />
        <TextInput
          aria-label="Find a signal"
          placeholder="Find a signal"
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
          maw={320}
        />
        <div className="table-box">
          <Table highlightOnHover verticalSpacing={7} aria-label="Rules">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Signal</Table.Th>
                <Table.Th>Level</Table.Th>
                <Table.Th>What it does</Table.Th>
                <Table.Th>Mended</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map(rule => (
                <Table.Tr key={rule.signal} data-off={!rule.enabled}>
                  <Table.Td>
                    {mayChange ? (
                      <button type="button" className="link-button" onClick={() => setEdited(rule)}>
                        {rule.title ?? rule.signal}
                      </button>
                    ) : (
                      (rule.title ?? rule.signal)
                    )}
                    {rule.title && <div className="mono quiet">{rule.signal}</div>}
                  </Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    {rule.level} {levelWord(rule.level)}
                  </Table.Td>
                  <Table.Td>
                    {ruleWords(rule)} {!rule.enabled && <Tag>Off</Tag>}
                  </Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>{FIXED_BY[rule.fixedBy]}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </Stack>
      {edited && <RuleModal rule={edited} onClose={() => setEdited(null)} />}
    </div>
  )
}
