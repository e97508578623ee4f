/** Signals that made tickets nobody acted on, each with a fix of one click. */
import { Button, Group, Paper, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Rule } from '../../../shared/api/incidents/rule-api.ts'
import type { NoiseItem, NoiseReport } from '../../../shared/api/incidents/rule-trial-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

/** `rules`: those in force, so that a fix can be taken back. */
export function NoiseCard({ rules, mayChange }: { rules: readonly Rule[]; mayChange: boolean }) {
  const client = useQueryClient()
  const [done, setDone] = useState<{ label: string; before: Rule } | null>(null)
  const report = useQuery({
    queryKey: keys.noise,
    queryFn: ({ signal }) => callApi<NoiseReport>('GET', '/reports/noise', { signal }),
  })
  const put = useMutation({
    mutationFn: (rule: Rule) => callApi<Rule>('PUT', `/rules/${rule.signal}`, { body: rule }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.rules })
      void client.invalidateQueries({ queryKey: keys.noise })
    },
  })
  const fix = (item: NoiseItem): void => {
    const before = rules.find(rule => rule.signal === item.signal)
    if (!item.fix || !before) return
    put.mutate(item.fix.rule, { onSuccess: () => setDone({ label: `${item.title}: ${item.fix?.label ?? ''}`, before }) })
  }
  const items = report.data?.items ?? []
  return (
    <Paper p="md" component="section" aria-label="Noise of the last week">
      <Title order={2} size="h4">
        Noise of the last week
      </Title>
      <ProblemAlert error={report.error} again={report.refetch} />
      {report.data && (
        <Text size="sm" c="dimmed" mb={items.length > 0 ? 'sm' : 0}>
          {report.data.tickets === 0
            ? 'No ticket of the monitoring ended in the last seven days.'
            : `${report.data.unacted} of ${report.data.tickets} tickets ended by themselves before anybody did anything about them.`}
        </Text>
      )}
      {done && (
        <Group gap="xs" mb="sm" role="status">
          <Text size="sm">Done: {done.label}.</Text>
          <Button size="compact-xs" variant="default" onClick={() => put.mutate(done.before, { onSuccess: () => setDone(null) })}>
            Undo
          </Button>
        </Group>
      )}
      {items.length > 0 && (
        <ul className="noise-list">
          {items.map(item => (
            <li key={item.signal}>
              <div>
                <b>{item.title}</b> {item.title !== item.signal && <span className="mono quiet">{item.signal}</span>}
                <div>{item.why}</div>
                <div className="quiet">{item.fix ? item.fix.why : 'No change was found that keeps every ticket people acted on.'}</div>
              </div>
              {item.fix && mayChange && (
                <Button size="xs" variant="default" loading={put.isPending} onClick={() => fix(item)}>
                  {item.fix.label}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Paper>
  )
}
