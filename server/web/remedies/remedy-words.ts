/** What a device can try, and what came of it, in words. */
import type { Static } from 'typebox'
import type { LadderWord, Remedy } from '../../../shared/api/incidents/remedy-api.ts'
import { remedyOf } from '../../../shared/remedies.ts'
import type { Tone } from '../components/tags.tsx'

/** `Restart the app`. An agent newer than this console may know more. */
export const remedyWord = (id: string): string => remedyOf(id)?.imperative ?? id

export const OUTCOMES: Record<Static<typeof Remedy>['outcome'], { word: string; tone: Tone }> = {
  worked: { word: 'Worked', tone: 'good' },
  'did-not-help': { word: 'Did not help', tone: 'warn' },
  failed: { word: 'Failed', tone: 'bad' },
  refused: { word: 'Refused', tone: 'plain' },
  locked: { word: 'Waits: a customer is busy', tone: 'odd' },
}

export const LADDER_WORDS: Record<Static<typeof LadderWord>, string> = {
  none: '',
  running: 'The device is trying to mend it by itself',
  exhausted: 'The device has tried everything it may',
  mended: 'Mended by the device itself',
}
