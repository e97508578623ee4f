/** The whole fleet the person may see, page after page; kept current row by row. */
import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

export type FleetPages = InfiniteData<Page<Device>, string | undefined>
const PAGE_SIZE = 500

/**
 * Devices loaded so far and how many there are. All of them are held (10,000 are about 6 MB), so that counts are exact and
 * filtering needs no round trip.
 */
export function useFleet() {
  const query = useInfiniteQuery({
    queryKey: keys.fleet,
    queryFn: ({ pageParam, signal }) =>
      callApi<Page<Device>>('GET', `/devices${queryText({ limit: PAGE_SIZE, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next ?? undefined,
    // Changes come row by row; reading everything anew is for an interruption.
    staleTime: 10 * 60_000,
    refetchOnWindowFocus: false,
  })
  const { hasNextPage, isFetching, isError, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage()
  }, [hasNextPage, isFetching, isError, fetchNextPage])
  const devices = useMemo(() => query.data?.pages.flatMap(page => page.items) ?? [], [query.data])
  return {
    devices,
    total: query.data?.pages[0]?.total ?? 0,
    isPending: query.isPending,
    isLoadingMore: hasNextPage,
    error: query.error,
    refetch: query.refetch,
  }
}

/** Puts fresh rows in their places; ids without a row are gone from the fleet, unknown ones are new. */
export function patchFleet(data: FleetPages, changedIds: readonly string[], rows: readonly Device[]): FleetPages {
  const fresh = new Map(rows.map(row => [row.id, row]))
  const gone = new Set(changedIds.filter(id => !fresh.has(id)))
  const pages = data.pages.map(page => {
    if (!page.items.some(item => fresh.has(item.id) || gone.has(item.id))) return page
    const items = page.items.filter(item => !gone.has(item.id)).map(item => fresh.get(item.id) ?? item)
    for (const item of page.items) fresh.delete(item.id)
    return { ...page, items }
  })
  const added = [...fresh.values()]
  const last = pages.at(-1)
  // While pages are still to come, a new device comes with its page.
  if (added.length > 0 && last && last.next === null) pages[pages.length - 1] = { ...last, items: [...last.items, ...added] }
  return { ...data, pages }
}
