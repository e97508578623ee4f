/** Who is logged in and what they may do. */
import { useQuery } from '@tanstack/react-query'
import type { Me } from '../../../shared/api/accounts/account-api.ts'
import { ApiProblem, callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

/** The caller; null when nobody is logged in. */
export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: async ({ signal }): Promise<Me | null> => {
      try {
        return await callApi<Me>('GET', '/session', { signal })
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 401) return null
        throw error
      }
    },
    staleTime: 5 * 60_000,
  })
}

const MAY = { desk: ['admin', 'manager', 'desk'], manage: ['admin', 'manager'] } as const

/** Whether the person at the console may do this; the server decides, this only hides what it would refuse. */
export function useMay(what: keyof typeof MAY): boolean {
  const { data } = useSession()
  return data ? (MAY[what] as readonly string[]).includes(data.role) : false
}
