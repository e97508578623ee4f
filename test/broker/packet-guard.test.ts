import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Duplex } from 'node:stream'
import { Aedes } from 'aedes'
import { makeAckQueue, makeFlowMeter } from '../../broker/ack-queue.ts'
import { keepNothing, missingParts, routeNothing } from '../../broker/aedes-internals.ts'
import { budgetKey } from '../../broker/listeners.ts'
import { makeLogLimiter } from '../../broker/log-limiter.ts'
import { isTopicFilter } from '../../broker/packet-guard.ts'
import { until } from './broker-rig.ts'
import pino from 'pino'

describe('topic filters', () => {
  const cases: [string, boolean, string][] = [
    ['a/b', true, 'a name is a filter'],
    ['#', true, 'all'],
    ['a/#', true, 'whole last level'],
    ['+/a/+', true, 'whole levels'],
    ['/', true, 'empty levels are allowed'],
    ['$share/g/a', true, 'well formed; denied elsewhere'],
    ['', false, 'MQTT 4.7.3-1'],
    ['a#', false, '# shares its level'],
    ['a/#/b', false, '# is not last'],
    ['+a', false, '+ shares its level'],
    ['a/b+', false, '+ shares its level'],
    ['a/+b/c', false, '+ shares its level'],
    ['a\u0000b', false, 'NUL'],
    ['a\nb', false, 'control character'],
    ['a\u0085b', false, 'control character above ASCII'],
    ['a\ufffdb', false, 'what invalid UTF-8 decodes to'],
    ['/'.repeat(100), false, '101 levels'],
  ]
  it.each(cases)('%j is well formed: %s (%s)', (filter, expected) => {
    expect(isTopicFilter(filter)).toBe(expected)
  })
})

describe('answers of one device', () => {
  it('leave in the order of entry, whatever the order of settling', () => {
    const order = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 31, maxLength: 31 })
    fc.assert(
      fc.property(order, settling => {
        const answered: number[] = []
        const queue = makeAckQueue(() => 0)
        const slots = settling.map((_item, index) => queue.enter(() => void answered.push(index)))
        const settled = new Set<number>()
        for (const index of settling) {
          const slot = slots[index]
          if (slot) queue.settle(slot)
          settled.add(index)
          const expected = slots.findIndex((_slot, place) => !settled.has(place))
          expect(answered).toEqual(Array.from({ length: expected < 0 ? slots.length : expected }, (_, place) => place))
        }
      }),
    )
  })

  it('wait while the device is over its rate, and are forgotten when it is gone', async () => {
    let holdMs = 20
    const answered: number[] = []
    const queue = makeAckQueue(() => holdMs)
    const slots = [1, 2].map(item => queue.enter(() => void answered.push(item)))
    for (const slot of slots) queue.settle(slot)
    expect(answered).toEqual([])
    holdMs = 0
    await until('released', () => answered.length === 2)
    expect(answered).toEqual([1, 2])
    const last = queue.enter(() => void answered.push(3))
    queue.close()
    queue.settle(last)
    expect(answered).toEqual([1, 2])
  })
})

describe('the flow meter', () => {
  const run = (perSecond: number, seconds: number) => {
    const meter = makeFlowMeter({ perSecond: 1_000, floodMs: 10_000 })
    let longestHoldMs = 0
    for (let count = 0; count < perSecond * seconds; count++) {
      const nowMs = 5_000 + (count * 1_000) / perSecond
      if (meter.note(nowMs)) return { floodAtSeconds: (nowMs - 5_000) / 1_000, longestHoldMs }
      longestHoldMs = Math.max(longestHoldMs, meter.holdMs(nowMs, false))
    }
    return { floodAtSeconds: null, longestHoldMs }
  }
  it.each([1, 100, 900])('lets %i a second pass for ever, without a wait', perSecond => {
    expect(run(perSecond, 60)).toEqual({ floodAtSeconds: null, longestHoldMs: 0 })
  })
  it.each([1_100, 2_000, 10_000])('calls %i a second a flood after 10 s', perSecond => {
    expect(run(perSecond, 60).floodAtSeconds).toBeCloseTo(10, 0)
  })
  it.each([
    { waits: true, name: 'waits for its answers', floodAtSeconds: null },
    { waits: false, name: 'sends on without them', floodAtSeconds: 10 },
  ])('judges a device read in bursts of 1,300 by whether it $name', ({ waits, floodAtSeconds }) => {
    const meter = makeFlowMeter({ perSecond: 1_000, floodMs: 10_000 })
    let nowMs = 1_000
    let flood: number | null = null
    while (flood === null && nowMs < 60_000) {
      for (let count = 0; count < 1_300; count++) if (meter.note(nowMs)) flood ??= Math.floor((nowMs - 1_000) / 1_000)
      for (let holdMs = 1; holdMs > 0; nowMs += holdMs) holdMs = meter.holdMs(nowMs, !waits)
    }
    expect(flood).toBe(floodAtSeconds)
  })
  it('lets a spool of 9,000 messages come at once', () => {
    const meter = makeFlowMeter({ perSecond: 1_000, floodMs: 10_000 })
    expect(Array.from({ length: 9_000 }, () => meter.note(0)).some(Boolean)).toBe(false)
    expect(meter.holdMs(0, false)).toBe(9_000)
    expect(meter.note(9_500)).toBe(false)
  })
})

describe('addresses are counted', () => {
  const cases: [string, string, string][] = [
    ['192.0.2.7', '192.0.2.7', 'one by one in IPv4'],
    ['::ffff:192.0.2.7', '192.0.2.7', 'IPv4 on an IPv6 socket'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2', 'a /64 is one customer'],
    ['2001:db8:1:2::9', '2001:db8:1:2', 'short form of the same'],
    ['2001:db8::1', '2001:db8:0:0', 'zeros in the middle'],
    ['::1', '0:0:0:0', 'loopback'],
    ['fe80::1%eth0', 'fe80:0:0:0', 'zone'],
  ]
  it.each(cases)('%s as %s (%s)', (address, key) => {
    expect(budgetKey(address)).toBe(key)
  })
})

describe('the start-up check of aedes', () => {
  it('finds all parts in the installed version, and names each that is gone', () => {
    const aedes = new Aedes({ mq: routeNothing(), persistence: keepNothing() })
    const client = () => aedes.handle(new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }))
    const whole = client()
    expect(missingParts(whole)).toEqual([])
    whole.close()
    const broken = client()
    const parser: unknown = Reflect.get(broken, '_parser')
    if (typeof parser !== 'object' || parser === null) throw new Error('no parser')
    Reflect.set(parser, '_parseLength', undefined)
    Reflect.set(parser, '_states', ['_parse'])
    expect(missingParts(broken)).toEqual(['client._parser._parseLength', 'client._parser._states'])
    Reflect.set(broken, '_parser', undefined)
    expect(missingParts(broken)).toEqual(['client._parser'])
    Reflect.set(broken, '_parser', parser)
    broken.close()
  })
})

describe('the log', () => {
  it('gets one line per client and minute with a count, and never more than 300 a minute', () => {
    const lines: string[] = []
    let nowMs = 0
    const line = makeLogLimiter({ log: pino({}, { write: text => void lines.push(text) }), nowMs: () => nowMs })
    for (let count = 0; count < 1_000_000; count++) line('warn', 'one', { n: count }, 'again')
    expect(lines).toHaveLength(1)
    nowMs = 60_000
    line('warn', 'one', {}, 'again')
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ repeats: 999_999 })
    for (let client = 0; client < 50_000; client++) line('warn', `client ${client}`, {}, 'flood')
    expect(lines.length).toBeLessThan(302)
  })
})
