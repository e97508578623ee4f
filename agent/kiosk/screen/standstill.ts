/** Does what must change on the screen still change? Only time that was looked at counts. */
import type { MustChange } from '../../../shared/profile.ts'
import { isChanged } from './picture.ts'
import type { Picture } from './png.ts'

export type Standstill = { forMs: number; limitMs: number }

/** Watches one rule. A rule with a selector looks at that element's text, with a region or neither at the picture; with both, either may change. */
export function makeStandstill(rule: MustChange | undefined) {
  const looksAtText = rule?.selector !== undefined
  const looksAtPicture = rule !== undefined && (rule.region !== undefined || !looksAtText)
  let text: string | null | undefined
  let picture: Picture | null = null
  let sinceMs: number | null = null
  let seenMs = 0

  function see(hasChanged: boolean, nowMs: number): void {
    if (hasChanged || sinceMs === null) sinceMs = nowMs
    seenMs = nowMs
  }

  return {
    takeText(next: string | null, nowMs: number): void {
      if (!looksAtText) return
      const hasChanged = text !== undefined && next !== text
      text = next
      // where a picture may change too, it alone says that nothing did
      if (hasChanged || !looksAtPicture) see(hasChanged, nowMs)
    },
    takePicture(next: Picture, nowMs: number): void {
      if (!looksAtPicture) return
      see(picture !== null && isChanged(picture, next), nowMs)
      picture = next
    },
    /** Nothing could be seen: what follows is compared with nothing. */
    forget(): void {
      text = undefined
      picture = null
      sinceMs = null
    },
    facts: (): Standstill | null => (rule && sinceMs !== null ? { forMs: seenMs - sinceMs, limitMs: rule.seconds * 1_000 } : null),
  }
}
