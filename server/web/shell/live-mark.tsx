/** Says whether what is on the page is kept up to date. */
import { Text, VisuallyHidden } from '@mantine/core'
import { useLiveState } from '../api/live-events.ts'

const WORDS = { live: 'Live', connecting: 'Connecting', lost: 'Not live, trying again' } as const
const MEANS = {
  live: 'Changes appear by themselves',
  connecting: 'Opening the stream of changes',
  lost: 'The stream of changes broke. What you see may be old; everything is read anew when it is back',
} as const

/** A dot and a word. */
export function LiveMark({ isCompact = false }: { isCompact?: boolean }) {
  const state = useLiveState()
  return (
    <Text component="span" size="xs" className="live-mark" data-live={state} title={MEANS[state]} role="status">
      <span className="live-dot" aria-hidden />
      {isCompact && state === 'live' ? <VisuallyHidden>Live</VisuallyHidden> : isCompact && state === 'lost' ? 'Not live' : WORDS[state]}
    </Text>
  )
}
