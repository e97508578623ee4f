/** States of a call in words. */
import type { OnCallAlert } from '../../../shared/api/on-call/on-call-api.ts'
import type { Tone } from '../components/tags.tsx'

export const ALERT_STATES: Record<OnCallAlert['state'], { word: string; tone: Tone }> = {
  calling: { word: 'Calling', tone: 'warn' },
  acknowledged: { word: 'Taken', tone: 'good' },
  nobody: { word: 'Nobody answered', tone: 'bad' },
  over: { word: 'Answered on the ticket', tone: 'plain' },
}
