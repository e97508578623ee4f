import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { IncidentRow } from '../../../server/database/tables/schema.ts'
import { eachStore } from '../../support/stores.ts'
import { makeRig, type Rig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const SIGNALS = [
  'agent.offline',
  'power.battery',
  'disk.full',
  'display.disconnected',
  'app.crashed',
  'page.unreachable',
  'screen.error-page',
  'app.frozen',
  'screen.blank',
  'touch.missing',
  'printer.jam',
]

const steps = fc.array(
  fc.record({
    signal: fc.constantFrom(...SIGNALS),
    state: fc.constantFrom('failing' as const, 'failing' as const, 'ok' as const),
    gapSeconds: fc.constantFrom(1, 5, 20, 45, 90, 200, 400),
  }),
  { minLength: 1, maxLength: 14 },
)

/** Nobody waits for a fault that is shown nowhere: each open incident has a ticket, or hangs under one that is not over. */
async function mustBeTold(rig: Rig, deviceId: string): Promise<void> {
  const incidents = await rig.db.selectFrom('incidents').selectAll().where('device_id', '=', deviceId).execute()
  const active = new Map(incidents.filter(row => row.open_key !== null).map(row => [row.id, row]))
  const tickets = new Map(
    (await rig.db.selectFrom('tickets').selectAll().where('device_id', '=', deviceId).execute()).map(row => [row.id, row]),
  )
  const rootOf = (row: IncidentRow): IncidentRow => {
    const parent = row.parent_id === null ? undefined : active.get(row.parent_id)
    return parent ? rootOf(parent) : row
  }
  const ofTickets = new Map<string, string>()
  for (const row of active.values()) {
    if (row.ticket_id !== null) {
      expect(ofTickets.get(row.ticket_id), 'two open incidents on one ticket').toBeUndefined()
      ofTickets.set(row.ticket_id, row.id)
      // What it explains may have made it more serious, never less.
      expect(tickets.get(row.ticket_id)?.level).toBeLessThanOrEqual(row.level)
    }
    if (row.state !== 'open') continue
    const root = rootOf(row)
    expect(root.ticket_id !== null || root.state === 'pending' || root.state === 'recovering', `${row.signal} is told to nobody`).toBe(true)
    expect(row.parent_id === null || row.ticket_id === null, `${row.signal} is explained and has a ticket`).toBe(true)
  }
  const open = [...tickets.values()].filter(ticket => ticket.status !== 'resolved' && ticket.status !== 'closed')
  expect(open.map(ticket => ticket.id).toSorted()).toEqual(
    [...ofTickets.keys()].filter(id => open.some(ticket => ticket.id === id)).toSorted(),
  )
}

eachStore('faults of all kinds on one device', openStore => {
  it('are each told once, and all end when the device is well', { timeout: 120_000 }, async () => {
    const rig = await makeRig(await openStore())
    const customerId = await rig.customer()
    const siteId = await rig.site(customerId)
    await fc.assert(
      fc.asyncProperty(steps, async history => {
        const deviceId = await rig.device(customerId, siteId)
        for (const { signal, state, gapSeconds } of history) {
          await rig.observe({ deviceId, signal, state })
          await rig.pass(gapSeconds * SECOND, Math.max(5, gapSeconds / 10) * SECOND)
          await mustBeTold(rig, deviceId)
        }
        await rig.observe(...SIGNALS.map(signal => ({ deviceId, signal, state: 'ok' as const })))
        await rig.pass(2 * 60 * MINUTE, 10 * MINUTE)
        const left = await rig.db
          .selectFrom('incidents')
          .select(['signal', 'state', 'open_key'])
          .where('device_id', '=', deviceId)
          .execute()
        expect(left.filter(row => row.state !== 'closed' || row.open_key !== null)).toEqual([])
        const tickets = await rig.db.selectFrom('tickets').select(['signal', 'status']).where('device_id', '=', deviceId).execute()
        expect(tickets.filter(ticket => ticket.status !== 'resolved' && ticket.status !== 'closed')).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})
