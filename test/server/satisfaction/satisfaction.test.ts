/** How it was, on both databases: asked once in the closing letter, answered once by its link, counted for the customer. */
import { expect, it } from 'vitest'
import { ASKED_FOR_MS } from '../../../server/satisfaction/rules/satisfaction-rules.ts'
import { makeChangeBus } from '../../../server/platform/change-bus.ts'
import { makeSatisfaction } from '../../../server/satisfaction/satisfaction.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig } from '../../support/ticketing-rig.ts'

eachStore('how it was', open => {
  const makeDesk = async () => {
    const rig = await makeRig(await open())
    const satisfaction = makeSatisfaction({ db: rig.db, now: () => rig.time.nowMs, bus: makeChangeBus() })
    const customerId = await rig.customer()
    const { id } = await rig.ticketing.register(rig.report(customerId), AGENT)
    const links = async () => (await rig.outbox()).flatMap(row => (row.link_path?.startsWith('how-was-it/') ? [row] : []))
    const tokenOf = async () => (await links())[0]?.link_path?.split('/').at(-1) ?? ''
    return { ...rig, satisfaction, customerId, id, links, tokenOf }
  }

  it('is asked once, in the letter of the customer alone, also when the ticket is opened and resolved again', async () => {
    const desk = await makeDesk()
    await desk.ticketing.move(desk.id, { to: 'resolved' }, AGENT)
    await desk.ticketing.move(desk.id, { to: 'in-progress' }, AGENT)
    await desk.ticketing.move(desk.id, { to: 'resolved' }, AGENT)
    const links = await desk.links()
    expect(links.map(row => row.address)).toEqual(['carl@example.com'])
    expect(links[0]?.body).toContain('How did we do?')
    const again = (await desk.outbox()).filter(row => row.dedup_key.startsWith('ticket-resolved:') && row.address === 'carl@example.com')
    expect(again.filter(row => row.body.includes('How did we do?')).length).toBe(1)
  })

  it('is answered once; a comment may follow; both stand on the ticket and in the month', async () => {
    const desk = await makeDesk()
    await desk.ticketing.move(desk.id, { to: 'resolved' }, AGENT)
    const token = await desk.tokenOf()
    expect(await desk.satisfaction.read(token)).toMatchObject({ score: null, language: 'en', subject: 'The queue numbers are wrong' })
    await desk.satisfaction.answer(token, { score: 'good' })
    await desk.satisfaction.answer(token, { score: 'good' })
    expect(await desk.satisfaction.answer(token, { score: 'good', comment: ' Quick! ' })).toMatchObject({ comment: 'Quick!' })
    await expect(desk.satisfaction.answer(token, { score: 'bad' })).rejects.toThrow('answered already')
    expect(await desk.satisfaction.ofTicket(desk.id)).toMatchObject({ score: 'good', comment: 'Quick!' })
    expect(await desk.satisfaction.months(desk.customerId)).toMatchObject([
      { month: '2026-11', asked: 1, answered: 1, good: 1, goodPercent: 100, comments: [{ ticketId: desk.id, comment: 'Quick!' }] },
    ])
    expect(await desk.satisfaction.months(await desk.customer())).toEqual([])
  })

  it('ends after a month, and there is no other link', async () => {
    const desk = await makeDesk()
    await desk.ticketing.move(desk.id, { to: 'resolved' }, AGENT)
    const token = await desk.tokenOf()
    await expect(desk.satisfaction.read(`${token}x`)).rejects.toThrow('no such question')
    desk.time.nowMs += ASKED_FOR_MS
    await expect(desk.satisfaction.answer(token, { score: 'good' })).rejects.toThrow('no such question')
  })
})
