/** Rules of what a profile names: processes, units, addresses, certificates. */
import type { WatchedProcess } from '../../shared/profile.ts'
import type { AgentSignalKey } from '../../shared/signals/signals.ts'
import type { WatchedState } from '../probes/processes.ts'
import type { UnitState } from '../probes/systemd-units.ts'
import type { UrlResult } from '../probes/urls.ts'
import { severityOf, type Reading, type WasFailing } from './reading.ts'

const CERTIFICATE_DAYS = 14
/** A single failed request is noise; the second in a row is a fault. */
const URL_FAILURES = 2

/** process.missing:NAME, with the level the profile gives the process. */
export function judgeProcesses(watched: readonly WatchedProcess[], states: readonly WatchedState[]): Reading[] {
  return watched.map(({ name, match, level }) => {
    const key: AgentSignalKey = `process.missing:${name}`
    const state = states.find(item => item.name === name)
    if (!state) return { key, verdict: 'unknown', text: 'not looked for yet' }
    if (state.running) return { key, verdict: 'ok', text: `${name} is running` }
    return {
      key,
      verdict: 'failing',
      text: `${name} is not running: no process with "${match}"`,
      ...severityOf(level),
      evidence: { match },
    }
  })
}

/** oom.killed:NAME: the kernel's count of kills rose in the moment a watched process ended; well again once it runs.
 * `ended` names processes gone or replaced since the last look. */
export function judgeOomKills(
  states: readonly WatchedState[],
  ended: readonly string[],
  hasKillsRisen: boolean,
  wasFailing: WasFailing,
): Reading[] {
  return states.map(({ name, running }) => {
    const key: AgentSignalKey = `oom.killed:${name}`
    if (hasKillsRisen && ended.includes(name)) return { key, verdict: 'failing', text: `The kernel ended ${name} for want of memory` }
    if (wasFailing(key) && !running) return { key, verdict: 'unknown', text: `${name} is still missing` }
    return { key, verdict: 'ok', text: `${name} runs again` }
  })
}

/** unit.failed:NAME. */
export function judgeUnits(states: readonly UnitState[]): Reading[] {
  return states.map(({ name, state, detail }): Reading => ({
    key: `unit.failed:${name}`,
    verdict: state === 'running' ? 'ok' : state === 'failed' ? 'failing' : 'unknown',
    text: state === 'running' ? `${name} is running` : `${name} is not running: ${detail}`,
    ...(state === 'failed' && { evidence: { detail } }),
  }))
}

const STEP_WORDS = {
  dns: 'its name cannot be resolved',
  tcp: 'no connection',
  tls: 'no secure connection',
  http: 'wrong answer',
  text: 'wrong page',
} as const

/** url.failing:NAME from the result and how many in a row failed, this one counted. */
export function judgeUrl(result: UrlResult, failuresInRow: number, wasFailing: WasFailing): Reading {
  const key: AgentSignalKey = `url.failing:${result.name}`
  if (result.failedStep === null) return { key, verdict: 'ok', text: `${result.name} answers` }
  if (failuresInRow < URL_FAILURES && !wasFailing(key)) return { key, verdict: 'unknown', text: 'failed once' }
  return {
    key,
    verdict: 'failing',
    text: `${result.name} fails, ${STEP_WORDS[result.failedStep]}: ${result.detail}`.slice(0, 500),
    evidence: { step: result.failedStep, status: result.status, tookMs: result.tookMs },
  }
}

/** certificate.expiring:NAME, 14 days ahead. An expired one is no longer seen by a checked connection: the failing handshake keeps the state. */
export function judgeCertificate(result: UrlResult): Reading {
  const key: AgentSignalKey = `certificate.expiring:${result.name}`
  const days = result.certificateDays
  if (days === null) {
    const isExpired = result.failedStep === 'tls' && /expired/i.test(result.detail)
    return isExpired
      ? { key, verdict: 'failing', text: `The certificate of ${result.name} has expired` }
      : { key, verdict: 'unknown', text: 'no certificate seen' }
  }
  if (days >= CERTIFICATE_DAYS) return { key, verdict: 'ok', text: `The certificate of ${result.name} lasts ${days} days` }
  return { key, verdict: 'failing', text: `The certificate of ${result.name} ends in ${days} days`, evidence: { days } }
}
