/** What was tried on this device and when: what the limits of the ladder count, over agent restarts and reboots. Pure changes of one value. */
import type { RemedyResult } from '../../shared/remedies.ts'

/** One attempt that is over. `atMs` device wall clock when it began. */
export type Rung = { id: string; outcome: RemedyResult; atMs: number; tookMs: number; text?: string }
/** The attempt that runs or is being verified, and the boot it began in. */
export type Pending = { id: string; atMs: number; bootId: string }
/** One time that a signal failed. `endedMs` null while it fails. */
export type Episode = {
  sinceMs: number
  endedMs: number | null
  isExhausted: boolean
  pending: Pending | null
  /** The newest attempts, for people; the limits go by the counts below. */
  rungs: Rung[]
  /** How often each remedy was begun. */
  tries: Record<string, number>
  /** Remedies that cannot be had. */
  refused: string[]
}
export type History = {
  format: 1
  /** When each remedy was last begun, whatever signal it was for. */
  lastTriedMs: Record<string, number>
  /** When reboots were begun. */
  rebootsMs: number[]
  /** By signal key. */
  episodes: Record<string, Episode>
}

export const EMPTY_HISTORY: History = { format: 1, lastTriedMs: {}, rebootsMs: [], episodes: {} }

/** A fault that is back within this time goes on with the attempts it has left: a remedy that only helps for minutes is none. */
export const SAME_EPISODE_MS = 10 * 60_000
const FORGET_EPISODE_MS = 24 * 3_600_000
const MAX_RUNGS = 50

/** Begins the episode of a signal, or goes on with the one that has hardly ended. */
export function beginEpisode(history: History, key: string, nowMs: number): void {
  const last = history.episodes[key]
  if (last?.endedMs === null) return
  // what was told of it before is told; the limits go on
  if (last && nowMs - last.endedMs < SAME_EPISODE_MS) Object.assign(last, { endedMs: null, rungs: [] })
  else history.episodes[key] = { sinceMs: nowMs, endedMs: null, isExhausted: false, pending: null, rungs: [], tries: {}, refused: [] }
}

/** Notes an attempt before it is made: a crash in the middle must not give it back. */
export function beginRung(history: History, key: string, pending: Pending): void {
  const episode = history.episodes[key]
  if (episode?.endedMs === null) {
    episode.pending = pending
    episode.tries[pending.id] = (episode.tries[pending.id] ?? 0) + 1
  }
  history.lastTriedMs[pending.id] = pending.atMs
  if (pending.id === 'reboot') history.rebootsMs = [...history.rebootsMs, pending.atMs].slice(-10)
}

/** Notes how an attempt ended, or one that was not made and why. */
export function addRung(episode: Episode, rung: Rung): void {
  episode.pending = null
  if (rung.outcome === 'refused') episode.refused.push(rung.id)
  episode.rungs = [...episode.rungs, rung].slice(-MAX_RUNGS)
}

/** Times that the clock has turned into the future count from now; reboots stay where they are, the limit is on the safe side. */
export function settle(history: History, nowMs: number): void {
  for (const [id, atMs] of Object.entries(history.lastTriedMs)) if (atMs > nowMs) history.lastTriedMs[id] = nowMs
  for (const [key, { endedMs }] of Object.entries(history.episodes))
    if (endedMs !== null && Math.abs(nowMs - endedMs) > FORGET_EPISODE_MS) delete history.episodes[key]
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function isEpisode(value: unknown): value is Episode {
  if (!isRecord(value) || !isNumber(value.sinceMs) || !Array.isArray(value.rungs)) return false
  if (!isRecord(value.tries) || !Object.values(value.tries).every(isNumber) || !Array.isArray(value.refused)) return false
  const isEnd = value.endedMs === null || isNumber(value.endedMs)
  const { pending } = value
  const isPending = pending === null || (isRecord(pending) && typeof pending.id === 'string' && isNumber(pending.atMs))
  return isEnd && isPending && value.rungs.every(rung => isRecord(rung) && typeof rung.id === 'string' && isNumber(rung.atMs))
}

/** A history as a file holds it, or null when it is none. */
export function parseHistory(text: string): History | null {
  const value: unknown = JSON.parse(text)
  if (!isRecord(value) || value.format !== 1 || !isRecord(value.lastTriedMs) || !isRecord(value.episodes)) return null
  if (!Array.isArray(value.rebootsMs) || !value.rebootsMs.every(isNumber) || !Object.values(value.lastTriedMs).every(isNumber)) return null
  return Object.values(value.episodes).every(isEpisode) ? (value as History) : null
}
