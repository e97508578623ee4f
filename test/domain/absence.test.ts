/** How long a device that said goodbye may stay away, and what is said of it. */
import { describe, expect, it } from 'vitest'
import { overdueAtMs, spellBye, type ByeReason } from '../../server/domain/absence.ts'
import { judgeSilence, RESTART_GRACE_MS } from '../../server/domain/presence.ts'

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
