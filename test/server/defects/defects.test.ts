/** Defects on both databases: linked, rated, told through tickets, and never seen outside. */
import { expect, it } from 'vitest'
import type { Caller } from '../../../server/platform/caller.ts'
import { makeChangeBus } from '../../../server/platform/change-bus.ts'
import { makeDefects } from '../../../server/defects/defects.ts'
import { makeTicketRelations } from '../../../server/tickets/ticket-relations.ts'
import { inTransaction } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig } from '../../support/ticketing-rig.ts'

const caller = (role: Caller['role'], customerIds: string[] | null = null): Caller => ({
  kind: 'user',
  id: role,
  name: `The ${role}`,
  role,
  customerIds,
  partnerId: null,
})
const desk = caller('desk')
const manager = caller('manager')
const input = { class: 'crash', title: 'Secret title of the defect', impact: 'The till stops' } as const

async function makeDesk(open: () => Promise<Parameters<typeof makeRig>[0]>) {
  const rig = await makeRig(await open())
  const deps = { db: rig.db, now: () => rig.time.nowMs, bus: makeChangeBus(), desk: rig.ticketing.desk }
  const defects = makeDefects({ ...deps, catalogue: rig.catalogue })
  await inTransaction(rig.db, tx =>
    rig.catalogue.putProduct(tx, {
      id: 'monitor',
      product: { name: 'Monitor', releases: [{ version: '8.1.0', releasedOn: '2026-11-01' }] },
      by: 'test',
    }),
  )
  const customer = async (language: string) => {
    const { customerId } = await rig.kiosk()
    await rig.db.updateTable('customers').set({ language }).where('id', '=', customerId).execute()
    const email = `${language}@example.com`
    const ticket = await rig.ticketing.register(rig.report(customerId, { reporter: { name: language, email } }), AGENT)
    return { customerId, ticketId: ticket.id }
  }
  return { rig, defects, relations: makeTicketRelations(deps), german: await customer('de'), english: await customer('en') }
}

eachStore('defects', open => {
  it('tells the estimate and the fix on each ticket once, in its language, and meets its clocks', async () => {
    const { rig, defects, german, english } = await makeDesk(open)
    const { id, reference } = await defects.make({ ...input, ticketId: german.ticketId }, desk)
    await defects.link(id, english.ticketId, desk)
    await defects.link(id, english.ticketId, desk)
    await defects.comment(id, 'A secret comment', desk)
    await expect(defects.send(id, { what: 'estimate' }, desk)).rejects.toMatchObject({ code: 'invalid' })
    await defects.patch(id, { estimateOn: '2026-12-01', status: 'confirmed' }, desk)
    expect((await defects.letter(id, 'estimate', desk)).recipients.map(one => [one.language, one.isTold])).toEqual([
      ['de', false],
      ['en', false],
    ])
    const sent = await defects.send(id, { what: 'estimate', texts: { en: 'Expect it on the first.' } }, desk)
    expect(sent.told.toSorted()).toEqual([german.ticketId, english.ticketId].toSorted())
    expect((await defects.send(id, { what: 'estimate' }, desk)).told).toEqual([])
    const mails = (await rig.outbox()).filter(row => row.dedup_key.startsWith('message:'))
    expect(mails.find(row => row.address === 'de@example.com')?.body).toContain('1. Dezember 2026')
    expect(mails.find(row => row.address === 'en@example.com')?.body).toContain('Expect it on the first.')
    expect((await rig.ticketing.read(german.ticketId)).clocks).toMatchObject({ response: { state: 'met' }, update: { state: 'running' } })

    await expect(defects.patch(id, { status: 'fixed' }, desk)).rejects.toMatchObject({ code: 'invalid' })
    await expect(defects.patch(id, { fixedIn: { productId: 'monitor', version: '9.0.0' } }, desk)).rejects.toMatchObject({
      code: 'invalid',
    })
    await defects.patch(id, { status: 'fixed', fixedIn: { productId: 'monitor', version: '8.1.0' } }, desk)
    expect((await defects.send(id, { what: 'fix' }, desk)).told).toHaveLength(2)
    const everything = JSON.stringify(await rig.outbox())
    for (const secret of [reference, 'Secret title', 'secret comment', id]) expect(everything).not.toContain(secret)
    const shown = await rig.ticketing.timeline(german.ticketId, { isPublicOnly: true, limit: 100 })
    expect(JSON.stringify(shown)).not.toMatch(/DF-\d|Secret title/)
    expect((await defects.read(id, desk)).history.map(event => event.kind)).toContain('told')
  })

  it('tells two tickets that became one once', async () => {
    const { rig, defects, relations, german } = await makeDesk(open)
    const other = (await rig.ticketing.register(rig.report(german.customerId, { subject: 'x' }), AGENT)).id
    const { id } = await defects.make({ ...input, ticketId: german.ticketId }, desk)
    await defects.link(id, other, desk)
    await relations.merge(other, { intoTicketId: german.ticketId }, AGENT)
    await defects.patch(id, { estimateOn: '2026-12-01' }, desk)
    const sent = await defects.send(id, { what: 'estimate' }, desk)
    expect([sent.told, sent.skipped.map(one => one.ticketId)]).toEqual([[german.ticketId], [other]])
  })

  it('is rated by managers, and refuses what somebody has not seen', async () => {
    const { defects } = await makeDesk(open)
    await expect(defects.make({ ...input, severity: 1 }, desk)).rejects.toMatchObject({ code: 'forbidden' })
    const { id, severity } = await defects.make(input, desk)
    expect(severity).toBeNull()
    await expect(defects.patch(id, { severity: 1 }, desk)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await defects.patch(id, { severity: 1, version: 1 }, manager)).toMatchObject({ severity: 1, version: 2 })
    await expect(defects.patch(id, { title: 'x', version: 1 }, desk)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('shows and tells whoever is limited to some customers only those', async () => {
    const { rig, defects, german, english } = await makeDesk(open)
    const { id } = await defects.make({ ...input, ticketId: german.ticketId }, desk)
    await defects.link(id, english.ticketId, desk)
    const limited = caller('desk', [german.customerId])
    expect((await defects.read(id, limited)).linked.map(one => one.ticket.id)).toEqual([german.ticketId])
    expect((await defects.list({}, limited)).items[0]?.tickets).toBe(1)
    await defects.patch(id, { estimateOn: '2026-12-01' }, desk)
    expect((await defects.send(id, { what: 'estimate' }, limited)).told).toEqual([german.ticketId])
    expect((await rig.ticketing.read(english.ticketId)).clocks.response.state).toBe('running')
    expect((await defects.list({ ticketId: english.ticketId, q: 'secret title', class: 'crash', status: 'open' }, desk)).total).toBe(1)
    await defects.unlink(id, english.ticketId, desk)
    expect((await defects.list({ ticketId: english.ticketId }, desk)).total).toBe(0)
  })
})
