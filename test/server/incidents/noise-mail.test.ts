import { expect, it } from 'vitest'
import { weekOf } from '../../../server/incidents/rules/noise-letter.ts'
import { makeNoiseMail } from '../../../server/incidents/noise-report.ts'
import { makeRuleTrials } from '../../../server/incidents/rule-trials.ts'
import { inTransaction } from '../../../server/database/database.ts'
import { insertTimeline } from '../../../server/devices/store/timeline-store.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig, type Rig } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

it.each([
  ['2026-11-23T05:59:00Z', '2026-W48', false, 'before six on Monday the week is not over for anybody'],
  ['2026-11-23T06:00:00Z', '2026-W48', true, 'Monday morning'],
  ['2026-11-29T23:00:00Z', '2026-W48', true, 'a server that was down on Monday tells it later'],
  ['2027-01-01T12:00:00Z', '2026-W53', true, 'the year of the week, not of the date'],
])('%s is week %s, due %s: %s', (at, week, isDue) => {
  expect(weekOf(Date.parse(at))).toEqual({ week, isDue })
})

async function fault(rig: Rig, deviceId: string): Promise<void> {
  for (const [state, minutes] of [
    ['failing', 6],
    ['ok', 30 * 60],
  ] as const) {
    const at = rig.time.nowMs
    const row = { device_id: deviceId, at, received_at: at, kind: 'event', signal: 'url.failing', component: 'api', state, text: state }
    await inTransaction(rig.db, tx => insertTimeline(tx, row))
    await rig.observe({ deviceId, signal: 'url.failing', component: 'api', state })
    await rig.pass(minutes * MINUTE, state === 'failing' ? MINUTE : HOUR)
  }
}

eachStore('the noise of the week', open => {
  it('is told to the desk once a week, with what to do, and not in a week without noise', async () => {
    const rig = await makeRig(await open())
    const trials = makeRuleTrials({ db: rig.db, now: () => rig.time.nowMs, catalogue: rig.catalogue })
    const mail = makeNoiseMail({ db: rig.db, now: () => rig.time.nowMs, trials, deskEmail: 'desk@example.com' })
    expect(await mail.run()).toBe(0)
    const { deviceId } = await rig.kiosk()
    for (let time = 0; time < 3; time += 1) await fault(rig, deviceId)
    rig.time.nowMs = Date.parse('2026-11-23T07:00:00Z')
    expect(await mail.run()).toBe(1)
    expect(await mail.run()).toBe(0)
    const letter = (await rig.outbox()).find(row => row.dedup_key.startsWith('noise:'))
    expect(letter?.subject).toBe('Noise of week 2026-W48: 3 of 3 tickets ended by themselves before anybody did anything')
    expect(letter?.body).toContain('Worth a try: Hold 10 min before a ticket.')
    rig.time.nowMs += 14 * 24 * HOUR
    expect(await mail.run()).toBe(0)
  })
})
