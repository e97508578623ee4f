/** How long a device that said goodbye may stay away, and what is said of it. */
import { describe, expect, it } from 'vitest'
import { overdueAtMs, planAbsence, spellBye, type ByeReason } from '../../../server/devices/rules/absence.ts'
import { compileCalendar } from '../../../server/calendars/rules/calendar.ts'
import { judgeSilence, RESTART_GRACE_MS } from '../../../server/devices/rules/connection-rules.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const BYE_MS = Date.parse('2026-03-02T22:00:00Z')

describe('a planned absence', () => {
  it.each<{ reason: ByeReason; backMinutes: number | null; overdueMinutes: number; why: string }>([
    { reason: 'update', backMinutes: null, overdueMinutes: 15, why: 'an update takes minutes' },
    { reason: 'shutdown', backMinutes: null, overdueMinutes: 12 * 60, why: 'switched off for the night' },
    { reason: 'maintenance', backMinutes: null, overdueMinutes: 12 * 60, why: 'somebody works on it' },
    { reason: 'closing', backMinutes: null, overdueMinutes: 24 * 60, why: 'open again on the next day' },
    { reason: 'shutdown', backMinutes: 5, overdueMinutes: 15, why: 'a restart, and ten minutes' },
    { reason: 'closing', backMinutes: 60 * 60, overdueMinutes: 60 * 60 + 10, why: 'a long weekend it named itself' },
    { reason: 'shutdown', backMinutes: -60, overdueMinutes: 10, why: 'its clock is behind: the return cannot be past' },
    { reason: 'shutdown', backMinutes: 500 * 24 * 60, overdueMinutes: 12 * 60, why: 'its clock is years ahead' },
  ])('of $reason, back in $backMinutes min, is over after $overdueMinutes min: $why', ({ reason, backMinutes, overdueMinutes }) => {
    const expectedBackAtMs = backMinutes === null ? null : BYE_MS + backMinutes * MINUTE_MS
    expect((overdueAtMs({ reason, expectedBackAtMs, atMs: BYE_MS }) - BYE_MS) / MINUTE_MS).toBe(overdueMinutes)
  })

  // Monday to Saturday 08-22 in Stockholm (UTC+1 in March); the goodbye is on Monday
  const shop = compileCalendar({
    timezone: 'Europe/Stockholm',
    hours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat'].map(day => [day, [['08:00', '22:00']]])),
  })
  it.each<{ reason: ByeReason; at: string; back: string | null; named?: string; why: string }>([
    { reason: 'shutdown', at: '2026-03-02T20:45:00Z', back: '2026-03-03T07:00:00Z', why: 'a quarter before closing: for the night' },
    { reason: 'shutdown', at: '2026-03-02T23:00:00Z', back: '2026-03-03T07:00:00Z', why: 'after closing' },
    { reason: 'shutdown', at: '2026-03-07T21:30:00Z', back: '2026-03-09T07:00:00Z', why: 'closed on Sunday' },
    { reason: 'closing', at: '2026-03-02T15:00:00Z', back: '2026-03-03T07:00:00Z', why: 'it says itself that it closes' },
    { reason: 'shutdown', at: '2026-03-02T12:00:00Z', back: null, why: 'in the middle of the day is no closing' },
    { reason: 'maintenance', at: '2026-03-02T23:00:00Z', back: null, why: 'somebody works on it' },
    {
      reason: 'shutdown',
      at: '2026-03-02T23:00:00Z',
      named: '2026-03-02T23:05:00Z',
      back: '2026-03-02T23:05:00Z',
      why: 'what it names itself counts',
    },
  ])('$reason at $at is back at $back: $why', ({ reason, at, back, named }) => {
    const said = { reason, expectedBackAtMs: named === undefined ? null : Date.parse(named), atMs: Date.parse(at) }
    const planned = planAbsence(said, shop)
    expect(planned.expectedBackAtMs).toBe(back === null ? null : Date.parse(back))
    expect(planAbsence(said, null).expectedBackAtMs, 'a place that never closes').toBe(said.expectedBackAtMs)
    if (back !== null) expect(planned.overdueAtMs).toBe(Date.parse(back) + 10 * MINUTE_MS)
  })

  it('says why, and when it is back', () => {
    expect(spellBye('update', null)).toBe('the agent is being updated')
    expect(spellBye('shutdown', Date.parse('2026-03-03T06:30:00Z'))).toBe('the device was shut down, expected back 2026-03-03 06:30 UTC')
  })

  const away = {
    connection: 'planned-offline',
    connectedNow: false,
    heardAtMs: BYE_MS,
    startedAtMs: BYE_MS - 2 * RESTART_GRACE_MS,
  } as const
  it.each([
    { overdueAtMs: BYE_MS + HOUR_MS, startedAgoMs: HOUR_MS, nowMs: BYE_MS + HOUR_MS - 1, offline: false, why: 'its time is not over' },
    { overdueAtMs: BYE_MS + HOUR_MS, startedAgoMs: HOUR_MS, nowMs: BYE_MS + HOUR_MS, offline: true, why: 'its time is over' },
    {
      overdueAtMs: BYE_MS + HOUR_MS,
      startedAgoMs: 1_000,
      nowMs: BYE_MS + 2 * HOUR_MS,
      offline: false,
      why: 'the server has just started: it may be on its way',
    },
    {
      overdueAtMs: null,
      startedAgoMs: HOUR_MS,
      nowMs: BYE_MS + 99 * HOUR_MS,
      offline: false,
      why: 'its goodbye is of before times were kept',
    },
  ])('is a fault: $offline, because $why', ({ overdueAtMs: at, startedAgoMs, nowMs, offline }) => {
    const judged = judgeSilence({ ...away, startedAtMs: nowMs - startedAgoMs, overdueAtMs: at }, nowMs)
    expect(judged?.connection ?? null).toBe(offline ? 'offline' : null)
  })
})
