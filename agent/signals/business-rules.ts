/** business.silent: no transaction for longer than the profile allows. When the place is open is the server's to know. */
import type { Reading } from './reading.ts'
import { MINUTE_MS, HOUR_MS } from '../../shared/units.ts'

/** Beyond this an hour is counted as this many: the list stays small. */
const MAX_KEPT = 5_000

/** Adds transactions to those of the last hour. */
export function addTransactions(moments: readonly number[], count: number, nowMs: number): number[] {
  const recent = moments.filter(at => nowMs - at < HOUR_MS)
  return [...recent, ...Array.from({ length: count }, () => nowMs)].slice(-MAX_KEPT)
}

/** business.silent from the time since the last transaction, or since the watch began when there was none yet. */
export function judgeBusiness(silentMs: number, silentMinutes: number, hasTransaction: boolean): Reading {
  const key = 'business.silent'
  const minutes = Math.floor(silentMs / MINUTE_MS)
  if (silentMs < silentMinutes * MINUTE_MS) {
    // a watch that has just begun has seen neither business nor silence
    return hasTransaction ? { key, verdict: 'ok', text: 'Business goes on' } : { key, verdict: 'unknown', text: 'no transaction seen yet' }
  }
  const advice = 'Try the kiosk as a customer would: can something be bought?'
  return {
    key,
    verdict: 'failing',
    text: `No transaction for ${minutes} minutes. ${advice}`,
    evidence: { silentMinutes: minutes, limitMinutes: silentMinutes, advice },
  }
}
