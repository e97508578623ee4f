import { describe, expect, it } from 'vitest'
import { judgeSilence, judgeWill, RESTART_GRACE_MS } from '../../server/domain/presence.ts'

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
