/** A time as people say it, with the exact one in its tooltip. */
import { agoWords, durationWords, fullTime } from './time-words.ts'
import { useNow } from './use-now.ts'

/** `3 min ago`. */
export function Ago({ at }: { at: string }) {
  const nowMs = useNow()
  return (
    <time dateTime={at} title={fullTime(at)}>
      {agoWords(Date.parse(at), nowMs)}
    </time>
  )
}

/** How long something has lasted: `2 h 10 min`. */
export function Since({ at }: { at: string }) {
  const nowMs = useNow()
  return (
    <time dateTime={at} title={`Since ${fullTime(at)}`}>
      {durationWords(nowMs - Date.parse(at))}
    </time>
  )
}
