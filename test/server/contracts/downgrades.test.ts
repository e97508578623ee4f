import { expect, it } from 'vitest'
import { eachStore } from '../../support/stores.ts'
import { makeUsageRig, type UsageRig } from './usage-rig.ts'

const DAY_MS = 86_400_000

/** A customer with five devices that goes down to a plan of three. */
async function downgraded(rig: UsageRig) {
  const shop = await rig.shop({ planId: 'ombori-production' })
  await rig.customers.addContact(shop.id, { name: 'Bo', email: 'bo@shop.example' })
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await shop.enrol(name)
    rig.time.nowMs += 1000
  }
  await rig.customers.update(shop.id, { planId: 'ombori-free' })
  const about = async (words: string): Promise<string[]> =>
    (await shop.mails()).filter(mail => mail.address === 'bo@shop.example' && mail.subject.includes(words)).map(mail => mail.body)
  return { shop, about }
}

eachStore('a smaller plan', open => {
  it('reminds once, three days before the end, and names those that would go', async () => {
    const rig = await makeUsageRig(await open())
    const { about } = await downgraded(rig)
    rig.time.nowMs += 11 * DAY_MS - 60_000
    expect([await rig.downgrades.remind(), await rig.downgrades.endGrace()]).toEqual([0, 0])
    rig.time.nowMs += 60_000
    const both = await Promise.all([rig.downgrades.remind(), rig.another().downgrades.remind()])
    expect(both.reduce((sum, count) => sum + count, 0)).toBe(1)
    rig.time.nowMs += DAY_MS
    expect(await rig.downgrades.remind()).toBe(0)
    const letters = await about('choose the 3 devices to stay covered')
    expect(letters).toHaveLength(1)
    expect(letters[0]).toContain('Until 2026-11-16')
    expect(letters[0]).toContain('- kiosk-d\n- kiosk-e\n')
    expect(letters[0]).not.toContain('kiosk-a')
  })

  it('tells which devices are uncovered when nobody chose', async () => {
    const rig = await makeUsageRig(await open())
    const { shop, about } = await downgraded(rig)
    rig.time.nowMs += 14 * DAY_MS
    const both = await Promise.all([rig.downgrades.endGrace(), rig.another().downgrades.endGrace()])
    expect(both.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect(await shop.states()).toMatchObject({ 'kiosk-a': 'active', 'kiosk-c': 'active', 'kiosk-d': 'uncovered', 'kiosk-e': 'uncovered' })
    const letters = await about('2 devices are not covered any more')
    expect(letters).toHaveLength(1)
    expect(letters[0]).toMatch(/Nobody chose[^]*- kiosk-d\n- kiosk-e\n/)
    expect(await rig.downgrades.remind()).toBe(0)
  })

  it('shows what there is to choose from, and takes the choice', async () => {
    const rig = await makeUsageRig(await open())
    const { shop, about } = await downgraded(rig)
    const before = await rig.downgrades.choice(shop.id)
    expect(before).toMatchObject({ until: '2026-11-16T09:00:05.000Z', included: 3 })
    expect(before.items.map(({ name, siteName, state, chosen }) => [name, siteName, state, chosen])).toEqual([
      ['kiosk-a', 'High street', 'active', true],
      ['kiosk-b', 'High street', 'active', true],
      ['kiosk-c', 'High street', 'active', true],
      ['kiosk-d', 'High street', 'active', false],
      ['kiosk-e', 'High street', 'active', false],
    ])
    await rig.downgrades.choose(shop.id, [await shop.device('e'), await shop.device('b')])
    expect(await shop.states()).toEqual({
      'kiosk-a': 'active',
      'kiosk-b': 'active',
      'kiosk-c': 'uncovered',
      'kiosk-d': 'uncovered',
      'kiosk-e': 'active',
    })
    const after = await rig.downgrades.choice(shop.id)
    expect([after.until, after.items.filter(item => item.chosen).map(item => item.name)]).toEqual([null, ['kiosk-a', 'kiosk-b', 'kiosk-e']])
    expect((await about('2 devices are not covered any more'))[0]).toContain('The covered devices were chosen.')
    rig.time.nowMs += 12 * DAY_MS
    expect([await rig.downgrades.remind(), await rig.downgrades.endGrace()]).toEqual([0, 0])
  })

  it('refuses a choice that names what cannot be chosen, and keeps everything as it is', async () => {
    const rig = await makeUsageRig(await open())
    const { shop } = await downgraded(rig)
    await shop.enrol('waiting')
    const other = await rig.shop({ planId: 'ombori-free' })
    await other.enrol('x')
    const [retired, waiting, foreign] = [await shop.device('a'), await shop.device('waiting'), await other.device('x')]
    await rig.fleet.retire(retired)
    const before = await shop.states()
    const ids = [await shop.device('b'), retired, waiting, foreign, 'nonsense']
    await expect(rig.downgrades.choose(shop.id, ids)).rejects.toMatchObject({
      slug: 'invalid-input',
      errors: [
        { path: 'body/deviceIds', message: '5 devices are chosen and the plan includes 3' },
        { path: 'body/deviceIds/1', message: `${retired} is not a device of this customer, or it is retired` },
        { path: 'body/deviceIds/2', message: expect.stringContaining(`${waiting} waits for a place`) },
        { path: 'body/deviceIds/3', message: expect.stringContaining(`${foreign} is not a device`) },
        { path: 'body/deviceIds/4', message: expect.stringContaining('nonsense is not a device') },
      ],
    })
    expect(await shop.states()).toEqual(before)
    expect((await rig.customers.read(shop.id)).downgradeUntil).not.toBeNull()
    await expect(rig.downgrades.choose('nobody', [])).rejects.toMatchObject({ slug: 'not-found' })
  })
})
