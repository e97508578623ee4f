import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Plan, PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import type { TicketPreviewBody } from '../../../shared/api/sla/sla-api.ts'
import { DomainError } from '../../../server/platform/errors.ts'
import { effectivePlan } from '../../../server/plans/rules/plan.ts'
import { previewClock } from '../../../server/tickets/rules/sla-preview.ts'
import { previewTicket } from '../../../server/tickets/rules/sla-preview-ticket.ts'

const shipped = (id: string): Plan =>
  JSON.parse(readFileSync(new URL(`../../../server/catalogue/plans/${id}.json`, import.meta.url), 'utf8')) as Plan
const day = (time: string, date = 16): string => `2026-03-${date}T${time}:00+01:00`
type Short = Omit<Partial<TicketPreviewBody>, 'events'> & {
  events?: [at: string, type: TicketPreviewBody['events'][number]['type'], level?: number][]
  overrides?: PlanOverrides
}
function preview(planId: string, options: Short) {
  const { overrides = {}, events = [], ...body } = options
  const plan = effectivePlan({ plan: shipped(planId), overrides, timeZone: 'Europe/Stockholm', holidaysOf: () => [] })
  return previewTicket(plan, {
    planId,
    timeZone: 'Europe/Stockholm',
    level: 1,
    registeredAt: day('09:00'),
    now: day('09:10'),
    ...body,
    events: events.map(([at, type, level]) => ({ at, type, ...(level === undefined ? {} : { level }) })),
  })
}

describe('a ticket under a plan', () => {
  it('waits for its response; the update clock has not begun', () => {
    const { clocks, flags, breaches } = preview('ombori-production', {})
    expect(clocks.response).toEqual({
      state: 'running',
      dueAt: day('09:30'),
      usedMinutes: 10,
      why: 'due Mon 16 Mar 09:30 (Europe/Stockholm): 30 min response, Production plan, level 1',
    })
    expect(clocks.update).toMatchObject({ state: 'none', dueAt: null })
    expect([flags, breaches]).toEqual([[], []])
  })
  it('the first answer meets the response and starts the update interval; each update starts it anew', () => {
    const { clocks } = preview('ombori-production', {
      events: [
        [day('09:20'), 'response'],
        [day('10:00'), 'update'],
      ],
      now: day('10:05'),
    })
    expect(clocks.response).toMatchObject({ state: 'met', usedMinutes: 20 })
    expect(clocks.update).toMatchObject({ state: 'running', dueAt: day('11:00'), usedMinutes: 5 })
  })
  it('a missed response and a missed update are two breaches, each once', () => {
    const { clocks, breaches } = preview('ombori-production', { events: [[day('09:40'), 'response']], now: day('15:00') })
    expect([clocks.response.state, clocks.update.state]).toEqual(['breached', 'breached'])
    expect(breaches).toEqual([
      { clock: 'response', cycle: 1, at: day('09:30') },
      { clock: 'update', cycle: 1, at: day('10:40') },
    ])
  })
  it('an ended late update cycle stays a breach after the next one began', () => {
    const { clocks, breaches } = preview('ombori-production', {
      events: [
        [day('09:10'), 'response'],
        [day('10:30'), 'update'],
      ],
      now: day('10:40'),
    })
    expect([clocks.update.state, breaches]).toEqual(['running', [{ clock: 'update', cycle: 1, at: day('10:10') }]])
  })
  it('"when done" has no update clock', () => {
    expect(preview('ombori-production', { level: 3, events: [[day('09:05'), 'response']] }).clocks.update).toMatchObject({
      state: 'none',
      dueAt: null,
    })
  })
  it('waiting for the customer pauses the update clock of level 2, their answer lets it run on', () => {
    const waiting: Short = {
      level: 2,
      events: [
        [day('09:10'), 'response'],
        [day('09:40'), 'waiting-customer'],
      ],
      now: day('17:00'),
    }
    expect(preview('ombori-production', waiting).clocks.update).toMatchObject({ state: 'paused', dueAt: null, usedMinutes: 30 })
    const answered = preview('ombori-production', {
      ...waiting,
      events: [...(waiting.events ?? []), [day('12:00'), 'customer-message']],
      now: day('12:10'),
    })
    expect(answered.clocks.update).toMatchObject({ state: 'running', dueAt: day('13:30'), usedMinutes: 40 })
  })
  it('on level 1 it runs on', () => {
    expect(
      preview('ombori-production', {
        events: [
          [day('09:10'), 'response'],
          [day('09:40'), 'waiting-customer'],
        ],
        now: day('09:50'),
      }).clocks.update,
    ).toMatchObject({ state: 'running', dueAt: day('10:10') })
  })
  it('waiting does not meet the response and does not pause it', () => {
    expect(preview('ombori-production', { events: [[day('09:10'), 'waiting-customer']], now: day('09:40') }).clocks.response.state).toBe(
      'breached',
    )
  })
  it('a customer message moves nothing while nobody waits', () => {
    expect(
      preview('ombori-production', {
        events: [
          [day('09:10'), 'response'],
          [day('09:50'), 'customer-message'],
        ],
        now: day('09:55'),
      }).clocks.update.dueAt,
    ).toBe(day('10:10'))
  })
  it('a raised level keeps the time used', () => {
    const { clocks, flags } = preview('ombori-pilot', { level: 2, events: [[day('12:00'), 'level', 1]], now: day('12:00') })
    expect([clocks.response.dueAt, flags]).toEqual([day('13:00'), []])
  })
  it('a raised level that leaves nothing is overdue at once, marked', () => {
    const { clocks, flags, breaches } = preview('ombori-production', { level: 3, events: [[day('12:00'), 'level', 1]], now: day('12:00') })
    expect([clocks.response.state, clocks.response.dueAt, flags]).toEqual(['breached', day('12:00'), ['breached-by-change']])
    expect(breaches).toEqual([{ clock: 'response', cycle: 1, at: day('12:00') }])
  })
  it('a met response is frozen when the level changes; "when done" gets an update clock from then on', () => {
    const { clocks } = preview('ombori-production', {
      level: 3,
      events: [
        [day('09:30'), 'response'],
        [day('14:00'), 'level', 1],
      ],
      now: day('14:00'),
    })
    expect([clocks.response.state, clocks.update.dueAt]).toEqual(['met', day('15:00')])
  })
  it('level changes while waiting pause or free the update clock', () => {
    const events: Short['events'] = [
      [day('09:10'), 'response'],
      [day('09:40'), 'waiting-customer'],
      [day('10:00'), 'level', 1],
    ]
    expect(preview('ombori-production', { level: 2, events, now: day('10:00') }).clocks.update).toMatchObject({
      state: 'running',
      dueAt: day('10:30'),
    })
  })
  it('resolving ends every clock, a reopening starts a new update interval', () => {
    const events: Short['events'] = [
      [day('09:10'), 'response'],
      [day('09:40'), 'resolved'],
    ]
    expect(preview('ombori-production', { events, now: day('15:00') }).clocks.update.state).toBe('met')
    expect(
      preview('ombori-production', { events: [...events, [day('14:00'), 'customer-message']], now: day('14:30') }).clocks.update,
    ).toMatchObject({ state: 'running', dueAt: day('15:00') })
  })
  it('what lies after now has not happened', () => {
    expect(preview('ombori-production', { events: [[day('09:20'), 'response']], now: day('09:10') }).clocks.response.state).toBe('running')
  })
  it('a plan may owe an update from registration and a resolution', () => {
    const overrides: PlanOverrides = { levels: { '1': { updateFromRegistration: true, resolution: { kind: 'minutes', minutes: 480 } } } }
    const { clocks } = preview('ombori-production', { overrides })
    expect([clocks.update.dueAt, clocks.resolution?.dueAt]).toEqual([day('10:00'), day('17:00')])
    const reopened = preview('ombori-production', {
      overrides,
      events: [
        [day('10:00'), 'resolved'],
        [day('11:00'), 'in-progress'],
      ],
      now: day('11:00'),
    })
    expect(reopened.clocks.resolution?.dueAt).toBe(day('18:00'))
  })
  it('best effort is never overdue', () => {
    const { clocks, breaches } = preview('ombori-free', { now: day('16:00', 20) })
    expect([clocks.response.state, clocks.response.dueAt, breaches]).toEqual(['best-effort', null, []])
  })
  it.each([
    ['an event before registration', { events: [[day('08:00'), 'response']] } satisfies Short],
    ['a level event without a level', { events: [[day('09:05'), 'level']] } satisfies Short],
    ['a day that does not exist', { now: '2026-02-30T10:00:00Z' } satisfies Short],
  ])('refuses %s', (_reason, options) => expect(() => preview('ombori-production', options as Short)).toThrow(DomainError))
})

describe('one clock', () => {
  const workday: [string, string][] = [['08:00', '18:00']]
  const calendar = { timezone: 'Europe/Stockholm', hours: { mon: workday, tue: workday } }
  it('stops as met, with the time used', () => {
    expect(
      previewClock({ calendar, targetMinutes: 60, start: day('09:00'), events: [{ at: day('09:30'), type: 'stop' }], now: day('12:00') }),
    ).toEqual({ state: 'met', usedMinutes: 30, dueAt: day('10:00') })
  })
  it('takes its events in the order of time', () => {
    expect(
      previewClock({
        calendar,
        targetMinutes: 60,
        start: day('09:00'),
        events: [
          { at: day('10:00'), type: 'resume' },
          { at: day('09:30'), type: 'pause' },
        ],
      }),
    ).toEqual({ state: 'running', usedMinutes: 30, dueAt: day('10:30') })
  })
  it('is breached after its due time', () => {
    expect(previewClock({ calendar, targetMinutes: 60, start: day('09:00'), events: [], now: day('10:01') })).toEqual({
      state: 'breached',
      usedMinutes: 61,
      dueAt: day('10:00'),
    })
  })
})
