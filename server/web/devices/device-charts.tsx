/** Measurements of a device over time. */
import { Group, Paper, SegmentedControl, Text, Title } from '@mantine/core'
import { IconChartLine } from '@tabler/icons-react'
import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { DeviceDetail, Samples } from '../../../shared/api/devices/device-api.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { MetricChart } from './metric-chart.tsx'
import { metricGroups, metricText, type MetricGroup } from './metric-groups.ts'
import { HOUR_MS } from '../../../shared/units.ts'

const RANGES = [
  { value: '1', label: '1 h', liveMs: 10_000 },
  { value: '24', label: '24 h', liveMs: 30_000 },
  { value: '168', label: '7 d', liveMs: 300_000 },
  { value: '720', label: '30 d', liveMs: 300_000 },
] as const

function GroupChart({ device, group, hours, liveMs }: { device: DeviceDetail; group: MetricGroup; hours: number; liveMs: number }) {
  const results = useQueries({
    queries: group.metrics.map(metric => ({
      queryKey: keys.deviceSamples(device.id, metric, hours),
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const toMs = Date.now()
        return callApi<Samples>(
          'GET',
          `/devices/${device.id}/samples${queryText({ metric, from: new Date(toMs - hours * HOUR_MS).toISOString(), to: new Date(toMs).toISOString() })}`,
          { signal },
        )
      },
      refetchInterval: liveMs,
      staleTime: liveMs / 2,
      placeholderData: keepPreviousData,
    })),
    combine: all => ({
      series: all.flatMap(result => result.data ?? []),
      updatedMs: Math.max(0, ...all.map(result => result.dataUpdatedAt)),
    }),
  })
  const [openedMs] = useState(() => Date.now())
  const endMs = results.updatedMs || openedMs
  const span = useMemo(() => ({ fromMs: endMs - hours * HOUR_MS, toMs: endMs }), [endMs, hours])
  const latest = group.metrics.length === 1 ? device.latest?.metrics[group.metrics[0] ?? ''] : undefined
  return (
    <Paper p="sm" component="section" aria-label={`${group.name} over time`}>
      <Group justify="space-between" mb={4}>
        <Title order={3} size="sm" fw={600}>
          {group.name}
        </Title>
        {latest !== undefined && (
          <Text size="sm" fw={600}>
            {metricText(latest, group.unit)}
          </Text>
        )}
      </Group>
      <MetricChart series={results.series} unit={group.unit} max={group.max} span={span} />
    </Paper>
  )
}

/** One chart per kind of measurement; live while the page is open. */
export function DeviceCharts({ device }: { device: DeviceDetail }) {
  const [range, setRange] = useState<string>('24')
  const chosen = RANGES.find(item => item.value === range) ?? RANGES[1]
  const groups = metricGroups(device.metrics)
  return (
    <section aria-label="Measurements">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Measurements
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="Span of time"
          value={range}
          onChange={setRange}
          data={RANGES.map(({ value, label }) => ({ value, label }))}
        />
      </Group>
      {groups.length === 0 ? (
        <Paper>
          <NothingHere icon={<IconChartLine />} title="No measurements yet">
            They come with the first batch, usually half a minute after the agent connects.
          </NothingHere>
        </Paper>
      ) : (
        <div className="chart-grid">
          {groups.map(group => (
            <GroupChart key={group.name} device={device} group={group} hours={Number(chosen.value)} liveMs={chosen.liveMs} />
          ))}
        </div>
      )}
    </section>
  )
}
