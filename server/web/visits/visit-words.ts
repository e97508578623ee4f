/** States of visits in words. */
import type { Visit } from '../../../shared/api/visits/visit-api.ts'
import type { Tone } from '../components/tags.tsx'
import { dueTime } from '../components/time-words.ts'

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

/** What is agreed about the time, or when it was over. */
export function momentWords(visit: Visit, nowMs: number): string {
  if (visit.state === 'scheduled' && visit.scheduledAt) return `for ${dueTime(visit.scheduledAt, undefined, nowMs)}`
  if (visit.state === 'offered' && visit.deadlineAt) return `to answer by ${dueTime(visit.deadlineAt, undefined, nowMs)}`
  if (visit.state === 'accepted' && visit.deadlineAt) return `to name a time by ${dueTime(visit.deadlineAt, undefined, nowMs)}`
  if (visit.state === 'on-site' && visit.onSiteAt) return `since ${dueTime(visit.onSiteAt, undefined, nowMs)}`
  return dueTime(visit.doneAt ?? visit.cancelledAt ?? visit.offeredAt, undefined, nowMs)
}
