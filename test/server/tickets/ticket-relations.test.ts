/** Merged, tied and watched tickets on both databases: where words go, what is owed, who is told. */
import { expect, it } from 'vitest'
import { makeChangeBus } from '../../../server/platform/change-bus.ts'
import { makeTicketRelations } from '../../../server/tickets/ticket-relations.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, CUSTOMER, makeRig, type Rig } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000
const everybody = { userId: null, sees: () => true }

async function makeDesk(open: () => Promise<Parameters<typeof makeRig>[0]>) {
  const rig = await makeRig(await open())
  const relations = makeTicketRelations({ db: rig.db, now: () => rig.time.nowMs, bus: makeChangeBus(), desk: rig.ticketing.desk })
  const { customerId, deviceId } = await rig.kiosk()
  const register = async (subject: string, email: string): Promise<string> =>
    (await rig.ticketing.register(rig.report(customerId, { subject, reporter: { name: email, email } }), AGENT)).id
  return { rig, relations, customerId, deviceId, register }
}
const messages = async (rig: Rig, id: string): Promise<string[]> =>
  (await rig.ticketing.timeline(id, { isPublicOnly: true, limit: 50 })).items.filter(item => item.kind === 'message').map(item => item.text)
const told = async (rig: Rig, ticketId: string, kind: string): Promise<string[]> =>
  (await rig.outbox())
    .filter(row => row.ticket_id === ticketId && row.dedup_key.startsWith(`${kind}:`))
    .map(row => row.address)
    .toSorted()

eachStore('relations of tickets', open => {
  it('merges: clocks end, words go where it goes on, the reporter hears there, and nothing moves on the old one', async () => {
    const { rig, relations, register } = await makeDesk(open)
    const [one, into] = [await register('Numbers wrong', 'ann@example.com'), await register('Queue broken', 'bob@example.com')]
    const before = await rig.ticketing.read(into)
    await relations.merge(one, { intoTicketId: into, reason: 'the same queue' }, AGENT)
    const merged = await rig.ticketing.read(one)
    expect(merged).toMatchObject({ status: 'closed', mergedIntoId: into, clocks: { response: { state: 'cancelled' } } })
    expect(merged.clocks.response.why).toMatch(/merged into KK-/)
    expect((await rig.ticketing.read(into)).clocks).toEqual(before.clocks)

    const answer = await rig.ticketing.write(one, { visibility: 'public', body: 'Any news?' }, CUSTOMER)
    expect(answer.ticket.id).toBe(into)
    expect([await messages(rig, one), await messages(rig, into)]).toEqual([[], ['Any news?']])
    await rig.ticketing.write(into, { visibility: 'public', body: 'On it.' }, AGENT)
    expect(await told(rig, into, 'message')).toEqual(['ann@example.com', 'bob@example.com', 'desk@example.com'])
    const refused = [
      () => rig.ticketing.move(one, { to: 'in-progress' }, AGENT),
      () => rig.ticketing.patch(one, { level: 1 }, AGENT),
      () => relations.merge(one, { intoTicketId: into }, AGENT),
      () => relations.merge(into, { intoTicketId: one }, AGENT),
    ]
    for (const work of refused) await expect(work()).rejects.toMatchObject({ code: 'conflict' })
    await rig.pass(8 * 60 * MINUTE, 30 * MINUTE)
    expect(await told(rig, one, 'clock-breached')).toEqual([])
  })

  it('follows a chain to its end, and refuses every circle', async () => {
    const { rig, relations, register } = await makeDesk(open)
    const [a, b, c] = [await register('a', 'a@example.com'), await register('b', 'b@example.com'), await register('c', 'c@example.com')]
    await relations.merge(a, { intoTicketId: b }, AGENT)
    await relations.merge(b, { intoTicketId: c }, AGENT)
    await expect(relations.merge(c, { intoTicketId: a }, AGENT)).rejects.toMatchObject({ slug: 'relation-refused' })
    expect((await rig.ticketing.write(a, { visibility: 'public', body: 'x' }, CUSTOMER)).ticket.id).toBe(c)
    expect((await relations.view(c, everybody)).merged.map(item => item.id)).toEqual([b])
  })

  it('undoes a merge within the hour, and owes again', async () => {
    const { rig, relations, register } = await makeDesk(open)
    const [one, into] = [await register('Numbers wrong', 'ann@example.com'), await register('Queue broken', 'bob@example.com')]
    await relations.merge(one, { intoTicketId: into }, AGENT)
    rig.time.nowMs += 5 * MINUTE
    await relations.unmerge(one, AGENT)
    expect(await rig.ticketing.read(one)).toMatchObject({ status: 'new', mergedIntoId: null, clocks: { response: { state: 'running' } } })
    expect((await relations.view(into, everybody)).watchers).toEqual([])
    await relations.merge(one, { intoTicketId: into }, AGENT)
    rig.time.nowMs += 61 * MINUTE
    await expect(relations.unmerge(one, AGENT)).rejects.toMatchObject({ slug: 'relation-refused' })
  })

  it('two who merge two tickets into each other at once: one wins', async () => {
    const { relations, register, rig } = await makeDesk(open)
    const [a, b] = [await register('a', 'a@example.com'), await register('b', 'b@example.com')]
    const outcomes = await Promise.allSettled([
      relations.merge(a, { intoTicketId: b }, AGENT),
      relations.merge(b, { intoTicketId: a }, AGENT),
    ])
    expect(outcomes.map(outcome => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect((await rig.tickets()).filter(row => row.merged_into_id !== null)).toHaveLength(1)
  })

  it('notes on the ticket it goes on in that the fault of a merged one is over', async () => {
    const { rig, relations, deviceId, register } = await makeDesk(open)
    const into = await register('All dark', 'bob@example.com')
    const fault = await rig.fault(deviceId)
    await relations.merge(fault, { intoTicketId: into }, AGENT)
    await rig.observe({ deviceId, signal: 'screen.blank', state: 'ok' })
    await rig.pass(10 * MINUTE, MINUTE)
    expect((await rig.ticketing.read(into)).status).toBe('new')
    const lines = (await rig.ticketing.timeline(into, { isPublicOnly: false, limit: 50 })).items
    expect(lines.filter(item => item.kind === 'recovered')).toHaveLength(1)
  })

  it('resolves the open parts of a ticket, each told in its own', async () => {
    const { rig, relations, register } = await makeDesk(open)
    const parent = await register('Migration', 'a@example.com')
    const parts = [await register('Menu wrong', 'b@example.com'), await register('Prices wrong', 'c@example.com')]
    for (const part of parts) await relations.link(part, { kind: 'child', ticketId: parent }, AGENT)
    await expect(relations.link(parent, { kind: 'child', ticketId: parts[0] ?? '' }, AGENT)).rejects.toMatchObject({
      slug: 'relation-refused',
    })
    expect((await relations.view(parent, everybody)).children).toHaveLength(2)
    await relations.resolveParts(parent, { message: 'The migration is done.' }, AGENT)
    for (const part of parts) {
      expect((await rig.ticketing.read(part)).status).toBe('resolved')
      expect(await messages(rig, part)).toEqual(['The migration is done.'])
    }
    expect((await rig.ticketing.read(parent)).status).toBe('new')
    await expect(relations.resolveParts(parent, {}, AGENT)).rejects.toMatchObject({ slug: 'relation-refused' })
  })

  it('tells watchers: contacts what the customer hears, staff notes too, nobody reminders', async () => {
    const { rig, relations, customerId, register } = await makeDesk(open)
    const contactId = await rig.contact(customerId, 'carl@example.com')
    await rig.db
      .insertInto('users')
      .values({
        id: 'u1',
        email: 'Ada@desk.example',
        name: 'Ada',
        role: 'desk',
        customer_ids: '[]',
        password_hash: 'x',
        disabled_at: null,
        created_at: 0,
      })
      .execute()
    const id = await register('Numbers wrong', 'ann@example.com')
    await relations.watch(id, { contactId }, AGENT)
    await relations.watch(id, { userId: 'u1' }, AGENT)
    await relations.watch(id, { userId: 'u1' }, AGENT)
    expect((await relations.view(id, { userId: 'u1', sees: () => true })).isWatching).toBe(true)
    await rig.ticketing.write(id, { visibility: 'internal', body: 'a secret' }, AGENT)
    expect(await told(rig, id, 'message')).toEqual(['Ada@desk.example'])
    await rig.ticketing.write(id, { visibility: 'public', body: 'On it.' }, AGENT)
    expect(await told(rig, id, 'message')).toEqual(['Ada@desk.example', 'Ada@desk.example', 'ann@example.com', 'carl@example.com'])
    const secrets = (await rig.outbox()).filter(row => row.body.includes('a secret'))
    expect(secrets.map(row => row.address)).toEqual(['Ada@desk.example'])
    await rig.pass(4 * 60 * MINUTE, 30 * MINUTE)
    expect(await told(rig, id, 'clock-warning')).not.toContain('Ada@desk.example')

    await rig.db.updateTable('users').set({ disabled_at: 1 }).where('id', '=', 'u1').execute()
    await rig.ticketing.write(id, { visibility: 'internal', body: 'another' }, AGENT)
    expect((await rig.outbox()).filter(row => row.body.includes('another'))).toEqual([])
    const other = await rig.kiosk()
    const stranger = await rig.contact(other.customerId, 'eve@example.com')
    await expect(relations.watch(id, { contactId: stranger }, AGENT)).rejects.toMatchObject({ code: 'invalid' })
  })

  it('says who had it, when and why, and changes many at once', async () => {
    const { rig, relations, register } = await makeDesk(open)
    const ids = [await register('a', 'a@example.com'), await register('b', 'b@example.com')]
    await rig.ticketing.patch(ids[0] ?? '', { line: 2, reason: 'Needs the database people' }, AGENT)
    expect(await relations.handOvers(ids[0] ?? '')).toMatchObject([
      { kind: 'line', by: 'Ada of the desk', why: 'Needs the database people' },
    ])
    const answer = await relations.changeMany({ ticketIds: [...ids, 'nope'], assignee: 'u1', level: 3 }, AGENT)
    expect(answer.done).toEqual(ids)
    expect(answer.refused).toMatchObject([{ ticketId: 'nope', slug: 'not-found' }])
    expect((await rig.tickets()).map(row => [row.assignee_user_id, row.level])).toEqual([
      ['u1', 3],
      ['u1', 3],
    ])
  })
})
