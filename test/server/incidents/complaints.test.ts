/** What people say of alerts elsewhere, each as a test: the number is that of the complaint's thread. */
import { expect, it } from 'vitest'
import { judgeSilence } from '../../../server/devices/rules/connection-rules.ts'
import { spellBye } from '../../../server/devices/rules/absence.ts'
import { inTransaction } from '../../../server/database/database.ts'
import { makeMaintenance } from '../../../server/incidents/maintenance.ts'
import type { Caller } from '../../../server/platform/caller.ts'
import type { RuleBody } from '../../../shared/api/incidents/rule-api.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig, MONDAY_MS, type Rig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const ADA: Caller = { kind: 'user', id: 'u', name: 'Ada', role: 'desk', customerIds: null, partnerId: null }
const SHOP = { hours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map(day => [day, [['08:00', '20:00']]])) }
const iso = (ms: number): string => new Date(ms).toISOString()

const setRule = (rig: Rig, signal: string, scope: string, change: Partial<RuleBody>) =>
  inTransaction(rig.db, async tx => {
    const place = { customerId: '', siteId: '', profileId: null, deviceId: '' }
    const { signal: _signal, ...rule } = await rig.catalogue.ruleFor(tx, signal, place)
    await rig.catalogue.putRule(tx, { signal, scope, by: 'test', rule: { ...rule, ...change } })
  })
const maintenance = (rig: Rig) =>
  makeMaintenance({
    db: rig.db,
    now: () => rig.time.nowMs,
    bus: { publish: () => undefined, subscribe: () => () => undefined },
    catalogue: rig.catalogue,
    resume: rig.incidents.resume,
  })
const verdictOf = async (rig: Rig, deviceId: string): Promise<string> =>
  (await rig.db.selectFrom('device_states').select('verdict').where('device_id', '=', deviceId).executeTakeFirstOrThrow()).verdict
const mails = async (rig: Rig): Promise<number> => (await rig.outbox()).filter(row => row.channel === 'email').length
const openTickets = async (rig: Rig): Promise<string[]> =>
  (await rig.tickets()).filter(row => row.status !== 'resolved' && row.status !== 'closed').map(row => row.signal ?? '')

it('"unplugged device still online 15-20 min" (MeshCentral 7919): silent for 90 s it is offline', () => {
  const session = {
    connection: 'online',
    connectedNow: true,
    heardAtMs: MONDAY_MS,
    startedAtMs: MONDAY_MS - HOUR,
    overdueAtMs: null,
  } as const
  expect(judgeSilence(session, MONDAY_MS + 89 * SECOND)?.connection).not.toBe('offline')
  expect(judgeSilence(session, MONDAY_MS + 90 * SECOND)?.connection).toBe('offline')
})

it('"want offline reason + return time" (netdata 18436): a goodbye says both', () => {
  expect(spellBye('update', Date.parse('2026-11-16T09:05:00Z'))).toMatch(/update.*2026-11-16 09:05 UTC/i)
})

eachStore('complaints about alerts', open => {
  it('"nobody told me a device was gone 20 days" (MeshCentral 7762): told by default, without anybody setting it up', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'agent.missing', state: 'failing', text: 'Without contact for 7 days' })
    await rig.pass(MINUTE)
    expect(await rig.tickets()).toMatchObject([{ signal: 'agent.missing', level: 3 }])
  })

  it('"disconnect mails come although switched off" (MeshCentral 4771, 7659): a rule that is off sends nothing', async () => {
    const rig = await makeRig(await open())
    const { deviceId, customerId } = await rig.kiosk()
    await rig.contact(customerId, 'carl@example.com')
    await setRule(rig, 'agent.offline', '', { enabled: false })
    await rig.observe({ deviceId, signal: 'agent.offline', state: 'failing' })
    await rig.pass(HOUR, MINUTE)
    expect([await mails(rig), await rig.tickets()]).toEqual([0, []])
  })

  it('"cannot mute one noisy device" (MeshCentral 3460): a rule of one device mutes that one alone', async () => {
    const rig = await makeRig(await open())
    const noisy = await rig.kiosk()
    const other = await rig.kiosk()
    await setRule(rig, 'usb.missing', `device:${noisy.deviceId}`, { enabled: false })
    for (const { deviceId } of [noisy, other])
      await rig.observe({ deviceId, signal: 'usb.missing', component: 'scanner', state: 'failing' })
    await rig.pass(10 * MINUTE, MINUTE)
    expect((await rig.tickets()).map(ticket => ticket.device_id)).toEqual([other.deviceId])
  })

  it('"no scheduled maintenance window" (tacticalrmm 1356): every Monday at ten, without a ticket', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const window = { from: iso(MONDAY_MS), to: iso(MONDAY_MS + HOUR), recurrence: { days: ['mon' as const] }, reason: 'Updates' }
    await maintenance(rig).plan({ scope: { deviceId }, ...window }, ADA)
    rig.time.nowMs += 7 * 24 * HOUR + MINUTE
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
    await rig.pass(30 * MINUTE, MINUTE)
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(HOUR, MINUTE)
    expect(await rig.tickets()).toEqual([])
  })

  it('"closing time floods me with alerts" (tacticalrmm 1064): a shop whose mains go off at night is quiet until it opens', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer()
    const siteId = await rig.site(customerId, { openingHours: SHOP })
    const devices = [await rig.device(customerId, siteId), await rig.device(customerId, siteId)]
    rig.time.nowMs += 11 * HOUR
    await rig.observe(...devices.map(deviceId => ({ deviceId, signal: 'agent.offline', state: 'failing' as const })))
    await rig.pass(10 * HOUR, 10 * MINUTE)
    await rig.observe({ deviceId: devices[0] ?? '', signal: 'agent.offline', state: 'ok' })
    expect(await rig.tickets()).toEqual([])
    await rig.pass(2 * HOUR, MINUTE)
    // the one that did not come back at opening is told, once
    expect((await rig.tickets()).map(ticket => ticket.device_id)).toEqual([devices[1]])
  })

  it('"ending maintenance releases the suppressed alerts" (tacticalrmm 1576): the state at the end decides', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await maintenance(rig).plan({ scope: { deviceId }, from: iso(MONDAY_MS), to: iso(MONDAY_MS + HOUR), reason: 'New printer' }, ADA)
    for (const signal of ['screen.blank', 'printer.offline', 'usb.missing']) await rig.observe({ deviceId, signal, state: 'failing' })
    await rig.pass(30 * MINUTE, MINUTE)
    for (const signal of ['screen.blank', 'usb.missing']) await rig.observe({ deviceId, signal, state: 'ok' })
    await rig.pass(HOUR, MINUTE)
    expect((await rig.tickets()).map(ticket => ticket.signal)).toEqual(['printer.offline'])
  })

  it('"one device in maintenance paints the whole site green" (tacticalrmm 1844): its verdict is as bad as it is', async () => {
    const rig = await makeRig(await open())
    const { deviceId, siteId } = await rig.kiosk()
    await maintenance(rig).plan({ scope: { siteId }, from: iso(MONDAY_MS), to: iso(MONDAY_MS + HOUR), reason: 'Cables' }, ADA)
    await rig.observe({ deviceId, signal: 'display.disconnected', state: 'failing' })
    expect(await verdictOf(rig, deviceId)).toBe('not-serving')
  })

  it('"cannot alert on offline, only on overdue; no bulk default" (tacticalrmm 2178, 997): the time is a rule, for all or a profile', async () => {
    const rig = await makeRig(await open())
    await inTransaction(rig.db, tx => rig.catalogue.putProfile(tx, { id: 'patient', by: 'test', profile: { name: 'Patient' } }))
    await setRule(rig, 'agent.offline', 'profile:patient', { holdSeconds: 3_600 })
    const patient = await rig.kiosk({ profileId: 'patient' })
    const usual = await rig.kiosk()
    for (const { deviceId } of [patient, usual]) await rig.observe({ deviceId, signal: 'agent.offline', state: 'failing' })
    await rig.pass(10 * MINUTE, MINUTE)
    expect((await rig.tickets()).map(ticket => ticket.device_id)).toEqual([usual.deviceId])
    await rig.pass(HOUR, MINUTE)
    expect(await rig.tickets()).toHaveLength(2)
  })

  it('"router down = thousands of messages" (uptime-kuma 1089): one ticket for the site, and one mail to each who must know', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer()
    await rig.contact(customerId, 'carl@example.com')
    const siteId = await rig.site(customerId)
    const devices: string[] = []
    for (let count = 0; count < 8; count += 1) devices.push(await rig.device(customerId, siteId))
    const others: string[] = []
    for (let count = 0; count < 24; count += 1) others.push(await rig.device(customerId, await rig.site(customerId)))
    await rig.observe(...devices.map(deviceId => ({ deviceId, signal: 'agent.offline', state: 'failing' as const })))
    await rig.pass(10 * MINUTE, 10 * SECOND)
    expect((await rig.tickets()).map(ticket => ticket.signal)).toEqual(['site.offline'])
    const told = await mails(rig)
    expect(told).toBeLessThanOrEqual(2)
    // "storm at recovery" (icinga2 5208): that all come back is told as little
    await rig.observe(...devices.map(deviceId => ({ deviceId, signal: 'agent.offline', state: 'ok' as const })))
    await rig.pass(10 * MINUTE, 10 * SECOND)
    expect(await openTickets(rig)).toEqual([])
    expect((await mails(rig)) - told).toBeLessThanOrEqual(2)
  })

  it('"monitor\'s own internet down = all down" (uptime-kuma 4956): it is us, and no customer is told', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer()
    await rig.contact(customerId, 'carl@example.com')
    const devices: string[] = []
    for (let count = 0; count < 12; count += 1) devices.push(await rig.device(customerId, await rig.site(customerId)))
    await rig.observe(...devices.map(deviceId => ({ deviceId, signal: 'agent.offline', state: 'failing' as const })))
    await rig.pass(10 * MINUTE, 10 * SECOND)
    expect(await rig.tickets()).toEqual([])
    expect((await rig.outbox()).filter(row => row.address === 'carl@example.com')).toEqual([])
    expect((await rig.allIncidents()).filter(incident => incident.kind === 'platform')).toMatchObject([{ state: 'open' }])
  })

  it('"inactivity alarm hours late, or only when the device comes back" (thingsboard 12771): at the end of its hold, by itself', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'agent.offline', state: 'failing' })
    await rig.pass(3 * MINUTE + 2 * SECOND, SECOND)
    const [ticket] = await rig.tickets()
    expect((ticket?.created_at ?? 0) - MONDAY_MS).toBeLessThanOrEqual(3 * MINUTE + 2 * SECOND)
  })

  it('"device alive but one sensor dead is not seen" (thingsboard 14013): each peripheral is a signal of its own', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'usb.missing', component: 'scanner', state: 'failing' })
    await rig.pass(10 * MINUTE, MINUTE)
    expect(await rig.tickets()).toMatchObject([{ signal: 'usb.missing', component: 'scanner' }])
    expect(await verdictOf(rig, deviceId)).toBe('degraded')
  })

  it('"flapping and gaps re-notify" (alertmanager 3048, prometheus 14085): one ticket, and no data is not OK', async () => {
    const rig = await makeRig(await open())
    const { deviceId, customerId } = await rig.kiosk()
    await rig.contact(customerId, 'carl@example.com')
    await setRule(rig, 'printer.jam', '', { holdSeconds: 30, clearSeconds: 0, remedies: [] })
    const swing = async (state: 'failing' | 'ok' | 'unknown', seconds: number): Promise<void> => {
      await rig.observe({ deviceId, signal: 'printer.jam', state })
      await rig.pass(seconds * SECOND, 10 * SECOND)
    }
    for (let time = 0; time < 6; time += 1) {
      await swing('failing', 60)
      await swing('ok', 60)
    }
    const told = await mails(rig)
    for (let time = 0; time < 10; time += 1) {
      await swing('failing', 60)
      await swing('ok', 60)
    }
    expect(await rig.tickets()).toHaveLength(1)
    expect(JSON.parse((await rig.tickets())[0]?.flags ?? '[]')).toContain('unstable')
    expect(await mails(rig)).toBe(told)
    await swing('failing', 60)
    await swing('unknown', 600)
    expect(await openTickets(rig)).toEqual(['printer.jam'])
  })
})
