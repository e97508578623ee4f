/** What happened to the clocks of a ticket, told from what they were and what they are: the lines of their log. */
import type { ClockWord } from '../../../shared/clock-words.ts'
import { explainClock, spellSeconds, type ClockFacts } from './clock.ts'
import type { Fired } from './clock-firing.ts'
import { stepKey, type StepTaken } from './escalation.ts'
import { whyDue } from './promise.ts'
import type { ClockKind, Clocks, TicketClock } from './ticket-clocks.ts'

/** One line. `onceKey` names what must happen once in a cycle; null = it may happen again. */
export type ClockEvent = {
  kind: ClockKind
  cycle: number
  what: ClockWord
  step: string | null
  onceKey: string | null
  atMs: number
  facts: ClockFacts
  text: string
}

type Line = Pick<ClockEvent, 'what' | 'atMs' | 'text'> & Partial<Pick<ClockEvent, 'step' | 'onceKey'>>
const line = (clock: TicketClock, event: Line): ClockEvent => ({
  kind: clock.kind,
  cycle: clock.cycle,
  step: null,
  onceKey: null,
  facts: clock.facts,
  ...event,
})

/** The promise and what came of it: `due ...: rule`. */
function promised({ facts, why }: TicketClock): string {
  return whyDue({ calendar: facts.calendar, why }, facts.dueAtMs)
}

function endLine(clock: TicketClock, endedAtMs: number): ClockEvent {
  const { facts, why } = clock
  const used = spellSeconds(facts.usedSeconds)
  const end = (what: ClockWord, text: string): ClockEvent => line(clock, { what, atMs: endedAtMs, onceKey: 'end', text })
  if (facts.state === 'met') return end('met', `Met after ${used} of open time.`)
  if (facts.state === 'cancelled') return end('cancelled', `Not owed any more: ${why}.`)
  return end('ended', facts.state === 'breached' ? `Ended late, after ${used} of open time.` : `Ended after ${used} of open time.`)
}

function changeLines(old: TicketClock, clock: TicketClock, nowMs: number): ClockEvent[] {
  const { facts } = clock
  const lines: ClockEvent[] = []
  if (facts.endedAtMs === null && (clock.why !== old.why || clock.steps !== old.steps)) {
    const used = spellSeconds(facts.usedSeconds)
    lines.push(
      line(clock, { what: 'retargeted', atMs: facts.runningSinceMs ?? nowMs, text: `New promise, ${used} used: ${promised(clock)}.` }),
    )
  }
  const wasRunning = old.facts.runningSinceMs !== null
  if (facts.endedAtMs === null && wasRunning && facts.runningSinceMs === null && facts.target.kind !== 'none') {
    const text = `Stands still: ${explainClock(facts, nowMs)}.`
    lines.push(line(clock, { what: 'paused', atMs: facts.target.pausedSinceMs ?? nowMs, text }))
  }
  if (!wasRunning && facts.runningSinceMs !== null && old.facts.target.kind !== 'none')
    lines.push(line(clock, { what: 'resumed', atMs: facts.runningSinceMs, text: `Goes on: ${promised(clock)}.` }))
  return lines
}

function linesOf(old: TicketClock | undefined, clock: TicketClock, nowMs: number): ClockEvent[] {
  const { facts } = clock
  const lines: ClockEvent[] = []
  if (old) lines.push(...changeLines(old, clock, nowMs))
  else {
    lines.push(line(clock, { what: 'started', atMs: facts.startedAtMs, onceKey: 'start', text: `Started: ${promised(clock)}.` }))
    const isStill = facts.runningSinceMs === null && facts.endedAtMs === null && facts.target.kind !== 'none'
    if (isStill) lines.push(line(clock, { what: 'paused', atMs: facts.startedAtMs, text: 'Stands still from the start.' }))
  }
  if (facts.breachedAtMs !== null && (old?.facts.breachedAtMs ?? null) === null)
    lines.push(line(clock, { what: 'breached', atMs: facts.breachedAtMs, onceKey: 'breach', text: `Overdue: ${clock.why}.` }))
  if (facts.endedAtMs !== null) lines.push(endLine(clock, facts.endedAtMs))
  return lines
}

/** The point of a step in words, from its key: `75 % of the target`, `30 min overdue`, `9 h of service time`. */
function spellPoint(key: string): string {
  const [kind, number = ''] = key.split(':')
  if (kind === 'percent') return `${number} % of the target`
  if (kind === 'overdue') return `${spellSeconds(Number(number) * 60)} overdue`
  return kind === 'after' ? `${spellSeconds(Number(number) * 60)} of service time` : 'Lower bound of the band'
}

/** Whether a step comes before the promise was missed. */
export function isWarning({ step }: Pick<StepTaken, 'step'>): boolean {
  return step.band === true || (step.percent !== undefined && step.percent < 100)
}

function firedLine(fired: Fired): ClockEvent[] {
  if (fired.kind === 'breach') return []
  const { clock } = fired
  if (fired.kind === 'reminder') {
    const step = String(fired.missed)
    const text = `${fired.missed} whole update interval${fired.missed === 1 ? '' : 's'} missed.`
    return [line(clock, { what: 'reminded', atMs: fired.pointMs, step, onceKey: `reminder:${step}`, text })]
  }
  const { taken } = fired
  const highest = stepKey(taken.step)
  const told = taken.tell.length === 0 ? 'nobody is told' : `${taken.tell.join(', ')} told`
  const toLine = taken.toLine === null ? '' : `; the ticket goes to line ${taken.toLine}`
  // Steps passed over are written down too: whatever comes later, they are not taken again.
  return taken.keys.map(key => {
    const isHighest = key === highest
    const what = !isHighest ? 'passed-over' : isWarning(taken) ? 'warned' : 'escalated'
    const text = isHighest ? `${spellPoint(key)}: ${told}${toLine}.` : `${spellPoint(key)}: passed at once with ${spellPoint(highest)}.`
    return line(clock, { what, atMs: taken.pointMs, step: key, onceKey: `step:${key}`, text })
  })
}

/** The lines of a change, in order: what the clocks were, what they are, and what fired by it. */
export function clockEvents(before: Clocks, after: Clocks, fired: readonly Fired[], nowMs: number): ClockEvent[] {
  const lines: ClockEvent[] = []
  for (const clock of after) {
    if (before.includes(clock)) continue
    const old = before.find(one => one.kind === clock.kind && one.cycle === clock.cycle)
    lines.push(...linesOf(old, clock, nowMs))
  }
  return [...lines, ...fired.flatMap(firedLine)]
}
