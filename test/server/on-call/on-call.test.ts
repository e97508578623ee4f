/** People on call on both databases: who is asked for which ticket, who next, once each, and what ends it. */
import { expect, it } from 'vitest'
import type { RotaInput } from '../../../shared/api/on-call/on-call-api.ts'
import { makeChangeBus } from '../../../server/platform/change-bus.ts'
import { makeOnCall } from '../../../server/on-call/on-call.ts'
import { testLog } from '../../support/test-log.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, CUSTOMER, makeRig } from '../../support/ticketing-rig.ts'

const MINUTE_MS = 60_000
/** Monday evening in Toronto, outside the hours of OPS-COM. */
const EVENING_MS = Date.parse('2026-11-16T20:00:00-05:00')
const rota = (more: Partial<RotaInput> = {}): RotaInput => ({
  name: 'Nights',
  customers: [],
  timeZone: 'America/Toronto',
  people: [
    { key: 'ada', name: 'Ada', email: 'ada@desk.example', webhookUrl: 'https://hooks.example/ada' },
    { key: 'bo', name: 'Bo', email: 'bo@desk.example' },
  ],
  shifts: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '17:00', to: '09:00', people: ['ada', 'bo'] }],
  overrides: [],
  handOver: { day: 'mon', time: '09:00', since: '2026-11-16' },
  nextAfterMinutes: 5,
  ...more,
})

eachStore('on call', open => {
  const makeDesk = async (planId = 'ops-com-premium') => {
    const rig = await makeRig(await open())
    rig.time.nowMs = EVENING_MS
    const onCall = makeOnCall({ db: rig.db, log: testLog(), now: () => rig.time.nowMs, bus: makeChangeBus(), desk: rig.ticketing.desk })
    const customerId = await rig.customer({ planId, timeZone: 'America/Toronto' })
    const report = (level: number) => rig.ticketing.register(rig.report(customerId, { level, channel: 'email' }), CUSTOMER)
    const asked = async () =>
      (await rig.outbox())
        .filter(row => row.dedup_key.startsWith('on-call:'))
        .toSorted((one, other) => one.created_at - other.created_at || one.channel.localeCompare(other.channel))
        .map(row => row.address)
    const linkOf = async (address: string) =>
      (await rig.outbox())
        .find(row => row.address === address && row.link_path?.startsWith('on-call/call/'))
        ?.link_path?.split('/')
        .at(-1) ?? ''
    const state = async (ticketId: string) => (await onCall.alerts({ scope: null, ticketId })).items[0]?.state
    return { ...rig, onCall, customerId, report, asked, linkOf, state }
  }

  it('a critical ticket after hours calls who is on call, by mail and webhook, then the next, each once, then the managers', async () => {
    const desk = await makeDesk()
    await desk.onCall.create(rota(), 'Maria')
    const { id } = await desk.report(1)
    await desk.onCall.run()
    await desk.onCall.run()
    expect(await desk.asked()).toEqual(['ada@desk.example', 'https://hooks.example/ada'])
    desk.time.nowMs += 5 * MINUTE_MS - 1
    await desk.onCall.run()
    expect((await desk.asked()).length).toBe(2)
    desk.time.nowMs += 1
    await desk.onCall.run()
    expect((await desk.asked()).slice(2)).toEqual(['bo@desk.example'])
    desk.time.nowMs += 60 * MINUTE_MS
    await desk.onCall.run()
    await desk.onCall.run()
    expect(await desk.state(id)).toBe('nobody')
    const lines = (await desk.ticketing.timeline(id, { isPublicOnly: false, limit: 50 })).items.filter(line => line.kind === 'on-call')
    expect(lines.map(line => [line.visibility, line.text]).toReversed()).toEqual([
      ['internal', 'On call: Ada was asked. A critical ticket after hours: it is yours.'],
      ['internal', 'On call: Bo was asked. Ada did not answer within 5 min.'],
      ['internal', 'Everybody on call was asked, and nobody has answered.'],
    ])
  })

  it.each([
    ['a level that waits', 'ops-com-premium', 2, EVENING_MS],
    ['within service hours', 'ops-com-premium', 1, Date.parse('2026-11-16T12:00:00-05:00')],
    ['a plan without on-call staff', 'op5-premium', 1, EVENING_MS],
  ])('nobody is called for %s', async (_reason, planId, level, atMs) => {
    const desk = await makeDesk(planId)
    desk.time.nowMs = atMs
    await desk.onCall.create(rota(), 'Maria')
    await desk.report(level)
    await desk.onCall.run()
    expect(await desk.asked()).toEqual([])
  })

  it('a level raised later calls too', async () => {
    const desk = await makeDesk()
    await desk.onCall.create(rota(), 'Maria')
    const { id } = await desk.report(3)
    await desk.onCall.run()
    await desk.ticketing.patch(id, { level: 1 }, AGENT)
    await desk.onCall.run()
    expect(await desk.asked()).toContain('ada@desk.example')
  })

  it('the link of a call takes it once; whoever comes later hears who has it', async () => {
    const desk = await makeDesk()
    await desk.onCall.create(rota(), 'Maria')
    const { id } = await desk.report(1)
    await desk.onCall.run()
    desk.time.nowMs += 5 * MINUTE_MS
    await desk.onCall.run()
    const [ada, bo] = [await desk.linkOf('ada@desk.example'), await desk.linkOf('bo@desk.example')]
    expect(await desk.onCall.read(ada)).toMatchObject({ name: 'Ada', state: 'calling', customer: 'Corner Shops', ticketId: id })
    expect(await desk.onCall.acknowledgeByLink(bo)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'Bo' })
    await desk.onCall.acknowledgeByLink(bo)
    await expect(desk.onCall.acknowledgeByLink(ada)).rejects.toThrow('Bo has taken it already')
    await expect(desk.onCall.read('kst_wrong')).rejects.toThrow('no such call')
    desk.time.nowMs += 60 * MINUTE_MS
    await desk.onCall.run()
    expect((await desk.asked()).length).toBe(3)
    desk.time.nowMs += 24 * 60 * MINUTE_MS
    await expect(desk.onCall.read(bo)).rejects.toThrow('no such call')
  })

  it('an answer to the customer ends it, and nobody else is woken', async () => {
    const desk = await makeDesk()
    await desk.onCall.create(rota(), 'Maria')
    const { id } = await desk.report(1)
    await desk.onCall.run()
    await desk.ticketing.write(id, { visibility: 'public', body: 'We look at it.' }, AGENT)
    desk.time.nowMs += 5 * MINUTE_MS
    await desk.onCall.run()
    expect(await desk.state(id)).toBe('over')
    expect((await desk.asked()).length).toBe(2)
  })

  it('without a rota for the customer it is said at once that nobody is on call', async () => {
    const desk = await makeDesk()
    await desk.onCall.create(rota({ customers: ['another'] }), 'Maria')
    const { id } = await desk.report(1)
    await desk.onCall.run()
    expect(await desk.state(id)).toBe('nobody')
  })

  it('a rota tells who it is now and who comes, and refuses what cannot be', async () => {
    const desk = await makeDesk()
    const made = await desk.onCall.create(rota(), 'Maria')
    expect(made.now).toBe('ada')
    expect(made.upcoming.slice(0, 2).map(span => span.person)).toEqual(['ada', null])
    await expect(desk.onCall.create(rota({ timeZone: 'Mars/Base' }), 'Maria')).rejects.toMatchObject({ slug: 'invalid-input' })
    await desk.onCall.replace(made.id, rota({ name: 'Other' }), 'Bo')
    expect((await desk.onCall.list(null)).map(one => [one.name, one.changedBy])).toEqual([['Other', 'Bo']])
    await desk.onCall.remove(made.id)
    await expect(desk.onCall.remove(made.id)).rejects.toThrow('no such rota')
  })
})
