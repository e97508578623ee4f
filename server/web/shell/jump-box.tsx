/** Ctrl/cmd + K anywhere: jump to a device, a ticket or a page. */
import { useHotkeys } from '@mantine/hooks'
import { lazy, Suspense } from 'react'
import { openJumpBox, useJumpAsked } from './jump-store.ts'

const JumpSpotlight = lazy(() => import('./jump-spotlight.tsx').then(module => ({ default: module.JumpSpotlight })))

/** Loads the box when it is first wanted. */
export function JumpBox() {
  const asked = useJumpAsked()
  useHotkeys([['mod+K', openJumpBox]], [])
  if (asked === 0) return null
  return (
    <Suspense fallback={null}>
      <JumpSpotlight asked={asked} />
    </Suspense>
  )
}
