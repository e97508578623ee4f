import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inCauseOrder } from '../../../agent/remedy/remedy-causes.ts'
import {
  addRung,
  beginEpisode,
  beginRung,
  EMPTY_HISTORY,
  parseHistory,
  settle,
  type History,
} from '../../../agent/remedy/remedy-attempts.ts'
import { disturbsCustomer, nextStep, rebootsLately, type Step } from '../../../agent/remedy/ladder.ts'
import { REBOOT_WINDOW_MS } from '../../../agent/helper/reboot-limits.ts'
import { fillProfile } from '../../../shared/profile.ts'
import type { DeviceRule } from '../../../shared/remedy-rules.ts'
import { REMEDY_IDS, type RemedyResult } from '../../../shared/remedies.ts'

const T0 = 1_800_000_000_000
const SECOND = 1_000
const HOUR = 3_600 * SECOND
const rung = (id: string, attempts = 2, cooldownSeconds = 300) => ({ id, attempts, cooldownSeconds })
const ruleOf = (...remedies: DeviceRule['remedies']): DeviceRule => ({
  enabled: true,
  level: 2,
  holdSeconds: 20,
  ladderSeconds: 300,
  remedies,
})
const APP = ruleOf(rung('reload-page'), rung('restart-app'), rung('restart-session'))

/** A history after these attempts at one signal: [second, remedy, outcome]. */
function after(attempts: [number, string, RemedyResult][], key = 'app.crashed'): History {
  const history = structuredClone(EMPTY_HISTORY)
  beginEpisode(history, key, T0)
  for (const [second, id, outcome] of attempts) {
    const atMs = T0 + second * SECOND
    if (outcome !== 'locked' && outcome !== 'refused') beginRung(history, key, { id, atMs, bootId: 'b' })
    const episode = history.episodes[key]
    if (episode) addRung(episode, { id, outcome, atMs, tookMs: 0 })
  }
  return history
}
type Given = { history?: History; rule?: DeviceRule | undefined; key?: string; second: number; lockedFor?: number }
const stepAt = ({ second, history = after([]), key = 'app.crashed', lockedFor, ...given }: Given): Step =>
  nextStep({
    key,
    rule: 'rule' in given ? given.rule : APP,
    history,
    lockedForMs: lockedFor === undefined ? null : lockedFor * SECOND,
    lockMaxMs: 600 * SECOND,
    nowMs: T0 + second * SECOND,
  })
const say = (step: Step): string =>
  step.kind === 'run'
    ? `run ${step.id}`
    : step.kind === 'note'
      ? `${step.outcome} ${step.id}`
      : step.kind === 'wait'
        ? `wait ${(step.untilMs - T0) / SECOND}`
        : step.kind

describe('the next rung', () => {
  it.each<{ why: string; given: Given; is: string }>([
    { why: 'the first of the rule, at once', given: { second: 0 }, is: 'run reload-page' },
    {
      why: 'it did not help: the next, without waiting for its second attempt',
      given: { second: 16, history: after([[0, 'reload-page', 'did-not-help']]) },
      is: 'run restart-app',
    },
    { why: 'it could not be done: the next', given: { second: 1, history: after([[0, 'reload-page', 'failed']]) }, is: 'run restart-app' },
    {
      why: 'all tried once: wait for the first to cool down',
      given: {
        second: 160,
        history: after([
          [0, 'reload-page', 'did-not-help'],
          [16, 'restart-app', 'did-not-help'],
          [62, 'restart-session', 'did-not-help'],
        ]),
      },
      is: 'wait 300',
    },
    {
      why: 'cooled down: its second attempt',
      given: {
        second: 300,
        history: after([
          [0, 'reload-page', 'did-not-help'],
          [16, 'restart-app', 'did-not-help'],
          [62, 'restart-session', 'did-not-help'],
        ]),
      },
      is: 'run reload-page',
    },
    {
      why: 'a refused rung is not asked for again',
      given: { second: 1, rule: ruleOf(rung('restart-unit')), history: after([[0, 'restart-unit', 'refused']]) },
      is: 'exhausted',
    },
    {
      why: 'every attempt used',
      given: { second: 900, rule: ruleOf(rung('restart-app', 1)), history: after([[0, 'restart-app', 'did-not-help']]) },
      is: 'exhausted',
    },
    {
      why: 'a remedy named twice has one count',
      given: {
        second: 900,
        rule: ruleOf(rung('restart-app', 1), rung('restart-app', 1)),
        history: after([[0, 'restart-app', 'did-not-help']]),
      },
      is: 'exhausted',
    },
    { why: 'no rule from the server', given: { second: 0, rule: undefined }, is: 'idle' },
    { why: 'a rule that is switched off', given: { second: 0, rule: { ...APP, enabled: false } }, is: 'idle' },
    { why: 'a rule without remedies', given: { second: 0, rule: ruleOf() }, is: 'idle' },
    {
      why: 'reloading backs off: the third attempt waits twice as long',
      given: {
        second: 700,
        rule: ruleOf(rung('reload-page', 5)),
        history: after([
          [0, 'reload-page', 'failed'],
          [300, 'reload-page', 'failed'],
        ]),
      },
      is: 'wait 900',
    },
    { why: 'locked: told once', given: { second: 0, lockedFor: 1 }, is: 'locked reload-page' },
    {
      why: 'locked and told: asked again soon',
      given: { second: 5, lockedFor: 6, history: after([[0, 'reload-page', 'locked']]) },
      is: 'wait 7',
    },
    { why: 'free again', given: { second: 9, history: after([[0, 'reload-page', 'locked']]) }, is: 'run reload-page' },
    {
      why: 'a lock that is never given back does not count for ever',
      given: { second: 600, lockedFor: 600, history: after([[0, 'reload-page', 'locked']]) },
      is: 'run reload-page',
    },
    {
      why: 'a locked customer does not mind the print queue',
      given: { second: 0, lockedFor: 1, rule: ruleOf(rung('restart-queue')) },
      is: 'run restart-queue',
    },
    {
      why: 'a rung that disturbs nobody goes ahead of a locked one',
      given: {
        second: 1,
        lockedFor: 2,
        history: after([[0, 'restart-app', 'locked']]),
        rule: ruleOf(rung('restart-app'), rung('wake-display')),
      },
      is: 'run wake-display',
    },
    {
      why: 'a leak is no reason to stop an app that serves',
      given: { second: 0, key: 'memory.leak:kiosk', history: after([], 'memory.leak:kiosk'), rule: ruleOf(rung('restart-app')) },
      is: 'refused restart-app',
    },
  ])('$why', ({ given, is }) => {
    expect(say(stepAt(given))).toBe(is)
  })

  it('waits for the same remedy tried for another signal', () => {
    const history = after([[0, 'reboot', 'did-not-help']], 'app.frozen')
    beginEpisode(history, 'app.crashed', T0 + 10 * SECOND)
    expect(say(stepAt({ second: 10, history, rule: ruleOf(rung('reboot')) }))).toBe('wait 300')
  })

  it('reboots at most twice in 24 hours, for whatever signals, also when the clock has been turned back', () => {
    const history = after(
      [
        [0, 'reboot', 'did-not-help'],
        [400, 'reboot', 'did-not-help'],
      ],
      'app.frozen',
    )
    beginEpisode(history, 'app.crashed', T0 + 1_000 * SECOND)
    const rule = ruleOf(rung('reboot', 20))
    expect(say(stepAt({ second: 1_000, history, rule }))).toBe('refused reboot')
    expect(rebootsLately(history, T0 - 1_000 * HOUR)).toBe(2)
    expect(rebootsLately(history, T0 + REBOOT_WINDOW_MS)).toBe(1)
  })

  it('goes on with the attempts left when the fault is back at once, and anew after a while', () => {
    const history = after([[0, 'restart-app', 'worked']])
    const episode = history.episodes['app.crashed']
    if (episode) episode.endedMs = T0 + 10 * SECOND
    beginEpisode(history, 'app.crashed', T0 + 60 * SECOND)
    expect(history.episodes['app.crashed']?.tries).toEqual({ 'restart-app': 1 })
    if (episode) episode.endedMs = T0 + 70 * SECOND
    beginEpisode(history, 'app.crashed', T0 + 700 * SECOND)
    expect(history.episodes['app.crashed']?.tries).toEqual({})
  })

  it('times of a clock that was ahead count from now', () => {
    const history = after([[9_000, 'restart-app', 'failed']])
    settle(history, T0)
    expect(say(stepAt({ second: 0, history, rule: ruleOf(rung('restart-app')) }))).toBe('wait 300')
  })

  it.each([
    '',
    '{}',
    'null',
    '[]',
    '{"format":2}',
    '{"format":1,"lastTriedMs":{"a":"b"},"rebootsMs":[],"episodes":{}}',
    '{"format":1,"lastTriedMs":{},"rebootsMs":[],"episodes":{"a":{"sinceMs":1}}}',
  ])('a file that is no history is none: %s', text => {
    let parsed: History | null = null
    try {
      parsed = parseHistory(text)
    } catch {
      // not even JSON
    }
    expect(parsed).toBe(null)
  })
})

describe('signals with one cause', () => {
  const profile = fillProfile({ name: 'P', processes: [{ name: 'till', match: 'till-app' }], kioskApp: { match: 'till-app' } })
  const rules = Object.fromEntries(
    ['app.crashed', 'screen.error-page', 'app.frozen', 'screen.blank', 'process.missing', 'usb.missing'].map(name => [name, APP]),
  )
  it.each([
    { why: 'a crash before what it shows', keys: ['screen.blank', 'screen.error-page', 'app.crashed'], is: ['app.crashed'] },
    { why: 'an error page before a page that hangs', keys: ['app.frozen', 'screen.error-page'], is: ['screen.error-page'] },
    { why: "the app's own process is the app", keys: ['process.missing:till', 'app.crashed'], is: ['app.crashed'] },
    {
      why: 'what has another cause goes beside it',
      keys: ['usb.missing:scanner', 'app.crashed'],
      is: ['app.crashed', 'usb.missing:scanner'],
    },
  ])('$why', ({ keys, is }) => {
    const history = structuredClone(EMPTY_HISTORY)
    for (const key of keys) beginEpisode(history, key, T0)
    expect(inCauseOrder(keys, history, rules, profile)).toEqual(is)
  })

  it('the symptom has its turn when the cause has no rung left', () => {
    const history = structuredClone(EMPTY_HISTORY)
    for (const key of ['app.crashed', 'screen.blank']) beginEpisode(history, key, T0)
    const crashed = history.episodes['app.crashed']
    if (crashed) crashed.isExhausted = true
    expect(inCauseOrder(['app.crashed', 'screen.blank'], history, rules, profile)).toEqual(['screen.blank'])
  })
})

describe('whatever happens', () => {
  const remedy = fc.record({
    id: fc.constantFrom(...REMEDY_IDS),
    attempts: fc.integer({ min: 1, max: 4 }),
    cooldownSeconds: fc.integer({ min: 0, max: 900 }),
  })
  const rule = fc.array(remedy, { minLength: 1, maxLength: 6 }).map(remedies => ruleOf(...remedies))
  const happening = fc.record({
    takesSeconds: fc.integer({ min: 0, max: 90 }),
    outcome: fc.constantFrom<RemedyResult>('did-not-help', 'did-not-help', 'failed', 'refused', 'worked'),
    lock: fc.constantFrom('free', 'free', 'taken', 'kept'),
    /** The agent is killed in the middle of the attempt; what it had written stays. */
    isKilled: fc.boolean(),
    signal: fc.constantFrom('app.crashed', 'app.frozen'),
  })
  const LOCK_MAX_MS = 600 * SECOND

  it('limits hold, over restarts too, and every episode ends', () => {
    fc.assert(
      fc.property(rule, fc.infiniteStream(happening), (given, stream) => {
        let history = structuredClone(EMPTY_HISTORY)
        let nowMs = T0
        let lockedSinceMs: number | null = null
        const begun: { id: string; key: string; atMs: number }[] = []
        const open = new Set(['app.crashed', 'app.frozen'])
        for (const key of open) beginEpisode(history, key, nowMs)
        let isOver = false
        for (let turn = 0; turn < 2_000 && !isOver; turn += 1) {
          const event = stream.next().value as {
            takesSeconds: number
            outcome: RemedyResult
            lock: string
            isKilled: boolean
            signal: string
          }
          if (event.lock === 'free') lockedSinceMs = null
          else lockedSinceMs ??= nowMs
          const key = open.has(event.signal) ? event.signal : ([...open][0] as string)
          const episode = history.episodes[key]
          if (!episode) throw new Error('episode lost')
          const step = nextStep({
            key,
            rule: given,
            history,
            lockedForMs: lockedSinceMs === null ? null : nowMs - lockedSinceMs,
            lockMaxMs: LOCK_MAX_MS,
            nowMs,
          })
          if (step.kind === 'run') {
            if (disturbsCustomer(step.id) && lockedSinceMs !== null) expect(nowMs - lockedSinceMs).toBeGreaterThanOrEqual(LOCK_MAX_MS)
            beginRung(history, key, { id: step.id, atMs: nowMs, bootId: 'b' })
            begun.push({ id: step.id, key, atMs: nowMs })
            // written before it is made: a killed agent reads back exactly this
            if (event.isKilled) history = parseHistory(JSON.stringify(history)) as History
            const kept = history.episodes[key]
            nowMs += event.takesSeconds * SECOND
            if (kept) addRung(kept, { id: step.id, outcome: event.isKilled ? 'did-not-help' : event.outcome, atMs: nowMs, tookMs: 0 })
            if (!event.isKilled && event.outcome === 'worked') open.delete(key)
          } else if (step.kind === 'note') addRung(episode, { id: step.id, outcome: step.outcome, atMs: nowMs, tookMs: 0 })
          else if (step.kind === 'wait') {
            expect(step.untilMs).toBeGreaterThan(nowMs)
            nowMs = step.untilMs
          } else if (step.kind === 'exhausted') open.delete(key)
          isOver = open.size === 0
        }
        expect(isOver).toBe(true)
        const limits = new Map(given.remedies.toReversed().map(each => [each.id, each]))
        for (const [id, limit] of limits) {
          for (const key of ['app.crashed', 'app.frozen'])
            expect(begun.filter(each => each.id === id && each.key === key).length).toBeLessThanOrEqual(limit.attempts)
          const times = begun.filter(each => each.id === id).map(each => each.atMs)
          for (const [index, atMs] of times.entries())
            if (index > 0) expect(atMs - (times[index - 1] as number)).toBeGreaterThanOrEqual(limit.cooldownSeconds * SECOND)
        }
        const reboots = begun.filter(each => each.id === 'reboot').map(each => each.atMs)
        for (const atMs of reboots)
          expect(reboots.filter(other => other <= atMs && other > atMs - REBOOT_WINDOW_MS).length).toBeLessThanOrEqual(2)
      }),
      { numRuns: 300 },
    )
  })
})
