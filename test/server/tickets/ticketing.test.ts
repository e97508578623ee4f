import { expect, it } from 'vitest'
import { inTransaction } from '../../../server/database/database.ts'
import type { Change } from '../../../server/platform/change-bus.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, CUSTOMER, makeRig, MONDAY_MS, type Rig } from '../../support/ticketing-rig.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const iso = (atMs: number): string => new Date(atMs).toISOString()

const histories = async (rig: Rig, id: string): Promise<string[]> =>
  (await rig.ticketing.timeline(id, { isPublicOnly: false, limit: 100 })).items.map(item => item.kind)

eachStore('ticketing', open => {
  it('owes what the plan promises, and says by which rule', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    await rig.contact(customerId, 'carl@example.com')
    const ticket = await rig.ticketing.register(rig.report(customerId), AGENT)
    expect(ticket).toMatchObject({
      source: 'contact',
      status: 'new',
      level: 2,
      flags: [],
      planId: 'ombori-production',
      clocks: { response: { state: 'running', dueAt: iso(MONDAY_MS + HOUR), usedMinutes: 0 }, update: { state: 'none', dueAt: null } },
    })
    expect(ticket.why[0]).toBe('due Mon 16 Nov 11:00 (Europe/Stockholm): 1 h response, Production plan, level 2')
  })

  it('meets the response with the first public word of a person and restarts the update with each', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId), AGENT)
    rig.time.nowMs += 10 * MINUTE
    await rig.ticketing.write(id, { visibility: 'internal', body: 'Looks like the queue server.' }, AGENT)
    await rig.ticketing.write(id, { visibility: 'public', body: 'Any news?' }, CUSTOMER)
    expect((await rig.ticketing.read(id)).clocks.response.state).toBe('running')
    rig.time.nowMs += 10 * MINUTE
    const { ticket } = await rig.ticketing.write(id, { visibility: 'public', body: 'We are on it.' }, AGENT)
    expect(ticket.status).toBe('in-progress')
    expect(ticket.clocks.response).toMatchObject({ state: 'met', usedMinutes: 20 })
    expect(ticket.clocks.update).toMatchObject({ state: 'running', dueAt: iso(MONDAY_MS + 20 * MINUTE + 2 * HOUR) })
    rig.time.nowMs += HOUR
    await rig.ticketing.write(id, { visibility: 'public', body: 'And now?' }, CUSTOMER)
    expect((await rig.ticketing.read(id)).clocks.update.dueAt).toBe(iso(MONDAY_MS + 20 * MINUTE + 2 * HOUR))
    await rig.ticketing.write(id, { visibility: 'public', body: 'Still on it.' }, AGENT)
    expect((await rig.ticketing.read(id)).clocks.update.dueAt).toBe(iso(rig.time.nowMs + 2 * HOUR))
    const rows = await rig.db
      .selectFrom('clocks')
      .select(['kind', 'cycle', 'state'])
      .where('ticket_id', '=', id)
      .orderBy('kind')
      .orderBy('cycle')
      .execute()
    expect(rows).toEqual([
      { kind: 'response', cycle: 1, state: 'met' },
      { kind: 'update', cycle: 1, state: 'met' },
      { kind: 'update', cycle: 2, state: 'running' },
    ])
  })

  it('takes a logged call at the time of the call', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId), AGENT)
    await rig.pass(90 * MINUTE, 10 * MINUTE)
    expect((await rig.ticketing.read(id)).clocks.response.state).toBe('breached')
    const { ticket } = await rig.ticketing.write(
      id,
      { visibility: 'public', body: 'Called at half past ten.', at: iso(MONDAY_MS + 30 * MINUTE) },
      AGENT,
    )
    expect(ticket.clocks.response).toMatchObject({ state: 'met', usedMinutes: 30 })
    await expect(rig.ticketing.write(id, { visibility: 'public', body: 'x', at: iso(MONDAY_MS - 1) }, AGENT)).rejects.toMatchObject({
      code: 'invalid',
    })
    await expect(rig.ticketing.write(id, { visibility: 'public', body: 'x', at: iso(rig.time.nowMs + DAY) }, AGENT)).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  it('waits for the customer after a question, and goes on with the answer', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId), AGENT)
    const asked = await rig.ticketing.write(id, { visibility: 'public', body: 'Which floor?', asks: true }, AGENT)
    expect(asked.ticket).toMatchObject({
      status: 'waiting-customer',
      clocks: { response: { state: 'met' }, update: { state: 'paused', dueAt: null } },
    })
    rig.time.nowMs += 5 * HOUR
    const answered = await rig.ticketing.write(id, { visibility: 'public', body: 'The second.' }, CUSTOMER)
    expect(answered.ticket).toMatchObject({
      status: 'in-progress',
      clocks: { update: { state: 'running', dueAt: iso(rig.time.nowMs + 2 * HOUR) } },
    })
  })

  it('goes on informing at level 1 while it waits for the customer', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId, { level: 1 }), AGENT)
    const { ticket } = await rig.ticketing.write(id, { visibility: 'public', body: 'Is anybody there?', asks: true }, AGENT)
    expect(ticket.clocks.update.state).toBe('running')
    const lowered = await rig.ticketing.patch(id, { level: 2 }, AGENT)
    expect(lowered.clocks.update).toMatchObject({ state: 'paused', dueAt: null })
    expect((await rig.ticketing.patch(id, { level: 1 }, AGENT)).clocks.update.state).toBe('running')
  })

  it('keeps used time over a change of level, and marks what the change made overdue with one notice', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId, { level: 3 }), AGENT)
    rig.time.nowMs += 40 * MINUTE
    expect((await rig.ticketing.patch(id, { level: 2 }, AGENT)).clocks.response).toMatchObject({
      state: 'running',
      dueAt: iso(MONDAY_MS + HOUR),
      usedMinutes: 40,
    })
    const urgent = await rig.ticketing.patch(id, { level: 1 }, AGENT)
    expect(urgent).toMatchObject({
      level: 1,
      flags: ['breached-by-change'],
      clocks: { response: { state: 'breached', dueAt: iso(rig.time.nowMs) } },
    })
    await rig.pass(HOUR, 5 * MINUTE)
    await rig.ticketing.patch(id, { level: 3 }, AGENT)
    expect((await rig.ticketing.read(id)).clocks.response.state).toBe('breached')
    expect((await rig.outbox()).filter(row => row.dedup_key.startsWith('clock-breached:'))).toHaveLength(1)
    expect((await histories(rig, id)).filter(kind => kind === 'clock-breached')).toHaveLength(1)
  })

  it('resolves and closes, and refuses what the table does not allow', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId), AGENT)
    await expect(rig.ticketing.move(id, { to: 'new' }, AGENT)).rejects.toMatchObject({ slug: 'transition-not-allowed' })
    const resolved = await rig.ticketing.move(id, { to: 'resolved', reason: 'wrong cable' }, AGENT)
    expect(resolved).toMatchObject({
      status: 'resolved',
      resolvedBy: 'person',
      resolvedAt: iso(MONDAY_MS),
      clocks: { response: { state: 'met' } },
    })
    await expect(rig.ticketing.move(id, { to: 'waiting-customer' }, AGENT)).rejects.toMatchObject({ slug: 'transition-not-allowed' })
    rig.time.nowMs += HOUR
    const again = await rig.ticketing.write(id, { visibility: 'public', body: 'No, it is not.' }, CUSTOMER)
    expect(again.ticket).toMatchObject({
      status: 'in-progress',
      occurrences: 2,
      resolvedAt: null,
      clocks: { response: { state: 'met' }, update: { state: 'running', dueAt: iso(rig.time.nowMs + 2 * HOUR) } },
    })
    expect((await rig.ticketing.move(id, { to: 'closed' }, AGENT)).clocks.update.state).toBe('cancelled')
    expect((await rig.ticketing.write(id, { visibility: 'public', body: 'Thanks.' }, CUSTOMER)).ticket.status).toBe('closed')
    const all = await rig.ticketing.timeline(id, { isPublicOnly: false, limit: 100 })
    const shown = await rig.ticketing.timeline(id, { isPublicOnly: true, limit: 100 })
    expect(all.items.some(item => item.text === 'wrong cable')).toBe(true)
    expect(shown.items.some(item => item.text === 'wrong cable')).toBe(false)
  })

  it('flags strangers, the quota and the channel, and refuses none of them', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'opmantek-standard', overrides: { cases: 1 } })
    await rig.contact(customerId, 'carl@example.com')
    const whole = {
      reporter: { name: 'Carl Contact', email: 'carl@example.com', phone: '1', organisation: 'Shops' },
      softwareVersion: '4',
      impact: 'x',
      channel: 'portal' as const,
    }
    const first = await rig.ticketing.register(rig.report(customerId, whole), AGENT)
    const second = await rig.ticketing.register(
      rig.report(customerId, { ...whole, reporter: { ...whole.reporter, email: 'eve@example.com' }, channel: 'chat' }),
      AGENT,
    )
    expect(first.flags).toEqual([])
    expect(second.flags).toEqual(['channel-not-in-plan', 'contact-not-named', 'case-quota-exceeded'])
    expect(second.clocks.response).toMatchObject({ state: 'none', dueAt: null })
    expect(second.why.length).toBeGreaterThanOrEqual(4)
  })

  it('counts cases exactly, however many come at once, and gives each its own reference', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ overrides: { cases: { perMonth: 5, beyond: 'approval', payPerIncident: false } } })
    const tickets = await Promise.all(Array.from({ length: 12 }, () => rig.ticketing.register(rig.report(customerId), AGENT)))
    expect(tickets.filter(ticket => ticket.flags.includes('case-quota-exceeded'))).toHaveLength(7)
    expect(new Set(tickets.map(ticket => ticket.reference)).size).toBe(12)
    rig.time.nowMs = Date.parse('2026-12-01T10:00:00+01:00')
    expect((await rig.ticketing.register(rig.report(customerId), AGENT)).flags).not.toContain('case-quota-exceeded')
  })

  it('counts what the monitoring raises against nobody', async () => {
    const rig = await makeRig(await open())
    const { customerId, deviceId } = await rig.kiosk({ overrides: { cases: { perMonth: 1, beyond: 'approval', payPerIncident: false } } })
    await rig.fault(deviceId)
    expect((await rig.ticketing.register(rig.report(customerId), AGENT)).flags).toEqual([])
  })

  it('waits for the fields a plan requires, without clocks, and starts them with the last one', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'op5-premium' })
    await rig.contact(customerId, 'carl@example.com')
    const ticket = await rig.ticketing.register(rig.report(customerId, { channel: 'portal' }), AGENT)
    expect(ticket).toMatchObject({ status: 'waiting-information', clocks: { response: { state: 'paused', dueAt: null } } })
    expect(ticket.flags).toContain('missing-information')
    rig.time.nowMs += DAY
    await rig.ticketing.patch(ticket.id, { softwareVersion: '8.1' }, AGENT)
    const complete = await rig.ticketing.patch(ticket.id, { platformVersion: 'Debian 13' }, AGENT)
    expect(complete).toMatchObject({ status: 'new', clocks: { response: { state: 'running', dueAt: iso(rig.time.nowMs + 4 * HOUR) } } })
    expect(complete.flags).not.toContain('missing-information')
  })

  it('lowers level 1 where the customer has nobody at hand', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'opmantek-premium' })
    const ticket = await rig.ticketing.register(rig.report(customerId, { level: 1, customerStaffAvailable: false }), AGENT)
    expect(ticket.level).toBeGreaterThan(1)
    expect(ticket.flags).toContain('level-lowered-no-staff')
  })

  it('takes the next level that takes this environment', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'opmantek-premium' })
    const ticket = await rig.ticketing.register(rig.report(customerId, { level: 1, environment: 'staging' }), AGENT)
    expect(ticket).toMatchObject({ level: 4 })
    expect(ticket.flags).toContain('level-not-eligible')
  })

  it('refuses a device of somebody else, an unknown customer and the channel of the monitoring', async () => {
    const rig = await makeRig(await open())
    const { deviceId } = await rig.kiosk()
    const other = await rig.customer()
    await expect(rig.ticketing.register(rig.report(other, { deviceId }), AGENT)).rejects.toMatchObject({ code: 'invalid' })
    await expect(rig.ticketing.register(rig.report('nobody'), AGENT)).rejects.toMatchObject({ code: 'invalid' })
    await expect(rig.ticketing.register(rig.report(other, { channel: 'monitoring' }), AGENT)).rejects.toMatchObject({ code: 'invalid' })
    expect(await rig.tickets()).toEqual([])
  })

  it('moves running clocks to a new plan from now on', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId), AGENT)
    rig.time.nowMs += 30 * MINUTE
    const changes: Change[] = []
    await inTransaction(rig.db, async tx => {
      await tx.updateTable('customers').set({ plan_id: 'ombori-pilot' }).where('id', '=', customerId).execute()
      await rig.ticketing.replan(tx, customerId, changes)
    })
    expect(await rig.ticketing.read(id)).toMatchObject({
      planId: 'ombori-pilot',
      clocks: { response: { state: 'running', usedMinutes: 30, dueAt: iso(MONDAY_MS + 8 * HOUR) } },
    })
    expect(changes).toEqual([{ kind: 'ticket', id, customerId }])
  })
})
