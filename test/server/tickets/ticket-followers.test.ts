/** What follows a ticket does so inside its transaction, in one order: what fired, the visit, the client's desk, the question to the customer. */
import { expect, it } from 'vitest'
import { inTransaction } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, CUSTOMER, makeRig, type Rig } from '../../support/ticketing-rig.ts'
import { watchWrites } from '../../support/written-tables.ts'

const HOUR_MS = 3_600_000
const FOLLOWED = ['clock_events', 'ticket_events', 'visits', 'visit_events', 'sync_pairs', 'sync_outbox', 'satisfaction', 'outbox'] as const

eachStore('what follows a ticket', open => {
  /** A rig whose writes are seen. */
  const watched = async () => {
    const seen = watchWrites(await open())
    return { ...seen, rig: await makeRig(seen.store) }
  }
  /** A link to the customer's own desk that is switched on; nothing is sent by it here. */
  const link = async (rig: Rig, customerId: string): Promise<void> =>
    void (await rig.db
      .insertInto('sync_links')
      .values({
        id: crypto.randomUUID(),
        customer_id: customerId,
        kind: 'generic',
        name: 'Their desk',
        base_url: 'https://desk.client.example',
        settings: '{}',
        secrets: '',
        state_map: '{}',
        is_enabled: 1,
        enabled_key: customerId,
        sync_user: null,
        warnings: '[]',
        failing_since: null,
        last_error: null,
        last_out_at: null,
        last_in_at: null,
        clock_skew_ms: null,
        reconciled_at: null,
        files_seen_at: 0,
        leased_until: null,
        alarmed_at: null,
        created_at: rig.time.nowMs,
        updated_at: rig.time.nowMs,
      })
      .execute())
  /** A kiosk of an enterprise customer with a partner nearby, whose display was lost: the visit is offered by itself. */
  const lostDisplay = async (rig: Rig) => {
    await rig.partners.create({ name: 'first', email: 'first@example.com', regions: ['north'], skills: ['display'], order: 1 })
    const kiosk = await rig.kiosk({ planId: 'ombori-enterprise', region: 'north', overrides: { onsite: 'partner' } })
    await rig.contact(kiosk.customerId, 'carl@example.com')
    await link(rig, kiosk.customerId)
    const ticketId = await rig.fault(kiosk.deviceId, 'display.disconnected')
    return { ...kiosk, ticketId }
  }
  /** Writes of tables that followers and letters own, each run of the same write once. */
  const effects = (writes: readonly string[]): string[] =>
    writes.filter((write, index) => FOLLOWED.some(table => write.endsWith(` ${table}`)) && write !== writes[index - 1])

  it('a ticket that is resolved late: the breach, then the visit is called off, then the client’s desk is told, then the customer is asked', async () => {
    const { rig, writes, forget } = await watched()
    const { ticketId } = await lostDisplay(rig)
    rig.time.nowMs += 30 * 24 * HOUR_MS
    forget()
    await rig.ticketing.move(ticketId, { to: 'resolved' }, AGENT)
    expect(effects(writes)).toMatchInlineSnapshot(`
      [
        "insert ticket_events",
        "insert clock_events",
        "insert ticket_events",
        "insert outbox",
        "insert outbox",
        "update visits",
        "insert visit_events",
        "insert outbox",
        "insert sync_pairs",
        "insert satisfaction",
        "insert outbox",
        "insert outbox",
        "insert outbox",
      ]
    `)
  })

  it('a fault’s ticket: it is mirrored before anybody is told, and the visit is offered last, which tells the client’s desk anew', async () => {
    const { rig, writes, forget } = await watched()
    await rig.partners.create({ name: 'first', email: 'first@example.com', regions: ['north'], skills: ['display'], order: 1 })
    const kiosk = await rig.kiosk({ planId: 'ombori-enterprise', region: 'north', overrides: { onsite: 'partner' } })
    await link(rig, kiosk.customerId)
    await rig.observe({ deviceId: kiosk.deviceId, signal: 'display.disconnected', state: 'failing' })
    forget()
    await rig.pass(60_000)
    expect(effects(writes)).toMatchInlineSnapshot(`
      [
        "insert ticket_events",
        "insert clock_events",
        "insert sync_pairs",
        "update sync_pairs",
        "insert sync_outbox",
        "insert outbox",
        "insert outbox",
        "insert visits",
        "insert visit_events",
        "insert ticket_events",
        "insert sync_pairs",
        "update sync_pairs",
        "insert sync_outbox",
        "insert outbox",
      ]
    `)
  })

  it('a public word is queued for the client’s desk before the ticket is saved; a note is not', async () => {
    const { rig, writes, forget } = await watched()
    const { ticketId } = await lostDisplay(rig)
    forget()
    await rig.ticketing.write(ticketId, { visibility: 'internal', body: 'Between us.' }, AGENT)
    expect(writes).not.toContain('insert sync_outbox')
    forget()
    await rig.ticketing.write(ticketId, { visibility: 'public', body: 'It is still dark.' }, CUSTOMER)
    expect(writes.indexOf('insert sync_outbox')).toBeGreaterThan(writes.indexOf('insert ticket_events'))
    expect(writes.indexOf('insert sync_outbox')).toBeLessThan(writes.indexOf('update tickets'))
  })

  it('the customer is asked in the letter: the question is written before it', async () => {
    const { rig, writes, forget } = await watched()
    const customerId = await rig.customer()
    const { id } = await rig.ticketing.register(rig.report(customerId), AGENT)
    forget()
    await rig.ticketing.move(id, { to: 'resolved' }, AGENT)
    expect(effects(writes)).toMatchInlineSnapshot(`
      [
        "insert ticket_events",
        "insert clock_events",
        "insert satisfaction",
        "insert outbox",
        "insert outbox",
      ]
    `)
  })

  it('a fault that ends while a person works on it: people are told first, then the ticket is the desk’s again', async () => {
    const { rig, writes, forget } = await watched()
    const { ticketId, deviceId } = await lostDisplay(rig)
    await rig.ticketing.write(ticketId, { visibility: 'internal', body: 'I look at it.' }, AGENT)
    await rig.observe({ deviceId, signal: 'display.disconnected', state: 'ok' })
    forget()
    await rig.pass(5 * 60_000)
    expect(effects(writes)).toMatchInlineSnapshot(`
      [
        "insert ticket_events",
        "update visits",
        "insert visit_events",
        "insert outbox",
        "insert sync_pairs",
        "insert outbox",
        "insert outbox",
        "insert ticket_events",
        "insert sync_pairs",
        "insert outbox",
      ]
    `)
  })

  it('a promise that changes for many: the client’s desk is told before what fires', async () => {
    const { rig, writes, forget } = await watched()
    const { customerId } = await lostDisplay(rig)
    // Another plan promises earlier: by the change the update is overdue at once.
    rig.time.nowMs += 12 * HOUR_MS
    const overrides = JSON.stringify({ onsite: 'partner', deskIntegration: true })
    await rig.db.updateTable('customers').set({ plan_id: 'ops-com-premium', overrides }).where('id', '=', customerId).execute()
    forget()
    await inTransaction(rig.db, tx => rig.ticketing.replan(tx, customerId, []))
    expect(effects(writes)).toMatchInlineSnapshot(`
      [
        "insert ticket_events",
        "insert clock_events",
        "insert sync_pairs",
        "insert ticket_events",
        "insert outbox",
      ]
    `)
  })
})
