import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { usage as addUsage } from '../../../server/database/migrations/003-usage.ts'
import type { Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeUsageRig } from './usage-rig.ts'

/** Every device's history: one open span that says what the device is, and no gap or overlap before it. */
async function checkHistories(store: Store, customerId: string): Promise<void> {
  const devices = await store.db.selectFrom('devices').select(['id', 'state']).where('customer_id', '=', customerId).execute()
  const spans = await store.db.selectFrom('place_spans').selectAll().where('customer_id', '=', customerId).orderBy('from_at').execute()
  for (const device of devices) {
    const own = spans.filter(span => span.device_id === device.id)
    expect(own.at(-1)).toMatchObject({ state: device.state, to_at: null })
    for (const [index, span] of own.slice(0, -1).entries()) {
      expect(span.to_at, 'a span ends where the next one begins').toBe(own[index + 1]?.from_at)
      expect(span.from_at).toBeLessThan(span.to_at ?? 0)
    }
  }
  expect(spans.filter(span => !devices.some(device => device.id === span.device_id))).toEqual([])
}

eachStore('places over time', open => {
  it('are what the devices are, after any sequence of what people and time do', async () => {
    const store = await open()
    const rig = await makeUsageRig(store)
    const machine = fc.integer({ min: 1, max: 7 }).map(String)
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('enrol' as const), machine }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('retire' as const), machine }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('plan' as const),
          planId: fc.constantFrom('ombori-free', 'ombori-pilot'),
          devices: fc.integer({ min: 0, max: 5 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('choose' as const), machine }) },
      // Also backwards, as a clock that is set right.
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 1000, 3_600_000, -5_000, 15 * 86_400_000) }),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 18 }), async steps => {
        const shop = await rig.shop({ planId: 'ombori-free' })
        const token = await shop.tokenFor()
        for (const one of steps) {
          if (one.do === 'enrol') await shop.enrol(one.machine, token).catch(() => undefined)
          else if (one.do === 'retire') {
            const id = await shop.device(one.machine)
            if (id !== '') await rig.fleet.retire(id)
          } else if (one.do === 'plan') await rig.customers.update(shop.id, { planId: one.planId, overrides: { devices: one.devices } })
          else if (one.do === 'choose') await rig.downgrades.choose(shop.id, [await shop.device(one.machine)]).catch(() => undefined)
          else {
            rig.time.nowMs += one.ms
            await rig.downgrades.endGrace()
          }
          await checkHistories(store, shop.id)
        }
      }),
      { numRuns: 12 },
    )
  })

  it('begin with the enrolment for devices that were there before the history was kept', async () => {
    const store = await open()
    const rig = await makeUsageRig(store)
    const shop = await rig.shop({ planId: 'ombori-free' })
    for (const name of ['a', 'b', 'c', 'd']) {
      await shop.enrol(name)
      rig.time.nowMs += 1000
    }
    const beganMs = rig.time.nowMs - 4000
    await rig.fleet.retire(await shop.device('a'))
    for (const table of ['place_spans', 'statements', 'entitlement_uses', 'limit_levels'])
      await sql`drop table ${sql.table(table)}`.execute(store.db)
    await sql`alter table customers drop column downgrade_reminded_for`.execute(store.db)
    await addUsage(store.db as never)
    await checkHistories(store, shop.id)
    const spans = await store.db.selectFrom('place_spans').select(['state', 'from_at']).orderBy('from_at').execute()
    expect(spans).toEqual([
      { state: 'active', from_at: beganMs + 1000 },
      { state: 'active', from_at: beganMs + 2000 },
      { state: 'active', from_at: beganMs + 3000 },
      { state: 'retired', from_at: beganMs + 4000 },
    ])
  })

  it('tells of a place that was free, once, and not of a device that entered when it asked', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ombori-free' })
    await rig.customers.addContact(shop.id, { name: 'Bo', email: 'bo@shop.example' })
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await shop.enrol(name)
      rig.time.nowMs += 1000
    }
    await rig.fleet.retire(await shop.device('a'))
    await shop.enrol('d')
    const told = (await shop.mails()).filter(mail => mail.subject.startsWith('A place was free'))
    expect(told.map(mail => `${mail.address}: ${mail.subject}`).sort()).toEqual([
      'bo@shop.example: A place was free: kiosk-d is covered now (Corner shop)',
      'desk@kioskeeper.example: A place was free: kiosk-d is covered now (Corner shop)',
    ])
    await rig.customers.update(shop.id, { planId: 'ombori-pilot' })
    const [additional] = (await shop.mails()).filter(mail => mail.subject.includes('kiosk-e does not wait any more'))
    expect(additional?.body).toContain('Additional in the plan Pilot, billed per device and day:\n\n- kiosk-e\n')
    expect(await shop.states()).toMatchObject({ 'kiosk-d': 'active', 'kiosk-e': 'additional' })
  })

  it('tells in one mail of all that an upgrade lets in', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ombori-free' })
    for (let index = 0; index < 8; index += 1) {
      await shop.enrol(String(index))
      rig.time.nowMs += 1000
    }
    await rig.customers.update(shop.id, { planId: 'ombori-pilot', overrides: { devices: 5 } })
    const told = (await shop.mails()).filter(mail => mail.subject.includes('do not wait any more'))
    expect(told.map(mail => mail.subject)).toEqual(['5 devices do not wait any more (Corner shop)'])
    expect(told[0]?.body).toMatch(
      /Covered by the plan Pilot now:\n\n- kiosk-3\n- kiosk-4\n\nAdditional[^]*- kiosk-5\n- kiosk-6\n- kiosk-7\n/,
    )
  })
})
