/**
 * A rule tried on the past: the same events through the same state machine, once with the rule in force and once with the draft.
 * A ticket of the replay is `real` when people acted on the ticket that stood there then, `noise` when nobody did, and `unseen`
 * when there was none to act on.
 */
import type { LevelNumber } from '../../../shared/schema-pieces.ts'
import type { Calendar } from '../../calendars/rules/calendar.ts'
import { finishDue, takeObservation, type Condition, type Terms } from './condition.ts'
import { chooseTicket, type EarlierTicket } from './incident.ts'

/** One observation as it was kept. `key`: device and component. */
export type PastEvent = { key: string; state: 'failing' | 'ok' | 'unknown'; text: string; atMs: number; receivedAtMs: number }
/** A ticket that stood then. `acted`: a person wrote, moved, assigned or visited. */
export type PastTicket = { id: string; reference: string; key: string; fromMs: number; toMs: number | null; acted: boolean }
export type TrialTicket = { key: string; openedAtMs: number; endedAtMs: number | null; text: string; openings: number }
export type JudgedTicket = TrialTicket & { judged: 'real' | 'noise' | 'unseen'; reference: string | null }

/** The part of a rule that decides whether and when a ticket opens. */
export type TrialRule = { enabled: boolean; level: number; holdSeconds: number; clearSeconds: number }

/** A little before the fault and after it: the ticket of a fault may have opened later or lived longer than the replay says. */
const NEAR_MS = 15 * 60_000

function termsOf(rule: TrialRule, openingHours: Calendar | null): Terms {
  // what the device tried is not in the past's events: the replay gives every fault the hold alone
  return {
    enabled: rule.enabled,
    holdSeconds: rule.holdSeconds,
    clearSeconds: rule.clearSeconds,
    ladderSeconds: 0,
    hasRemedies: false,
    openingHours,
  }
}

type Life = { condition: Condition | null; tickets: TrialTicket[] }

function carry(life: Life, key: string, moves: readonly { kind: string; atMs: number }[], text: string): void {
  for (const move of moves) {
    const last = life.tickets.at(-1)
    if (move.kind === 'close' && last && last.endedAtMs === null) last.endedAtMs = move.atMs
    if (move.kind !== 'open') continue
    const earlier: EarlierTicket | null = last
      ? { id: '', isOpen: last.endedAtMs === null, resolvedBy: last.endedAtMs === null ? null : 'monitoring', resolvedAtMs: last.endedAtMs }
      : null
    if (last && chooseTicket(earlier, move.atMs).kind !== 'new') Object.assign(last, { endedAtMs: null, openings: last.openings + 1 })
    else life.tickets.push({ key, openedAtMs: move.atMs, endedAtMs: null, text, openings: 1 })
  }
}

/** Lets every deadline come that lies before `untilMs`, in order. */
function settle(life: Life, key: string, untilMs: number): void {
  for (;;) {
    const { condition } = life
    if (!condition) return
    const due = Math.min(condition.opensAtMs ?? Infinity, condition.clearsAtMs ?? Infinity)
    if (due > untilMs) return
    const step = finishDue(condition, due)
    if (step.moves.length === 0) return
    life.condition = step.condition
    carry(life, key, step.moves, condition.text)
  }
}

/** Tickets the rule would have opened from these events of one signal, in the order they were received, up to `untilMs`. */
export function replayRule(
  events: readonly PastEvent[],
  rule: TrialRule,
  untilMs: number,
  hoursOf: (key: string) => Calendar | null,
): TrialTicket[] {
  const lives = new Map<string, Life>()
  for (const event of events) {
    const life = lives.get(event.key) ?? { condition: null, tickets: [] }
    lives.set(event.key, life)
    settle(life, event.key, event.receivedAtMs)
    const seen = { ...event, level: rule.level as LevelNumber, ladder: 'none' as const }
    const step = takeObservation(life.condition, seen, termsOf(rule, hoursOf(event.key)))
    life.condition = step.condition
    carry(life, event.key, step.moves, event.text)
  }
  for (const [key, life] of lives) settle(life, key, untilMs)
  return [...lives.values()].flatMap(life => life.tickets).toSorted((one, other) => one.openedAtMs - other.openedAtMs)
}

/** Each ticket of a replay against those that stood there then. */
export function judgeTickets(tickets: readonly TrialTicket[], past: readonly PastTicket[]): JudgedTicket[] {
  const byKey = Map.groupBy(past, ticket => ticket.key)
  return tickets.map(ticket => {
    const toMs = ticket.endedAtMs ?? Infinity
    const stood = (byKey.get(ticket.key) ?? []).filter(
      other => other.fromMs <= toMs + NEAR_MS && (other.toMs ?? Infinity) >= ticket.openedAtMs - NEAR_MS,
    )
    const acted = stood.find(other => other.acted)
    return { ...ticket, judged: acted ? 'real' : stood.length > 0 ? 'noise' : 'unseen', reference: (acted ?? stood[0])?.reference ?? null }
  })
}

/** Tickets people acted on that no ticket of the replay stands for: what the draft would miss. */
export function missedBy(tickets: readonly TrialTicket[], past: readonly PastTicket[]): PastTicket[] {
  return past.filter(
    ticket =>
      ticket.acted &&
      !tickets.some(
        other =>
          other.key === ticket.key &&
          other.openedAtMs <= (ticket.toMs ?? Infinity) + NEAR_MS &&
          (other.endedAtMs ?? Infinity) >= ticket.fromMs - NEAR_MS,
      ),
  )
}
