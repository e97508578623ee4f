import { expect, it } from 'vitest'
import { inTransaction } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig, MONDAY_MS } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAYTIME = {
  hours: {
    mon: [['08:00', '20:00']],
    tue: [['08:00', '20:00']],
    wed: [['08:00', '20:00']],
    thu: [['08:00', '20:00']],
    fri: [['08:00', '20:00']],
  },
}

eachStore('incidents', open => {
  it('opens one incident and one ticket when the hold is over, and says so on the timeline', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'display.disconnected', state: 'failing', text: 'HDMI-1 has no display' })
    expect((await rig.allIncidents()).map(row => row.state)).toEqual(['pending'])
    await rig.pass(29 * SECOND)
    expect(await rig.tickets()).toEqual([])
    await rig.pass(1 * SECOND)
    const [ticket] = await rig.tickets()
    expect(ticket).toMatchObject({
      source: 'monitoring',
      channel: 'monitoring',
      level: 1,
      line: 1,
      status: 'new',
      reference: 'KK-2026-000001',
      subject: 'Kiosk 1: the display is disconnected',
      occurrences: 1,
      plan_id: 'ombori-production',
    })
    const [incident] = await rig.allIncidents()
    expect(incident).toMatchObject({ state: 'open', ticket_id: ticket?.id, started_at: MONDAY_MS, opened_count: 1 })
    expect((await rig.timeline(deviceId)).map(row => row.text)).toEqual(
      expect.arrayContaining([
        'Incident opened: HDMI-1 has no display',
        'KK-2026-000001: Ticket raised: Kiosk 1: the display is disconnected',
      ]),
    )
  })

  it('makes an event and no ticket of a fault that was mended within its hold', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing' })
    await rig.pass(19 * SECOND)
    await rig.observe({
      deviceId,
      signal: 'app.crashed',
      state: 'ok',
      remedies: [{ id: 'restart-app', outcome: 'worked', at: MONDAY_MS, tookMs: 41_000 }],
    })
    await rig.pass(HOUR)
    expect(await rig.tickets()).toEqual([])
    expect(await rig.allIncidents()).toEqual([])
    expect((await rig.timeline(deviceId)).map(row => [row.kind, row.text])).toEqual([
      ['remedy', 'restarted app: it helped (41 s)'],
      ['mended', 'fixed by itself: restarted app, 41 s'],
    ])
  })

  it('ends at the recovery, not at the end of the quiet time', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
    await rig.pass(5 * MINUTE)
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    expect((await rig.allIncidents())[0]?.state).toBe('recovering')
    await rig.pass(59 * SECOND)
    expect((await rig.tickets())[0]?.status).toBe('new')
    await rig.pass(1 * SECOND)
    expect((await rig.allIncidents())[0]).toMatchObject({ state: 'closed', open_key: null, ended_at: MONDAY_MS + 5 * MINUTE })
    expect((await rig.tickets())[0]).toMatchObject({ status: 'resolved', resolved_by: 'monitoring', resolved_at: MONDAY_MS + 5 * MINUTE })
  })

  it('keeps one incident open when the fault comes back within the quiet time', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
    await rig.pass(MINUTE)
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(30 * SECOND)
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
    await rig.pass(10 * MINUTE)
    expect(await rig.allIncidents()).toHaveLength(1)
    expect((await rig.allIncidents())[0]?.state).toBe('open')
    expect((await rig.tickets()).map(row => [row.status, row.occurrences, row.repeats])).toEqual([['new', 1, 1]])
  })

  it('reopens the same ticket within a day of its recovery, and links a new one after it', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const fault = async (): Promise<void> => {
      await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' })
      await rig.pass(MINUTE)
      await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
      await rig.pass(5 * MINUTE)
    }
    await fault()
    await rig.pass(3 * HOUR)
    await fault()
    expect((await rig.tickets()).map(row => [row.status, row.occurrences])).toEqual([['resolved', 2]])
    expect((await rig.allIncidents()).map(row => row.ticket_id)).toEqual(Array.from({ length: 2 }, () => expect.any(String) as string))
    await rig.pass(25 * HOUR, HOUR)
    expect((await rig.tickets())[0]?.status).toBe('closed')
    await fault()
    const [old, next] = await rig.tickets()
    expect(next).toMatchObject({ same_as_ticket_id: old?.id, occurrences: 1, reference: 'KK-2026-000002' })
  })

  it('waits for a running ladder below level 1, opens when it is exhausted, and never waits at level 1', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const remedies = [{ id: 'restart-queue', outcome: 'did-not-help' as const, at: MONDAY_MS }]
    await rig.observe(
      { deviceId, signal: 'printer.jam', state: 'failing', remedies, exhausted: false },
      { deviceId, signal: 'app.frozen', state: 'failing', remedies: [], exhausted: false },
    )
    await rig.pass(2 * MINUTE)
    expect((await rig.tickets()).map(row => row.signal)).toEqual(['app.frozen'])
    await rig.observe({ deviceId, signal: 'printer.jam', state: 'failing', remedies, exhausted: true })
    await rig.pass(1 * SECOND)
    expect((await rig.tickets()).map(row => row.signal)).toEqual(['app.frozen', 'printer.jam'])
  })

  it('closes what a remedy mended in its own time without a ticket, and counts it', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'printer.offline', state: 'failing', remedies: [], exhausted: false })
    await rig.pass(3 * MINUTE)
    await rig.observe({
      deviceId,
      signal: 'printer.offline',
      state: 'ok',
      remedies: [{ id: 'restart-queue', outcome: 'worked', at: MONDAY_MS, tookMs: 6_000 }],
    })
    await rig.pass(HOUR)
    expect(await rig.tickets()).toEqual([])
    expect((await rig.allIncidents()).map(row => [row.state, row.opened_count])).toEqual([['closed', 0]])
    expect((await rig.timeline(deviceId)).map(row => [row.kind, row.text])).toEqual([
      ['remedy', 'restarted print queue: it helped (6 s)'],
      ['mended', 'fixed by itself: restarted print queue, 6 s'],
    ])
  })

  it('judges late data by device time: over within the hold is nothing, longer is history without a ticket', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const hourAgoMs = MONDAY_MS - HOUR
    await rig.observe(
      { deviceId, signal: 'app.crashed', state: 'failing', atMs: hourAgoMs },
      { deviceId, signal: 'screen.blank', state: 'failing', atMs: hourAgoMs },
    )
    await rig.deadlines.runDue()
    await rig.observe(
      { deviceId, signal: 'app.crashed', state: 'ok', atMs: hourAgoMs + 5 * SECOND },
      { deviceId, signal: 'screen.blank', state: 'ok', atMs: hourAgoMs + 10 * MINUTE },
    )
    await rig.pass(20 * SECOND, SECOND)
    expect([await rig.tickets(), await rig.outbox()]).toEqual([[], []])
    expect((await rig.allIncidents()).map(row => [row.signal, row.state, row.started_at, row.ended_at])).toEqual([
      ['screen.blank', 'closed', hourAgoMs, hourAgoMs + 10 * MINUTE],
    ])
    expect((await rig.timeline(deviceId)).map(row => row.text)).toContain(
      'screen.blank is failing. It was over before the server heard of it: kept as history, without a ticket.',
    )
  })

  it('takes a whole history in one group as if it had come at once', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const startMs = MONDAY_MS - 4 * HOUR
    const at = (minutes: number, state: 'failing' | 'ok') => ({
      deviceId,
      signal: 'display.disconnected',
      state,
      atMs: startMs + minutes * MINUTE,
    })
    await rig.observe(at(0, 'failing'), at(10, 'ok'), at(60, 'failing'), at(61, 'ok'), at(120, 'failing'))
    await rig.pass(10 * SECOND, SECOND)
    expect((await rig.allIncidents()).map(row => row.state)).toEqual(['closed', 'closed', 'open'])
    expect((await rig.tickets()).map(row => [row.status, row.occurrences])).toEqual([['new', 1]])
  })

  it('raises no ticket for devices that the plan does not cover, but keeps the incident', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk({ state: 'uncovered' })
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing' })
    await rig.pass(MINUTE)
    expect(await rig.tickets()).toEqual([])
    expect((await rig.allIncidents()).map(row => [row.state, row.ticket_id])).toEqual([['open', null]])
  })

  it('judges customer-facing signals of the night at opening, others at once', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk({ openingHours: DAYTIME })
    rig.time.nowMs = Date.parse('2026-11-16T22:00:00+01:00')
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing' }, { deviceId, signal: 'disk.failing', state: 'failing' })
    await rig.pass(9 * HOUR, HOUR)
    expect((await rig.tickets()).map(row => row.signal)).toEqual(['disk.failing'])
    await rig.pass(HOUR + 30 * SECOND, 30 * SECOND)
    expect((await rig.tickets()).map(row => row.signal)).toEqual(['disk.failing', 'screen.blank'])
  })

  it('lets the profile, the event and a critical device decide the level', async () => {
    const rig = await makeRig(await open())
    const profileId = 'till'
    await inTransaction(rig.db, tx =>
      rig.catalogue.putProfile(tx, {
        id: profileId,
        by: 'test',
        profile: { name: 'Till', critical: true, processes: [{ name: 'music', match: 'music', level: 4 }] },
      }),
    )
    const { deviceId } = await rig.kiosk({ profileId })
    const gone = await rig.kiosk({ profileId })
    const full = await rig.kiosk({ profileId })
    await rig.observe(
      { deviceId: gone.deviceId, signal: 'agent.offline', state: 'failing' },
      { deviceId, signal: 'process.missing', component: 'music', state: 'failing' },
      { deviceId, signal: 'temperature.high', state: 'failing', severity: 1 },
      { deviceId: full.deviceId, signal: 'disk.full', state: 'failing', severity: 4 },
    )
    await rig.pass(10 * MINUTE)
    expect(Object.fromEntries((await rig.tickets()).map(row => [row.signal, row.level]))).toEqual({
      'agent.offline': 1,
      'process.missing': 4,
      'temperature.high': 1,
      'disk.full': 2,
    })
  })

  it('raises the level of an open ticket with the fault, and never lowers it', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'disk.filling', state: 'failing' })
    await rig.pass(15 * MINUTE)
    await rig.observe({ deviceId, signal: 'disk.filling', state: 'failing', severity: 2 })
    await rig.observe({ deviceId, signal: 'disk.filling', state: 'failing', severity: 4 })
    const [ticket] = await rig.tickets()
    expect(ticket).toMatchObject({ level: 2, repeats: 2 })
    expect((await rig.ticketing.read(ticket?.id ?? '')).clocks.response).toMatchObject({ state: 'running', usedMinutes: 0 })
  })

  it('ignores what is older than what it knows, and unknown', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing' })
    await rig.observe(
      { deviceId, signal: 'app.crashed', state: 'ok', atMs: MONDAY_MS - 1 },
      { deviceId, signal: 'app.crashed', state: 'unknown' },
    )
    await rig.pass(MINUTE)
    expect(await rig.tickets()).toHaveLength(1)
  })

  it('keeps the first and the newest evidence and serves each piece', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    for (let index = 0; index < 30; index += 1) {
      rig.time.nowMs += SECOND
      await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing', evidence: { kind: 'log', lines: [`line ${index}`] } })
    }
    await rig.pass(MINUTE)
    const [ticket] = await rig.tickets()
    const { evidence } = await rig.ticketing.read(ticket?.id ?? '')
    expect(evidence).toHaveLength(20)
    const [incident] = await rig.allIncidents()
    const first = await rig.reader.evidence(incident?.id ?? '', evidence[0]?.id ?? '')
    const last = await rig.reader.evidence(incident?.id ?? '', evidence.at(-1)?.id ?? '')
    expect([first.data, last.data]).toEqual([
      { kind: 'log', lines: ['line 0'] },
      { kind: 'log', lines: ['line 29'] },
    ])
  })

  it('ends the incidents of a retired device', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing' }, { deviceId, signal: 'printer.jam', state: 'failing' })
    await rig.pass(30 * SECOND)
    await inTransaction(rig.db, tx => rig.incidents.forgetDevice(tx, deviceId, []))
    await rig.pass(HOUR)
    expect((await rig.allIncidents()).map(row => [row.signal, row.state])).toEqual([['app.crashed', 'closed']])
    expect((await rig.tickets()).map(row => row.status)).toEqual(['resolved'])
  })

  it('follows a switched-off rule: nothing new opens, and nothing that waited', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'cpu.saturated', state: 'failing' })
    const rule = await rig.catalogue.ruleFor(rig.db, 'cpu.saturated', { customerId: '', siteId: '', profileId: null, deviceId })
    await inTransaction(rig.db, tx =>
      rig.catalogue.putRule(tx, { signal: 'cpu.saturated', scope: '', rule: { ...rule, enabled: false }, by: 'test' }),
    )
    await rig.pass(HOUR)
    await rig.observe({ deviceId, signal: 'cpu.saturated', state: 'failing' })
    await rig.pass(HOUR)
    expect([await rig.allIncidents(), await rig.tickets()]).toEqual([[], []])
  })
})
