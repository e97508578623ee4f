/** One's own account, as the server keeps it. */
import { queryOptions, useQueryClient } from '@tanstack/react-query'
import type { Account } from '../../../shared/api/account-api.ts'
import { callApi } from '../wire/api-client.ts'
import { keys } from '../wire/query-keys.ts'

export const accountQuery = queryOptions({
  queryKey: keys.account,
  queryFn: ({ signal }) => callApi<Account>('GET', '/account', { signal }),
})

/** Reads the account anew after something about it changed. */
export function useReread(): () => void {
  const client = useQueryClient()
  return () => {
    void client.invalidateQueries({ queryKey: keys.account })
    void client.invalidateQueries({ queryKey: keys.session })
  }
}
