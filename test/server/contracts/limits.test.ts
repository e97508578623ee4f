import { expect, it } from 'vitest'
import { eachStore } from '../../support/stores.ts'
import { makeUsageRig } from './usage-rig.ts'

const MANY = 50
const times = <Result>(work: (index: number) => Promise<Result>): Promise<PromiseSettledResult<Result>[]> =>
  Promise.allSettled(Array.from({ length: MANY }, (_, index) => work(index)))
const slugs = (results: PromiseSettledResult<unknown>[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const result of results) {
    const slug = result.status === 'fulfilled' ? 'done' : ((result.reason as { slug?: string }).slug ?? String(result.reason))
    counts[slug] = (counts[slug] ?? 0) + 1
  }
  return counts
}

eachStore('limits with fifty requests at once', open => {
  it('lets exactly the included devices in; the rest waits, or is additional where the plan bills', async () => {
    const rig = await makeUsageRig(await open())
    const refused = await rig.shop({ planId: 'ombori-free', overrides: { devices: 7 } })
    const billed = await rig.shop({ planId: 'ombori-pilot', overrides: { devices: 7 } })
    for (const shop of [refused, billed]) {
      const token = await shop.tokenFor()
      expect(slugs(await times(index => shop.enrol(`m${index}`, token)))).toEqual({ done: MANY })
    }
    const count = async (shop: typeof refused, state: string) => Object.values(await shop.states()).filter(each => each === state).length
    expect([await count(refused, 'active'), await count(refused, 'waiting'), await count(refused, 'additional')]).toEqual([7, MANY - 7, 0])
    expect([await count(billed, 'active'), await count(billed, 'waiting'), await count(billed, 'additional')]).toEqual([7, 0, MANY - 7])
    for (const shop of [refused, billed]) {
      const told = (await shop.mails()).filter(mail => mail.subject.includes('used: devices')).map(mail => mail.subject)
      expect(told).toEqual(['Corner shop: 80 % used: devices', 'Corner shop: All used: devices'])
    }
  })

  it('frees and fills places exactly while devices leave and come', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ombori-free', overrides: { devices: 7 } })
    const token = await shop.tokenFor()
    await times(index => shop.enrol(`m${index}`, token))
    const active = (await shop.devices()).filter(device => device.state === 'active')
    await Promise.all([
      ...active.slice(0, 5).map(device => rig.fleet.retire(device.id)),
      ...[1, 2, 3, 4].map(index => shop.enrol(`late${index}`, token)),
    ])
    expect(Object.values(await shop.states()).filter(state => state === 'active')).toHaveLength(7)
  })

  it('names no more contacts than the plan has', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'op5-standard' })
    const results = await times(index => rig.customers.addContact(shop.id, { name: `P${index}`, email: `p${index}@shop.example` }))
    expect(slugs(results)).toEqual({ done: 4, 'contact-limit-reached': MANY - 4 })
    expect((await rig.usage.planUsage(rig.db, shop.id)).reached).toMatchObject([{ limit: 'contacts', percent: 100 }])
  })

  it('spends no more uses of a token than it has', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ombori-pilot' })
    const token = await shop.tokenFor(9)
    expect(slugs(await times(index => shop.enrol(`m${index}`, token)))).toEqual({ done: 9, 'enrolment-token-invalid': MANY - 9 })
    expect(await shop.devices()).toHaveLength(9)
  })

  it('gives no more of an entitlement than was agreed', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ops-com-premium', overrides: { entitlements: { training: 10 } } })
    const results = await times(() => rig.entitlements.use(shop.id, 'training', { amount: 0.75, note: 'Course' }, 'Ada'))
    expect(slugs(results)).toEqual({ done: 13, 'entitlement-exhausted': MANY - 13 })
    const [training] = await rig.entitlements.list(shop.id)
    expect(training).toMatchObject({ used: 9.75, left: 0.25 })
  })

  it('counts cases exactly: those beyond the quota are marked, none is lost', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'opmantek-premium' })
    const results = await times(index => shop.report(`Case ${index}`))
    const flagged = results.filter(result => result.status === 'fulfilled' && result.value.flags.includes('case-quota-exceeded'))
    expect([slugs(results), flagged.length]).toEqual([{ done: MANY }, MANY - 12])
  })
})

eachStore('80 and 100 per cent', open => {
  it('is told in time with what follows, to our managers and the contacts, once', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'opmantek-standard', overrides: { cases: 5 } })
    await rig.customers.addContact(shop.id, { name: 'Bo', email: 'bo@shop.example' })
    const told = async () =>
      (await shop.mails()).filter(mail => / used: cases/.test(mail.subject)).map(mail => `${mail.address}: ${mail.subject}`)
    for (let index = 0; index < 3; index += 1) await shop.report()
    expect(await told()).toEqual([])
    await shop.report()
    expect(await told()).toEqual([
      'bo@shop.example: Corner shop: 80 % used: cases of the month',
      'desk@kioskeeper.example: Corner shop: 80 % used: cases of the month',
    ])
    for (let index = 0; index < 4; index += 1) await shop.report()
    expect(await told()).toHaveLength(4)
    const [last] = (await shop.mails()).filter(mail => mail.subject.includes('All used: cases'))
    expect(last?.body).toContain('5 of 5 cases in 2026-11 of the plan Standard are used.')
    expect(last?.body).toContain('waits for approval')
    expect(await rig.usage.planUsage(rig.db, shop.id)).toMatchObject({
      reached: [
        { limit: 'contacts', percent: 100 },
        { limit: 'cases', percent: 100, since: '2026-11-02T09:00:00.000Z', sentence: expect.stringContaining('8 of 5 cases in 2026-11') },
      ],
    })
    rig.at('2026-12-01T09:00:00+01:00')
    expect((await rig.usage.planUsage(rig.db, shop.id)).reached).toMatchObject([{ limit: 'contacts' }])
    for (let index = 0; index < 4; index += 1) await shop.report()
    expect(await told()).toHaveLength(6)
  })

  it('of devices is told again after places were freed, and says how this plan goes on', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ombori-pilot', overrides: { devices: 5 } })
    const told = async () =>
      (await shop.mails()).filter(mail => mail.subject.includes('used: devices')).map(mail => mail.subject.replace('Corner shop: ', ''))
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await shop.enrol(name)
      rig.time.nowMs += 1000
    }
    expect(await told()).toEqual(['80 % used: devices', 'All used: devices'])
    for (const name of ['a', 'b', 'c']) await rig.fleet.retire(await shop.device(name))
    rig.time.nowMs += 1000
    for (const name of ['g', 'h']) await shop.enrol(name)
    expect(await told()).toEqual(['80 % used: devices', 'All used: devices', '80 % used: devices', 'All used: devices'])
    expect((await shop.mails()).at(-1)?.body).toContain('admitted and billed per device and day')
  })

  it('of an entitlement is told once a period', async () => {
    const rig = await makeUsageRig(await open())
    const shop = await rig.shop({ planId: 'ops-com-premium', overrides: { entitlements: { 'extra-training': 10 } } })
    const told = async () => (await shop.mails()).map(mail => mail.subject)
    const use = (amount: number) => rig.entitlements.use(shop.id, 'extra-training', { amount, note: 'Course' }, 'Ada')
    await use(7)
    const second = await use(1.5)
    await rig.entitlements.cancel(shop.id, 'extra-training', second.id, 'Ada')
    await use(1)
    await use(2)
    expect(await told()).toEqual([
      'Corner shop: 80 % used: Extra training hours, as agreed for the year',
      'Corner shop: All used: Extra training hours, as agreed for the year',
    ])
    expect((await rig.usage.planUsage(rig.db, shop.id)).reached).toMatchObject([
      { limit: 'entitlement', id: 'extra-training', percent: 100 },
    ])
    rig.at('2027-01-02T09:00:00Z')
    await use(10)
    expect(await told()).toHaveLength(3)
  })
})
