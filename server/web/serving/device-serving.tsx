/** How much of its site's opening hours a device served people: the share, day by day, and what took the rest. */
import { Paper, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { DeviceServing as Report } from '../../../shared/api/verdicts/serving-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { durationWords } from '../components/time-words.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { percentText, servingTone } from './serving-words.ts'
import { ServingCauses } from './serving-causes.tsx'
import './serving.css'

const FRESH_MS = 60_000

function Day({ day }: { day: Report['days'][number] }) {
  const lost = day.notServingSeconds > 0 ? `, ${durationWords(day.notServingSeconds * 1000)} not serving` : ''
  const words =
    day.openSeconds === 0
      ? 'closed'
      : day.servingPercent === null
        ? 'nothing was judged'
        : `${percentText(day.servingPercent)} of ${durationWords(day.openSeconds * 1000)}${lost}`
  const height = day.servingPercent === null ? 0 : Math.max(4, day.servingPercent)
  return (
    <li className="serving-day" title={`${day.date}: ${words}`} data-tone={servingTone(day.servingPercent)} data-empty={height === 0}>
      <span style={{ height: `${height}%` }} aria-hidden />
      <span className="sr-only">
        {day.date}: {words}
      </span>
    </li>
  )
}

/** The last 30 days. */
export function DeviceServing({ deviceId }: { deviceId: string }) {
  const query = useQuery({
    queryKey: keys.deviceServing(deviceId),
    queryFn: ({ signal }) => callApi<Report>('GET', `/devices/${deviceId}/serving`, { signal }),
    staleTime: FRESH_MS,
  })
  const report = query.data
  return (
    <Paper p="md" component="section" aria-label="Serving time">
      <div className="serving-head">
        <Title order={2} size="h4">
          Serving time
        </Title>
        {report && (
          <b className="serving-share" data-tone={servingTone(report.servingPercent)}>
            {percentText(report.servingPercent)}
          </b>
        )}
      </div>
      <ProblemAlert error={query.error} again={query.refetch} />
      {report && (
        <>
          <Text size="sm" c="dimmed">
            {report.why}
          </Text>
          <ol className="serving-days" aria-label="Day by day, oldest first">
            {report.days.map(day => (
              <Day key={day.date} day={day} />
            ))}
          </ol>
          <div className="serving-ends quiet" aria-hidden>
            <span>30 days ago</span>
            <span>today</span>
          </div>
          <ServingCauses causes={report.causes} />
        </>
      )}
    </Paper>
  )
}
