/** What a ticket's clocks would say under a plan: the very rules of real tickets, without any store. */
import type { ClockView, TicketPreviewAnswer, TicketPreviewBody } from '../../../shared/api/sla/sla-api.ts'
import type { LevelNumber } from '../../../shared/schema-pieces.ts'
import { breachIfDue, usedSecondsAt, type ClockFacts } from '../../sla/rules/clock.ts'
import { invalidInput } from '../../platform/errors.ts'
import { promisesFor, type EffectivePlan, type TicketFacts } from '../../plans/rules/plan.ts'
import { whyDue, type PromiseTerms } from '../../sla/rules/promise.ts'
import { inOrder, instantMs, wireInstant, wireMinutes } from './sla-preview.ts'
import {
  answerClocks,
  closeClocks,
  latestClock,
  registerClocks,
  reopenClocks,
  resolveClocks,
  retargetClocks,
  setClocksToStatus,
  type ClockKind,
} from '../../sla/rules/ticket-clocks.ts'
import type { TicketStatus } from '../../../shared/api/tickets/ticket-api.ts'

type PreviewEvent = TicketPreviewBody['events'][number]

function view(clock: ClockFacts | undefined, promise: PromiseTerms, nowMs: number): ClockView {
  if (!clock) return { state: 'none', dueAt: null, usedMinutes: 0, why: `starts with the first response: ${promise.why}` }
  return {
    state: clock.state,
    dueAt: clock.dueAtMs === null ? null : wireInstant(clock.dueAtMs, clock.calendar.timezone),
    usedMinutes: wireMinutes(usedSecondsAt(clock, nowMs)),
    why: whyDue(promise, clock.dueAtMs),
  }
}

/** The status after an event, as far as clocks care. */
function statusAfter(status: TicketStatus, event: PreviewEvent['type']): TicketStatus {
  const isEnded = status === 'resolved' || status === 'closed'
  if (event === 'resolved' || event === 'closed') return event
  // A closed ticket stays closed; the customer's word or new work opens a resolved one and ends the waiting.
  if (status === 'closed') return status
  if (event === 'in-progress' || event === 'customer-message')
    return status === 'new' ? (event === 'in-progress' ? event : status) : 'in-progress'
  if (isEnded) return status
  return event === 'waiting-customer' ? event : status
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
  const overdueByChange = new Set<ClockKind>()
  let status: TicketStatus = 'new'
  let clocks = registerClocks(promises, registeredAtMs)
  const follow = (change: { clocks: typeof clocks; byChange: ClockKind[] }): void => {
    clocks = change.clocks
    for (const kind of change.byChange) overdueByChange.add(kind)
  }
  for (const event of inOrder(body.events, '/events')) {
    const { atMs } = event
    if (atMs < registeredAtMs) throw invalidInput([{ path: '/events', message: `${event.at} lies before registeredAt` }])
    if (atMs > nowMs) break
    const before = status
    status = statusAfter(before, event.type)
    const wasEnded = before === 'resolved' || before === 'closed'
    if (event.type === 'level') {
      if (event.level === undefined) throw invalidInput([{ path: '/events', message: `the level event at ${event.at} has no level` }])
      const next = promisesFor(plan, { ...facts, level: event.level as LevelNumber })
      for (const flag of next.flags) flags.add(flag)
      why.push(...next.why.filter(sentence => !why.includes(sentence)), `Level changed from ${promises.level} to ${next.level}.`)
      promises = next
      if (!wasEnded) follow(retargetClocks(clocks, promises, atMs))
    } else if ((event.type === 'response' || event.type === 'update') && !wasEnded) clocks = answerClocks(clocks, promises, atMs)
    else if (event.type === 'resolved' && !wasEnded) clocks = resolveClocks(clocks, 'person', atMs)
    else if (event.type === 'closed') clocks = closeClocks(clocks, atMs)
    else if (wasEnded && status === 'in-progress') clocks = reopenClocks(clocks, promises, atMs)
    const { waitingPausesUpdate } = promises
    follow(setClocksToStatus(clocks, status, { waitingPausesUpdate, waitingPartnerPauses: plan.waitingPartnerPauses }, atMs))
  }
  clocks = clocks.map(clock => ({ ...clock, facts: breachIfDue(clock.facts, nowMs) }))
  if (overdueByChange.size > 0) {
    flags.add('breached-by-change')
    why.push(`Overdue at once by the change: ${[...overdueByChange].join(', ')}.`)
  }
  const shown = {
    response: view(latestClock(clocks, 'response')?.facts, promises.response, nowMs),
    update: view(latestClock(clocks, 'update')?.facts, promises.update, nowMs),
    ...(promises.resolution ? { resolution: view(latestClock(clocks, 'resolution')?.facts, promises.resolution, nowMs) } : {}),
  }
  const breaches = clocks.flatMap(({ kind, cycle, facts: { breachedAtMs, calendar } }) =>
    breachedAtMs === null ? [] : [{ clock: kind, cycle, at: wireInstant(breachedAtMs, calendar.timezone) }],
  )
  return { clocks: shown, flags: [...flags], breaches, why: [...why, shown.response.why, shown.update.why] }
}
