import { describe, expect, it } from 'vitest'
import { judgeSilence, judgeWill, RESTART_GRACE_MS } from '../../../server/devices/rules/connection-rules.ts'

const T0 = 1_800_000_000_000
const SECOND = 1_000

describe('contact after a restart of the server', () => {
  const back = { connectedNow: true, startedAtMs: T0, heardAtMs: T0 + 5 * SECOND }
  it.each([
    {
      why: 'not back yet: nothing is judged',
      session: { ...back, connection: 'unknown', connectedNow: false, heardAtMs: 0 },
      at: RESTART_GRACE_MS - 1,
      to: undefined,
    },
    {
      why: 'not back after the grace',
      session: { ...back, connection: 'unknown', connectedNow: false, heardAtMs: 0 },
      at: RESTART_GRACE_MS,
      to: 'offline',
    },
    { why: 'back and silent: the grace is not for it', session: { ...back, connection: 'online' }, at: 95 * SECOND, to: 'offline' },
    { why: 'back and silent for half a minute', session: { ...back, connection: 'online' }, at: 35 * SECOND, to: 'suspect' },
  ] as const)('$why', ({ session, at, to }) => {
    expect(judgeSilence({ ...session, overdueAtMs: null }, T0 + at)?.connection).toBe(to)
  })

  it('takes the will of a session that began after it at once: its keepalive ended', () => {
    expect([judgeWill({ sid: 'new' }, 'new'), judgeWill({ sid: 'old' }, 'new'), judgeWill({ sid: 'new', bye: true }, 'new')]).toEqual([
      'offline',
      'stale',
      'planned-offline',
    ])
  })
})

describe('a goodbye', () => {
  const away = { connection: 'planned-offline', connectedNow: false, heardAtMs: T0, startedAtMs: T0 - 2 * RESTART_GRACE_MS } as const
  it.each([
    { why: 'no word of coming back: whoever switched it off knows', session: { ...away, overdueAtMs: null }, to: undefined },
    { why: 'not yet due back', session: { ...away, overdueAtMs: T0 + 61 * SECOND }, to: undefined },
    {
      why: 'due back and not there: an update that failed, a shop that is dark',
      session: { ...away, overdueAtMs: T0 + 60 * SECOND },
      to: 'offline',
    },
    {
      why: 'the server was just started: it may be on its way',
      session: { ...away, startedAtMs: T0, overdueAtMs: T0 + SECOND },
      to: undefined,
    },
  ])('$why', ({ session, to }) => expect(judgeSilence(session, T0 + 60 * SECOND)?.connection).toBe(to))
})
