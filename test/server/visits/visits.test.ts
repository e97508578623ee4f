/** Visits of partners on both databases: offered by themselves and by hand, answered, expired, done only when the device is well. */
import { describe, expect, it } from 'vitest'
import type { DomainError } from '../../../server/platform/errors.ts'
import { readVisitEvents } from '../../../server/visits/store/visit-store.ts'
import type { VisitMove } from '../../../shared/api/visits/visit-api.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig, type Rig } from '../../support/ticketing-rig.ts'

const MINUTE_MS = 60_000
const byPartner = { actor: 'partner' as const, author: { author_kind: 'partner' as const, author_name: 'Tess' } }
const refusal = (slug: string): DomainError => expect.objectContaining({ slug }) as DomainError

/** A kiosk in a region with two partners, whose display was lost. */
async function lostDisplay(rig: Rig) {
  const partner = (name: string, order: number) =>
    rig.partners.create({ name, email: `${name}@example.com`, regions: ['north'], skills: ['display'], order })
  const [first, second] = [await partner('first', 1), await partner('second', 2)]
  const kiosk = await rig.kiosk({ region: 'north' })
  await rig.contact(kiosk.customerId, 'carl@example.com')
  const ticketId = await rig.fault(kiosk.deviceId, 'display.disconnected')
  const visits = async () => (await rig.visits.list({ ticketId, scope: null, partnerOnly: null })).items
  const ticket = async () => rig.ticketing.read(ticketId)
  const move = async (input: VisitMove) => rig.visits.move((await visits())[0]?.id ?? '', input, byPartner)
  return { ...kiosk, ticketId, first, second, visits, ticket, move }
}
const mails = async (rig: Rig, to: string) => (await rig.outbox()).filter(row => row.address === to)

eachStore('visits', open => {
  describe('offers', () => {
    it('a fault that a person must mend is offered by itself to the first partner', async () => {
      const rig = await makeRig(await open())
      const story = await lostDisplay(rig)
      const [visit] = await story.visits()
      expect(visit).toMatchObject({ state: 'offered', partnerId: story.first.id, deviceId: story.deviceId, link: null })
      expect(Date.parse(visit?.deadlineAt ?? '') - Date.parse(visit?.offeredAt ?? '')).toBe(30 * MINUTE_MS)
      expect((await story.ticket()).status).toBe('waiting-partner')
      const [offer] = (await mails(rig, 'first@example.com')).filter(row => row.dedup_key.startsWith('visit-offered'))
      expect(offer?.link_path).toMatch(/^job\/[\w-]{43}$/)
      const row = await rig.db.selectFrom('visits').selectAll().executeTakeFirstOrThrow()
      expect(JSON.stringify(row)).not.toContain(offer?.link_path?.slice(4))
    })

    it('an offer without an answer goes to the next one, once, also after a restart; then back to the desk', async () => {
      const rig = await makeRig(await open())
      const story = await lostDisplay(rig)
      rig.time.nowMs += 31 * MINUTE_MS
      rig.again()
      await rig.deadlines.runDue()
      await rig.deadlines.runDue()
      expect((await story.visits()).map(visit => [visit.state, visit.partnerId, visit.reason])).toEqual([
        ['offered', story.second.id, null],
        ['declined', story.first.id, 'no answer in 30 min'],
      ])
      await story.move({ to: 'declined', reason: 'no car' })
      expect((await story.ticket()).status).toBe('in-progress')
      expect((await mails(rig, 'desk@example.com')).some(row => row.body.includes('Every partner who could go has declined'))).toBe(true)
    })

    it('who accepts and names no time loses the visit', async () => {
      const rig = await makeRig(await open())
      const story = await lostDisplay(rig)
      await story.move({ to: 'accepted' })
      await rig.pass(31 * MINUTE_MS)
      expect((await story.visits()).map(visit => [visit.state, visit.reason])).toEqual([
        ['offered', null],
        ['declined', 'no time named in 30 min'],
      ])
    })

    it('twenty dispatches at once make one visit', async () => {
      const rig = await makeRig(await open())
      const story = await lostDisplay(rig)
      await rig.visits.move((await story.visits())[0]?.id ?? '', { to: 'cancelled' }, { actor: 'desk', author: AGENT })
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, () => rig.visits.dispatch(story.ticketId, { partnerId: story.second.id }, AGENT)),
      )
      expect(tries.filter(result => result.status === 'fulfilled')).toHaveLength(1)
      for (const result of tries) if (result.status === 'rejected') expect(result.reason).toMatchObject({ slug: 'visit-open' })
      const openOnes = await rig.db.selectFrom('visits').selectAll().where('open_key', 'is not', null).execute()
      expect(openOnes).toHaveLength(1)
    })
  })

  describe('on the way', () => {
    it('is appointed inside the opening hours, with a calendar entry that moves and is called off', async () => {
      const rig = await makeRig(await open())
      const story = await lostDisplay(rig)
      await story.move({ to: 'accepted' })
      await expect(story.move({ to: 'scheduled' })).rejects.toThrow(refusal('invalid-input'))
      await story.move({ to: 'scheduled', at: new Date(rig.time.nowMs + 60 * MINUTE_MS).toISOString() })
      await story.move({ to: 'scheduled', at: new Date(rig.time.nowMs + 90 * MINUTE_MS).toISOString() })
      await rig.ticketing.move(story.ticketId, { to: 'closed' }, AGENT)
      const calendars = (await mails(rig, 'first@example.com')).flatMap(row => (row.calendar === null ? [] : [row.calendar]))
      expect(
        calendars
          .map(text => /METHOD:(\w+)[^]*SEQUENCE:(\d)/.exec(text)?.slice(1).join(' '))
          .toSorted((one = '', other = '') => one.localeCompare(other)),
      ).toEqual(['CANCEL 3', 'REQUEST 1', 'REQUEST 2'])
      expect((await story.visits())[0]).toMatchObject({ state: 'cancelled', reason: 'The ticket is closed: no visit is needed.' })
      const told = (await mails(rig, 'carl@example.com')).map(row => row.body)
      expect(told.some(body => /first comes on Monday, November 16, 2026 at 11:31\sAM \(/.test(body))).toBe(true)
    })

    it('is called off when the fault is over by itself', async () => {
      const rig = await makeRig(await open())
      const story = await lostDisplay(rig)
      await rig.observe({ deviceId: story.deviceId, signal: 'display.disconnected', state: 'ok' })
      await rig.pass(2 * MINUTE_MS)
      expect((await story.visits())[0]).toMatchObject({ state: 'cancelled', reason: 'The fault is over by itself: no visit is needed.' })
      expect((await story.ticket()).status).toBe('resolved')
      expect((await mails(rig, 'first@example.com')).some(row => row.dedup_key.startsWith('visit-cancelled'))).toBe(true)
    })
  })

  describe('done', () => {
    it('only when the device says itself that it is well, and has been heard since', async () => {
      const rig = await makeRig(await open())
      const story = await lostDisplay(rig)
      await story.move({ to: 'accepted' })
      await rig.pass(5 * MINUTE_MS)
      await story.move({ to: 'on-site' })
      await expect(story.move({ to: 'done' })).rejects.toThrow(/Still failing: display.disconnected since 2026-11-16T09:00/)
      await rig.pass(5 * MINUTE_MS)
      await rig.observe({ deviceId: story.deviceId, signal: 'display.disconnected', state: 'ok' })
      await expect(story.move({ to: 'done' })).rejects.toThrow(refusal('signal-still-failing'))
      rig.heard.set(story.deviceId, rig.time.nowMs)
      const done = await story.move({ to: 'done', parts: [{ name: 'HDMI cable', quantity: 1 }], minutes: 20, note: 'new cable' })
      expect(done).toMatchObject({ state: 'done', minutes: 20, parts: [{ name: 'HDMI cable', quantity: 1 }], note: 'new cable' })
      expect(await story.ticket()).toMatchObject({ status: 'resolved' })
      expect((await readVisitEvents(rig.db, done.id)).map(event => event.state)).toEqual(['offered', 'accepted', 'on-site', 'done'])
    })

    it('a ticket without a device is done at once', async () => {
      const rig = await makeRig(await open())
      const customerId = await rig.customer()
      const partner = await rig.partners.create({ name: 'first', email: 'first@example.com', regions: [], skills: [] })
      const ticket = await rig.ticketing.register(rig.report(customerId), AGENT)
      const { visit } = await rig.visits.dispatch(ticket.id, { partnerId: partner.id }, AGENT)
      for (const to of ['accepted', 'on-site', 'done'] as const) await rig.visits.move(visit.id, { to }, byPartner)
      expect((await rig.ticketing.read(ticket.id)).status).toBe('resolved')
    })
  })
})
