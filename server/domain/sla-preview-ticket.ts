/** What a ticket's clocks would say under a plan, without any store. */
import type { ClockView, TicketPreviewAnswer, TicketPreviewBody } from '../../shared/api/sla-api.ts'
import type { LevelNumber } from '../../shared/schema.ts'
import { usedSecondsAt, type ClockFacts } from './clock.ts'
import { invalidInput } from './errors.ts'
import { promisesFor, whyDue, type EffectivePlan, type PromiseTerms, type TicketFacts } from './plan.ts'
import { inOrder, instantMs, wireInstant, wireMinutes } from './sla-preview.ts'
import {
  awaitCustomer,
  breachClocks,
  changePromises,
  registerClocks,
  resolveClocks,
  tellCustomer,
  workOn,
  type ClockName,
  type TicketClocks,
} from './sla-ticket.ts'

function view(clock: ClockFacts | null, promise: PromiseTerms, nowMs: number): ClockView {
  if (!clock) return { state: 'none', dueAt: null, usedMinutes: 0, why: `starts with the first response: ${promise.why}` }
  return {
    state: clock.state,
    dueAt: clock.dueAtMs === null ? null : wireInstant(clock.dueAtMs, clock.calendar.timezone),
    usedMinutes: wireMinutes(usedSecondsAt(clock, nowMs)),
    why: whyDue(promise, clock.dueAtMs),
  }
}

function breachesOf(clocks: TicketClocks): TicketPreviewAnswer['breaches'] {
  const cycles: [ClockName, number, ClockFacts | null][] = [
    ['response', 1, clocks.response],
    ...clocks.endedUpdates.map(({ cycle, clock }): [ClockName, number, ClockFacts] => ['update', cycle, clock]),
    ...(clocks.update?.endedAtMs === null ? [['update', clocks.updateCycle, clocks.update] satisfies [ClockName, number, ClockFacts]] : []),
    ['resolution', 1, clocks.resolution],
  ]
  return cycles.flatMap(([clock, cycle, facts]) => {
    const at = facts?.breachedAtMs ?? null
    return facts === null || at === null ? [] : [{ clock, cycle, at: wireInstant(at, facts.calendar.timezone) }]
  })
}

/** A whole ticket through its events, as of `now`; later events have not happened yet. */
export function previewTicket(plan: EffectivePlan, body: TicketPreviewBody): TicketPreviewAnswer {
  const registeredAtMs = instantMs(body.registeredAt, '/registeredAt')
  const nowMs = instantMs(body.now, '/now')
  const facts: TicketFacts = {
    level: body.level as LevelNumber,
    environment: body.environment ?? 'production',
    category: body.category ?? 'incident',
    channel: body.channel ?? plan.channels[0] ?? 'form',
    registeredAtMs,
  }
  let promises = promisesFor(plan, facts)
  const flags = new Set(promises.flags)
  const why = [...promises.why]
  let clocks = registerClocks(promises, registeredAtMs)
  for (const [index, event] of inOrder(body.events, '/events').entries()) {
    const { atMs } = event
    if (atMs < registeredAtMs) throw invalidInput([{ path: `/events/${index}/at`, message: 'lies before registeredAt' }])
    if (atMs > nowMs) break
    switch (event.type) {
      case 'response':
      case 'update':
        clocks = tellCustomer(clocks, promises, atMs)
        break
      case 'waiting-customer':
        clocks = awaitCustomer(clocks, promises, atMs)
        break
      case 'in-progress':
        clocks = workOn(clocks, promises, atMs)
        break
      case 'customer-message':
        // An answer ends the waiting and reopens what was resolved; otherwise it moves no clock.
        if (clocks.isWaiting || clocks.isResolved) clocks = workOn(clocks, promises, atMs)
        break
      case 'resolved':
      case 'closed':
        clocks = resolveClocks(clocks, atMs)
        break
      case 'level': {
        if (event.level === undefined) throw invalidInput([{ path: `/events/${index}/level`, message: 'is missing' }])
        const next = promisesFor(plan, { ...facts, level: event.level as LevelNumber })
        for (const flag of next.flags) flags.add(flag)
        why.push(...next.why.filter(sentence => !why.includes(sentence)), `Level changed from ${promises.level} to ${next.level}.`)
        promises = next
        clocks = changePromises(clocks, promises, atMs)
        break
      }
    }
  }
  clocks = breachClocks(clocks, nowMs)
  if (clocks.breachedByChange.length > 0) {
    flags.add('breached-by-change')
    why.push(`Overdue at once by the change: ${[...new Set(clocks.breachedByChange)].join(', ')}.`)
  }
  const shown = {
    response: view(clocks.response, promises.response, nowMs),
    update: view(clocks.update, promises.update, nowMs),
    ...(promises.resolution ? { resolution: view(clocks.resolution, promises.resolution, nowMs) } : {}),
  }
  return { clocks: shown, flags: [...flags], breaches: breachesOf(clocks), why: [...why, shown.response.why, shown.update.why] }
}
