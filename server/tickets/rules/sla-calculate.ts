/** Open time added and measured, as `POST /sla/calculate` asks for it. */
import type { CalculateAnswer, CalculateBody } from '../../../shared/api/sla/sla-api.ts'
import { addOpenSeconds, openSecondsBetween } from '../../calendars/rules/calendar.ts'
import { invalidInput } from '../../platform/errors.ts'
import { calendarAt, instantMs, wireInstant, wireMinutes } from './sla-preview.ts'

/** `add`: when `minutes` of open time have passed since `from`. `between`: open minutes between two instants, whichever comes first. */
export function calculate(body: CalculateBody): CalculateAnswer {
  const calendar = calendarAt(body.calendar, '/calendar')
  const fromMs = instantMs(body.from, '/from')
  if (body.op === 'add') {
    if (body.minutes === undefined) throw invalidInput([{ path: '/minutes', message: 'is missing: add needs it' }])
    return { to: wireInstant(addOpenSeconds(calendar, fromMs, body.minutes * 60), calendar.timeZone) }
  }
  if (body.to === undefined) throw invalidInput([{ path: '/to', message: 'is missing: between needs it' }])
  const toMs = instantMs(body.to, '/to')
  return { minutes: wireMinutes(openSecondsBetween(calendar, Math.min(fromMs, toMs), Math.max(fromMs, toMs))) }
}
