/** The ladder at work: tries remedies for failing signals, one at a time, verifies each, and says what came of it. Works without a link. */
import type { Logger } from 'pino'
import type { Profile } from '../../shared/profile.ts'
import type { DeviceRules } from '../../shared/remedy-rules.ts'
import { remedyOf, spellFixed, type RemedyResult } from '../../shared/remedies.ts'
import type { Clock } from '../platform/agent-clock.ts'
import { NO_LONGER_WATCHED, type SignalEvent } from '../signals/board.ts'
import { inCauseOrder, isAboutApp } from './remedy-causes.ts'
import { addRung, beginEpisode, beginRung, settle, type Rung } from './remedy-attempts.ts'
import type { HistoryFile } from './history-file.ts'
import { disturbsCustomer, isSpent, nextStep, rebootsLately } from './ladder.ts'
import { MAX_REBOOTS } from '../helper/reboot-limits.ts'
import type { RemedyHands } from './remedy-types.ts'
import { Refused } from '../helper/refused.ts'

/** For a remedy this agent does not know. */
const VERIFY_OTHER_MS = 60_000
/** An action that takes longer has failed. */
const ACTION_LIMIT_MS = 180_000
/** After the app is well its other signals are judged anew before anything is done about them. */
const JUDGE_ANEW_MS = 6_000
const FIRST_STEP_MS = 100
const MAX_WAIT_MS = 30_000
const LOCK_SECONDS = 600
/** Goes on by itself after it has failed: an app that did not come at once is started again, so the signal has the last word. */
const COMES_LATE = new Set(['restart-app'])
/** Not tried when what was tried cannot be written down: their limits must outlive this process. */
const NEEDS_HISTORY = new Set(['reboot', 'restart-session'])

/** What an event says of the remedies; nothing when the signal has no ladder. */
export type Told = {
  text?: string
  remedies?: { id: string; outcome: RemedyResult; at: number; tookMs: number; text?: string }[]
  exhausted?: boolean
}
export type RunResult = { outcome: RemedyResult; text: string; tookMs: number }

export type RemedyWatch = {
  start(): void
  stop(): void
  configure(profile: Profile, rules: DeviceRules | undefined): void
  /** Takes an event of the board, in order, and answers what it is to say of the remedies. */
  observe(event: SignalEvent): Told
  /** What a further event of a failing signal says. */
  told(key: string): Told
  /** One remedy for an operator, out of turn: honours the app's lock unless forced, the limit of reboots always, and counts as an attempt. */
  runNow(id: string, key: string, isForced: boolean): Promise<RunResult>
}

/** Makes the ladder of one device. `tell` sends a further event of a failing signal. */
export function makeRemedyWatch(deps: {
  clock: Clock
  log: Logger
  file: HistoryFile
  bootId: string
  hands: RemedyHands
  profile: Profile
  rules: DeviceRules | undefined
  tell: (key: string) => void
}): RemedyWatch {
  const { clock, log, file, bootId, hands, tell } = deps
  const { history } = file
  let { profile } = deps
  let rules: DeviceRules = deps.rules ?? {}
  /** Signals heard to fail since this start: what an older one left behind may be over. */
  const failing = new Set<string>()
  const ended = new Map<string, () => void>()
  /** Since when the app holds its lock, by the clock that does not jump. */
  let lockedUpMs: number | null = null
  let anewUntilMs = -Infinity
  let isBusy = false
  let isStopped = true
  let cancel = () => {}

  const ruleOf = (key: string) => rules[key.split(':', 1)[0] as string]
  const lockMaxMs = () => (profile.kioskApp.lock?.maxSeconds ?? LOCK_SECONDS) * 1000

  async function askLock(): Promise<void> {
    const isLocked = await hands.isLocked().catch(() => false)
    lockedUpMs = isLocked ? (lockedUpMs ?? clock.monotonicMs()) : null
  }
  const lockedForMs = () => (lockedUpMs === null ? null : clock.monotonicMs() - lockedUpMs)

  function plan(delayMs: number): void {
    cancel()
    if (!isStopped) cancel = clock.after(Math.max(0, Math.min(delayMs, MAX_WAIT_MS)), () => void step())
  }

  function note(key: string, rung: Rung): void {
    const episode = history.episodes[key]
    if (!episode) return
    addRung(episode, rung)
    const rule = ruleOf(key)
    if (rule && isSpent(episode, rule)) episode.isExhausted = true
    void file.save()
    log.info({ signal: key, remedy: rung.id, outcome: rung.outcome, text: rung.text, tookMs: rung.tookMs }, 'remedy tried')
  }

  /** Notes how an attempt ended. False when it is settled already: then that has been told. */
  function finish(key: string, rung: Rung): boolean {
    if (!history.episodes[key]?.pending) return false
    note(key, rung)
    return true
  }

  /** Waits until the signal is well, or the time to verify is over, or the watch stops. */
  function verified(key: string, id: string): Promise<void> {
    const look = () => hands.lookNow().catch(() => {})
    return new Promise(resolve => {
      const done = () => {
        cancelTimer()
        ended.delete(key)
        resolve()
      }
      const cancelTimer = clock.after(remedyOf(id)?.verifyMs ?? VERIFY_OTHER_MS, () => void look().finally(done))
      ended.set(key, done)
      void look()
    })
  }

  async function act(id: string, key: string): Promise<{ outcome: RemedyResult; text?: string } | null> {
    let cancelLimit = () => {}
    const limit = new Promise<never>((_, reject) => {
      cancelLimit = clock.after(ACTION_LIMIT_MS, () => reject(new Error('It did not end in time.')))
    })
    try {
      await Promise.race([hands.run(id, key), limit])
      return null
    } catch (error) {
      const text = (error as Error).message.slice(0, 500)
      return { outcome: error instanceof Refused ? 'refused' : 'failed', text }
    } finally {
      cancelLimit()
    }
  }

  /** Makes one attempt and verifies it. */
  async function attempt(id: string, key: string): Promise<RunResult> {
    const atMs = clock.wallMs()
    const startedMs = clock.monotonicMs()
    beginRung(history, key, { id, atMs, bootId })
    const isKept = await file.save()
    const tookMs = () => Math.round(clock.monotonicMs() - startedMs)
    const close = (outcome: RemedyResult, text?: string): RunResult => {
      if (finish(key, { id, outcome, atMs, tookMs: tookMs(), ...(text !== undefined && { text }) })) tell(key)
      return { outcome, text: text ?? '', tookMs: tookMs() }
    }
    if (!isKept && NEEDS_HISTORY.has(id)) return close('refused', 'The disk takes no note of it, so its limit could not be kept.')
    log.info({ signal: key, remedy: id }, 'trying a remedy')
    const isOpen = history.episodes[key]?.pending != null
    const fault = await act(id, key)
    // a reboot ends the agent too: what came of it is for the next one to say
    if (isStopped) return { outcome: 'did-not-help', text: '', tookMs: tookMs() }
    if (fault && !(isOpen && fault.outcome === 'failed' && COMES_LATE.has(id))) return close(fault.outcome, fault.text)
    if (isOpen && failing.has(key)) await verified(key, id)
    if (!isOpen || !history.episodes[key]?.pending) return { outcome: 'worked', text: '', tookMs: tookMs() }
    // what the signal says later is for the next process
    if (isStopped) return { outcome: 'did-not-help', text: '', tookMs: tookMs() }
    return fault ? close(fault.outcome, fault.text) : close('did-not-help')
  }

  /** An attempt that an earlier process began: a reboot, or one in which the agent ended. The signal says what came of it. */
  async function resume(): Promise<void> {
    for (const [key, { pending }] of Object.entries(history.episodes)) {
      if (!pending) continue
      await verified(key, pending.id)
      if (isStopped) return
      const outcome = { id: pending.id, atMs: pending.atMs, tookMs: Math.max(0, clock.wallMs() - pending.atMs) }
      if (finish(key, { ...outcome, outcome: 'did-not-help' }) && failing.has(key)) tell(key)
    }
  }

  async function stepOnce(): Promise<number> {
    settle(history, clock.wallMs())
    await askLock()
    let waitMs = MAX_WAIT_MS
    for (const key of inCauseOrder([...failing], history, rules, profile)) {
      const anewMs = isAboutApp(key, profile) ? anewUntilMs - clock.monotonicMs() : 0
      if (anewMs > 0) {
        waitMs = Math.min(waitMs, anewMs)
        continue
      }
      const nowMs = clock.wallMs()
      const next = nextStep({ key, rule: ruleOf(key), history, lockedForMs: lockedForMs(), lockMaxMs: lockMaxMs(), nowMs })
      if (next.kind === 'idle') continue
      if (next.kind === 'wait') {
        waitMs = Math.min(waitMs, next.untilMs - nowMs)
        continue
      }
      const episode = history.episodes[key]
      if (next.kind === 'run') await attempt(next.id, key)
      else if (next.kind === 'note') note(key, { id: next.id, outcome: next.outcome, atMs: nowMs, tookMs: 0, text: next.text })
      else if (episode) episode.isExhausted = true
      if (next.kind !== 'run') tell(key)
      return 0
    }
    return waitMs
  }

  async function step(): Promise<void> {
    if (isBusy || isStopped) return
    isBusy = true
    let delayMs = MAX_WAIT_MS
    try {
      delayMs = await stepOnce()
    } catch (error) {
      log.warn({ err: error }, 'ladder of remedies failed')
    }
    isBusy = false
    plan(delayMs)
  }

  function told(key: string): Told {
    const episode = history.episodes[key]
    const rule = ruleOf(key)
    if (!episode || !rule?.enabled || rule.remedies.length === 0) return {}
    const remedies = episode.rungs.map(({ atMs, ...rung }) => ({ ...rung, at: atMs }))
    return { remedies, exhausted: episode.isExhausted }
  }

  function recovered(event: SignalEvent): Told {
    failing.delete(event.key)
    const episode = history.episodes[event.key]
    if (!episode || episode.endedMs !== null) return {}
    const { pending } = episode
    const isFixed = pending !== null && event.text !== NO_LONGER_WATCHED
    const tookMs = pending ? Math.max(0, clock.wallMs() - pending.atMs) : 0
    if (pending) note(event.key, { id: pending.id, outcome: isFixed ? 'worked' : 'did-not-help', atMs: pending.atMs, tookMs })
    episode.endedMs = clock.wallMs()
    void file.save()
    if (isAboutApp(event.key, profile)) {
      anewUntilMs = clock.monotonicMs() + JUDGE_ANEW_MS
      void hands.lookNow().catch(() => {})
    }
    ended.get(event.key)?.()
    const said = told(event.key)
    if (said.remedies?.length === 0) return {}
    return { ...said, exhausted: false, ...(isFixed && pending && { text: spellFixed(pending.id, tookMs) }) }
  }

  return {
    start() {
      isStopped = false
      isBusy = true
      void resume().finally(() => {
        isBusy = false
        plan(FIRST_STEP_MS)
      })
    },
    stop() {
      isStopped = true
      cancel()
      for (const done of ended.values()) done()
    },
    configure(nextProfile, nextRules) {
      profile = nextProfile
      rules = nextRules ?? {}
      for (const key of failing) if (ruleOf(key)) beginEpisode(history, key, clock.wallMs())
      plan(FIRST_STEP_MS)
    },
    observe(event) {
      if (event.state === 'ok') return recovered(event)
      if (event.state !== 'failing') return {}
      failing.add(event.key)
      if (ruleOf(event.key)) beginEpisode(history, event.key, clock.wallMs())
      if (!isBusy) plan(FIRST_STEP_MS)
      return told(event.key)
    },
    told,
    async runNow(id, key, isForced) {
      const refuse = (outcome: RemedyResult, text: string): RunResult => ({ outcome, text, tookMs: 0 })
      if (isBusy || isStopped) return refuse('refused', 'Another remedy is being tried: ask again when it is over.')
      isBusy = true
      try {
        await askLock()
        const isLocked = (lockedForMs() ?? Infinity) < lockMaxMs()
        if (isLocked && !isForced && disturbsCustomer(id)) return refuse('locked', 'A customer is busy at the kiosk.')
        if (id === 'reboot' && rebootsLately(history, clock.wallMs()) >= MAX_REBOOTS)
          return refuse('refused', `Rebooted ${MAX_REBOOTS} times within 24 hours already.`)
        return await attempt(id, key)
      } finally {
        isBusy = false
        plan(FIRST_STEP_MS)
      }
    },
  }
}
