/** Major incidents on both databases: one message, each on its own ticket, nobody sees the others. */
import { expect, it } from 'vitest'
import type { Caller } from '../../../server/platform/caller.ts'
import { makeChangeBus } from '../../../server/platform/change-bus.ts'
import { makeMajors } from '../../../server/majors/majors.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig } from '../../support/ticketing-rig.ts'

const caller = (customerIds: string[] | null = null): Caller => ({
  kind: 'user',
  id: 'u1',
  name: 'Ada of the desk',
  role: 'desk',
  customerIds,
  partnerId: null,
})
const MINUTE = 60_000
const PHONE = '+46 8 123 45 67'

async function makeDesk(open: () => Promise<Parameters<typeof makeRig>[0]>) {
  const rig = await makeRig(await open())
  const majors = makeMajors({
    db: rig.db,
    now: () => rig.time.nowMs,
    bus: makeChangeBus(),
    desk: rig.ticketing.desk,
    catalogue: rig.catalogue,
    escalationPhone: PHONE,
  })
  const customer = async (name: string, more: { planId?: string; language?: string } = {}) => {
    const { customerId, siteId, deviceId } = await rig.kiosk(more)
    await rig.db
      .updateTable('customers')
      .set({ name, language: more.language ?? 'en' })
      .where('id', '=', customerId)
      .execute()
    const email = `${name.toLowerCase()}@example.com`
    const report = rig.report(customerId, { level: 1, reporter: { name, email }, deviceId })
    return { customerId, siteId, deviceId, email, ticketId: (await rig.ticketing.register(report, AGENT)).id }
  }
  return { rig, majors, customer }
}

eachStore('major incidents', open => {
  it('tells all whose plan has the term, each on its own ticket in its language, and restarts each update clock', async () => {
    const { rig, majors, customer } = await makeDesk(open)
    const [alpha, beta, gamma] = [
      await customer('Alphamart', { language: 'de' }),
      await customer('Betastore', { planId: 'ombori-enterprise' }),
      await customer('Gammashop', { planId: 'ombori-pilot' }),
    ]
    const ticketIds = [alpha.ticketId, beta.ticketId, gamma.ticketId]
    const { id, reference } = await majors.raise({ title: 'Payments are down', ticketIds }, caller())
    rig.time.nowMs += 10 * MINUTE
    const answer = await majors.tell(id, { body: 'We work on it.', translations: { de: 'Wir arbeiten daran.' } }, caller())
    expect(answer.told.toSorted()).toEqual([alpha.ticketId, beta.ticketId].toSorted())
    expect(answer.skipped).toMatchObject([
      { ticketId: gamma.ticketId, why: expect.stringContaining('no major incident communication') as string },
    ])
    const mails = (await rig.outbox()).filter(row => row.dedup_key.startsWith('message:'))
    expect(mails.map(row => row.address).toSorted()).toEqual([alpha.email, beta.email])
    expect(mails.find(row => row.address === alpha.email)?.body).toContain(`Wir arbeiten daran.\n\nTelefon für Eskalationen: ${PHONE}`)
    expect(mails.find(row => row.address === beta.email)?.body).not.toMatch(/Alphamart|Gammashop|arbeiten/)
    const detail = await majors.read(id, caller())
    expect(detail.nextUpdateDueAt).toBe(new Date(rig.time.nowMs + 60 * MINUTE).toISOString())
    expect(detail.members.map(one => [one.customerName, one.hears, one.updateDueAt !== null])).toEqual([
      ['Alphamart', true, true],
      ['Betastore', true, true],
      ['Gammashop', false, true],
    ])
    expect(detail.affected.customers.map(one => one.name)).toEqual(['Alphamart', 'Betastore', 'Gammashop'])
    expect(detail.affected.devices).toHaveLength(3)
    expect((await rig.ticketing.read(alpha.ticketId)).flags).toContain('major')
    // What one customer reads names neither the major incident nor anybody else.
    const shown = JSON.stringify(await rig.ticketing.timeline(alpha.ticketId, { isPublicOnly: true, limit: 100 }))
    for (const other of ['Betastore', 'Gammashop', reference]) expect(shown).not.toContain(other)
  })

  it('refuses words about one of them, and keeps nothing of it', async () => {
    const { rig, majors, customer } = await makeDesk(open)
    const [alpha, beta] = [await customer('Alphamart'), await customer('Betastore')]
    const { id } = await majors.raise({ title: 'x', ticketIds: [alpha.ticketId, beta.ticketId] }, caller())
    await expect(majors.tell(id, { body: 'Alphamart is down' }, caller())).rejects.toMatchObject({ code: 'invalid' })
    await expect(majors.tell(id, { body: 'x', translations: { de: 'bei Betastore' } }, caller())).rejects.toMatchObject({
      errors: [{ path: 'body/translations/de' }],
    })
    expect((await rig.outbox()).filter(row => row.dedup_key.startsWith('message:'))).toEqual([])
    expect((await majors.read(id, caller())).history.map(event => event.kind)).toEqual(['began'])
  })

  it('ends with a last message, takes nothing more, and leaves the tickets to be resolved', async () => {
    const { rig, majors, customer } = await makeDesk(open)
    const alpha = await customer('Alphamart')
    const { id } = await majors.raise({ title: 'x', ticketIds: [alpha.ticketId] }, caller())
    expect((await majors.end(id, { body: 'It is over.' }, caller())).told).toEqual([alpha.ticketId])
    expect(await majors.read(id, caller())).toMatchObject({ state: 'ended', nextUpdateDueAt: null })
    expect((await rig.ticketing.read(alpha.ticketId)).status).toBe('in-progress')
    for (const work of [
      () => majors.tell(id, { body: 'x' }, caller()),
      () => majors.end(id, { body: 'x' }, caller()),
      () => majors.add(id, [alpha.ticketId], caller()),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'conflict' })
    expect((await majors.remark(id, 'Looked into it: a certificate.', caller())).history[0]).toMatchObject({ kind: 'note' })
    expect((await majors.list({ state: 'ended', ticketId: alpha.ticketId }, caller())).items.map(item => item.id)).toEqual([id])
  })

  it('is raised from the outage of a site, with its ticket and the devices under it', async () => {
    const { rig, majors, customer } = await makeDesk(open)
    const alpha = await customer('Alphamart')
    const incident = {
      kind: 'site' as const,
      customer_id: alpha.customerId,
      site_id: alpha.siteId,
      signal: 'site.offline',
      component: '',
      level: 1,
      text: 'x',
    }
    const rest = {
      open_key: null,
      unstable: 0,
      evidence: '[]',
      remedies: '[]',
      ladder: 'none' as const,
      started_at: 1,
      ended_at: null,
      opened_count: 1,
      opened_at: 1,
      why: '[]',
      state: 'open' as const,
    }
    await rig.db
      .insertInto('incidents')
      .values([
        { id: 'i1', device_id: null, ticket_id: alpha.ticketId, parent_id: null, ...incident, ...rest },
        { id: 'i2', ...incident, ...rest, kind: 'device', device_id: alpha.deviceId, ticket_id: null, parent_id: 'i1' },
      ])
      .execute()
    const major = await majors.raise({ title: 'Site down', incidentId: 'i1' }, caller())
    expect(major.members.map(one => one.ticket.id)).toEqual([alpha.ticketId])
    expect(major.affected).toMatchObject({ sites: [{ id: alpha.siteId }], devices: [{ id: alpha.deviceId }] })
    await expect(majors.raise({ title: 'x', incidentId: 'i2' }, caller())).rejects.toMatchObject({ code: 'invalid' })
    await expect(majors.raise({ title: 'x' }, caller())).rejects.toMatchObject({ code: 'invalid' })
  })

  it('opens a ticket for each customer that an outage of the platform concerns, once, where the plan has the term', async () => {
    const { rig, majors, customer } = await makeDesk(open)
    const [alpha, beta, gamma] = [
      await customer('Alphamart', { language: 'de' }),
      await customer('Betastore'),
      await customer('Gammashop', { planId: 'ombori-pilot' }),
    ]
    for (const { customerId, email } of [alpha, beta, gamma]) await rig.contact(customerId, email)
    const rest = {
      signal: 'agent.offline',
      component: '',
      level: 1,
      text: 'x',
      open_key: null,
      unstable: 0,
      evidence: '[]',
      remedies: '[]',
      ladder: 'none' as const,
      started_at: 1,
      ended_at: null,
      opened_count: 1,
      opened_at: 1,
      why: '[]',
      state: 'open' as const,
      ticket_id: null,
    }
    const below = [alpha, beta, gamma].map(({ customerId, siteId, deviceId }, at) => ({
      ...rest,
      id: `d${at}`,
      kind: 'device' as const,
      customer_id: customerId,
      site_id: siteId,
      device_id: deviceId,
      parent_id: 'p1',
    }))
    const platform = { ...rest, id: 'p1', kind: 'platform' as const, customer_id: null, site_id: null, device_id: null, parent_id: null }
    await rig.db
      .insertInto('incidents')
      .values([platform, ...below])
      .execute()
    const { id } = await majors.raise({ title: 'Platform', incidentId: 'p1' }, caller())
    const words = { subject: 'No contact', body: 'It is us.', translations: { de: 'Es liegt an uns.' } }
    await expect(majors.openTickets(id, { ...words, subject: 'Betastore is away' }, caller())).rejects.toMatchObject({ code: 'invalid' })
    const answer = await majors.openTickets(id, words, caller())
    expect([answer.opened.length, answer.skipped.map(one => one.customerId)]).toEqual([2, [gamma.customerId]])
    expect((await majors.openTickets(id, words, caller())).opened).toEqual([])
    const mine = (await rig.tickets()).filter(row => answer.opened.includes(row.id))
    expect(mine.find(row => row.customer_id === alpha.customerId)?.description).toBe(
      `Es liegt an uns.\n\nTelefon für Eskalationen: ${PHONE}`,
    )
    expect(mine.every(row => row.level === 1 && row.source === 'monitoring' && row.flags.includes('major'))).toBe(true)
    expect((await rig.ticketing.read(answer.opened[0] ?? '')).clocks.response.state).toBe('running')
    expect((await majors.tell(id, { body: 'Better soon.' }, caller())).told.toSorted()).toEqual(answer.opened.toSorted())
  })

  it('takes a ticket out again, and is led only by who sees all customers', async () => {
    const { rig, majors, customer } = await makeDesk(open)
    const [alpha, beta] = [await customer('Alphamart'), await customer('Betastore')]
    const { id } = await majors.raise({ title: 'x', ticketIds: [alpha.ticketId] }, caller())
    await majors.add(id, [alpha.ticketId, beta.ticketId], caller())
    const limited = caller([alpha.customerId])
    const seen = await majors.read(id, limited)
    expect(JSON.stringify([seen.members, seen.affected])).not.toMatch(/Betastore/)
    for (const work of [
      () => majors.tell(id, { body: 'x' }, limited),
      () => majors.raise({ title: 'x', ticketIds: [alpha.ticketId] }, limited),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'forbidden' })
    await majors.remove(id, beta.ticketId, caller())
    expect((await rig.ticketing.read(beta.ticketId)).flags).not.toContain('major')
    expect((await majors.list({}, limited)).items[0]?.tickets).toBe(1)
  })
})
