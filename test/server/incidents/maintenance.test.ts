import { expect, it } from 'vitest'
import { makeMaintenance } from '../../../server/incidents/maintenance.ts'
import type { MaintenanceWindowInput } from '../../../shared/api/incidents/maintenance-api.ts'
import type { Caller } from '../../../server/platform/caller.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig, type Rig } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ADA: Caller = { kind: 'user', id: 'u', name: 'Ada', role: 'desk', customerIds: null, partnerId: null }
const iso = (ms: number): string => new Date(ms).toISOString()
const serviceOf = (rig: Rig) =>
  makeMaintenance({
    db: rig.db,
    now: () => rig.time.nowMs,
    bus: { publish: () => undefined, subscribe: () => () => undefined },
    catalogue: rig.catalogue,
    resume: rig.incidents.resume,
  })
const planned = (rig: Rig, scope: MaintenanceWindowInput['scope'], hours = 2, more: Partial<MaintenanceWindowInput> = {}) => ({
  scope,
  from: iso(rig.time.nowMs),
  to: iso(rig.time.nowMs + hours * HOUR),
  reason: 'New firmware',
  ...more,
})

eachStore('planned work', open => {
  it('lets nothing open before its end; what still fails then opens after its hold, and the verdict never hides it', async () => {
    const rig = await makeRig(await open())
    const { deviceId, siteId } = await rig.kiosk()
    await serviceOf(rig).plan(planned(rig, { siteId }), ADA)
    const endMs = rig.time.nowMs + 2 * HOUR
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' }, { deviceId, signal: 'app.crashed', state: 'failing' })
    await rig.pass(HOUR, 5 * MINUTE)
    expect(await rig.tickets()).toEqual([])
    const state = await rig.db.selectFrom('device_states').select('verdict').where('device_id', '=', deviceId).executeTakeFirstOrThrow()
    expect(state.verdict).toBe('not-serving')
    // one of the two is mended within the work: it never was an incident
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'ok' })
    await rig.pass(2 * HOUR, MINUTE)
    const tickets = await rig.tickets()
    expect(tickets.map(ticket => ticket.signal)).toEqual(['screen.blank'])
    expect(tickets[0]?.created_at).toBeGreaterThanOrEqual(endMs + 30_000)
    expect((await rig.allIncidents()).map(incident => incident.signal)).toEqual(['screen.blank'])
  })

  it('planned while a fault is held puts it off; called off it opens as if never planned', async () => {
    const rig = await makeRig(await open())
    const service = serviceOf(rig)
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'agent.offline', state: 'failing' })
    await rig.pass(MINUTE)
    const window = await service.plan(planned(rig, { deviceId }), ADA)
    await rig.pass(10 * MINUTE, MINUTE)
    expect(await rig.tickets()).toEqual([])
    await service.cancel(window.id, ADA)
    await rig.pass(MINUTE)
    expect(await rig.tickets()).toHaveLength(1)
    await expect(service.cancel(window.id, ADA)).rejects.toMatchObject({ slug: 'not-found' })
  })

  it('on one signal mutes that alone, and the clocks of open tickets run on', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const before = await rig.fault(deviceId, 'touch.missing')
    const dueOf = async () => (await rig.tickets()).find(ticket => ticket.id === before)?.next_deadline_at
    const dueAtMs = await dueOf()
    await serviceOf(rig).plan(planned(rig, { deviceId, signal: 'screen.blank' }), ADA)
    await rig.observe(
      { deviceId, signal: 'screen.blank', state: 'failing' },
      { deviceId, signal: 'filesystem.read-only', state: 'failing' },
    )
    await rig.pass(2 * MINUTE, MINUTE)
    expect((await rig.tickets()).map(ticket => ticket.signal)).toEqual(['touch.missing', 'filesystem.read-only'])
    expect(await dueOf()).toBe(dueAtMs)
  })

  it('is listed while it runs or is to come, for those who may see it', async () => {
    const rig = await makeRig(await open())
    const service = serviceOf(rig)
    const one = await rig.kiosk()
    const other = await rig.kiosk()
    await service.plan(planned(rig, { customerId: one.customerId }, 1), ADA)
    await service.plan(planned(rig, { deviceId: other.deviceId }, 1, { recurrence: { days: ['mon', 'wed'] } }), ADA)
    await service.plan(planned(rig, {}, 3), ADA)
    const list = async (scope: readonly string[] | null) => (await service.list({ scope })).items.map(item => item.scopeText)
    expect((await list(null)).toSorted()).toEqual(['Corner Shops', 'Kiosk 2', 'the whole estate'])
    expect((await list([one.customerId])).toSorted()).toEqual(['Corner Shops', 'the whole estate'])
    rig.time.nowMs += 2 * HOUR
    expect((await list([one.customerId])).toSorted()).toEqual(['the whole estate'])
    const recurring = (await service.list({ scope: null })).items.find(item => item.recurrence)
    expect(recurring).toMatchObject({ isActive: false, nextFrom: '2026-11-18T09:00:00.000Z', nextTo: '2026-11-18T10:00:00.000Z' })
    const limited = { ...ADA, customerIds: [one.customerId] }
    await expect(service.read(recurring?.id ?? '', limited)).rejects.toMatchObject({ slug: 'not-found' })
  })

  it.each([
    ['an end before its begin', (rig: Rig) => planned(rig, {}, -1), '/to'],
    ['no end in sight', (rig: Rig) => planned(rig, {}, 24 * 100), '/to'],
    ['a time that is over', (rig: Rig) => ({ ...planned(rig, {}), from: '2020-01-01T00:00:00Z', to: '2020-01-01T01:00:00Z' }), '/to'],
    ['a recurrence that overlaps itself', (rig: Rig) => planned(rig, {}, 24 * 8, { recurrence: { days: ['mon' as const] } }), '/to'],
    [
      'a last date before the first',
      (rig: Rig) => planned(rig, {}, 1, { recurrence: { days: ['mon' as const], until: '2020-01-01' } }),
      '/until',
    ],
    ['a zone there is not', (rig: Rig) => planned(rig, {}, 1, { timeZone: 'Mars/Olympus' }), '/timeZone'],
    ['a device there is not', (rig: Rig) => planned(rig, { deviceId: 'nobody' }), '/deviceId'],
    ['a profile there is not', (rig: Rig) => planned(rig, { profileId: 'none' }), '/profileId'],
  ])('refuses %s', async (_why, input, path) => {
    const rig = await makeRig(await open())
    await expect(serviceOf(rig).plan(input(rig), ADA)).rejects.toMatchObject({
      slug: 'invalid-input',
      errors: [expect.objectContaining({ path: expect.stringContaining(path) as string })],
    })
  })

  it('refuses a site of somebody else, and what a caller may not see', async () => {
    const rig = await makeRig(await open())
    const one = await rig.kiosk()
    const other = await rig.kiosk()
    await expect(serviceOf(rig).plan(planned(rig, { customerId: one.customerId, siteId: other.siteId }), ADA)).rejects.toMatchObject({
      slug: 'invalid-input',
    })
    const limited = { ...ADA, customerIds: [one.customerId] }
    for (const scope of [{}, { customerId: other.customerId }, { deviceId: other.deviceId }])
      await expect(serviceOf(rig).plan(planned(rig, scope), limited)).rejects.toMatchObject({ slug: 'invalid-input' })
  })
})
