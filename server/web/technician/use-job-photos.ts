/** Photos of a job: kept on the phone first, sent one after another as soon as there is a network. */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import type { Job } from '../../../shared/api/visits/visit-api.ts'
import { ApiProblem } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { uploadBytes } from '../api/upload.ts'
import { dropPhoto, keepPhoto, shrink, waitingPhotos } from './photo-queue.ts'

const RETRY_MS = 5_000
const isRefusal = (error: unknown): error is ApiProblem =>
  error instanceof ApiProblem && error.status >= 400 && error.status < 500 && error.status !== 429

/** `waiting`: how many are not sent yet. `refusal`: why one was not taken; it is not sent again. */
export function useJobPhotos(path: string) {
  const client = useQueryClient()
  const [waiting, setWaiting] = useState(0)
  const [refusal, setRefusal] = useState<Error | null>(null)
  const [round, setRound] = useState(0)

  const add = useCallback(
    async (files: readonly File[]): Promise<void> => {
      setRefusal(null)
      try {
        for (const file of files) await keepPhoto(path, await shrink(file))
      } catch {
        setRefusal(new Error('This browser keeps no photos. Use another one, or send them by mail.'))
      }
      setRound(before => before + 1)
    },
    [path],
  )

  useEffect(() => {
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const again = (): void => setRound(before => before + 1)
    const send = async (): Promise<void> => {
      const photos = await waitingPhotos(path).catch(() => [])
      if (isOver) return
      setWaiting(photos.length)
      for (const photo of photos) {
        try {
          const job = await uploadBytes<Job>(`${path}/photos`, photo.bytes)
          client.setQueryData(keys.job(path), job)
        } catch (error) {
          if (!isRefusal(error)) {
            timer = setTimeout(again, RETRY_MS)
            return
          }
          setRefusal(error)
        }
        await dropPhoto(photo.id).catch(() => undefined)
        if (isOver) return
        setWaiting(before => Math.max(0, before - 1))
      }
    }
    // One tab sends at a time, and one round: the same photo twice is the same photo, but costs a poor network.
    if ('locks' in navigator) void navigator.locks.request(`kioskeeper-photos-${path}`, send)
    else void send()
    window.addEventListener('online', again)
    return () => {
      isOver = true
      clearTimeout(timer)
      window.removeEventListener('online', again)
    }
  }, [path, round, client])
  return { add, waiting, refusal }
}
