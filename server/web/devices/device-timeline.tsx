/** Everything that happened to a device, newest first. */
import { Loader, Paper, Text, Title } from '@mantine/core'
import { useIntersection } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { TimelineItem } from '../../../shared/api/devices/device-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { fullTime } from '../components/time-words.ts'

const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
/** Told later than this after it happened: the device was offline meanwhile. */
const LATE_MS = 60_000

function toneOf(item: TimelineItem): string {
  if (item.state === 'failing' || item.state === 'offline' || item.state === 'open') return 'bad'
  if (item.state === 'ok' || item.state === 'online' || item.state === 'closed') return 'good'
  return 'plain'
}

/** What the device said and what was made of it can be the same sentence: it is shown once. */
const isFresh = (item: TimelineItem, index: number, all: readonly TimelineItem[]): boolean =>
  !all.slice(Math.max(0, index - 3), index).some(other => other.text === item.text && other.at === item.at)

function Item({ item }: { item: TimelineItem }) {
  const isLate = Date.parse(item.receivedAt) - Date.parse(item.at) > LATE_MS
  return (
    <li className="happened" data-tone={toneOf(item)}>
      <time dateTime={item.at} title={fullTime(item.at)} className="quiet">
        {time.format(new Date(item.at))}
      </time>
      <span className="happened-dot" aria-hidden />
      <span>
        {item.text}
        {item.signal && (
          <span className="quiet mono happened-signal">
            {item.signal}
            {item.component ? `:${item.component}` : ''}
          </span>
        )}
        {isLate && <span className="quiet"> (told later, at {time.format(new Date(item.receivedAt))})</span>}
      </span>
    </li>
  )
}

/** Grouped by day; older items come as one scrolls. */
export function DeviceTimeline({ deviceId }: { deviceId: string }) {
  const history = useInfiniteQuery({
    queryKey: keys.deviceTimeline(deviceId),
    queryFn: ({ pageParam, signal }) =>
      callApi<Page<TimelineItem>>('GET', `/devices/${deviceId}/timeline${queryText({ limit: 50, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next ?? undefined,
  })
  const { ref, entry } = useIntersection({ rootMargin: '300px' })
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = history
  const isNear = entry?.isIntersecting ?? false
  useEffect(() => {
    if (isNear && hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [isNear, hasNextPage, isFetchingNextPage, fetchNextPage])

  const items = (history.data?.pages.flatMap(page => page.items) ?? []).filter(isFresh)
  const days = Map.groupBy(items, item => day.format(new Date(item.at)))
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="xs">
        Timeline
      </Title>
      <ProblemAlert error={history.error} again={history.refetch} />
      {items.length === 0 && !history.isPending && (
        <Text size="sm" c="dimmed">
          Nothing has happened yet.
        </Text>
      )}
      {[...days].map(([name, ofDay]) => (
        <section key={name} aria-label={name}>
          <Text size="xs" c="dimmed" fw={600} mt="sm" mb={2}>
            {name}
          </Text>
          <ol className="happened-list">
            {ofDay.map(item => (
              <Item key={item.id} item={item} />
            ))}
          </ol>
        </section>
      ))}
      <div ref={ref} style={{ minHeight: 1 }}>
        {(history.isPending || isFetchingNextPage) && <Loader size="xs" mt="sm" />}
      </div>
    </Paper>
  )
}
