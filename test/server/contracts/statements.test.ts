import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Statement } from '../../../shared/api/contracts/statement-api.ts'
import { eachStore } from '../../support/stores.ts'
import { makeUsageRig } from './usage-rig.ts'

const days = (statement: Statement): Record<string, string[]> => Object.fromEntries(statement.devices.rows.map(row => [row.name, row.days]))

eachStore('statements', open => {
  it('count additional devices per device and local day while the month runs', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ombori-pilot' })
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await shop.enrol(name)
      rig.time.nowMs += 1000
    }
    // 23:30 UTC is the next day in Stockholm.
    rig.at('2026-11-04T23:30:00Z')
    await rig.fleet.retire(await shop.device('a'))
    rig.at('2026-11-06T12:00:00Z')
    const statement = await rig.statements.read(shop.id)
    expect(statement).toMatchObject({
      month: '2026-11',
      state: 'so-far',
      issuedAt: null,
      planName: 'Pilot',
      timeZone: 'Europe/Stockholm',
      from: '2026-10-31T23:00:00.000Z',
      to: '2026-11-30T23:00:00.000Z',
      devices: { included: 3, deviceDays: 9 },
    })
    // When a left, d had a place of the plan; it was additional on the 5th until then.
    expect(days(statement)).toEqual({
      'kiosk-d': ['2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05'],
      'kiosk-e': ['2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05', '2026-11-06'],
    })
  })

  it('are issued once when the month has ended, by whoever comes first, and never counted again', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ombori-pilot', overrides: { cases: { perMonth: 1, beyond: 'pay-per-incident' } } })
    for (const name of ['a', 'b', 'c', 'd']) await shop.enrol(name)
    await shop.report('The first')
    await shop.report('The second')
    rig.at('2026-11-30T22:59:59Z')
    expect(await rig.statements.issueDue()).toBe(0)
    rig.at('2026-11-30T23:00:00Z')
    const workers = [rig.statements, rig.another().statements, rig.another().statements]
    const issued = await Promise.all(workers.map(worker => worker.issueDue()))
    expect(issued.reduce((sum, count) => sum + count, 0)).toBe(1)
    const november = await rig.statements.read(shop.id, '2026-11')
    expect(november).toMatchObject({ state: 'final', issuedAt: '2026-11-30T23:00:00.000Z', devices: { deviceDays: 29 } })
    expect(november.cases).toMatchObject({
      included: 1,
      used: 2,
      beyond: [{ subject: 'The second', handling: 'pay-per-incident', approvedAt: null }],
    })

    rig.at('2026-12-10T12:00:00Z')
    const [first] = await shop.devices()
    await rig.fleet.update(first?.id ?? '', { name: 'renamed' })
    for (const device of await shop.devices()) await rig.fleet.retire(device.id)
    await rig.sites.updateSite(shop.id, shop.siteId, { name: 'Elsewhere' })
    await rig.customers.update(shop.id, { name: 'Renamed', planId: 'ombori-enterprise', timeZone: 'Asia/Tokyo', overrides: {} })
    await rig.statements.issueDue()
    expect(await rig.statements.read(shop.id, '2026-11')).toEqual(november)
    expect(await rig.statements.list(shop.id)).toEqual([
      { month: '2026-12', state: 'so-far', issuedAt: null },
      { month: '2026-11', state: 'final', issuedAt: '2026-11-30T23:00:00.000Z' },
    ])
    const december = await rig.statements.read(shop.id, '2026-12')
    expect(december).toMatchObject({ timeZone: 'Asia/Tokyo', from: november.to, to: '2026-12-31T15:00:00.000Z' })
  })

  it('catch up month by month after a standstill, and tell a month that is not theirs', async () => {
    const rig = await makeUsageRig(await open(), '2026-08-20T09:00:00Z')
    const shop = await rig.shop({ planId: 'ombori-pilot' })
    for (const name of ['a', 'b', 'c', 'd']) await shop.enrol(name)
    rig.at('2026-11-24T12:00:00Z')
    expect((await rig.statements.list(shop.id)).map(item => `${item.month} ${item.state}`)).toEqual([
      '2026-11 so-far',
      '2026-10 so-far',
      '2026-09 so-far',
      '2026-08 so-far',
    ])
    const before = await rig.statements.read(shop.id, '2026-10')
    expect(before).toMatchObject({ state: 'so-far', devices: { deviceDays: 31 } })
    expect(await rig.statements.issueDue()).toBe(3)
    expect(await rig.statements.issueDue()).toBe(0)
    for (const [month, deviceDays] of [
      ['2026-08', 12],
      ['2026-09', 30],
      ['2026-10', 31],
      ['2026-11', 24],
    ] as const)
      expect(await rig.statements.read(shop.id, month)).toMatchObject({
        state: month === '2026-11' ? 'so-far' : 'final',
        devices: { deviceDays },
      })
    for (const month of ['2026-07', '2026-12', '1999-01'])
      await expect(rig.statements.read(shop.id, month)).rejects.toMatchObject({ slug: 'not-found' })
    await expect(rig.statements.read('nobody')).rejects.toMatchObject({ slug: 'not-found' })
  })

  it('are issued under the old terms when the terms change before the worker came', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ombori-pilot' })
    for (const name of ['a', 'b', 'c', 'd']) await shop.enrol(name)
    rig.at('2026-12-01T00:00:30+01:00')
    await rig.customers.update(shop.id, { planId: 'ombori-production' })
    expect(await rig.statements.read(shop.id, '2026-11')).toMatchObject({
      state: 'final',
      planName: 'Pilot',
      devices: { included: 3, deviceDays: 29 },
    })
  })

  it('show what was used of entitlements, also of a plan that is gone', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ops-com-premium', overrides: { entitlements: { training: 10, 'extra-training': 5 } } })
    await rig.entitlements.use(shop.id, 'training', { amount: 2.5, note: 'Till course' }, 'Ada')
    const wrong = await rig.entitlements.use(shop.id, 'training', { amount: 1, note: 'Wrong customer' }, 'Ada')
    await rig.entitlements.cancel(shop.id, 'training', wrong.id, 'Ada')
    const balances = (await rig.statements.read(shop.id)).entitlements
    expect(balances.map(({ id, used, left, uses }) => [id, used, left, uses.map(use => [use.note, use.cancelledAt !== null])])).toEqual([
      [
        'training',
        2.5,
        7.5,
        [
          ['Till course', false],
          ['Wrong customer', true],
        ],
      ],
      ['extra-training', 0, 5, []],
    ])
    await rig.customers.update(shop.id, { planId: 'ombori-free', overrides: {} })
    expect((await rig.statements.read(shop.id)).entitlements).toMatchObject([{ id: 'training', isActive: false, used: 2.5, left: 0 }])
    expect((await rig.entitlements.uses(shop.id, 'training', { limit: 10 })).total).toBe(2)
  })

  it('show a case that was approved after its month in the month of the approval too', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'opmantek-standard', overrides: { cases: 1 } })
    await shop.report('Within')
    const late = await shop.report('Approved later')
    await shop.report('Never approved')
    rig.at('2026-12-03T10:00:00+01:00')
    await rig.ticketing.approve(late.id, { reason: 'Agreed by phone' }, { author_kind: 'person', author_name: 'Ada' })
    await rig.statements.issueDue()
    const beyond = async (month: string) =>
      (await rig.statements.read(shop.id, month)).cases.beyond.map(
        row => `${row.subject}: ${row.handling}, ${row.approvedAt ?? 'not approved'}`,
      )
    expect(await beyond('2026-11')).toEqual(['Approved later: approval, not approved', 'Never approved: approval, not approved'])
    expect(await beyond('2026-12')).toEqual(['Approved later: approval, 2026-12-03T09:00:00.000Z'])
    expect((await rig.statements.read(shop.id, '2026-12')).cases.used).toBe(0)
  })

  it('are not overtaken by a use that is noted late', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'opmantek-premium' })
    const use = (at: string, product = 'NMIS') =>
      rig.entitlements.use(shop.id, 'product-webinar', { amount: 0.5, note: 'Webinar', product, at }, 'Ada')
    rig.at('2026-12-01T12:00:00+01:00')
    await use('2026-11-20T12:00:00+01:00')
    await rig.statements.issueDue()
    await expect(use('2026-11-21T12:00:00+01:00')).rejects.toMatchObject({
      slug: 'invalid-input',
      errors: [{ path: 'body/at', message: expect.stringContaining('whose statement is issued (2026-11)') }],
    })
    await use('2026-12-01T00:00:00+01:00')
    await expect(use('2026-12-01T09:00:00+01:00')).rejects.toMatchObject({ slug: 'entitlement-exhausted', extra: { used: 1, left: 0 } })
    await use('2026-12-01T09:00:00+01:00', 'Open-AudIT')
    const noted = async (month: string) =>
      (await rig.statements.read(shop.id, month)).entitlements.flatMap(row => row.uses.map(one => `${row.id} ${one.product} ${one.amount}`))
    expect(await noted('2026-11')).toEqual(['product-webinar NMIS 0.5'])
    expect(await noted('2026-12')).toEqual(['product-webinar NMIS 0.5', 'product-webinar Open-AudIT 0.5'])
  })

  it('equal a recount of every minute, whatever happened in the month', async () => {
    const rig = await makeUsageRig(await open())
    const startMs = Date.parse('2026-10-15T00:00:00+02:00')
    const machine = fc.integer({ min: 1, max: 5 }).map(String)
    const step = fc.record({ afterMinutes: fc.integer({ min: 1, max: 6000 }), machine, isRetired: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async steps => {
        rig.time.nowMs = startMs
        const shop = await rig.shop({ planId: 'ombori-pilot', overrides: { devices: 1 } })
        const token = await shop.tokenFor()
        /** What each device was from an instant on, as the devices themselves said then. */
        const seen: { atMs: number; states: Record<string, string> }[] = []
        for (const one of steps) {
          rig.time.nowMs += one.afterMinutes * 60_000
          const id = await shop.device(one.machine)
          if (!one.isRetired) await shop.enrol(one.machine, token).catch(() => undefined)
          else if (id !== '') await rig.fleet.retire(id)
          seen.push({ atMs: rig.time.nowMs, states: await shop.states() })
        }
        const endMs = rig.time.nowMs
        const format = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Stockholm', dateStyle: 'short' })
        const walked = new Map<string, Set<string>>()
        let index = -1
        for (let ms = startMs; ms <= endMs; ms += 60_000) {
          while (seen[index + 1] && (seen[index + 1]?.atMs ?? 0) <= ms) index += 1
          const there = Object.entries(seen[index]?.states ?? {}).filter(([, state]) => state === 'additional')
          if (there.length === 0) continue
          const date = format.format(ms)
          for (const [name] of there)
            walked.set(`${date.slice(0, 7)} ${name}`, (walked.get(`${date.slice(0, 7)} ${name}`) ?? new Set()).add(date))
        }
        const counted = new Map<string, string[]>()
        for (const { month } of await rig.statements.list(shop.id))
          for (const row of (await rig.statements.read(shop.id, month)).devices.rows) counted.set(`${month} ${row.name}`, row.days)
        expect(Object.fromEntries(counted)).toEqual(Object.fromEntries([...walked].map(([key, dates]) => [key, [...dates]])))
      }),
      { numRuns: 8 },
    )
  })
})
