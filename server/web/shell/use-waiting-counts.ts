/** What waits behind the pages of the menu. */
import { useQuery } from '@tanstack/react-query'
import type { Page } from '../../../shared/api/list.ts'
import { useOverdueCount } from '../tickets/use-ticket-queue.ts'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

/** `means` follows the number where it is read aloud. */
export type Waiting = { count: number; means: string; isUrgent: boolean }
const AGAIN_MS = 60_000

/** By the address of the page; what nobody waits for is left out. */
export function useWaitingCounts(): Record<string, Waiting | undefined> {
  const overdue = useOverdueCount()
  const mails = useTotal(keys.intakeCount, '/intake', 'open')
  const majors = useTotal(keys.majorCount, '/majors', 'open')
  return {
    ...(overdue > 0 && { '/tickets': { count: overdue, means: 'overdue', isUrgent: true } }),
    ...(mails > 0 && { '/intake': { count: mails, means: 'waiting', isUrgent: false } }),
    ...(majors > 0 && { '/major': { count: majors, means: 'running', isUrgent: true } }),
  }
}

function useTotal(queryKey: readonly string[], path: string, state: string): number {
  const { data } = useQuery({
    queryKey,
    queryFn: ({ signal }) => callApi<Page<unknown>>('GET', `${path}${queryText({ state, limit: 1 })}`, { signal }),
    refetchInterval: AGAIN_MS,
  })
  return data?.total ?? 0
}
