/** Moves of a job, kept on the phone until the server has them: a cellar with a dead kiosk has no network either. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import type { Job, VisitMove } from '../../../shared/api/visits/visit-api.ts'
import { ApiProblem, callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

const RETRY_MS = 5_000

const nameOf = (path: string): string => `kioskeeper-job-${path}`

function readKept(path: string): VisitMove | null {
  try {
    const kept = localStorage.getItem(nameOf(path))
    return kept === null ? null : (JSON.parse(kept) as VisitMove)
  } catch {
    return null
  }
}

function keep(path: string, move: VisitMove | null): void {
  try {
    if (move) localStorage.setItem(nameOf(path), JSON.stringify(move))
    else localStorage.removeItem(nameOf(path))
  } catch {
    // a browser that keeps nothing still sends while the page is open
  }
}

/** `waiting`: a move that is not sent yet; it is sent again by itself. The server takes the same move once. */
export function useJobMoves(path: string) {
  const client = useQueryClient()
  const [waiting, setWaiting] = useState<VisitMove | null>(() => readKept(path))
  const set = useCallback(
    (move: VisitMove | null): void => {
      keep(path, move)
      setWaiting(move)
    },
    [path],
  )
  const send = useMutation({
    // without a network it must fail, so that it is kept here
    networkMode: 'always',
    mutationFn: (move: VisitMove) => callApi<Job>('POST', `${path}/transitions`, { body: move }),
    onSuccess: job => {
      set(null)
      client.setQueryData(keys.job(path), job)
      void client.invalidateQueries({ queryKey: keys.jobs })
    },
    onError: (error, move) => {
      // what the server refused is not sent again; what it never heard of is
      set(error instanceof ApiProblem && error.status !== 0 && error.status < 500 ? null : move)
    },
    meta: { isShownInPlace: true },
  })
  const { mutate, isPending } = send
  useEffect(() => {
    if (!waiting || isPending) return
    const again = (): void => mutate(waiting)
    const timer = setTimeout(again, RETRY_MS)
    window.addEventListener('online', again)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('online', again)
    }
  }, [waiting, isPending, mutate])
  const refusal = send.error instanceof ApiProblem && send.error.status !== 0 && send.error.status < 500 ? send.error : null
  return { move: mutate, isPending, waiting, refusal }
}
