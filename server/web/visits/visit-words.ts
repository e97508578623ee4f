/** States of visits in words. */
import type { Visit } from '../../../shared/api/visit-api.ts'
import type { Tone } from '../parts/tags.tsx'

export const VISIT_STATES: Record<Visit['state'], { word: string; tone: Tone }> = {
  offered: { word: 'Asked', tone: 'warn' },
  accepted: { word: 'Accepted', tone: 'plain' },
  declined: { word: 'Declined', tone: 'bad' },
  scheduled: { word: 'Scheduled', tone: 'plain' },
  'on-site': { word: 'On site', tone: 'warn' },
  done: { word: 'Done', tone: 'good' },
  cancelled: { word: 'Called off', tone: 'plain' },
}
export const OPEN_VISITS = ['offered', 'accepted', 'scheduled', 'on-site'] as const
/** Whether somebody still has to come. */
export const isOpenVisit = (visit: Visit): boolean => (OPEN_VISITS as readonly string[]).includes(visit.state)

/** Why it is late, or null. */
export function lateWords(visit: Visit, nowMs: number): string | null {
  if (visit.state === 'scheduled' && visit.scheduledAt && Date.parse(visit.scheduledAt) <= nowMs) return 'nobody is on site yet'
  if (isOpenVisit(visit) && visit.deadlineAt && Date.parse(visit.deadlineAt) <= nowMs)
    return visit.state === 'offered' ? 'no answer yet' : 'no time named yet'
  return null
}
