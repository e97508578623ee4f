import { describe, expect, it } from 'vitest'
import { makeDeviceConfig } from '../../../server/devices/device-config.ts'
import { observedRemedy, type ObservedRemedy } from '../../../server/incidents/observation.ts'
import { viewRemedies } from '../../../server/incidents/remedy-history.ts'
import { saidAtMs } from '../../../server/devices/rules/device-clock.ts'
import { inTransaction } from '../../../server/database/database.ts'
import type { DesiredConfig } from '../../../shared/messages.ts'
import type { DeviceRules } from '../../../shared/remedy-rules.ts'
import { newSigningKey, verifyDocument } from '../../../shared/signing.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig, MONDAY_MS, type Rig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const key = newSigningKey('test')

/** What a device would be sent now. */
async function configOf(rig: Rig, deviceId: string): Promise<{ rev: number; rules: DeviceRules }> {
  const service = makeDeviceConfig({
    db: rig.db,
    now: () => rig.time.nowMs,
    catalogue: rig.catalogue,
    key,
    isConnected: () => false,
    publish: () => false,
  })
  const verified = verifyDocument({ [key.kid]: key.publicKeyPem }, 'k1cfg', deviceId, (await service.desired(deviceId)) ?? '')
  if (!verified.ok) throw new Error(verified.reason)
  const document = verified.document as DesiredConfig
  return { rev: document.rev, rules: document.rules as DeviceRules }
}
const ruleBody = (id: string, level = 2) => ({
  enabled: true,
  level,
  holdSeconds: 20,
  clearSeconds: 60,
  fixedBy: 'remote',
  remedies: id === '' ? [] : [{ id, attempts: 2, cooldownSeconds: 300 }],
  ladderSeconds: 300,
})
const put = (rig: Rig, scope: string, rule: object, signal = 'app.crashed') =>
  inTransaction(rig.db, tx => rig.catalogue.putRule(tx, { signal, scope, rule, by: 'test' }))

eachStore('rules about remedies', open => {
  it('go to a device with its configuration, the most specific scope of each signal', async () => {
    const rig = await makeRig(await open())
    const { deviceId, siteId, customerId } = await rig.kiosk()
    const idsOf = async () => (await configOf(rig, deviceId)).rules['app.crashed']?.remedies.map(remedy => remedy.id)
    expect(await idsOf()).toEqual(['reload-page', 'restart-app', 'restart-session'])
    expect(Object.values((await configOf(rig, deviceId)).rules).every(rule => rule.remedies.length > 0)).toBe(true)
    await put(rig, `customer:${customerId}`, ruleBody('restart-app'))
    await put(rig, `site:${siteId}`, ruleBody('navigate-home'))
    expect(await idsOf()).toEqual(['navigate-home'])
    await put(rig, `device:${deviceId}`, ruleBody(''))
    expect(await idsOf()).toBe(undefined)
  })

  it('that change ask for a new configuration of the devices concerned, and of no others', async () => {
    const rig = await makeRig(await open())
    const one = await rig.kiosk()
    const other = await rig.kiosk()
    const revs = async () => [(await configOf(rig, one.deviceId)).rev, (await configOf(rig, other.deviceId)).rev]
    const [first = 0, second = 0] = await revs()
    expect((await put(rig, `site:${one.siteId}`, ruleBody('reboot'))).deviceIds).toEqual([one.deviceId])
    expect(await revs()).toEqual([first + 1, second])
    expect((await put(rig, `site:${one.siteId}`, ruleBody('reboot'))).deviceIds, 'the same again').toEqual([])
    expect((await put(rig, '', ruleBody('restart-app'))).deviceIds.toSorted()).toEqual([one.deviceId, other.deviceId].toSorted())
    expect((await put(rig, '', { ...ruleBody('restart-app'), clearSeconds: 5 })).deviceIds, 'nothing a device is told').toEqual([])
    expect((await put(rig, '', ruleBody('', 3), 'cpu.saturated')).deviceIds, 'no remedies before or after').toEqual([])
  })

  it('that come in a catalogue file do so as well', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const file = await rig.catalogue.exportCatalogue(rig.db)
    const rules = file.rules.map(item => (item.rule.signal === 'app.crashed' ? { ...item, rule: { ...item.rule, remedies: [] } } : item))
    const { deviceIds } = await inTransaction(rig.db, tx => rig.catalogue.importCatalogue(tx, { ...file, rules }, 'test'))
    expect(deviceIds).toEqual([deviceId])
    expect((await configOf(rig, deviceId)).rules['app.crashed']).toBe(undefined)
  })
})

eachStore('what a device tried', open => {
  const rung = (second: number, id: string, outcome: ObservedRemedy['outcome'], more: object = {}): ObservedRemedy => ({
    id,
    outcome,
    at: MONDAY_MS + second * SECOND,
    tookMs: 15_000,
    ...more,
  })

  it('is on the timeline at its own time, each attempt once, and on the incident and the ticket', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const first = rung(1, 'restart-unit', 'did-not-help')
    const second = rung(320, 'restart-unit', 'refused', { text: 'The helper is not installed.' })
    const failing = { deviceId, signal: 'unit.failed', component: 'till', state: 'failing' as const }
    await rig.observe({ ...failing, remedies: [], exhausted: false })
    await rig.pass(16 * SECOND)
    await rig.observe({ ...failing, remedies: [first], exhausted: false })
    expect((await rig.allIncidents())[0]?.ladder).toBe('running')
    await rig.pass(60 * SECOND)
    expect(await rig.tickets(), 'the ladder is waited for').toEqual([])
    await rig.observe({ ...failing, remedies: [first, second], exhausted: true })
    await rig.pass(1 * SECOND)
    const [ticket] = await rig.tickets()
    const [incident] = await rig.allIncidents()
    expect(incident).toMatchObject({ state: 'open', ladder: 'exhausted', ticket_id: ticket?.id })
    const rows = (await rig.timeline(deviceId)).filter(row => row.kind === 'remedy')
    expect(rows.map(row => [row.at - MONDAY_MS, row.state, row.text])).toEqual([
      [1_000, 'did-not-help', 'restarted service: it did not help (15 s)'],
      [320_000, 'refused', 'restarted service: not possible here (15 s). The helper is not installed.'],
    ])
    const view = await rig.reader.read(incident?.id ?? '')
    expect(view).toMatchObject({
      ladder: 'exhausted',
      remedies: [{ id: 'restart-unit', outcome: 'did-not-help', tookMs: 15_000 }, { outcome: 'refused' }],
    })
    expect((await rig.ticketing.read(ticket?.id ?? '')).remedies).toEqual(view.remedies)
    expect(view.remedies).toEqual(viewRemedies({ remedies: incident?.remedies ?? '[]' }))
  })

  it('mended late, when the ticket is there: recovered, and counted as mended', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'failing', remedies: [], exhausted: false })
    await rig.pass(MINUTE)
    await rig.observe({ deviceId, signal: 'app.crashed', state: 'ok', remedies: [rung(50, 'restart-app', 'worked')], exhausted: false })
    expect((await rig.allIncidents())[0]).toMatchObject({ state: 'recovering', ladder: 'mended' })
    expect((await rig.timeline(deviceId)).filter(row => row.kind === 'mended').map(row => row.text)).toEqual([
      'fixed by itself: restarted app, 15 s',
    ])
    await rig.pass(2 * MINUTE)
    expect((await rig.tickets()).map(row => row.status)).toEqual(['resolved'])
  })

  it('told in one go after the server was away, ends as if it had been told at once: no ticket', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    await rig.pass(10 * MINUTE)
    const told = { deviceId, signal: 'unit.failed', component: 'till' }
    const tried = [rung(1, 'restart-unit', 'did-not-help'), rung(302, 'restart-unit', 'worked')]
    await rig.observe(
      { ...told, state: 'failing', atMs: MONDAY_MS, remedies: [], exhausted: false },
      { ...told, state: 'failing', atMs: MONDAY_MS + 20 * SECOND, remedies: tried.slice(0, 1), exhausted: false },
      { ...told, state: 'ok', atMs: MONDAY_MS + 290 * SECOND, remedies: tried, exhausted: false },
    )
    await rig.pass(10 * MINUTE, MINUTE)
    expect(await rig.tickets()).toEqual([])
    const rows = (await rig.timeline(deviceId)).map(row => [row.kind, row.at - MONDAY_MS])
    expect(rows).toEqual([
      ['remedy', 1_000],
      ['mended', 290_000],
      ['remedy', 302_000],
    ])
  })
})

describe('a time that a device says', () => {
  const sent = { ts: 1_000_000 }
  it.each([
    { why: 'is as long before the message as the device says, whatever its clock shows', said: 990_000, is: 500_000 - 10_000 },
    { why: 'in RFC 3339 too', said: new Date(990_000).toISOString(), is: 500_000 - 10_000 },
    { why: 'is not later than the message that tells it', said: 2_000_000, is: 500_000 },
    { why: 'that is none is that of the message', said: 'soon', is: 500_000 },
  ])('$why', ({ said, is }) => {
    expect(saidAtMs(said, sent, 500_000)).toBe(is)
  })

  it('keeps of an attempt what is known, and nothing else', () => {
    const told = { id: 'reboot', outcome: 'failed' as const, at: 999_000, text: 'no', extra: 1 }
    expect(observedRemedy(told, sent, 500_000)).toEqual({ id: 'reboot', outcome: 'failed', at: 499_000, said: 999_000, text: 'no' })
  })
})
