import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EscalationStep, PlanTarget } from '../../../shared/api/plans/plan-parts.ts'
import type { CalendarSpec } from '../../../shared/api/sla/sla-api.ts'
import type { TicketPromises } from '../../../server/sla/rules/promise.ts'
import { fireClocks, nextClockDeadline, type Fired } from '../../../server/sla/rules/clock-firing.ts'
import { stepKey, stepsFor } from '../../../server/sla/rules/escalation.ts'
import {
  answerClocks,
  closeClocks,
  latestClock,
  registerClocks,
  reopenClocks,
  resolveClocks,
  retargetClocks,
  setClocksToStatus,
  type Clocks,
  type TicketClock,
} from '../../../server/sla/rules/ticket-clocks.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const T0 = Date.parse('2026-11-16T10:00:00Z')
const day: [string, string][] = [['00:00', '24:00']]
const ALWAYS: CalendarSpec = { timezone: 'UTC', hours: { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day } }
const PAUSES = { waitingPausesUpdate: true, waitingPartnerPauses: false }

function promises(
  minutes: { response?: number | null; update?: number | null; resolution?: number },
  updateFrom: TicketPromises['updateFrom'] = 'response',
  escalation?: EscalationStep[],
): TicketPromises {
  const target = (value: number | null | undefined): PlanTarget =>
    value === null || value === undefined ? { kind: 'none' } : { kind: 'minutes', minutes: value }
  const promise = (kind: 'response' | 'update' | 'resolution', value: number | null | undefined) => ({
    target: target(value),
    calendar: ALWAYS,
    steps: stepsFor(escalation, { kind, level: 2, target: target(value) }),
    why: kind,
  })
  return {
    level: 2,
    levelName: 'Major',
    response: promise('response', minutes.response),
    update: promise('update', minutes.update),
    updateFrom,
    ...(minutes.resolution === undefined ? {} : { resolution: promise('resolution', minutes.resolution) }),
    waitingPausesUpdate: true,
    flags: [],
    why: [],
  }
}
const P = promises({ response: 30, update: 60, resolution: 480 })
const states = (clocks: Clocks): string[] =>
  clocks.map(clock => `${clock.kind} ${clock.cycle} ${clock.facts.state}${clock.facts.endedAtMs === null ? '' : ' ended'}`)
const due = (clocks: Clocks, kind: TicketClock['kind']): number | null => {
  const dueAtMs = latestClock(clocks, kind)?.facts.dueAtMs ?? null
  return dueAtMs === null ? null : (dueAtMs - T0) / MINUTE
}

describe('the clocks of a ticket', () => {
  it('start with registration, the update with the first answer, or from registration where promised', () => {
    expect(states(registerClocks(P, T0))).toEqual(['response 1 running', 'resolution 1 running'])
    expect(states(registerClocks(promises({ response: 15, update: 60 }, 'registration'), T0))).toEqual([
      'response 1 running',
      'update 1 running',
    ])
  })

  it('count one update cycle after the other', () => {
    const first = answerClocks(registerClocks(P, T0), P, T0 + 10 * MINUTE)
    const second = answerClocks(first, P, T0 + 40 * MINUTE)
    const late = answerClocks(second, P, T0 + 101 * MINUTE)
    expect(states(late)).toEqual([
      'response 1 met ended',
      'resolution 1 running',
      'update 1 met ended',
      'update 2 breached ended',
      'update 3 running',
    ])
    expect(due(late, 'update')).toBe(161)
  })

  it('an answer at the due instant is in time, a moment later is not', () => {
    const open = registerClocks(P, T0)
    expect(latestClock(answerClocks(open, P, T0 + 30 * MINUTE), 'response')?.facts.state).toBe('met')
    expect(latestClock(answerClocks(open, P, T0 + 30 * MINUTE + 1), 'response')?.facts.state).toBe('breached')
  })

  it('a call in time that is logged after the breach was noticed was in time', () => {
    const { clocks } = fireClocks(registerClocks(P, T0), T0 + HOUR)
    expect(latestClock(clocks, 'response')?.facts.state).toBe('breached')
    expect(latestClock(answerClocks(clocks, P, T0 + 20 * MINUTE), 'response')?.facts).toMatchObject({
      state: 'met',
      breachedAtMs: null,
      endedAtMs: T0 + 20 * MINUTE,
    })
  })

  it('a call from before the running update cycle changes nothing of it', () => {
    const clocks = answerClocks(registerClocks(P, T0), P, T0 + 20 * MINUTE)
    expect(answerClocks(clocks, P, T0 + 10 * MINUTE)).toEqual(clocks)
  })

  it.each([
    {
      status: 'waiting-customer' as const,
      paused: ['update', 'resolution'],
      why: 'the promise to inform stops where the plan says so, the first answer never',
    },
    { status: 'waiting-partner' as const, paused: [], why: 'the contract is ours' },
    { status: 'waiting-information' as const, paused: ['update', 'resolution'], why: 'support is withheld' },
    { status: 'in-progress' as const, paused: [], why: 'work goes on' },
  ])('$status pauses $paused: $why', ({ status, paused }) => {
    const open = answerClocks(registerClocks(P, T0), P, T0)
    const { clocks } = setClocksToStatus(open, status, PAUSES, T0 + 10 * MINUTE)
    expect(new Set(clocks.filter(clock => clock.facts.state === 'paused').map(clock => clock.kind as string))).toEqual(new Set(paused))
    for (const clock of clocks) if (clock.facts.state === 'paused') expect(clock.facts.dueAtMs).toBeNull()
  })

  it('does not pause the response while it waits for the customer, but does for information', () => {
    const open = registerClocks(P, T0)
    expect(states(setClocksToStatus(open, 'waiting-customer', PAUSES, T0).clocks)).toEqual(['response 1 running', 'resolution 1 paused'])
    expect(states(setClocksToStatus(open, 'waiting-information', PAUSES, T0).clocks)).toEqual(['response 1 paused', 'resolution 1 paused'])
  })

  it('keeps used time over a pause and gives the rest after it', () => {
    const open = answerClocks(registerClocks(P, T0), P, T0)
    const waiting = setClocksToStatus(open, 'waiting-customer', PAUSES, T0 + 20 * MINUTE).clocks
    const again = setClocksToStatus(waiting, 'in-progress', PAUSES, T0 + 500 * MINUTE).clocks
    expect(due(again, 'update')).toBe(540)
  })

  it('takes a new level from now on with its used time, and says what that made overdue', () => {
    const clocks = registerClocks(P, T0)
    const moved = retargetClocks(clocks, promises({ response: 60, update: 60, resolution: 100 }), T0 + 20 * MINUTE)
    expect([due(moved.clocks, 'response'), due(moved.clocks, 'resolution'), moved.byChange]).toEqual([60, 100, []])
    const late = retargetClocks(clocks, promises({ response: 10, update: 60, resolution: 100 }), T0 + 20 * MINUTE)
    expect(late.byChange).toEqual(['response'])
    expect(latestClock(late.clocks, 'response')).toMatchObject({ facts: { state: 'breached', breachedAtMs: T0 + 20 * MINUTE } })
  })

  it('raised to a level whose notice is owed from registration, it is owed from then on, once', () => {
    const onCall = promises({ response: 15, update: 60 }, 'registration')
    const { clocks } = retargetClocks(registerClocks(promises({ response: null }), T0), onCall, T0 + 20 * MINUTE)
    expect([due(clocks, 'response'), due(clocks, 'update')]).toEqual([35, 80])
    expect(retargetClocks(clocks, onCall, T0 + 30 * MINUTE).clocks).toEqual(clocks)
    const answered = answerClocks(clocks, onCall, T0 + 30 * MINUTE)
    expect(retargetClocks(answered, onCall, T0 + 40 * MINUTE).clocks).toEqual(answered)
  })

  it('a met clock is frozen for good', () => {
    const answered = answerClocks(registerClocks(P, T0), P, T0 + 5 * MINUTE)
    const moved = retargetClocks(answered, promises({ response: 1, update: 60, resolution: 480 }), T0 + 20 * MINUTE)
    expect(latestClock(moved.clocks, 'response')).toBe(latestClock(answered, 'response'))
  })

  it('resolved by itself before an answer was due: the answer is not owed any more, and says why', () => {
    const clocks = resolveClocks(registerClocks(P, T0), 'monitoring', T0 + 20 * MINUTE)
    expect(states(clocks)).toEqual(['response 1 cancelled ended', 'resolution 1 met ended'])
    expect(latestClock(clocks, 'response')?.why).toBe('response; resolved by itself before the answer was due')
  })

  it('resolved by itself too late: the missed answer stays missed', () => {
    expect(states(resolveClocks(registerClocks(P, T0), 'monitoring', T0 + 31 * MINUTE))).toEqual([
      'response 1 breached ended',
      'resolution 1 met ended',
    ])
  })

  it('resolved by a person: the resolution is the answer', () => {
    expect(states(resolveClocks(registerClocks(P, T0), 'person', T0 + 20 * MINUTE))).toEqual([
      'response 1 met ended',
      'resolution 1 met ended',
    ])
  })

  it('reopened: the answer only if it never was given, the update anew, the resolution with its used time', () => {
    const unanswered = reopenClocks(resolveClocks(registerClocks(P, T0), 'monitoring', T0 + 20 * MINUTE), P, T0 + HOUR)
    expect(states(unanswered).slice(2)).toEqual(['response 2 running', 'resolution 2 running'])
    expect([due(unanswered, 'response'), due(unanswered, 'resolution')]).toEqual([90, 60 + 460])
    const answered = reopenClocks(resolveClocks(answerClocks(registerClocks(P, T0), P, T0), 'person', T0 + 20 * MINUTE), P, T0 + HOUR)
    expect(states(answered).slice(3)).toEqual(['update 2 running', 'resolution 2 running'])
  })

  it('closed unresolved: nothing is owed, what was missed stays missed', () => {
    const overdue = fireClocks(registerClocks(P, T0), T0 + HOUR).clocks
    expect(states(closeClocks(overdue, T0 + 2 * HOUR))).toEqual(['response 1 breached ended', 'resolution 1 cancelled ended'])
  })
})

const spell = (item: Fired): string =>
  item.kind === 'steps' ? stepKey(item.taken.step) : item.kind === 'reminder' ? `reminder ${item.missed}` : item.kind

describe('firing', () => {
  it('reminders leave out the time an overdue update stood still', () => {
    const one = promises({ response: 10, update: 60 })
    const overdue = fireClocks(answerClocks(registerClocks(one, T0), one, T0), T0 + 61 * MINUTE).clocks
    const waiting = setClocksToStatus(overdue, 'waiting-customer', PAUSES, T0 + 90 * MINUTE).clocks
    expect(nextClockDeadline(waiting)).toBeNull()
    const again = setClocksToStatus(waiting, 'in-progress', PAUSES, T0 + 600 * MINUTE).clocks
    expect(nextClockDeadline(again)).toBe(T0 + 630 * MINUTE)
    expect(fireClocks(again, T0 + 650 * MINUTE).fired.map(spell)).toEqual(['reminder 1'])
  })

  it('warns at three quarters, breaches after the due instant, each once', () => {
    let clocks = registerClocks(promises({ response: 40 }), T0)
    const fired: string[] = []
    for (let minute = 0; minute <= 60; minute += 1) {
      const step = fireClocks(clocks, T0 + minute * MINUTE)
      clocks = step.clocks
      fired.push(...step.fired.map(item => `${minute} ${spell(item)} ${item.clock.kind}`))
    }
    expect(fired).toEqual(['30 percent:75 response', '41 breach response', '41 percent:100 response'])
  })

  it('after a standstill tells the highest step only', () => {
    const { fired } = fireClocks(registerClocks(promises({ response: 40 }), T0), T0 + 5 * HOUR)
    expect(fired.map(spell)).toEqual(['breach', 'percent:100'])
    expect(fired.at(-1)?.clock.fired).toEqual(['percent:75', 'percent:100'])
  })

  it('reminds of an overdue update once an interval, until there is one', () => {
    const one = promises({ response: 10, update: 60 })
    let clocks = answerClocks(registerClocks(one, T0), one, T0)
    const fired: string[] = []
    for (let minute = 0; minute <= 260; minute += 10) {
      const step = fireClocks(clocks, T0 + minute * MINUTE)
      clocks = step.clocks
      fired.push(...step.fired.map(item => `${minute} ${spell(item)}`))
    }
    expect(fired).toEqual(['50 percent:75', '70 breach', '70 percent:100', '120 reminder 1', '180 reminder 2', '240 reminder 3'])
    expect(nextClockDeadline(answerClocks(clocks, one, T0 + 260 * MINUTE))).toBe(T0 + 305 * MINUTE)
  })

  it('neither warns nor breaches while paused', () => {
    const open = answerClocks(registerClocks(P, T0), P, T0)
    const { clocks } = setClocksToStatus(open, 'waiting-customer', PAUSES, T0)
    expect(nextClockDeadline(clocks)).toBeNull()
    expect(fireClocks(clocks, T0 + 100 * HOUR).fired).toEqual([])
  })

  const event = fc.record({
    gap: fc.integer({ min: 0, max: 90 }),
    type: fc.constantFrom('answer', 'wait', 'work', 'faster', 'slower', 'resolve', 'reopen'),
  })
  const many: EscalationStep[] = (['response', 'update', 'resolution'] as const).flatMap(clock => [
    { clock, percent: 50, tell: ['desk'] },
    { clock, percent: 100, tell: ['manager'] },
    { clock, overdueMinutes: 15, tell: ['desk'] },
    { clock, overdueMinutes: 40, tell: ['partner'] },
    { clock, afterMinutes: 25, tell: ['customer'] },
  ])
  it.each([
    ['the usual steps', undefined],
    ['many steps', many],
  ])('keeps its promises through any history, with %s', (_steps, escalation) => {
    const given = (minutes: { response: number; update: number; resolution: number }) => promises(minutes, 'response', escalation)
    const P = given({ response: 30, update: 60, resolution: 480 })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), events => {
        let nowMs = T0
        let clocks = registerClocks(P, T0)
        let isOpen = true
        const once: string[] = []
        const fire = (): void => {
          for (let deadline = nextClockDeadline(clocks); deadline !== null && deadline <= nowMs; deadline = nextClockDeadline(clocks)) {
            const step = fireClocks(clocks, deadline)
            // Whatever is due does something: a worker that asks again never spins.
            expect(step.fired).not.toEqual([])
            for (const item of step.fired) {
              const keys = item.kind === 'steps' ? item.taken.keys : [spell(item)]
              once.push(...keys.map(key => `${item.clock.kind} ${item.clock.cycle} ${key}`))
              // Nothing fires on a clock that stands still or is over.
              expect([item.clock.facts.endedAtMs, item.clock.facts.runningSinceMs === null]).toEqual([null, false])
            }
            clocks = step.clocks
          }
        }
        for (const { gap, type } of events) {
          nowMs += gap * MINUTE
          fire()
          const ended = clocks.filter(clock => clock.facts.endedAtMs !== null)
          if (type === 'answer' && isOpen) clocks = answerClocks(clocks, P, nowMs)
          if (type === 'wait' && isOpen) clocks = setClocksToStatus(clocks, 'waiting-customer', PAUSES, nowMs).clocks
          if (type === 'work' && isOpen) clocks = setClocksToStatus(clocks, 'in-progress', PAUSES, nowMs).clocks
          if (type === 'faster' && isOpen)
            clocks = retargetClocks(clocks, given({ response: 10, update: 20, resolution: 60 }), nowMs).clocks
          if (type === 'slower' && isOpen)
            clocks = retargetClocks(clocks, given({ response: 90, update: 200, resolution: 900 }), nowMs).clocks
          if (type === 'resolve' && isOpen) clocks = resolveClocks(clocks, 'monitoring', nowMs)
          if (type === 'reopen' && !isOpen) clocks = reopenClocks(clocks, P, nowMs)
          if (type === 'resolve') isOpen = false
          if (type === 'reopen') isOpen = true
          // Finished cycles are never rewritten.
          for (const clock of ended) expect(clocks).toContain(clock)
          // At most one open cycle of a kind; a resolved ticket has none.
          for (const kind of ['response', 'update', 'resolution'] as const) {
            expect(clocks.filter(clock => clock.kind === kind && clock.facts.endedAtMs === null).length).toBeLessThanOrEqual(isOpen ? 1 : 0)
          }
          for (const { facts } of clocks) if (facts.state === 'paused' && facts.endedAtMs === null) expect(facts.dueAtMs).toBeNull()
        }
        expect(new Set(once).size).toBe(once.length)
      }),
    )
  })
})
