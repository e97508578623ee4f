/** What a device can try, and what came of it, in words. */
import type { Static } from 'typebox'
import type { LadderWord, Remedy } from '../../../shared/api/incidents/remedy-api.ts'
import type { Rule } from '../../../shared/api/incidents/rule-api.ts'
import type { Tone } from '../components/tags.tsx'

export const REMEDY_WORDS: Record<Rule['remedies'][number]['id'], string> = {
  'reload-page': 'Reload the page',
  'navigate-home': 'Go to the start page',
  'restart-app': 'Restart the app',
  'restart-unit': 'Restart the service',
  'restart-queue': 'Restart the print queue',
  'wake-display': 'Wake the display',
  'set-mode': 'Set the display mode',
  'reset-usb': 'Reset the USB port',
  'clear-caches': 'Clear caches',
  'renew-network': 'Renew the network',
  'sync-time': 'Set the clock',
  'restart-session': 'Restart the session',
  reboot: 'Reboot',
  'wake-on-lan': 'Wake it over the network',
}
/** An agent newer than this console may know more. */
export const remedyWord = (id: string): string => REMEDY_WORDS[id as keyof typeof REMEDY_WORDS] ?? id

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
