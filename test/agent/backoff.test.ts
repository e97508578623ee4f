import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Compile } from 'typebox/compile'
import { backoffMs } from '../../agent/link/backoff.ts'
import { parseAck, parseSystem } from '../../agent/link/down-messages.ts'
import { makeRateLimit, makeSendWindow } from '../../agent/link/uplink-window.ts'
import { AckMessage, SystemMessage } from '../../shared/messages.ts'

const random = fc.double({ min: 0, max: 0.999_999, noNaN: true })
const failures = fc.integer({ min: 1, max: 10_000 })

describe('back-off', () => {
  it('after a network fault is anything from nothing to the doubled limit, never over 120 s', () => {
    fc.assert(
      fc.property(failures, random, (count, chance) => {
        const delay = backoffMs('network', count, chance)
        return delay >= 0 && delay <= Math.min(120_000, 1_000 * 2 ** Math.min(count, 30))
      }),
    )
  })

  it('spreads over the whole range, so many devices do not come back as one', () => {
    const delays = Array.from({ length: 1_000 }, (_, index) => backoffMs('network', 10, index / 1_000))
    expect(Math.min(...delays)).toBe(0)
    expect(Math.max(...delays)).toBeGreaterThan(119_000)
    expect(new Set(delays).size).toBeGreaterThan(990)
  })

  it('after refused credentials is 5 to 60 min, and grows', () => {
    fc.assert(
      fc.property(failures, random, (count, chance) => {
        const delay = backoffMs('credentials', count, chance)
        return delay >= 300_000 && delay <= 3_600_000 && backoffMs('credentials', count + 1, chance) >= delay
      }),
    )
  })
})

describe('messages from the server', () => {
  const ack = Compile(AckMessage)
  const system = Compile(SystemMessage)
  const anything = fc.oneof(
    fc.record({
      e: fc.oneof(fc.constant('0123abcd'), fc.string()),
      q: fc.oneof(fc.integer(), fc.double()),
      now: fc.oneof(fc.integer(), fc.string()),
    }),
    fc.record({
      type: fc.constantFrom('hello', 'rebirth', 'retry-after', 'revoked', 'other'),
      ackMode: fc.constantFrom('puback', 'app', 'none'),
      now: fc.oneof(fc.integer(), fc.constant(null)),
      heartbeatSeconds: fc.integer({ min: 0, max: 400 }),
      seconds: fc.oneof(fc.integer({ min: -5, max: 4_000 }), fc.double()),
    }),
    fc.jsonValue(),
  )

  it('are accepted exactly when the wire contract accepts them', () => {
    fc.assert(
      fc.property(anything, value => {
        // what JSON makes of it is what arrives
        const text = JSON.stringify(value)
        const arrived: unknown = JSON.parse(text)
        expect(parseAck(Buffer.from(text)) !== null).toBe(ack.Check(arrived))
        expect(parseSystem(Buffer.from(text)) !== null).toBe(system.Check(arrived))
      }),
      { numRuns: 2_000 },
    )
  })

  it('that are no JSON or too large are refused', () => {
    for (const text of ['', '{', '[]', 'null', `{"type":"rebirth","x":"${'x'.repeat(5_000)}"}`]) {
      expect(parseSystem(Buffer.from(text))).toBeNull()
      expect(parseAck(Buffer.from(text))).toBeNull()
    }
  })
})

describe('the send window', () => {
  it('lets 16 messages or 256 KB out', () => {
    const window = makeSendWindow()
    for (let q = 1; q <= 16; q++) {
      expect(window.hasRoom()).toBe(true)
      window.add(q, 100, q)
    }
    expect(window.hasRoom()).toBe(false)
    expect(window.oldestAtMs()).toBe(1)
    expect(window.remove(1)).toBe(true)
    expect(window.remove(1)).toBe(false)
    expect(window.hasRoom()).toBe(true)
    window.add(17, 300_000, 17)
    expect(window.hasRoom()).toBe(false)
  })

  it('gives the backlog at most half the rate, over any time and any pattern of asking', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 50 }), isBacklog: fc.boolean() }), { minLength: 100, maxLength: 400 }),
        asks => {
          const limit = makeRateLimit(0)
          let nowMs = 0
          let all = 0
          let backlog = 0
          for (const { waitMs, isBacklog } of asks) {
            nowMs += waitMs
            if (limit.take(isBacklog, nowMs) > 0) continue
            all++
            if (isBacklog) backlog++
          }
          return all <= 50 + (nowMs / 1_000) * 50 + 1 && backlog <= 25 + (nowMs / 1_000) * 25 + 1
        },
      ),
    )
  })

  it('answers a wait after which a place is free', () => {
    const limit = makeRateLimit(0)
    let nowMs = 0
    for (let count = 0; count < 200; count++) {
      const waitMs = limit.take(true, nowMs)
      if (waitMs === 0) continue
      nowMs += waitMs
      expect(limit.take(true, nowMs)).toBe(0)
    }
    expect(nowMs).toBeGreaterThan(3_000)
  })
})
