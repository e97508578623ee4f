import { expect, it } from 'vitest'
import { sha256Hex } from '../../../shared/ids.ts'
import type { EnrolOutcome } from '../../../server/enrolment/enrolment.ts'
import type { Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const START_MS = Date.parse('2026-03-02T09:00:00Z')

async function makeWorld(store: Store) {
  let nowMs = START_MS
  const now = () => nowMs
  const { db } = store
  const { catalogue, customers, downgrades, sites, enrolment, fleet } = makeTestHouse(store, now)
  await catalogue.load()
  const customer = await customers.create({ name: 'Corner shop', planId: 'ombori-free', timeZone: 'Europe/Stockholm' })
  const site = await sites.createSite(customer.id, { name: 'High street' })
  const token = (maxUses = 100) =>
    enrolment.createToken({ customerId: customer.id, siteId: site.id, maxUses, expiresAtMs: null, createdBy: 'test' })
  const enrol = (key: string, machine: string): Promise<EnrolOutcome> =>
    enrolment.enrol({ token: key, machineId: machine, hostname: `kiosk-${machine}`, platform: 'linux', agentVersion: '1.0.0' })
  return { customers, downgrades, enrolment, fleet, customer, site, token, enrol, db, pass: (ms: number) => void (nowMs += ms) }
}

eachStore('enrolment', open => {
  it('lets exactly the included devices in when many ask at once, the others wait in line', async () => {
    const world = await makeWorld(await open())
    const { token } = await world.token()
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => world.enrol(token, `m${index}`)))
    expect(outcomes.filter(outcome => outcome.admitted)).toHaveLength(3)
    const refused = outcomes.filter(outcome => !outcome.admitted)
    expect(refused).toHaveLength(17)
    expect(refused.every(outcome => outcome.included === 3 && outcome.covered === 3)).toBe(true)
    expect((await world.fleet.list({ scope: null, state: 'waiting', limit: 500 })).total).toBe(17)
  })

  it('gives a freed place to the one that waits longest, and takes no new place for a machine it knows', async () => {
    const world = await makeWorld(await open())
    const { token } = await world.token()
    for (const machine of ['a', 'b', 'c', 'd', 'e']) {
      await world.enrol(token, machine)
      world.pass(1000)
    }
    const again = await world.enrol(token, 'a')
    expect(again.admitted).toBe(true)
    const [first] = (await world.fleet.list({ scope: null, q: 'kiosk-b' })).items
    await world.fleet.retire(first?.id ?? '')
    expect((await world.enrol(token, 'e')).admitted).toBe(false)
    expect((await world.enrol(token, 'd')).admitted).toBe(true)
    expect((await world.fleet.list({ scope: null, state: 'active' })).total).toBe(3)
  })

  it('spends a use for a new machine only, exactly, also under load', async () => {
    const world = await makeWorld(await open())
    const { token } = await world.token(5)
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, (_, index) => world.enrol(token, `m${index}`)))
    expect(outcomes.filter(outcome => outcome.status === 'fulfilled')).toHaveLength(5)
    const reasons = outcomes.filter(outcome => outcome.status === 'rejected').map(outcome => (outcome.reason as { slug: string }).slug)
    expect(new Set(reasons)).toEqual(new Set(['enrolment-token-invalid']))
    const known = await world.db.selectFrom('devices').select('machine_id').executeTakeFirstOrThrow()
    await expect(world.enrol(token, known.machine_id)).resolves.toBeDefined()
  })

  it('answers the same for unknown, revoked and expired tokens', async () => {
    const world = await makeWorld(await open())
    const revoked = await world.token()
    await world.enrolment.revokeToken(revoked.id)
    const expired = await world.token()
    world.pass(8 * 86_400_000)
    const messages = await Promise.all(
      ['ket_unknown', revoked.token, expired.token].map(token => world.enrol(token, 'm').catch((error: Error) => error.message)),
    )
    expect(new Set(messages).size).toBe(1)
  })

  it('keeps the old secret until the new one is used, and no longer than a day', async () => {
    const world = await makeWorld(await open())
    const { token } = await world.token()
    const secretOf = (outcome: EnrolOutcome) =>
      outcome.admitted
        ? { deviceId: outcome.answer.deviceId, secretSha256: sha256Hex(outcome.answer.mqtt.password) }
        : { deviceId: '', secretSha256: '' }
    const first = secretOf(await world.enrol(token, 'm'))
    const second = secretOf(await world.enrol(token, 'm'))
    expect((await world.enrolment.authenticate(first)).outcome).toBe('accepted')
    expect((await world.enrolment.authenticate(second)).outcome).toBe('accepted')
    expect((await world.enrolment.authenticate(first)).outcome).toBe('refused')
    const third = secretOf(await world.enrol(token, 'm'))
    world.pass(25 * 3_600_000)
    expect((await world.enrolment.authenticate(second)).outcome).toBe('refused')
    expect((await world.enrolment.authenticate(third)).outcome).toBe('accepted')
  })

  it('leaves all active for 14 days after a downgrade, then covers the longest enrolled', async () => {
    const world = await makeWorld(await open())
    await world.customers.update(world.customer.id, { planId: 'ombori-production' })
    const { token } = await world.token()
    for (let index = 0; index < 5; index += 1) {
      await world.enrol(token, `m${index}`)
      world.pass(1000)
    }
    expect((await world.customers.update(world.customer.id, { planId: 'ombori-free' })).downgradeUntil).not.toBeNull()
    expect((await world.fleet.list({ scope: null, state: 'active' })).total).toBe(5)
    world.pass(15 * 86_400_000)
    expect(await world.downgrades.endGrace()).toBe(1)
    expect((await world.fleet.list({ scope: null, state: 'uncovered' })).items.map(device => device.hostname)).toEqual([
      'kiosk-m3',
      'kiosk-m4',
    ])
  })
})
