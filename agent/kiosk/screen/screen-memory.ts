/** What the last pictures of the screen say together: one colour and for how long, and whether the screen clearly changed. Keeps the last picture only to know it again. */
import { hashDistance, hashPicture, mainColor } from './picture.ts'
import type { Picture } from './png.ts'

const ONE_COLOR_SHARE = 0.98
const CLEAR_CHANGE = 10

export type ScreenFacts = { share: number; color: string; sameForMs: number }
export type ScreenMemory = {
  /** Takes the next picture; answers whether it clearly differs from the last one that did. */
  take(picture: Picture, nowMs: number): boolean
  facts(nowMs: number): ScreenFacts | null
  /** Nothing could be seen for a while (a lock): what follows is compared with nothing. */
  forget(): void
}

/** Makes a memory without a picture. */
export function makeScreenMemory(): ScreenMemory {
  let main: { share: number; color: string; sinceMs: number } | null = null
  let clearHash: bigint | null = null
  let last: Picture | null = null
  return {
    take(picture, nowMs) {
      // the same picture again: all it says was said
      if (picture === last && main) return false
      last = picture
      const next = mainColor(picture)
      const isSame = main !== null && main.color === next.color && main.share > ONE_COLOR_SHARE && next.share > ONE_COLOR_SHARE
      main = { ...next, sinceMs: isSame && main ? main.sinceMs : nowMs }
      const hash = hashPicture(picture)
      const isClear = clearHash === null || hashDistance(hash, clearHash) > CLEAR_CHANGE
      if (isClear) clearHash = hash
      return isClear
    },
    facts: nowMs => main && { share: main.share, color: main.color, sameForMs: nowMs - main.sinceMs },
    forget() {
      main = null
    },
  }
}
