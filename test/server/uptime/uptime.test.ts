import { expect, it } from 'vitest'
import { makeUptime, type Uptime } from '../../../server/uptime/uptime.ts'
import type { Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

/** The first instant of November where the customers are. */
const START = Date.parse('2026-11-01T00:00:00+01:00')
const SECOND = 1000

eachStore('uptime of the platform', open => {
  /** A server whose two clocks the test moves. */
  async function server(store: Store) {
    const time = { wallMs: START, monotonicMs: 0, fault: null as string | null }
    const house = makeTestHouse(store, () => time.wallMs)
    await house.catalogue.load()
    const boot = (): Uptime =>
      makeUptime({
        db: store.db,
        now: () => time.wallMs,
        monotonicMs: () => time.monotonicMs,
        notReady: () => Promise.resolve(time.fault),
        catalogue: house.catalogue,
      })
    const pass = (seconds: number): void => {
      time.wallMs += seconds * SECOND
      time.monotonicMs += seconds * SECOND
    }
    const live = async (uptime: Uptime, seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        pass(1)
        await uptime.beat()
      }
    }
    const customer = async (planId: string): Promise<string> =>
      (await house.customers.create({ name: 'Corner shop', planId, timeZone: 'Europe/Stockholm' })).id
    return { time, house, boot, pass, live, customer }
  }

  it('a kill, a stop and a stall are gaps with their reasons; the promise of 99.999 % allows 25.92 s in November', async () => {
    const { boot, live, pass, customer } = await server(await open())
    const first = boot()
    await first.start()
    const customerId = await customer('ombori-production')
    await live(first, 20)
    pass(8) // killed
    const second = boot()
    await second.start()
    await live(second, 10)
    await second.stop()
    pass(5)
    const third = boot()
    await third.start()
    await live(third, 5)
    pass(9) // stands still
    await third.beat()
    await live(third, 5)
    const [month] = (await third.ofCustomer(customerId, 1)).months
    expect(month?.gaps.map(gap => [gap.seconds, gap.reason])).toEqual([
      [8, 'the server ended without a goodbye (killed, crashed or without power)'],
      [5, 'the server was stopped'],
      [9, 'the server stood still for 9 s'],
    ])
    expect(month).toMatchObject({ downSeconds: 22, promisePercent: 99.999, state: 'kept', month: '2026-11' })
    expect(month?.allowedSeconds).toBeCloseTo(25.92, 2)
    pass(10)
    await third.beat()
    const [after] = (await third.ofCustomer(customerId, 1)).months
    expect(after).toMatchObject({ state: 'broken', downSeconds: 32 })
    expect(after?.why).toMatch(/promise is broken.*32 s down; 99\.999 % allows 25\.92 s/)
  })

  it('beats only while the platform works: a store or broker that does not is down time', async () => {
    const { boot, live, time } = await server(await open())
    const uptime = boot()
    await uptime.start()
    await live(uptime, 5)
    time.fault = 'The broker does not listen.'
    await live(uptime, 10)
    time.fault = null
    await live(uptime, 5)
    const [month] = (await uptime.platform(1)).months
    expect(month?.downSeconds).toBe(11)
  })

  it('a clock set forward or back makes no down time', async () => {
    const { boot, live, time } = await server(await open())
    const uptime = boot()
    await uptime.start()
    await live(uptime, 5)
    time.wallMs += 3_600_000
    await live(uptime, 5)
    time.wallMs -= 1_800_000
    await live(uptime, 5)
    const [month] = (await uptime.platform(1)).months
    expect(month).toMatchObject({ downSeconds: 0, gaps: [] })
  })

  it('takes a probe’s spans once, however often they are sent, and longer ones in place of shorter', async () => {
    const { boot, live, customer } = await server(await open())
    const uptime = boot()
    await uptime.start()
    const customerId = await customer('ombori-enterprise')
    await live(uptime, 40)
    const at = (second: number): string => new Date(START + second * SECOND).toISOString()
    const span = (from: number, to: number, isUp: boolean) => ({
      from: at(from),
      to: at(to),
      isUp,
      ...(isUp ? {} : { reason: 'ECONNREFUSED' }),
    })
    for (let time = 0; time < 3; time += 1) await uptime.takeProbe('shop', { spans: [span(0, 10, true), span(10, 12, false)] })
    await Promise.all(Array.from({ length: 5 }, () => uptime.takeProbe('shop', { spans: [span(10, 20, false), span(20, 40, true)] })))
    await uptime.takeProbe('shop', { spans: [span(10, 12, false)] })
    const report = await uptime.ofCustomer(customerId, 1)
    expect(report.months[0]?.gaps).toEqual([
      { from: at(10), to: at(20), seconds: 10, seenBy: ['shop'], planned: false, reason: 'not reached from outside: ECONNREFUSED' },
    ])
    expect(report.probes).toEqual([{ name: 'shop', lastAt: at(40), isUp: true }])
  })

  it('refuses spans that cannot be, each by name, and takes none of them', async () => {
    const { boot, live } = await server(await open())
    const uptime = boot()
    await uptime.start()
    await live(uptime, 5)
    const at = (second: number): string => new Date(START + second * SECOND).toISOString()
    await expect(
      uptime.takeProbe('shop', {
        spans: [
          { from: at(0), to: at(1), isUp: true },
          { from: at(3), to: at(2), isUp: false },
          { from: at(0), to: at(90_000), isUp: true },
          { from: '2026-02-30T25:00:00Z', to: at(1), isUp: true },
        ],
      }),
    ).rejects.toMatchObject({ errors: [{ path: 'body/spans/1/to' }, { path: 'body/spans/2/to' }, { path: 'body/spans/3' }] })
    expect((await uptime.platform(1)).probes).toEqual([])
  })

  it('announced maintenance is told apart; what has begun can be neither announced nor cancelled', async () => {
    const { boot, live, pass, time, customer } = await server(await open())
    const uptime = boot()
    await uptime.start()
    const customerId = await customer('ombori-pilot')
    await live(uptime, 5)
    const inSeconds = (seconds: number): string => new Date(time.wallMs + seconds * SECOND).toISOString()
    await expect(uptime.announce({ from: inSeconds(-5), to: inSeconds(5), reason: 'late' })).rejects.toMatchObject({
      errors: [{ path: 'body/from' }],
    })
    await expect(uptime.announce({ from: inSeconds(5), to: inSeconds(5), reason: 'no length' })).rejects.toMatchObject({
      errors: [{ path: 'body/to' }],
    })
    const made = await uptime.announce({ from: inSeconds(5), to: inSeconds(65), reason: 'Bigger disks' })
    const dropped = await uptime.announce({ from: inSeconds(500), to: inSeconds(600), reason: 'Not after all' })
    await uptime.cancel(dropped.id)
    await live(uptime, 10)
    await uptime.stop()
    pass(50)
    const again = boot()
    await again.start()
    await live(again, 30)
    await expect(again.cancel(made.id)).rejects.toMatchObject({ slug: 'conflict' })
    await expect(again.cancel('nobody')).rejects.toMatchObject({ slug: 'not-found' })
    const [month] = (await again.ofCustomer(customerId, 1)).months
    expect(month).toMatchObject({ plannedSeconds: 50, downSeconds: 0, measuredPercent: 100, state: 'kept' })
    expect(month?.gaps).toMatchObject([{ planned: true, reason: 'Bigger disks', seenBy: ['inside'] }])
  })

  it('counts a customer’s months in the plan’s zone and from the day they came', async () => {
    const { boot, live, pass, time, customer } = await server(await open())
    const uptime = boot()
    await uptime.start()
    await live(uptime, 3)
    pass(40 * 86_400)
    await uptime.beat()
    const customerId = await customer('ombori-production')
    await live(uptime, 3)
    const { months, timeZone } = await uptime.ofCustomer(customerId, 12)
    expect(timeZone).toBe('Europe/Stockholm')
    expect(months).toHaveLength(1)
    expect(months[0]).toMatchObject({ month: '2026-12', downSeconds: 0, from: new Date(time.wallMs - 3 * SECOND).toISOString() })
    expect((await uptime.platform(12)).months.map(month => month.month)).toContain('2026-11')
  })
})
