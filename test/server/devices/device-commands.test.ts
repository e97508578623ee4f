/** Commands on both databases: kept, signed, sent again until answered, ended in time; and goodbyes that are not kept. */
import { expect, it } from 'vitest'
import { encodeMessage } from '../../../shared/decode.ts'
import { newEpoch } from '../../../shared/ids.ts'
import { newSigningKey, verifyDocument } from '../../../shared/signing.ts'
import { RESTART_GRACE_MS } from '../../../server/devices/rules/connection-rules.ts'
import type { Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'
import { until } from '../../support/until.ts'

const START_MS = Date.parse('2026-03-02T09:00:00Z')
const MINUTE_MS = 60_000

async function makeSite(store: Store) {
  let nowMs = START_MS
  let isThere = false
  const wires: string[] = []
  const signingKey = newSigningKey('test')
  const start = () =>
    makeTestHouse(store, () => nowMs, {
      deskEmail: null,
      signingKey,
      publish(_deviceId, kind, payload) {
        if (kind === 'cmd' && isThere) wires.push(payload)
        return isThere
      },
    })
  const house = start()
  await house.catalogue.load()
  const customer = await house.customers.create({ name: 'Shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
  const site = await house.sites.createSite(customer.id, { name: 'Street' })
  const { token } = await house.enrolment.createToken({
    customerId: customer.id,
    siteId: site.id,
    maxUses: 5,
    expiresAtMs: null,
    createdBy: 'test',
  })
  const enrol = async (machineId: string): Promise<string> => {
    const outcome = await house.enrolment.enrol({ token, machineId, hostname: machineId, platform: 'linux', agentVersion: '1' })
    return outcome.admitted ? outcome.answer.deviceId : ''
  }
  const deviceId = await enrol('m')
  house.presence.admitted(deviceId, customer.id)
  const epoch = newEpoch()
  let sequence = 0
  const send = (kind: 'res' | 'birth' | 'will', message: object, from = deviceId): Promise<void> =>
    house.ingest.commit([{ deviceId: from, kind, payload: encodeMessage(message), receivedAtMs: nowMs }])
  const numbered = (t: string, d: object): object => ({ v: 1, t, e: epoch, q: ++sequence, ts: nowMs, up: 1000, su: 1000, bid: 'b1', d })
  const say = (d: object, from = deviceId): Promise<void> => send('res', numbered('res', d), from)
  const read = (wire: string | undefined): { id: string; kind: string; payload: Record<string, unknown> } => {
    const checked = verifyDocument({ test: signingKey.publicKeyPem }, 'k1cmd', deviceId, wire ?? '')
    if (!checked.ok) throw new Error(checked.reason)
    return checked.document as never
  }
  return {
    ...house,
    start,
    device: { id: deviceId, customerId: customer.id },
    enrol,
    say,
    read,
    wires,
    /** The device subscribes. */
    async back(): Promise<void> {
      isThere = true
      await house.door.desiredConfig(deviceId)
    },
    leave: () => void (isThere = false),
    birth: () => send('birth', numbered('birth', { sid: 's', agentVersion: '1', hostname: 'k', platform: 'linux' })),
    bye: (reason: string, expectedBackAt: string | null = null) =>
      send('will', { v: 1, t: 'will', sid: 's', bye: true, reason, expectedBackAt }),
    pass: (ms: number) => void (nowMs += ms),
    stateOf: async (id: string) => (await house.commands.list(deviceId)).items.find(item => item.id === id),
  }
}

eachStore('commands', open => {
  it('wait for a device that is away, are signed for it, and come again at each subscription until it answers', async () => {
    const site = await makeSite(await open())
    const order = await site.commands.order(site.device, { kind: 'take-picture' }, 'Ada')
    expect(order).toMatchObject({ state: 'queued', createdBy: 'Ada' })
    await site.back()
    expect(site.read(await until('sent', () => site.wires[0]))).toMatchObject({ id: order.id, kind: 'take-picture' })
    await until('marked', async () => (await site.stateOf(order.id))?.state === 'sent')
    await site.back()
    await until('again', () => site.wires.length === 2)
    expect(site.read(site.wires[1]).id).toBe(order.id)
    await site.say({ id: order.id, state: 'done', text: 'the picture is on its way' })
    await site.say({ id: order.id, state: 'failed' })
    expect(await site.stateOf(order.id)).toMatchObject({ state: 'done', result: 'done', resultText: 'the picture is on its way' })
    await site.commands.deliver(site.device.id)
    expect(site.wires).toHaveLength(2)
    const wire = site.wires[0] ?? ''
    const other = await site.enrol('other')
    expect(verifyDocument({ test: 'x' }, 'k1cmd', other, wire).ok).toBe(false)
    expect(() => site.read(wire.replace(/^./, 'A'))).toThrow(/bad-signature|malformed/)
  })

  it('go at once to a device that is there, and end when their time is over', async () => {
    const site = await makeSite(await open())
    await site.back()
    const order = await site.commands.order(site.device, { kind: 'run-remedy', id: 'reload-page', signal: 'app.frozen' }, 'Ada')
    expect(site.read(site.wires[0]).payload).toEqual({ id: 'reload-page', signal: 'app.frozen' })
    site.pass(11 * MINUTE_MS)
    expect(await site.commands.expire()).toBe(1)
    expect(await site.stateOf(order.id)).toMatchObject({ state: 'expired' })
    await site.say({ id: order.id, state: 'done' })
    expect(await site.stateOf(order.id)).toMatchObject({ state: 'expired' })
  })

  it('are answered by their own device alone, and a device that knows none of ours changes nothing', async () => {
    const site = await makeSite(await open())
    const order = await site.commands.order(site.device, { kind: 'take-picture' }, 'Ada')
    const other = await site.enrol('other')
    await site.say({ id: order.id, state: 'done' }, other)
    await site.say({ id: 'never-given', state: 'done' })
    expect((await site.stateOf(order.id))?.state).toBe('queued')
  })

  it('are refused when too many wait', async () => {
    const site = await makeSite(await open())
    for (let count = 0; count < 20; count++) await site.commands.order(site.device, { kind: 'take-picture' }, 'Ada')
    await expect(site.commands.order(site.device, { kind: 'take-picture' }, 'Ada')).rejects.toMatchObject({ slug: 'conflict' })
  })
})

eachStore('goodbyes', open => {
  const reasonOf = async (site: Awaited<ReturnType<typeof makeSite>>): Promise<string | undefined> =>
    (await site.fleet.timeline(site.device.id, { limit: 5 })).items.find(item => item.kind === 'connection')?.text

  it('are shown with their reason, and a device that does not come back is offline and gets its incident', async () => {
    const site = await makeSite(await open())
    await site.birth()
    site.pass(2 * RESTART_GRACE_MS)
    await site.bye('shutdown', new Date(START_MS + 2 * RESTART_GRACE_MS + 5 * MINUTE_MS).toISOString())
    expect(await reasonOf(site)).toMatch(/^Planned offline: the device was shut down, expected back 2026-03-02 09:12 UTC$/)
    site.pass(14 * MINUTE_MS)
    expect(await site.presence.sweep()).toBe(0)
    expect((await site.fleet.read(site.device.id)).connection).toBe('planned-offline')
    site.pass(2 * MINUTE_MS)
    expect(await site.presence.sweep()).toBe(1)
    expect(await reasonOf(site)).toBe('Offline: it said goodbye and did not come back in time')
    site.pass(10 * MINUTE_MS)
    await site.deadlines.runDue()
    const { reasons, verdict } = await site.fleet.read(site.device.id)
    expect(reasons.map(reason => reason.signal)).toContain('agent.offline')
    expect(verdict).toBe('not-serving')
  })

  it('end with the return, and nothing is overdue any more', async () => {
    const site = await makeSite(await open())
    await site.birth()
    await site.bye('update')
    site.pass(MINUTE_MS)
    await site.birth()
    site.presence.heard(site.device.id, START_MS + 60 * MINUTE_MS)
    site.pass(59 * MINUTE_MS)
    await site.presence.sweep()
    expect((await site.fleet.read(site.device.id)).connection).toBe('online')
  })

  it('are remembered over a restart of the server, which first waits for those on their way', async () => {
    const site = await makeSite(await open())
    await site.birth()
    await site.bye('update')
    site.pass(60 * MINUTE_MS)
    const next = site.start()
    await next.presence.start()
    expect(await next.presence.sweep()).toBe(0)
    site.pass(RESTART_GRACE_MS)
    expect(await next.presence.sweep()).toBe(1)
  })
})
