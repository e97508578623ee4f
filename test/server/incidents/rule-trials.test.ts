import { expect, it } from 'vitest'
import { inTransaction } from '../../../server/database/database.ts'
import { insertTimeline } from '../../../server/devices/store/timeline-store.ts'
import { makeRuleTrials } from '../../../server/incidents/rule-trials.ts'
import type { RuleBody } from '../../../shared/api/incidents/rule-api.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig, type Rig } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DRAFT: RuleBody = {
  enabled: true,
  level: 3,
  holdSeconds: 120,
  clearSeconds: 120,
  fixedBy: 'remote',
  remedies: [],
  ladderSeconds: 300,
}

/** A fault as the device tells it: an event of its timeline, and what follows from it. */
async function say(rig: Rig, deviceId: string, state: 'failing' | 'ok', signal = 'url.failing'): Promise<void> {
  const nowMs = rig.time.nowMs
  await inTransaction(rig.db, tx =>
    insertTimeline(tx, { device_id: deviceId, at: nowMs, received_at: nowMs, kind: 'event', signal, component: 'api', state, text: state }),
  )
  await rig.observe({ deviceId, signal, component: 'api', state })
}
async function fault(rig: Rig, deviceId: string, minutes: number): Promise<string> {
  await say(rig, deviceId, 'failing')
  await rig.pass(minutes * MINUTE, MINUTE)
  await say(rig, deviceId, 'ok')
  await rig.pass(10 * MINUTE, MINUTE)
  const id = (await rig.tickets()).at(-1)?.id ?? ''
  await rig.pass(30 * HOUR, HOUR)
  return id
}
const write = (rig: Rig, ticketId: string): Promise<unknown> =>
  rig.ticketing.write(ticketId, { visibility: 'internal', body: 'Called the shop: their router was off.' }, AGENT)

eachStore('rules tried on the past', open => {
  it('say what they would have opened, what of it people acted on, and what they would miss', async () => {
    const rig = await makeRig(await open())
    const trials = makeRuleTrials({ db: rig.db, now: () => rig.time.nowMs, catalogue: rig.catalogue })
    const { deviceId } = await rig.kiosk()
    const real = await fault(rig, deviceId, 40)
    await write(rig, real)
    await fault(rig, deviceId, 5)
    await fault(rig, deviceId, 6)
    expect(await rig.tickets()).toHaveLength(3)
    expect(await trials.tryRule('url.failing', '', DRAFT)).toMatchObject({
      events: 6,
      now: { tickets: 3, real: 1, noise: 2, unseen: 0 },
      draft: { tickets: 3, real: 1, noise: 2, unseen: 0 },
      missed: [],
    })
    const patient = await trials.tryRule('url.failing', '', { ...DRAFT, holdSeconds: 600 })
    expect(patient).toMatchObject({
      draft: { tickets: 1, real: 1, noise: 0 },
      missed: [],
      why: 'Would have opened 1 ticket, 1 of them real (now 3, 1 of them real) in the last 30 days. It misses none that people acted on.',
      examples: [{ deviceId, component: 'api', judged: 'real' }],
    })
    expect(await trials.tryRule('url.failing', '', { ...DRAFT, enabled: false })).toMatchObject({
      draft: { tickets: 0 },
      missed: [{ ticketId: real }],
    })
    expect(await rig.catalogue.ruleFor(rig.db, 'url.failing', { customerId: 'x', siteId: 'x', profileId: null, deviceId })).toMatchObject({
      holdSeconds: 120,
    })
  })

  it('count in a scope only what lies in it', async () => {
    const rig = await makeRig(await open())
    const trials = makeRuleTrials({ db: rig.db, now: () => rig.time.nowMs, catalogue: rig.catalogue })
    const one = await rig.kiosk()
    const other = await rig.kiosk()
    await fault(rig, one.deviceId, 20)
    await fault(rig, other.deviceId, 20)
    const trial = await trials.tryRule('url.failing', `customer:${one.customerId}`, DRAFT)
    expect(trial).toMatchObject({ now: { tickets: 1 }, draft: { tickets: 1 } })
    expect(trial.examples.every(example => example.deviceId === one.deviceId)).toBe(true)
  })

  it('of signals nobody acts on are reported with the shortest hold that would have kept the real ones', async () => {
    const rig = await makeRig(await open())
    const trials = makeRuleTrials({ db: rig.db, now: () => rig.time.nowMs, catalogue: rig.catalogue })
    const { deviceId } = await rig.kiosk()
    await write(rig, await fault(rig, deviceId, 40))
    for (const minutes of [5, 6, 8]) await fault(rig, deviceId, minutes)
    expect(await trials.noise()).toMatchObject({
      tickets: 4,
      unacted: 3,
      items: [
        {
          signal: 'url.failing',
          tickets: 4,
          acted: 1,
          unacted: 3,
          fix: { label: 'Hold 10 min before a ticket', rule: { holdSeconds: 600 } },
        },
      ],
    })
  })

  it.each([
    ['a level there is not', { level: 9 }, '/level'],
    ['a hold that is no number', { holdSeconds: '5' }, '/holdSeconds'],
    ['a field nobody knows', { loud: true }, ''],
  ])('refuse %s', async (_why, change, path) => {
    const rig = await makeRig(await open())
    const trials = makeRuleTrials({ db: rig.db, now: () => rig.time.nowMs, catalogue: rig.catalogue })
    await expect(trials.tryRule('url.failing', '', { ...DRAFT, ...change })).rejects.toMatchObject({
      slug: 'invalid-input',
      errors: [expect.objectContaining({ path: expect.stringContaining(path) as string })],
    })
  })
})
