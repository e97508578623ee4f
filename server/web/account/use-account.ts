/** One's own account, as the server keeps it. */
import { queryOptions, useQueryClient } from '@tanstack/react-query'
import type { Account } from '../../../shared/api/accounts/account-api.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

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
