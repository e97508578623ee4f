import { expect, it } from 'vitest'
import { inTransaction } from '../../../server/database/database.ts'
import type { Change } from '../../../server/platform/change-bus.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig, MONDAY_MS, type Rig } from '../../support/ticketing-rig.ts'

const HOUR = 3_600_000
const DAYTIME = { hours: { mon: [['08:00', '20:00']], tue: [['08:00', '20:00']] } }

const verdictOf = async (rig: Rig, deviceId: string): Promise<{ verdict: string; reasons: unknown[]; since: number }> => {
  const row = await rig.db
    .selectFrom('device_states')
    .select(['verdict', 'reasons', 'verdict_since'])
    .where('device_id', '=', deviceId)
    .executeTakeFirstOrThrow()
  return { verdict: row.verdict, reasons: JSON.parse(row.reasons) as unknown[], since: row.verdict_since }
}

eachStore('verdicts', open => {
  it('follow the signals at once, without waiting for the hold, and tell only what changed', async () => {
    const rig = await makeRig(await open())
    const { deviceId, customerId } = await rig.kiosk()
    const changes = await rig.observe(
      { deviceId, signal: 'screen.blank', state: 'failing', text: 'The screen is one colour' },
      { deviceId, signal: 'usb.missing', component: 'scanner', state: 'failing' },
    )
    expect(changes).toEqual([{ kind: 'device', id: deviceId, customerId }])
    expect(await verdictOf(rig, deviceId)).toMatchObject({
      verdict: 'not-serving',
      reasons: [
        { signal: 'screen.blank', severity: 1, since: new Date(MONDAY_MS).toISOString(), text: 'The screen is one colour' },
        { signal: 'usb.missing:scanner', severity: 2 },
      ],
    })
    rig.time.nowMs += HOUR
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    expect(await verdictOf(rig, deviceId)).toMatchObject({ verdict: 'degraded', since: MONDAY_MS + HOUR })
    expect(await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })).toEqual([])
    await rig.observe({ deviceId, signal: 'usb.missing', component: 'scanner', state: 'ok' })
    expect(await verdictOf(rig, deviceId)).toMatchObject({ verdict: 'serving', reasons: [] })
  })

  it('follow the opening hours by themselves, also over a restart', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk({ openingHours: DAYTIME })
    await rig.deadlines.runDue()
    expect((await verdictOf(rig, deviceId)).verdict).toBe('serving')
    await rig.pass(10 * HOUR, HOUR)
    expect((await verdictOf(rig, deviceId)).verdict).toBe('closed')
    rig.time.nowMs += 13 * HOUR
    rig.again()
    await rig.deadlines.runDue()
    expect((await verdictOf(rig, deviceId)).verdict).toBe('serving')
  })

  it('know offline from closed', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk({ openingHours: DAYTIME })
    await rig.db.updateTable('device_states').set({ connection: 'offline' }).execute()
    const changes: Change[] = []
    await inTransaction(rig.db, tx => rig.verdicts.refresh(tx, [deviceId], rig.time.nowMs, changes))
    expect(await verdictOf(rig, deviceId)).toMatchObject({ verdict: 'not-serving', reasons: [{ signal: 'agent.offline' }] })
    await rig.pass(11 * HOUR, HOUR)
    expect(await verdictOf(rig, deviceId)).toMatchObject({ verdict: 'closed', reasons: [] })
  })
})
