/** Beyond the plan, on both databases: the reason is the plan's, nothing is owed, something is offered, and the customer decides. */
import { expect, it } from 'vitest'
import { makeChangeBus } from '../../../server/platform/change-bus.ts'
import { makeTicketScope } from '../../../server/tickets/ticket-scope.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, CUSTOMER, makeRig } from '../../support/ticketing-rig.ts'

const MINUTE = 60_000
const OFFER = { outOfScope: { categories: ['hardware' as const], subjects: ['Antivirus'], offer: 'billable' as const } }

async function makeDesk(open: () => Promise<Parameters<typeof makeRig>[0]>) {
  const rig = await makeRig(await open())
  const scopes = makeTicketScope({ db: rig.db, bus: makeChangeBus(), desk: rig.ticketing.desk, askPartner: rig.visits.dispatch })
  const { customerId, siteId, deviceId } = await rig.kiosk({ planId: 'ombori-production', overrides: OFFER })
  const { id } = await rig.ticketing.register(rig.report(customerId, { deviceId }), AGENT)
  return { rig, scopes, customerId, siteId, id }
}

eachStore('tickets beyond their plan', open => {
  it('owes nothing, asks the customer in its language, and owes nothing again after a change of level or plan', async () => {
    const { rig, scopes, customerId, id } = await makeDesk(open)
    await rig.db.updateTable('customers').set({ language: 'de' }).where('id', '=', customerId).execute()
    const scope = await scopes.exclude(id, { reason: 'Antivirus', estimate: '2 h, 180 EUR' }, AGENT)
    expect(scope).toMatchObject({ reason: 'Antivirus', offers: [{ kind: 'billable', state: 'open', estimate: '2 h, 180 EUR' }] })
    const ticket = await rig.ticketing.read(id)
    expect(ticket).toMatchObject({ status: 'waiting-customer', flags: ['out-of-scope'] })
    expect(ticket.clocks).toMatchObject({ response: { state: 'met' }, update: { dueAt: null } })
    expect(ticket.why.join(' ')).toMatch(/Production plan does not cover it: Antivirus/)
    expect((await rig.outbox()).find(row => row.dedup_key.startsWith('message:'))?.body).toContain(
      'kostenpflichtige Leistung ausführen: 2 h, 180 EUR',
    )
    await rig.ticketing.patch(id, { level: 1 }, AGENT)
    await rig.ticketing.move(id, { to: 'in-progress' }, AGENT)
    await rig.ticketing.write(id, { visibility: 'public', body: 'x' }, AGENT)
    const { clocks } = await rig.ticketing.read(id)
    expect([clocks.response.state, clocks.update.dueAt]).toEqual(['met', null])
    await rig.pass(48 * 60 * MINUTE, 60 * MINUTE)
    expect((await rig.outbox()).some(row => row.dedup_key.startsWith('clock-'))).toBe(false)
  })

  it.each([
    { why: 'the customer itself', author: CUSTOMER, accepted: true, state: 'accepted' },
    { why: 'the desk notes a no by phone', author: AGENT, accepted: false, state: 'declined' },
  ])('is decided once: $why', async ({ author, accepted, state }) => {
    const { rig, scopes, id } = await makeDesk(open)
    await scopes.exclude(id, { reason: 'hardware' }, AGENT)
    expect((await scopes.decide(id, { accepted, note: 'by phone' }, author)).offers).toMatchObject([
      { state, decidedBy: author.author_name },
    ])
    expect((await rig.ticketing.read(id)).status).toBe('in-progress')
    await expect(scopes.decide(id, { accepted: true }, author)).rejects.toMatchObject({ code: 'conflict' })
    const shown = (await rig.ticketing.timeline(id, { isPublicOnly: true, limit: 50 })).items
    expect(shown.some(item => item.text === 'by phone')).toBe(author === CUSTOMER)
  })

  it('takes only reasons that the plan lists, and says which', async () => {
    const { rig, scopes, id } = await makeDesk(open)
    await expect(scopes.exclude(id, { reason: 'I do not like it' }, AGENT)).rejects.toMatchObject({
      errors: [{ path: 'body/reason', message: expect.stringContaining('Antivirus; hardware') as string }],
    })
    const other = await rig.kiosk()
    const covered = await rig.ticketing.register(rig.report(other.customerId), AGENT)
    await expect(scopes.exclude(covered.id, { reason: 'Antivirus' }, AGENT)).rejects.toMatchObject({ code: 'invalid' })
    await expect(scopes.exclude(id, { reason: 'Antivirus', offer: 'partner', estimate: '1 h' }, AGENT)).rejects.toMatchObject({
      code: 'invalid',
    })
    expect((await rig.ticketing.read(id)).flags).toEqual([])
  })

  it('goes to a partner by a visit, or says why nobody goes', async () => {
    const { rig, scopes, id } = await makeDesk(open)
    expect((await scopes.exclude(id, { reason: 'Antivirus', offer: 'partner' }, AGENT)).partnerWhy).toMatch(/partner/i)
    const partner = await rig.partners.create({ name: 'North', email: 'north@example.com', regions: [], skills: [] })
    const scope = await scopes.exclude(id, { reason: 'Antivirus', offer: 'partner', partnerId: partner.id }, AGENT)
    expect([scope.partnerWhy, scope.offers.map(offer => offer.state)]).toEqual([null, ['open', 'withdrawn']])
    expect((await rig.ticketing.read(id)).partnerId).toBe(partner.id)
  })

  it('is covered after all: the deadlines run again', async () => {
    const { rig, scopes, id } = await makeDesk(open)
    await scopes.exclude(id, { reason: 'Antivirus', offer: 'declined' }, AGENT)
    await scopes.include(id, AGENT)
    const ticket = await rig.ticketing.read(id)
    expect(ticket).toMatchObject({ flags: [], clocks: { response: { state: 'met' }, update: { state: 'running' } } })
    expect(ticket.clocks.update.dueAt).not.toBeNull()
    await expect(scopes.include(id, AGENT)).rejects.toMatchObject({ code: 'conflict' })
  })
})
