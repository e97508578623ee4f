import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eachStore } from '../../support/stores.ts'
import { makeRig, type Rig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const ONE_SITE = [0, 1, 2, 3, 4, 5]
const OTHER_SITE = [6, 7, 8, 9, 10, 11]
const BOTH = [...ONE_SITE, ...OTHER_SITE]

/** Which of the twelve devices of two sites change, in which way, and how long it stays so. */
const steps = fc.array(
  fc.record({
    devices: fc.oneof(fc.constant(ONE_SITE), fc.constant(OTHER_SITE), fc.constant(BOTH), fc.subarray(BOTH, { minLength: 1 })),
    state: fc.constantFrom('failing' as const, 'failing' as const, 'ok' as const),
    gapSeconds: fc.constantFrom(1, 20, 50, 100, 200, 400),
  }),
  { minLength: 1, maxLength: 10 },
)

/** One cause, one open ticket: a device that hangs under an outage has none, one that stands for itself has its own. */
async function mustBeGrouped(rig: Rig, customerId: string): Promise<void> {
  const incidents = await rig.db.selectFrom('incidents').selectAll().where('open_key', 'is not', null).execute()
  const mine = incidents.filter(row => row.customer_id === customerId || row.kind === 'platform')
  const active = new Map(mine.map(row => [row.id, row]))
  const tickets = await rig.db.selectFrom('tickets').selectAll().where('customer_id', '=', customerId).execute()
  const open = tickets.filter(ticket => ticket.status !== 'resolved' && ticket.status !== 'closed')
  for (const row of mine) {
    if (row.kind === 'platform') expect(row.ticket_id).toBeNull()
    if (row.parent_id !== null) expect(row.ticket_id, 'explained and a ticket').toBeNull()
    if (row.state !== 'open' || row.kind === 'platform') continue
    const isExplained = row.parent_id !== null && active.has(row.parent_id)
    expect(isExplained || row.ticket_id !== null, `${row.signal} is told to nobody`).toBe(true)
  }
  const counted = mine.flatMap(row => row.ticket_id ?? [])
  expect(open.map(ticket => ticket.id).toSorted()).toEqual(counted.filter(id => open.some(ticket => ticket.id === id)).toSorted())
  expect(new Set(counted).size).toBe(counted.length)
}

eachStore('contact lost and found at two sites', openStore => {
  it('is grouped at every instant, and leaves nothing open when everybody is back', { timeout: 120_000 }, async () => {
    const rig = await makeRig(await openStore())
    await fc.assert(
      fc.asyncProperty(steps, async history => {
        const customerId = await rig.customer()
        const sites = [await rig.site(customerId), await rig.site(customerId)]
        const deviceIds: string[] = []
        for (let index = 0; index < 12; index++) deviceIds.push(await rig.device(customerId, sites[index < 6 ? 0 : 1] ?? ''))
        for (const { devices, state, gapSeconds } of history) {
          await rig.observe(...devices.map(index => ({ deviceId: deviceIds[index] ?? '', signal: 'agent.offline', state })))
          await rig.pass(gapSeconds * SECOND, Math.max(5, gapSeconds / 10) * SECOND)
          await mustBeGrouped(rig, customerId)
        }
        await rig.observe(...deviceIds.map(deviceId => ({ deviceId, signal: 'agent.offline', state: 'ok' as const })))
        await rig.pass(10 * MINUTE, 10 * SECOND)
        await rig.pass(2 * 60 * MINUTE, 10 * MINUTE)
        expect(await rig.db.selectFrom('outages').selectAll().execute()).toEqual([])
        expect(await rig.db.selectFrom('incidents').selectAll().where('open_key', 'is not', null).execute()).toEqual([])
        const left = await rig.db.selectFrom('tickets').select('status').where('customer_id', '=', customerId).execute()
        expect(left.filter(ticket => ticket.status !== 'resolved' && ticket.status !== 'closed')).toEqual([])
        // The next history has its own devices: these count no more.
        await rig.db.updateTable('devices').set({ state: 'retired' }).where('customer_id', '=', customerId).execute()
      }),
      { numRuns: 25 },
    )
  })
})
