import type { PlanTarget } from '../../shared/api/plan-api.ts'
import type { CalendarSpec } from '../../shared/api/sla-api.ts'

export type ClockState = 'running' | 'paused' | 'met' | 'breached' | 'cancelled' | 'best-effort' | 'none'
/** PlanTarget plus bookkeeping of pauses for business-day targets; stored as the row's `target` JSON. */
export type ClockTarget = PlanTarget & { pausedSinceMs?: number; pausedDays?: number }
/** One cycle of one clock. Maps 1:1 to a row of `clocks`. `breached` with endedAtMs null = overdue and still open. */
export type ClockFacts = {
  state: ClockState
  target: ClockTarget
  calendar: CalendarSpec
  startedAtMs: number
  usedSeconds: number
  runningSinceMs: number | null
  dueAtMs: number | null
  warnAtMs: number | null
  breachedAtMs: number | null
  endedAtMs: number | null
}
export type ClockChange = {
  clock: ClockFacts
  /** Overdue at once because a change of level or plan left nothing. */ breachedByChange: boolean
}
export declare function startClock(options: { target: PlanTarget; calendar: CalendarSpec; atMs: number; usedSeconds?: number }): ClockFacts
export declare function pauseClock(clock: ClockFacts, atMs: number): ClockFacts
export declare function resumeClock(clock: ClockFacts, atMs: number): ClockChange
export declare function retargetClock(clock: ClockFacts, change: { target: PlanTarget; calendar: CalendarSpec; atMs: number }): ClockChange
/** Met, or breached when late. Never changes a finished clock. */
export declare function stopClock(clock: ClockFacts, atMs: number): ClockFacts
export declare function cancelClock(clock: ClockFacts, atMs: number): ClockFacts
/** The breached clock when `nowMs > dueAtMs` and it was not marked yet, else the clock itself (same object). */
export declare function breachIfDue(clock: ClockFacts, nowMs: number): ClockFacts
export declare function usedSecondsAt(clock: ClockFacts, nowMs: number): number
/** One sentence about where the clock stands: 'outside hours, resumes ...', 'paused, 2 h 10 min left', ... */
export declare function explainClock(clock: ClockFacts, nowMs: number): string
