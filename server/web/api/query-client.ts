/** The query cache: when to try again, and what a person is told when a call fails. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { markSessionEnded } from '../session/session-state.ts'
import { ApiProblem } from './api-client.ts'
import { showProblem } from './show-problem.ts'

declare module '@tanstack/react-query' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged
  interface Register {
    /** `isShownInPlace`: the form shows the refusal itself, no notification is wanted. */
    mutationMeta: { isShownInPlace?: boolean }
  }
}

const RETRIES = 2

function isSessionEnd(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401 && error.slug === 'unauthenticated'
}

/** What is wrong with the request stays wrong; what is wrong with the way or the server may pass. */
function mayPass(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.status === 0 || error.status >= 500
}

/** Makes the cache of one tab. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (isSessionEnd(error)) markSessionEnded()
        // A page without data shows the refusal itself; one with old data must say that it is old.
        else if (query.state.data !== undefined) showProblem(error, 'Could not refresh')
      },
    }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, mutation) => {
        if (isSessionEnd(error)) markSessionEnded()
        else if (!mutation.meta?.isShownInPlace) showProblem(error)
      },
    }),
    defaultOptions: {
      queries: { staleTime: 15_000, retry: (count, error) => mayPass(error) && count < RETRIES, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  })
}
