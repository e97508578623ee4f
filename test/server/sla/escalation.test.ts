import { expect, it } from 'vitest'
import { stopClock } from '../../../server/sla/rules/clock.ts'
import { clockEvents } from '../../../server/sla/rules/clock-history.ts'
import { insertClockEvents } from '../../../server/sla/store/clock-event-store.ts'
import { readClocks, writeClocks } from '../../../server/sla/store/clock-store.ts'
import { inTransaction } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, CUSTOMER, makeRig, MONDAY_MS, type Rig } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const whole = {
  channel: 'portal' as const,
  softwareVersion: '8.1',
  platformVersion: 'Debian 13',
  reporter: { name: 'Carl Contact', email: 'carl@example.com' },
}

const user = (rig: Rig, email: string, role: string, customerIds: string[] = []) =>
  rig.db
    .insertInto('users')
    .values({
      id: crypto.randomUUID(),
      email,
      name: email,
      role,
      customer_ids: JSON.stringify(customerIds),
      password_hash: 'x',
      disabled_at: null,
      created_at: MONDAY_MS,
    })
    .execute()
/** Notices about clocks and lines: `kind what address`. */
const notices = async (rig: Rig): Promise<string[]> =>
  (await rig.outbox())
    .map(row => row.dedup_key.split(':'))
    .filter(([kind]) => kind?.startsWith('clock') || kind === 'ticket-escalated')
    .map(([kind, , , ...what]) => `${kind ?? ''} ${what.join(' ')}`)
const log = async (rig: Rig, id: string): Promise<string[]> =>
  (await rig.ticketing.clockEvents(id)).map(event =>
    [event.clock, event.cycle, event.what, event.step].filter(part => part !== null).join(' '),
  )

eachStore('escalation', open => {
  it('gives a ticket without progress to the next lines after open time, tells the customer each time, and never twice', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'op5-standard' })
    await rig.contact(customerId, 'carl@example.com')
    const { id } = await rig.ticketing.register(rig.report(customerId, whole), AGENT)
    await rig.ticketing.write(id, { visibility: 'public', body: 'We look into it.' }, AGENT)
    // Monday 10:00 to 17:00 and Tuesday 08:00 to 10:00 are the nine hours of a business day.
    await rig.pass(24 * HOUR - MINUTE, HOUR)
    expect((await rig.ticketing.read(id)).line).toBe(1)
    for (let hour = 0; hour < 80; hour += 1) {
      rig.again()
      await rig.pass(HOUR, 30 * MINUTE)
    }
    expect((await rig.ticketing.read(id)).line).toBe(3)
    expect(await notices(rig)).toEqual([
      'clock-escalated resolution 1 after 1620 desk@example.com',
      'clock-escalated resolution 1 after 540 desk@example.com',
      'ticket-escalated 2 resolution 1 after 540 carl@example.com',
      'ticket-escalated 3 resolution 1 after 1620 carl@example.com',
    ])
    const lines = (await rig.ticketing.timeline(id, { isPublicOnly: true, limit: 100 })).items.filter(item => item.kind === 'line')
    expect(lines.map(item => item.text)).toEqual([
      'Line 2 became 3: Not resolved after 27 h of service time (best effort resolution, Standard plan, level 2).',
      'Line 1 became 2: Not resolved after 9 h of service time (best effort resolution, Standard plan, level 2).',
    ])
    expect((await rig.ticketing.clockEvents(id)).find(event => event.step === 'after:540')?.at).toBe(
      new Date(MONDAY_MS + 24 * HOUR).toISOString(),
    )
    expect((await rig.ticketing.read(id)).status).toBe('in-progress')
  })

  it('does not fire while it waits, and counts on afterwards', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'op5-standard' })
    const { id } = await rig.ticketing.register(rig.report(customerId, whole), AGENT)
    rig.time.nowMs += 2 * HOUR
    await rig.ticketing.write(id, { visibility: 'public', body: 'Which version?', asks: true }, AGENT)
    await rig.pass(72 * HOUR, 4 * HOUR)
    expect([await notices(rig), (await rig.ticketing.read(id)).line]).toEqual([[], 1])
    // Thursday noon: seven hours are left of the nine, five of them today.
    await rig.ticketing.write(id, { visibility: 'public', body: 'The newest.' }, CUSTOMER)
    await rig.pass(22 * HOUR - MINUTE, HOUR)
    expect((await rig.ticketing.read(id)).line).toBe(1)
    await rig.pass(2 * MINUTE)
    expect((await rig.ticketing.read(id)).line).toBe(2)
  })

  it('tells the managers who may see the customer, else the administrators, else the desk', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const breach = async (): Promise<string[]> => {
      const before = new Set((await rig.outbox()).map(row => row.id))
      await rig.ticketing.register(rig.report(customerId, { level: 1 }), AGENT)
      await rig.pass(31 * MINUTE, MINUTE)
      return (await rig.outbox())
        .filter(row => !before.has(row.id) && row.dedup_key.startsWith('clock-breached'))
        .map(row => row.address)
        .sort()
    }
    expect(await breach()).toEqual(['desk@example.com'])
    await user(rig, 'root@example.com', 'admin')
    expect(await breach()).toEqual(['desk@example.com', 'root@example.com'])
    await user(rig, 'other@example.com', 'manager', ['somebody-else'])
    await user(rig, 'mia@example.com', 'manager', [customerId])
    expect(await breach()).toEqual(['desk@example.com', 'mia@example.com'])
  })

  it('after a standstill the highest step speaks for all, and the line passed over is not lost', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    await user(rig, 'mia@example.com', 'manager')
    const { id } = await rig.ticketing.register(rig.report(customerId, { level: 1 }), AGENT)
    rig.time.nowMs += 2 * HOUR
    rig.again()
    await rig.deadlines.runDue()
    expect(await rig.deadlines.runDue()).toBe(0)
    expect(await notices(rig)).toEqual([
      'clock-escalated response 1 overdue 30 desk@example.com',
      'clock-escalated response 1 overdue 30 mia@example.com',
    ])
    expect((await rig.ticketing.read(id)).line).toBe(2)
    expect(await log(rig, id)).toEqual([
      'response 1 started',
      'response 1 breached',
      'response 1 passed-over percent:75',
      'response 1 passed-over percent:100',
      'response 1 escalated overdue:30',
    ])
  })

  it('a change that leaves nothing tells once, and what was told before is not told again', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId, { level: 2 }), AGENT)
    await rig.pass(50 * MINUTE, 5 * MINUTE)
    expect(await notices(rig)).toEqual(['clock-warning response 1 percent 75 desk@example.com'])
    const ticket = await rig.ticketing.patch(id, { level: 1 }, AGENT)
    expect(ticket).toMatchObject({ line: 2, flags: ['breached-by-change'] })
    await rig.pass(10 * MINUTE, MINUTE)
    expect(await notices(rig)).toEqual([
      'clock-breached response 1 percent 100 desk@example.com',
      'clock-warning response 1 percent 75 desk@example.com',
    ])
  })

  it('nothing fires on a ticket that is resolved or closed, and an answer in time leaves no breach', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const ids: string[] = []
    for (const to of ['resolved', 'closed'] as const) {
      const { id } = await rig.ticketing.register(rig.report(customerId, { level: 1 }), AGENT)
      await rig.ticketing.move(id, { to }, AGENT)
      ids.push(id)
    }
    await rig.pass(5 * HOUR, 10 * MINUTE)
    expect(await notices(rig)).toEqual([])
    expect(await log(rig, ids[0] ?? '')).toEqual(['response 1 started', 'response 1 met'])
    expect(await log(rig, ids[1] ?? '')).toEqual(['response 1 started', 'response 1 cancelled'])
  })

  it('writes down how a due time came about', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId, { level: 3 }), AGENT)
    rig.time.nowMs += 20 * MINUTE
    await rig.ticketing.patch(id, { level: 2 }, AGENT)
    rig.time.nowMs += 10 * MINUTE
    await rig.ticketing.write(id, { visibility: 'public', body: 'Which floor?', asks: true }, AGENT)
    rig.time.nowMs += HOUR
    await rig.ticketing.write(id, { visibility: 'public', body: 'The second.' }, CUSTOMER)
    await rig.pass(6 * HOUR + MINUTE, MINUTE)
    expect((await rig.ticketing.clockEvents(id)).map(event => `${event.clock} ${event.cycle} ${event.what}: ${event.text}`)).toEqual([
      'response 1 started: Started: due Mon 16 Nov 18:00 (Europe/Stockholm): 8 h response, Production plan, level 3.',
      'response 1 retargeted: New promise, 20 min used: due Mon 16 Nov 11:00 (Europe/Stockholm): 1 h response, Production plan, level 2.',
      'response 1 met: Met after 30 min of open time.',
      'update 1 started: Started: 2 h update, Production plan, level 2.',
      'update 1 paused: Stands still from the start.',
      'update 1 resumed: Goes on: due Mon 16 Nov 13:30 (Europe/Stockholm): 2 h update, Production plan, level 2.',
      'update 1 warned: 75 % of the target: desk told.',
      'update 1 breached: Overdue: 2 h update, Production plan, level 2.',
      'update 1 escalated: 100 % of the target: desk, manager, partner told.',
      'update 1 reminded: 1 whole update interval missed.',
      'update 1 reminded: 2 whole update intervals missed.',
    ])
  })

  it('on call at night: triage in 15 minutes and a notice in an hour, which has to name an estimate', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'ops-com-premium', timeZone: 'America/New_York' })
    // Saturday night in New York.
    rig.time.nowMs = Date.parse('2026-11-22T03:00:00-05:00')
    const due = (minutes: number): string => new Date(Date.parse('2026-11-22T03:00:00-05:00') + minutes * MINUTE).toISOString()
    const { id } = await rig.ticketing.register(rig.report(customerId, { level: 1, channel: 'email' }), AGENT)
    const minor = await rig.ticketing.register(rig.report(customerId, { level: 3, channel: 'email' }), AGENT)
    expect(await rig.ticketing.read(id)).toMatchObject({
      flags: ['after-hours'],
      clocks: { response: { state: 'running', dueAt: due(15) }, update: { state: 'running', dueAt: due(60) } },
    })
    expect(minor).toMatchObject({
      flags: ['after-hours'],
      clocks: { response: { state: 'best-effort', dueAt: null }, update: { state: 'none' } },
    })
    await rig.pass(10 * MINUTE, MINUTE)
    const { ticket } = await rig.ticketing.write(id, { visibility: 'public', body: 'On call here.' }, AGENT)
    expect(ticket.clocks).toMatchObject({ response: { state: 'met' }, update: { state: 'running', dueAt: due(70) } })
    await rig.pass(50 * MINUTE, MINUTE)
    const warning = (await rig.outbox()).find(row => row.dedup_key.startsWith('clock-warning') && row.dedup_key.includes(':update:2:'))
    expect(warning?.body).toContain('Due soon: 1 h update, Premium plan, level 1; the notice names an estimated time of resolution.')
  })

  it('refuses to rewrite a finished cycle, and to let happen twice what happens once', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId), AGENT)
    await rig.ticketing.write(id, { visibility: 'public', body: 'We are on it.' }, AGENT)
    const before = (await readClocks(rig.db, [id])).get(id) ?? []
    const [finished] = before
    if (!finished) throw new Error('no clock')
    const touched = { ...finished, facts: { ...finished.facts, state: 'breached' as const } }
    await expect(
      inTransaction(rig.db, tx => writeClocks(tx, [{ ticketId: id, before, after: [touched, ...before.slice(1)] }])),
    ).rejects.toThrow(/finished cycle/)
    expect(await readClocks(rig.db, [id])).toEqual(new Map([[id, before]]))
    const running = before.slice(1)
    const ended = running.map(clock => ({ ...clock, facts: stopClock(clock.facts, rig.time.nowMs) }))
    const lines = clockEvents(running, ended, [], rig.time.nowMs).map(event => ({ ticketId: id, event }))
    await inTransaction(rig.db, tx => insertClockEvents(tx, lines, rig.time.nowMs))
    await expect(inTransaction(rig.db, tx => insertClockEvents(tx, lines, rig.time.nowMs))).rejects.toThrow(/unique/i)
  })
})
