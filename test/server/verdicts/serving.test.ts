import { expect, it } from 'vitest'
import { makeServing } from '../../../server/verdicts/serving.ts'
import { beginRun, endRun } from '../../../server/uptime/store/uptime-store.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig } from '../../support/ticketing-rig.ts'

const HOUR = 3_600_000
/** The rig's Monday begins at 10:00. */
const DAYTIME = { hours: { mon: [['08:00', '20:00']], tue: [['08:00', '20:00']] } }

eachStore('serving time', open => {
  it('is counted from the verdicts as they came, by device, site and customer', async () => {
    const rig = await makeRig(await open())
    const serving = makeServing({ db: rig.db, now: () => rig.time.nowMs })
    const { deviceId, customerId } = await rig.kiosk({ openingHours: DAYTIME })
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    rig.time.nowMs += 2 * HOUR
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'failing', text: 'The screen is one colour' })
    rig.time.nowMs += HOUR
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(10 * HOUR, HOUR)
    const report = await serving.ofDevice(deviceId, {})
    // 10:00 to 20:00, one hour of it blank; the evening does not count
    expect(report).toMatchObject({
      openSeconds: 10 * 3600,
      servingSeconds: 9 * 3600,
      notServingSeconds: 3600,
      servingPercent: 90,
      causes: [{ signal: 'screen.blank', seconds: 3600 }],
      why: 'Served people 90 % of the opening hours judged. Of 10.0 h open: 1.0 h not serving.',
    })
    expect(report.days.filter(day => day.openSeconds > 0)).toMatchObject([{ date: '2026-11-16', servingPercent: 90 }])
    expect(await serving.ofCustomer(customerId, {})).toMatchObject({
      servingPercent: 90,
      sites: [{ name: 'Central Station', devices: 1, servingPercent: 90 }],
      worst: [{ deviceId, notServingSeconds: 3600, causes: [{ signal: 'screen.blank' }] }],
    })
  })

  it('takes off the time in which the server was not there', async () => {
    const rig = await makeRig(await open())
    const serving = makeServing({ db: rig.db, now: () => rig.time.nowMs })
    const { deviceId } = await rig.kiosk()
    const startMs = rig.time.nowMs
    await beginRun(rig.db, { id: 'one', started_at: startMs }, 'never ran')
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await endRun(rig.db, 'one', startMs + HOUR, 'stopped')
    await beginRun(rig.db, { id: 'two', started_at: startMs + 3 * HOUR }, 'stopped')
    rig.time.nowMs += 4 * HOUR
    expect(await serving.ofDevice(deviceId, {})).toMatchObject({
      openSeconds: 4 * 3600,
      servingSeconds: 2 * 3600,
      unknownSeconds: 2 * 3600,
      servingPercent: 100,
    })
  })

  it.each([
    ['the end comes first', { from: '2026-11-16T10:00:00Z', to: '2026-11-15T10:00:00Z' }],
    ['it begins in the future', { from: '2030-01-01T00:00:00Z' }],
    ['it is longer than what is kept', { from: '2020-01-01T00:00:00Z' }],
  ])('refuses a span when %s', async (_why, query) => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const serving = makeServing({ db: rig.db, now: () => rig.time.nowMs })
    await expect(serving.ofDevice(deviceId, query)).rejects.toMatchObject({ slug: 'invalid-input' })
  })
})
