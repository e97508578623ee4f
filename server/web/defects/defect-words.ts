/** Classes and states of defects in words. */
import type { Defect } from '../../../shared/api/defects/defect-api.ts'
import type { Tone } from '../components/tags.tsx'

export const DEFECT_CLASS: Record<Defect['class'], string> = { crash: 'Crash', block: 'Block', other: 'Other' }
export const DEFECT_STATUS: Record<Defect['status'], { word: string; tone: Tone }> = {
  open: { word: 'Open', tone: 'warn' },
  confirmed: { word: 'Confirmed', tone: 'warn' },
  'in-progress': { word: 'Being fixed', tone: 'plain' },
  fixed: { word: 'Fixed', tone: 'good' },
  'not-fixed': { word: 'Will not be fixed', tone: 'plain' },
}
export const CLASS_CHOICES = Object.entries(DEFECT_CLASS).map(([value, label]) => ({ value, label }))
export const STATUS_CHOICES = Object.entries(DEFECT_STATUS).map(([value, { word }]) => ({ value, label: word }))
