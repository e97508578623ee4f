/** How serious a failing signal is, and until when it is only watched: the rule's hold, the ladder of remedies, opening hours. */
import type { LevelNumber } from '../../../shared/schema-pieces.ts'
import { bearingOf } from '../../../shared/signals/signals.ts'
import { isOpen, nextOpening, type Calendar } from '../../calendars/rules/calendar.ts'
import { plannedUntil } from './maintenance-windows.ts'
import type { Span } from '../../calendars/rules/spans.ts'

/** The part of a rule that times a condition. */
export type HoldTerms = { enabled: boolean; holdSeconds: number; clearSeconds: number; ladderSeconds: number; hasRemedies: boolean }

/** Whether a fault matters only while customers can be there: outside opening hours it is judged at the next opening. */
export function isCustomerFacing(signal: string): boolean {
  return bearingOf(signal).waitsForOpening
}

/**
 * Level of a failing signal. The profile's word for one component replaces the rule's; the event's own severity, and a
 * critical device that is offline, can only make it more serious.
 */
export function effectiveLevel(facts: {
  ruleLevel: LevelNumber
  profileLevel?: LevelNumber | undefined
  severity?: LevelNumber | undefined
  isCritical: boolean
}): LevelNumber {
  const base = facts.isCritical ? 1 : (facts.profileLevel ?? facts.ruleLevel)
  return facts.severity !== undefined && facts.severity < base ? facts.severity : base
}

/** Hold and, below level 1, the time given to a ladder that still runs; seconds from the first failing. */
export function heldSeconds(terms: HoldTerms, level: LevelNumber, isLadderRunning: boolean): number {
  const waitsForLadder = isLadderRunning && terms.hasRemedies && level !== 1
  return waitsForLadder ? Math.max(terms.holdSeconds, terms.ladderSeconds) : terms.holdSeconds
}

function heldInHours(sinceMs: number, heldMs: number, openingHours: Calendar | null): number {
  if (!openingHours) return sinceMs + heldMs
  const firstMs = (nextOpening(openingHours, sinceMs) ?? sinceMs) + heldMs
  if (isOpen(openingHours, firstMs)) return firstMs
  const openingMs = nextOpening(openingHours, firstMs)
  return openingMs === null ? firstMs : openingMs + heldMs
}

/**
 * Instant until which a fault that began at `sinceMs` is only watched. `openingHours` is given for customer-facing signals:
 * what begins or would open in closed time is held anew from the next opening, and what does so in planned work (`quiet`, joined)
 * from its end.
 */
export function holdEnd(sinceMs: number, seconds: number, openingHours: Calendar | null, quiet: readonly Span[] = []): number {
  const heldMs = seconds * 1000
  let endMs = heldInHours(plannedUntil(quiet, sinceMs) ?? sinceMs, heldMs, openingHours)
  // each turn leaves one planned time behind
  for (const _time of quiet) {
    const untilMs = plannedUntil(quiet, endMs)
    if (untilMs === null) break
    endMs = heldInHours(untilMs, heldMs, openingHours)
  }
  return endMs
}
