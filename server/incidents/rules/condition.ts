/**
 * One signal of one device as a state machine: facts in, facts and moves out. `ok -> failing (watched) -> failing (open) ->
 * recovering -> ok`. It is judged in device time, so that late or bunched data ends as if it had come at once; the deadlines
 * say when the server acts.
 */
import type { LevelNumber } from '../../../shared/schema-pieces.ts'
import type { Calendar } from '../../calendars/rules/calendar.ts'
import type { Span } from '../../calendars/rules/spans.ts'
import { heldSeconds, holdEnd, type HoldTerms } from './condition-hold.ts'
import { plannedUntil } from './maintenance-windows.ts'
import { addPair, addResult, calmAtMs, settle, type Flaps } from './flapping.ts'

/** As a row of `conditions`. Open = `hasIncident` with nothing left to wait for (`opensAtMs` null). */
export type Condition = {
  state: 'ok' | 'failing' | 'recovering' | 'unknown'
  level: LevelNumber | null
  text: string
  /** First failing of this episode; once it is over, when it ended. */
  sinceAtMs: number
  observedAtMs: number
  recoveredAtMs: number | null
  heldUntilMs: number | null
  opensAtMs: number | null
  clearsAtMs: number | null
  hasIncident: boolean
  /** How it came and went lately; null when it never failed. */
  flaps: Flaps | null
}

/** One observation, its level already worked out. `ladder`: what it says about the remedies on the device. */
export type Seen = {
  state: 'failing' | 'ok' | 'unknown'
  level: LevelNumber
  text: string
  atMs: number
  receivedAtMs: number
  ladder: 'running' | 'exhausted' | 'none'
}
/** `quiet`: planned work around now, joined; nothing opens in it. */
export type Terms = HoldTerms & { openingHours: Calendar | null; quiet?: readonly Span[] }

/**
 * What has to be done about it:
 * `start` the incident is pending; `drop` mended within the hold: it never was one; `mend` the remedies mended it in time: closed
 * without a ticket; `repeat` failing again while open; `raise` more serious than before; `recover` quiet time begins; `resume`
 * failing again within it; `open` raise the ticket; `close` the quiet time is over, ended at `atMs`; `unstable` it comes and goes
 * too often: kept open from now on; `calm` it does not any more. An `open` that `isPast` was over before anybody here knew of it.
 */
export type Move = {
  kind: 'start' | 'drop' | 'mend' | 'repeat' | 'raise' | 'recover' | 'resume' | 'open' | 'close' | 'unstable' | 'calm'
  atMs: number
  isPast?: true
}
export type Step = { condition: Condition; moves: Move[]; ignored?: 'older' }

/** Later than this is late data: what follows it in the same spool may still change the picture. */
const LATE_MS = 5_000

const isWatched = (condition: Condition): boolean => condition.hasIncident && condition.opensAtMs !== null

/** A deadline in device time, put off a little when the data came late. */
function notBefore(deadlineMs: number, seen: Seen): number {
  return seen.receivedAtMs - seen.atMs > LATE_MS ? Math.max(deadlineMs, seen.receivedAtMs + LATE_MS) : deadlineMs
}

function fine(condition: Condition, atMs: number): Condition {
  return {
    ...condition,
    state: 'ok',
    level: null,
    sinceAtMs: atMs,
    recoveredAtMs: null,
    heldUntilMs: null,
    opensAtMs: null,
    clearsAtMs: null,
    hasIncident: false,
    flaps: condition.flaps,
  }
}

function begin(seen: Seen, terms: Terms, flaps: Flaps | null): Step {
  const base: Condition = {
    state: 'failing',
    level: terms.enabled ? seen.level : null,
    text: seen.text,
    sinceAtMs: seen.atMs,
    observedAtMs: seen.atMs,
    recoveredAtMs: null,
    heldUntilMs: null,
    opensAtMs: null,
    clearsAtMs: null,
    hasIncident: false,
    flaps,
  }
  if (!terms.enabled) return { condition: base, moves: [] }
  const heldUntilMs = holdEnd(seen.atMs, heldSeconds(terms, seen.level, seen.ladder === 'running'), terms.openingHours, terms.quiet)
  return {
    condition: { ...base, heldUntilMs, opensAtMs: notBefore(heldUntilMs, seen), hasIncident: true },
    moves: [{ kind: 'start', atMs: seen.atMs }],
  }
}

/** Failing again while it fails: text and level move on, the hold stays counted from the first. */
function again(before: Condition, seen: Seen, terms: Terms): Step {
  const level = before.level === null || seen.level < before.level ? seen.level : before.level
  const condition = { ...before, text: seen.text, level: before.hasIncident ? level : before.level }
  if (!before.hasIncident) return { condition, moves: [] }
  if (!isWatched(before)) {
    const raised: Move[] = level === before.level ? [] : [{ kind: 'raise', atMs: seen.atMs }]
    return { condition, moves: [{ kind: 'repeat', atMs: seen.atMs }, ...raised] }
  }
  // A report without a word about the ladder changes nothing of what is waited for, unless level 1 waits for no ladder.
  if (seen.ladder === 'none' && level !== 1) return { condition, moves: [] }
  const heldUntilMs = holdEnd(before.sinceAtMs, heldSeconds(terms, level, seen.ladder === 'running'), terms.openingHours, terms.quiet)
  return { condition: { ...condition, heldUntilMs, opensAtMs: notBefore(heldUntilMs, seen) }, moves: [] }
}

function takeFailing(before: Condition, seen: Seen, terms: Terms): Step {
  if (before.state === 'failing') return again(before, seen, terms)
  if (before.state !== 'recovering') return begin(seen, terms, before.flaps)
  const resumed: Condition = { ...before, state: 'failing', recoveredAtMs: null, clearsAtMs: null }
  const step = again(resumed, seen, terms)
  return { condition: step.condition, moves: [{ kind: 'resume', atMs: seen.atMs }, ...step.moves] }
}

/** End of the quiet time that began at `sinceMs`: an unstable signal has to be calm as well. */
function quietUntil(condition: Condition, sinceMs: number, clearSeconds: number): number {
  const clearMs = sinceMs + clearSeconds * 1000
  return condition.flaps?.isUnstable ? Math.max(clearMs, calmAtMs(condition.flaps)) : clearMs
}

function takeOk(before: Condition, seen: Seen, terms: Terms): Step {
  // What came late from before it was unknown does not make it known.
  if (before.state === 'recovering' || (before.state === 'unknown' && seen.atMs < before.sinceAtMs)) return { condition: before, moves: [] }
  if (before.state !== 'failing' || !before.hasIncident) {
    return { condition: { ...fine(before, before.state === 'ok' ? before.sinceAtMs : seen.atMs), text: seen.text }, moves: [] }
  }
  if (isWatched(before) && before.heldUntilMs !== null && seen.atMs < before.heldUntilMs) {
    const isWithinHold = seen.atMs < holdEnd(before.sinceAtMs, terms.holdSeconds, terms.openingHours, terms.quiet)
    return {
      condition: { ...fine(before, seen.atMs), text: seen.text },
      moves: [{ kind: isWithinHold ? 'drop' : 'mend', atMs: seen.atMs }],
    }
  }
  const clearsAtMs = notBefore(quietUntil(before, seen.atMs, terms.clearSeconds), seen)
  return {
    condition: { ...before, state: 'recovering', recoveredAtMs: seen.atMs, clearsAtMs },
    moves: [{ kind: 'recover', atMs: seen.atMs }],
  }
}

function first(seen: Seen, terms: Terms): Step {
  if (seen.state === 'failing') return begin(seen, terms, addResult(null, true, seen.atMs))
  const unseen: Condition = { ...fine(begin(seen, { ...terms, enabled: false }, null).condition, seen.atMs), state: seen.state }
  // Not knowing is no word of the device: an older one that comes late still counts.
  return { condition: seen.state === 'unknown' ? { ...unseen, observedAtMs: 0 } : unseen, moves: [] }
}

/** Whether the episode was over before anybody here knew of it: it is history, and nobody is called for it. */
function isPast(condition: Condition): boolean {
  return condition.state === 'recovering' && condition.heldUntilMs !== null && (condition.opensAtMs ?? 0) > condition.heldUntilMs
}

/** The end of an incident, or of its instability; the fifth end within an hour keeps it open instead. */
function end(condition: Condition, endedAtMs: number, isHistory: boolean): Step {
  const close: Move = { kind: 'close', atMs: endedAtMs }
  if (condition.flaps?.isUnstable)
    return {
      condition: fine({ ...condition, flaps: settle(condition.flaps) }, endedAtMs),
      moves: [{ kind: 'calm', atMs: endedAtMs }, close],
    }
  const flaps = condition.flaps && !isHistory ? addPair(condition.flaps, endedAtMs) : condition.flaps
  if (!flaps?.isUnstable) return { condition: fine({ ...condition, flaps }, endedAtMs), moves: [close] }
  return { condition: { ...condition, flaps, clearsAtMs: calmAtMs(flaps) }, moves: [{ kind: 'unstable', atMs: endedAtMs }] }
}

/** Opens what waits to be opened and closes what has been quiet, at once. For deadlines that have come. */
export function finish(condition: Condition, due: { opens: boolean; clears: boolean }): Step {
  const moves: Move[] = []
  let after = condition
  const isHistory = isPast(condition)
  if (due.opens && isWatched(after)) {
    moves.push({ kind: 'open', atMs: after.heldUntilMs ?? after.sinceAtMs, ...(isHistory ? { isPast: true } : {}) })
    after = { ...after, opensAtMs: null, heldUntilMs: null }
  }
  if (due.clears && after.state === 'recovering' && after.recoveredAtMs !== null && !isWatched(after)) {
    const ended = end(after, after.recoveredAtMs, isHistory)
    return { condition: ended.condition, moves: [...moves, ...ended.moves] }
  }
  if (due.clears && after.state === 'failing' && after.flaps?.isUnstable) {
    // It fails without a break: that is no flapping any more.
    moves.push({ kind: 'calm', atMs: after.clearsAtMs ?? after.observedAtMs })
    after = { ...after, clearsAtMs: null, flaps: settle(after.flaps) }
  }
  return { condition: after, moves }
}

/** What a worker does at `nowMs`: everything whose deadline has come, in order. */
export function finishDue(condition: Condition, nowMs: number): Step {
  return finish(condition, {
    opens: condition.opensAtMs !== null && condition.opensAtMs <= nowMs,
    clears: condition.clearsAtMs !== null && condition.clearsAtMs <= nowMs,
  })
}

function take(before: Condition, seen: Seen, terms: Terms): Step {
  if (seen.state === 'failing') return takeFailing(before, seen, terms)
  if (seen.state === 'ok') return takeOk(before, seen, terms)
  const knowsNothing = before.state === 'ok' || before.state === 'unknown'
  return { condition: knowsNothing ? { ...before, state: 'unknown', text: seen.text, sinceAtMs: seen.atMs } : before, moves: [] }
}

/**
 * Takes one observation. Older ones than the newest word taken are ignored. `unknown` is no word: it neither opens nor closes. A quiet time that
 * was over before it closes the old episode first, whether or not the worker came by in between.
 */
export function takeObservation(before: Condition | null, seen: Seen, terms: Terms): Step {
  if (!before) return first(seen, terms)
  if (seen.atMs < before.observedAtMs) return { condition: before, moves: [], ignored: 'older' }
  const quietSince = before.recoveredAtMs
  const isOver = before.state === 'recovering' && quietSince !== null && seen.atMs >= quietUntil(before, quietSince, terms.clearSeconds)
  const settled: Step = isOver ? finish(before, { opens: true, clears: true }) : { condition: before, moves: [] }
  const flaps = seen.state === 'unknown' ? settled.condition.flaps : addResult(settled.condition.flaps, seen.state === 'failing', seen.atMs)
  const observedAtMs = seen.state === 'unknown' ? before.observedAtMs : seen.atMs
  const next = take({ ...settled.condition, flaps, observedAtMs }, seen, terms)
  const steadied = steady(next.condition, settled.condition.flaps?.isUnstable === true, seen)
  return { condition: steadied.condition, moves: [...settled.moves, ...next.moves, ...steadied.moves] }
}

/**
 * What instability adds to a step. Entered by the change of its results: what only waits is opened now, so that one ticket is
 * there and kept. While unstable it is asked again when it would be calm.
 */
function steady(condition: Condition, wasUnstable: boolean, seen: Seen): Step {
  const { flaps } = condition
  if (!flaps?.isUnstable) return { condition, moves: [] }
  // No incident to keep open, or data of long ago: it says nothing of now.
  if (!condition.hasIncident || (!wasUnstable && seen.receivedAtMs - seen.atMs > LATE_MS))
    return { condition: { ...condition, flaps: { ...flaps, isUnstable: false } }, moves: [] }
  const opened = finish(condition, { opens: condition.state === 'failing', clears: false })
  const moves: Move[] = wasUnstable ? [] : [{ kind: 'unstable', atMs: seen.atMs }]
  const calmMs = calmAtMs(flaps)
  const clearsAtMs = condition.state === 'failing' ? calmMs : Math.max(condition.clearsAtMs ?? 0, calmMs)
  return { condition: { ...opened.condition, clearsAtMs }, moves: [...opened.moves, ...moves] }
}

/** A cause as serious as the worst it explains: from level 1 on it waits for no ladder any more. */
export function worsen(condition: Condition, level: LevelNumber, nowMs: number, terms: Terms): Condition {
  if (!condition.hasIncident || condition.level === null || level >= condition.level) return condition
  if (!isWatched(condition) || level > 1) return { ...condition, level }
  const heldUntilMs = holdEnd(condition.sinceAtMs, heldSeconds(terms, level, false), terms.openingHours, terms.quiet)
  return { ...condition, level, heldUntilMs, opensAtMs: Math.max(heldUntilMs, nowMs) }
}

/**
 * A symptom outlives what explained it: its hold is counted anew from `fromMs`, and it is only watched until then. `nowMs` at the
 * earliest.
 */
export function holdAnew(condition: Condition, fromMs: number, nowMs: number, terms: Terms): Condition {
  if (condition.state !== 'failing' || !condition.hasIncident) return condition
  const heldUntilMs = holdEnd(fromMs, heldSeconds(terms, condition.level ?? 4, false), terms.openingHours, terms.quiet)
  return { ...condition, heldUntilMs, opensAtMs: Math.max(heldUntilMs, nowMs) }
}

/** Whether what is due to open lies in planned work: it waits for the end, and is held anew from there. */
export function putOff(condition: Condition, nowMs: number, terms: Terms): Condition | null {
  if (!isWatched(condition) || condition.state !== 'failing' || (condition.opensAtMs ?? Infinity) > nowMs) return null
  const untilMs = plannedUntil(terms.quiet ?? [], nowMs)
  return untilMs === null ? null : holdAnew(condition, untilMs, nowMs, terms)
}

/** The device is no longer watched: an open incident ends now, a pending one never was. */
export function abandon(condition: Condition, nowMs: number): Step {
  if (!condition.hasIncident) return { condition, moves: [] }
  const kind = isWatched(condition) ? 'drop' : 'close'
  const endedMs = condition.recoveredAtMs ?? nowMs
  const flaps = condition.flaps && settle(condition.flaps)
  return { condition: fine({ ...condition, flaps }, endedMs), moves: [{ kind, atMs: endedMs }] }
}
