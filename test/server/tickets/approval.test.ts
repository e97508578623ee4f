import { expect, it } from 'vitest'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig, type Rig } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const MANY = 50
const iso = (atMs: number): string => new Date(atMs).toISOString()
const oneCase = { cases: { perMonth: 1, beyond: 'approval' as const, payPerIncident: false } }

/** A case beyond the quota; the first one of the month is spent. */
async function beyondQuota(rig: Rig): Promise<string> {
  const { customerId } = await rig.kiosk({ overrides: oneCase })
  await rig.contact(customerId, 'carl@example.com')
  await rig.ticketing.register(rig.report(customerId), AGENT)
  return (await rig.ticketing.register(rig.report(customerId), AGENT)).id
}

eachStore('approval', open => {
  it('owes nothing until it is approved, then everything from then on, and says who and why', async () => {
    const rig = await makeRig(await open())
    const id = await beyondQuota(rig)
    const before = await rig.ticketing.read(id)
    expect(before).toMatchObject({ flags: ['case-quota-exceeded'], approvedAt: null, clocks: { response: { state: 'none', dueAt: null } } })
    await rig.pass(5 * HOUR, HOUR)
    const approved = await rig.ticketing.approve(id, { reason: 'a good customer' }, AGENT)
    expect(approved).toMatchObject({
      approvedAt: iso(rig.time.nowMs),
      clocks: { response: { state: 'running', usedMinutes: 0, dueAt: iso(rig.time.nowMs + HOUR) }, update: { state: 'none' } },
    })
    expect(approved.why).toContain('Approved beyond the case quota by Ada of the desk: the deadlines run from then.')
    const { items } = await rig.ticketing.timeline(id, { isPublicOnly: false, limit: 100 })
    expect(items.find(item => item.kind === 'approved')).toMatchObject({
      text: 'Approved beyond the case quota: a good customer',
      author: { name: 'Ada of the desk' },
      visibility: 'internal',
    })
    await rig.pass(HOUR + MINUTE, MINUTE)
    expect((await rig.ticketing.read(id)).clocks.response.state).toBe('breached')
    expect((await rig.outbox()).filter(row => row.dedup_key.startsWith('ticket-approved')).map(row => row.address)).toEqual([
      'carl@example.com',
      'desk@example.com',
    ])
  })

  it('does not owe again what was answered before', async () => {
    const rig = await makeRig(await open())
    const id = await beyondQuota(rig)
    await rig.ticketing.write(id, { visibility: 'public', body: 'We have to ask first.' }, AGENT)
    rig.time.nowMs += HOUR
    const approved = await rig.ticketing.approve(id, { reason: 'agreed' }, AGENT)
    expect(approved.clocks).toMatchObject({
      response: { state: 'none' },
      update: { state: 'running', dueAt: iso(rig.time.nowMs + 2 * HOUR) },
    })
  })

  it('says why there is nothing to approve', async () => {
    const rig = await makeRig(await open())
    const id = await beyondQuota(rig)
    const { customerId } = await rig.kiosk()
    const plain = await rig.ticketing.register(rig.report(customerId), AGENT)
    const refused = (ticketId: string) => rig.ticketing.approve(ticketId, { reason: 'x' }, AGENT).catch((error: Error) => error.message)
    expect(await refused(plain.id)).toMatch(/waits for no approval/)
    await rig.ticketing.move(id, { to: 'closed' }, AGENT)
    expect(await refused(id)).toMatch(/is closed: open it again/)
    await rig.ticketing.move(id, { to: 'in-progress' }, AGENT)
    await rig.ticketing.approve(id, { reason: 'agreed' }, AGENT)
    expect(await refused(id)).toMatch(/was approved already/)
    await expect(rig.ticketing.approve(id, { reason: 'x' }, AGENT)).rejects.toMatchObject({ code: 'conflict', slug: 'nothing-to-approve' })
    await expect(rig.ticketing.approve('nobody', { reason: 'x' }, AGENT)).rejects.toMatchObject({ code: 'not-found' })
  })
})

eachStore('many at once', open => {
  it('counts cases exactly: those beyond the quota are flagged, no other', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk({ overrides: { cases: { perMonth: 20, beyond: 'approval', payPerIncident: false } } })
    const tickets = await Promise.all(Array.from({ length: MANY }, () => rig.ticketing.register(rig.report(customerId), AGENT)))
    const beyond = tickets.filter(ticket => ticket.flags.includes('case-quota-exceeded'))
    expect(beyond).toHaveLength(MANY - 20)
    const used = beyond.map(ticket => Number(/(\d+) of 20 cases/.exec(ticket.why.join())?.[1]))
    expect(used.toSorted((one, other) => one - other)).toEqual(Array.from({ length: MANY - 20 }, (_, index) => 20 + index))
    expect(beyond.every(ticket => ticket.clocks.response.state === 'none')).toBe(true)
  })

  it('approves once', async () => {
    const rig = await makeRig(await open())
    const id = await beyondQuota(rig)
    const outcomes = await Promise.allSettled(Array.from({ length: MANY }, () => rig.ticketing.approve(id, { reason: 'agreed' }, AGENT)))
    expect(outcomes.filter(outcome => outcome.status === 'fulfilled')).toHaveLength(1)
    const rows = await rig.db.selectFrom('clocks').select(['kind', 'cycle', 'state']).where('ticket_id', '=', id).orderBy('cycle').execute()
    expect(rows).toEqual([
      { kind: 'response', cycle: 1, state: 'cancelled' },
      { kind: 'response', cycle: 2, state: 'running' },
    ])
    const notes = await rig.db.selectFrom('ticket_events').select('id').where('ticket_id', '=', id).where('kind', '=', 'approved').execute()
    expect(notes).toHaveLength(1)
  })

  it('answers and changes of level leave one history of the clocks', async () => {
    const rig = await makeRig(await open())
    const { customerId } = await rig.kiosk()
    const { id } = await rig.ticketing.register(rig.report(customerId), AGENT)
    rig.time.nowMs += 10 * MINUTE
    await Promise.all(
      Array.from({ length: MANY }, (_, index) =>
        index % 2 === 0
          ? rig.ticketing.write(id, { visibility: 'public', body: `word ${index}` }, AGENT)
          : rig.ticketing.patch(id, { level: ((index >> 1) % 2) + 1 }, AGENT),
      ),
    )
    const rows = await rig.db.selectFrom('clocks').selectAll().where('ticket_id', '=', id).orderBy('kind').orderBy('cycle').execute()
    const updates = rows.filter(row => row.kind === 'update')
    expect(rows.filter(row => row.kind === 'response').map(row => row.state)).toEqual(['met'])
    expect(updates.map(row => row.cycle)).toEqual(Array.from({ length: MANY / 2 }, (_, index) => index + 1))
    expect(updates.filter(row => row.ended_at === null).map(row => row.cycle)).toEqual([MANY / 2])
    const events = await rig.ticketing.clockEvents(id)
    const ended = events.filter(event => event.clock === 'update' && event.what === 'met')
    expect(events.filter(event => event.clock === 'update' && event.what === 'started')).toHaveLength(MANY / 2)
    expect(new Set(ended.map(event => event.cycle)).size).toBe(MANY / 2 - 1)
    const { level, clocks } = await rig.ticketing.read(id)
    expect(clocks.update.dueAt).toBe(iso(rig.time.nowMs + (level === 1 ? HOUR : 2 * HOUR)))
  })
})
