/** Says that this person is at a ticket, and who else is. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { AttendanceAnswer } from '../../../shared/api/tickets/attendance-api.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { onTyping } from './typing.ts'

const BEAT_MS = 15_000
/** Who typed nothing for so long is looking again. */
const WRITES_MS = 20_000

/** Everybody at the ticket; beats while the page is open and seen. */
export function useAttendance(ticketId: string): AttendanceAnswer['people'] {
  const client = useQueryClient()
  const key = keys.attendance(ticketId)
  const { data } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => callApi<AttendanceAnswer>('GET', `/tickets/${ticketId}/presence`, { signal }),
    refetchInterval: BEAT_MS,
  })
  useEffect(() => {
    const path = `/tickets/${ticketId}/presence`
    let isWriting = false
    let isGone = false
    let rest: ReturnType<typeof setTimeout> | undefined
    const beat = (): void => {
      if (isGone || document.visibilityState === 'hidden') return
      // Presence is a courtesy: when it cannot be told, work goes on.
      callApi<AttendanceAnswer>('PUT', path, { body: { writing: isWriting } }).then(
        answer => isGone || client.setQueryData(keys.attendance(ticketId), answer),
        () => undefined,
      )
    }
    const unsubscribe = onTyping(typedOn => {
      if (typedOn !== ticketId) return
      clearTimeout(rest)
      rest = setTimeout(() => {
        isWriting = false
        beat()
      }, WRITES_MS)
      if (isWriting) return
      isWriting = true
      beat()
    })
    beat()
    const timer = setInterval(beat, BEAT_MS)
    document.addEventListener('visibilitychange', beat)
    const leave = (): void => void fetch(`/api/v1${path}`, { method: 'DELETE', keepalive: true }).catch(() => undefined)
    window.addEventListener('pagehide', leave)
    return () => {
      isGone = true
      unsubscribe()
      clearTimeout(rest)
      clearInterval(timer)
      document.removeEventListener('visibilitychange', beat)
      window.removeEventListener('pagehide', leave)
      leave()
    }
  }, [ticketId, client])
  return data?.people ?? []
}
