import fc from 'fast-check'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { EMPTY_HISTORY, parseHistory, type History } from '../../../agent/remedy/remedy-attempts.ts'
import { Refused } from '../../../agent/helper/refused.ts'
import { makeRemedyWatch, type Told } from '../../../agent/remedy/remedy-watch.ts'
import { makeSignalBoard, NO_LONGER_WATCHED } from '../../../agent/signals/board.ts'
import { fillProfile } from '../../../shared/profile.ts'
import type { AgentSignalKey } from '../../../shared/signals/signals.ts'
import type { DeviceRule, DeviceRules } from '../../../shared/remedy-rules.ts'
import { virtualClock, type VirtualClock } from '../virtual-clock.ts'

const T0 = 1_800_000_000_000
const SECOND = 1_000
const rule = (...ids: string[]): DeviceRule => ({
  enabled: true,
  level: 1,
  holdSeconds: 20,
  ladderSeconds: 300,
  remedies: ids.map(id => ({ id, attempts: 2, cooldownSeconds: 300 })),
})
const RULES: DeviceRules = {
  'app.crashed': rule('reload-page', 'restart-app', 'restart-session'),
  'screen.blank': rule('reload-page', 'wake-display'),
  'unit.failed': rule('restart-unit'),
  'app.frozen': rule('reboot'),
}

/** A device whose signals and remedies the test decides. `does` says what a remedy brings about. */
function device(
  does: (id: string, key: string) => Promise<void> | void,
  options: { clock?: VirtualClock; kept?: string; rules?: DeviceRules; bootId?: string } = {},
) {
  const clock = options.clock ?? virtualClock(T0)
  const board = makeSignalBoard({ reported: {}, announceOk: true })
  const history: History =
    options.kept === undefined ? structuredClone(EMPTY_HISTORY) : (parseHistory(options.kept) ?? structuredClone(EMPTY_HISTORY))
  const disk = { text: options.kept ?? '', isFull: false }
  const made: { id: string; key: string; atMs: number }[] = []
  const events: { key: string; state: string; second: number; told: Told }[] = []
  const app = { isLocked: false, looks: 0 }
  const second = () => (clock.wallMs() - T0) / SECOND
  const watch = makeRemedyWatch({
    clock,
    log: pino({ level: 'silent' }),
    file: {
      history,
      save: () => {
        if (!disk.isFull) disk.text = JSON.stringify(history)
        return Promise.resolve(!disk.isFull)
      },
    },
    bootId: options.bootId ?? 'boot-1',
    profile: fillProfile({ name: 'P', kioskApp: { lock: { file: '/run/busy', maxSeconds: 600 } } }),
    rules: options.rules ?? RULES,
    tell: key => void events.push({ key, state: 'failing', second: second(), told: watch.told(key) }),
    hands: {
      async run(id, key) {
        made.push({ id, key, atMs: clock.wallMs() })
        await does(id, key)
      },
      isLocked: () => Promise.resolve(app.isLocked),
      lookNow: () => Promise.resolve(void (app.looks += 1)),
    },
  })
  return {
    clock,
    disk,
    made,
    events,
    app,
    watch,
    say(key: AgentSignalKey, verdict: 'failing' | 'ok', text = `${key} ${verdict}`): void {
      for (const event of board.apply([{ key, verdict, text }], clock.wallMs()))
        events.push({ key, state: event.state, second: second(), told: watch.observe(event) })
    },
    tried: () => made.map(({ id, key, atMs }) => `${id} for ${key} at ${Math.round((atMs - T0) / SECOND)}`),
    last: () => events.at(-1)?.told ?? {},
  }
}
const soon = (clock: VirtualClock, ms: number, action: () => void) => void clock.after(ms, action)

describe('the ladder at work', () => {
  it('tries rung after rung, tells each, and says what fixed it and how long that took', async () => {
    const kiosk = device(id => {
      if (id === 'restart-app') soon(kiosk.clock, 8_000, () => kiosk.say('app.crashed', 'ok'))
    })
    kiosk.watch.start()
    kiosk.say('app.crashed', 'failing')
    expect(kiosk.last()).toEqual({ remedies: [], exhausted: false })
    await kiosk.clock.pass(60 * SECOND)
    expect(kiosk.tried()).toEqual(['reload-page for app.crashed at 0', 'restart-app for app.crashed at 15'])
    expect(kiosk.events.map(event => event.state)).toEqual(['failing', 'failing', 'ok'])
    expect(kiosk.events[1]?.told.remedies).toMatchObject([{ id: 'reload-page', outcome: 'did-not-help', at: T0 + 100, tookMs: 15_000 }])
    expect(kiosk.last()).toMatchObject({
      text: 'fixed by itself: restarted app, 8 s',
      exhausted: false,
      remedies: [{ outcome: 'did-not-help' }, { id: 'restart-app', outcome: 'worked', tookMs: 8_000 }],
    })
  })

  it('is exhausted when every attempt is used, and says so with the last one', async () => {
    const kiosk = device(() => {})
    kiosk.watch.start()
    kiosk.say('unit.failed:till', 'failing')
    await kiosk.clock.pass(1_000 * SECOND)
    expect(kiosk.tried()).toEqual(['restart-unit for unit.failed:till at 0', 'restart-unit for unit.failed:till at 300'])
    expect(kiosk.last()).toMatchObject({ exhausted: true, remedies: [{ outcome: 'did-not-help' }, { outcome: 'did-not-help' }] })
  })

  it.each([
    { why: 'went wrong', error: new Error('no browser'), outcome: 'failed' },
    { why: 'cannot be had', error: new Refused('no helper'), outcome: 'refused' },
  ])('goes on at once when a remedy $why, and tells why', async ({ error, outcome }) => {
    const kiosk = device(id => (id === 'reload-page' ? Promise.reject(error) : undefined))
    kiosk.watch.start()
    kiosk.say('app.crashed', 'failing')
    await kiosk.clock.pass(2 * SECOND)
    expect(kiosk.events[1]?.told.remedies).toMatchObject([{ id: 'reload-page', outcome, text: error.message }])
    expect(kiosk.made.map(each => each.id)).toEqual(['reload-page', 'restart-app'])
  })

  it('refuses the remedies of a newer server, however many, and goes on with what it knows', async () => {
    const newer = Array.from({ length: 20 }, (_, index) => `mend-v${index}`)
    const kiosk = device(id => (newer.includes(id) ? Promise.reject(new Refused('This agent does not know the remedy.')) : undefined), {
      rules: { 'unit.failed': rule(...newer, 'restart-unit') },
    })
    kiosk.watch.start()
    kiosk.say('unit.failed:till', 'failing')
    await kiosk.clock.pass(1_000 * SECOND)
    const told = kiosk.last().remedies ?? []
    expect(told.slice(0, 20).map(({ id, outcome }) => [id, outcome])).toEqual(newer.map(id => [id, 'refused']))
    expect(told.slice(20).map(({ id, outcome }) => [id, outcome])).toEqual([
      ['restart-unit', 'did-not-help'],
      ['restart-unit', 'did-not-help'],
    ])
    expect(kiosk.last().exhausted).toBe(true)
  })

  it('an app that did not come back at once gets its time before its session is ended', async () => {
    const kiosk = device(id => (id === 'restart-app' ? Promise.reject(new Error('The app did not come back')) : undefined), {
      rules: { 'app.crashed': rule('restart-app', 'restart-session') },
    })
    kiosk.watch.start()
    kiosk.say('app.crashed', 'failing')
    await kiosk.clock.pass(44 * SECOND)
    expect(kiosk.made.map(each => each.id)).toEqual(['restart-app'])
    await kiosk.clock.pass(5 * SECOND)
    expect(kiosk.made.map(each => each.id)).toEqual(['restart-app', 'restart-session'])
    expect(kiosk.last().remedies).toMatchObject([{ outcome: 'failed', text: 'The app did not come back' }])
  })

  it('waits for a customer, tells it once, and not for ever', async () => {
    const kiosk = device(() => {})
    kiosk.app.isLocked = true
    kiosk.watch.start()
    kiosk.say('app.crashed', 'failing')
    await kiosk.clock.pass(590 * SECOND)
    expect(kiosk.made).toEqual([])
    expect(kiosk.events.map(event => event.told.remedies?.map(each => each.outcome))).toEqual([[], ['locked']])
    await kiosk.clock.pass(20 * SECOND)
    expect(kiosk.made[0]?.id).toBe('reload-page')
  })

  it('has one cause in hand at a time; when it is well the others are judged anew first', async () => {
    const kiosk = device(id => {
      if (id === 'reload-page') soon(kiosk.clock, 2_000, () => kiosk.say('app.crashed', 'ok'))
    })
    kiosk.watch.start()
    kiosk.say('screen.blank', 'failing')
    kiosk.say('app.crashed', 'failing')
    await kiosk.clock.pass(3 * SECOND)
    expect(kiosk.tried()).toEqual(['reload-page for app.crashed at 0'])
    kiosk.say('screen.blank', 'ok')
    await kiosk.clock.pass(60 * SECOND)
    expect(kiosk.tried()).toEqual(['reload-page for app.crashed at 0'])
    expect(kiosk.events.findLast(event => event.key === 'screen.blank')?.told, 'recovered by itself: nothing to tell').toEqual({})
  })

  it('a fault that is back at once goes on with the attempts left, and is told without the old ones', async () => {
    const kiosk = device(id => {
      if (id === 'restart-unit') soon(kiosk.clock, 1_000, () => kiosk.say('unit.failed:till', 'ok'))
    })
    kiosk.watch.start()
    for (let time = 0; time < 3; time += 1) {
      kiosk.say('unit.failed:till', 'failing')
      expect(kiosk.last().remedies).toEqual([])
      await kiosk.clock.pass(310 * SECOND)
    }
    expect(kiosk.made).toHaveLength(2)
    expect(kiosk.last()).toEqual({ remedies: [], exhausted: true })
    kiosk.say('unit.failed:till', 'ok')
    expect(kiosk.last(), 'recovered by itself').toEqual({})
  })

  it('what is no longer watched was not fixed', async () => {
    const kiosk = device(() => {})
    kiosk.watch.start()
    kiosk.say('unit.failed:till', 'failing')
    await kiosk.clock.pass(1 * SECOND)
    kiosk.say('unit.failed:till', 'ok', NO_LONGER_WATCHED)
    expect(kiosk.last()).toMatchObject({ remedies: [{ outcome: 'did-not-help' }] })
    expect(kiosk.last().text).toBe(undefined)
  })

  it('does nothing without rules, and begins when they come', async () => {
    const kiosk = device(() => {}, { rules: {} })
    kiosk.watch.start()
    kiosk.say('unit.failed:till', 'failing')
    await kiosk.clock.pass(60 * SECOND)
    expect([kiosk.made, kiosk.last()]).toEqual([[], {}])
    kiosk.watch.configure(fillProfile({ name: 'P' }), RULES)
    await kiosk.clock.pass(1 * SECOND)
    expect(kiosk.made.map(each => each.id)).toEqual(['restart-unit'])
  })

  it('a reboot is verified after it: worked when the signal is well, else it did not help', async () => {
    const before = device(() => {})
    before.watch.start()
    before.say('app.frozen', 'failing')
    await before.clock.pass(1 * SECOND)
    expect(before.made.map(each => each.id)).toEqual(['reboot'])
    for (const isWell of [true, false]) {
      const after = device(() => {}, { clock: virtualClock(T0 + 60 * SECOND), kept: before.disk.text, bootId: 'boot-2' })
      after.watch.start()
      await after.clock.pass(5 * SECOND)
      after.say('app.frozen', isWell ? 'ok' : 'failing')
      await after.clock.pass(200 * SECOND)
      expect(after.last().remedies).toMatchObject([{ id: 'reboot', outcome: isWell ? 'worked' : 'did-not-help' }])
      if (isWell) expect(after.last().text).toBe('fixed by itself: rebooted, 65 s')
    }
  })

  it('an agent that is stopped in the middle leaves the attempt to the next one', async () => {
    let fail = () => {}
    const before = device(() => new Promise<void>((_, reject) => void (fail = () => reject(new Error('the helper ended')))))
    before.watch.start()
    before.say('app.frozen', 'failing')
    await before.clock.pass(1 * SECOND)
    before.watch.stop()
    fail()
    await before.clock.pass(1 * SECOND)
    expect(before.events).toHaveLength(1)
    expect(JSON.parse(before.disk.text)).toMatchObject({ episodes: { 'app.frozen': { pending: { id: 'reboot' }, rungs: [] } } })
  })

  it('does not reboot when it cannot write that down', async () => {
    const kiosk = device(() => {})
    kiosk.disk.isFull = true
    kiosk.watch.start()
    kiosk.say('app.frozen', 'failing')
    await kiosk.clock.pass(10 * SECOND)
    expect(kiosk.made).toEqual([])
    expect(kiosk.last()).toMatchObject({ exhausted: true, remedies: [{ id: 'reboot', outcome: 'refused' }] })
  })
})

describe('an operator', () => {
  it('may try one remedy out of turn, but not against a customer unless they insist', async () => {
    const kiosk = device(() => {})
    kiosk.watch.start()
    await kiosk.clock.pass(1 * SECOND)
    kiosk.app.isLocked = true
    expect((await kiosk.watch.runNow('restart-app', 'app.crashed', false)).outcome).toBe('locked')
    expect((await kiosk.watch.runNow('sync-time', 'clock.drift', false)).outcome).toBe('worked')
    expect((await kiosk.watch.runNow('restart-app', 'app.crashed', true)).outcome).toBe('worked')
    expect(kiosk.made.map(each => each.id)).toEqual(['sync-time', 'restart-app'])
  })

  it('cannot reboot a device more than twice a day either', async () => {
    const kiosk = device(() => {})
    kiosk.watch.start()
    await kiosk.clock.pass(1 * SECOND)
    const outcomes = []
    for (let time = 0; time < 3; time += 1) outcomes.push((await kiosk.watch.runNow('reboot', 'app.frozen', true)).outcome)
    expect(outcomes).toEqual(['worked', 'worked', 'refused'])
  })
})

describe('an agent that is killed at any moment', () => {
  it('keeps to its limits over all its lives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 25 }), async lives => {
        let kept = ''
        let nowMs = T0
        const made: { id: string; key: string; atMs: number }[] = []
        for (const [index, seconds] of lives.entries()) {
          const kiosk = device(() => {}, {
            clock: virtualClock(nowMs),
            kept: kept || JSON.stringify(EMPTY_HISTORY),
            bootId: `boot-${index >> 2}`,
          })
          kiosk.watch.start()
          kiosk.say('app.crashed', 'failing')
          kiosk.say('app.frozen', 'failing')
          await kiosk.clock.pass(seconds * SECOND)
          nowMs += seconds * SECOND
          made.push(...kiosk.made)
          // no farewell: what is on the disk is all there is
          kept = kiosk.disk.text || kept
        }
        for (const key of ['app.crashed', 'app.frozen'])
          for (const id of ['reload-page', 'restart-app', 'restart-session', 'reboot'])
            expect(made.filter(each => each.id === id && each.key === key).length).toBeLessThanOrEqual(2)
        for (const id of ['reload-page', 'restart-app', 'restart-session', 'reboot']) {
          const times = made.filter(each => each.id === id).map(each => each.atMs)
          for (const [index, atMs] of times.entries())
            if (index > 0) expect(atMs - (times[index - 1] as number)).toBeGreaterThanOrEqual(300 * SECOND)
        }
      }),
      { numRuns: 60 },
    )
  })
})
