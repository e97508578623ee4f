/** Chat on both databases: within the plan, within hours told in words, a ticket like any other, public words alone, and an end. */
import { expect, it } from 'vitest'
import { chatWords, conversationEndsAt } from '../../../server/chat/rules/chat-words.ts'
import { makeChangeBus } from '../../../server/platform/change-bus.ts'
import { MAX_AN_HOUR, makeChats } from '../../../server/chat/chats.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig } from '../../support/ticketing-rig.ts'

const HOUR_MS = 3_600_000
const facts = { isInPlan: true, isOpen: true, opensAt: null, channels: ['form', 'email', 'phone'] as const }
it.each([
  ['somebody is there', facts, 'We are here and answer as soon as we can.'],
  [
    'closed, with a time',
    { ...facts, isOpen: false, opensAt: 'Monday' },
    'We are closed right now and answer from Monday. You can write already.',
  ],
  ['closed for good', { ...facts, isOpen: false }, 'We are closed right now. You can write already.'],
  [
    'not in the plan',
    { ...facts, isInPlan: false },
    'Support does not answer by chat here. Please use the online form or e-mail or phone.',
  ],
  [
    'a plan without any way',
    { ...facts, isInPlan: false, channels: [] },
    'This chat is not answered. Please ask the shop how to reach support.',
  ],
])('words where %s', (_reason, given, words) => expect(chatWords(given)).toBe(words))
it.each([
  ['a day after its last word', 0, 2 * HOUR_MS, 26 * HOUR_MS],
  ['a week after it began at the latest', 0, 160 * HOUR_MS, 168 * HOUR_MS],
])('ends %s', (_reason, created, last, ends) => expect(conversationEndsAt(created, last)).toBe(ends))

eachStore('a chat', open => {
  const makeDesk = async (planId = 'ombori-production') => {
    const rig = await makeRig(await open())
    const bus = makeChangeBus()
    const chats = makeChats({ db: rig.db, now: () => rig.time.nowMs, bus, ticketing: rig.ticketing })
    const customerId = await rig.customer({ planId })
    const { key } = await chats.putWidget(customerId, { origins: ['https://shop.example'] })
    return { ...rig, bus, chats, customerId, key: key ?? '' }
  }
  const hello = { name: 'Vera', email: 'vera@visitor.example', text: 'The kiosk ate my money\nIn aisle 4.' }

  it('is a ticket with channel chat; both sides write on it, and the visitor sees public words alone', async () => {
    const desk = await makeDesk()
    const { token, conversation } = await desk.chats.open(desk.key, hello)
    const [ticket] = await desk.tickets()
    expect(ticket).toMatchObject({ channel: 'chat', subject: 'The kiosk ate my money', customer_id: desk.customerId, level: 3 })
    expect(conversation).toMatchObject({ reference: ticket?.reference, isOver: false, words: 'We are here and answer as soon as we can.' })
    const id = ticket?.id ?? ''
    await desk.ticketing.write(id, { visibility: 'internal', body: 'SECRET' }, AGENT)
    await desk.ticketing.write(id, { visibility: 'public', body: 'Which kiosk?', asks: true }, AGENT)
    expect((await desk.ticketing.read(id)).status).toBe('waiting-customer')
    const after = await desk.chats.write(token, 'The left one')
    expect(after.messages.map(message => [message.from, message.name, message.text])).toEqual([
      ['you', 'Vera', hello.text],
      ['support', 'Ada of the desk', 'Which kiosk?'],
      ['you', 'Vera', 'The left one'],
    ])
    expect((await desk.ticketing.read(id)).status).toBe('in-progress')
    expect(JSON.stringify(after)).not.toContain('SECRET')
  })

  it('outside the plan is refused with how to reach the desk; outside hours it says from when', async () => {
    const none = await makeDesk('ombori-pilot')
    expect(await none.chats.door(none.key)).toMatchObject({ isInPlan: false })
    await expect(none.chats.open(none.key, hello)).rejects.toMatchObject({ slug: 'channel-not-in-plan' })
    expect(await none.tickets()).toEqual([])
    const desk = await makeDesk()
    desk.time.nowMs = Date.parse('2026-11-16T22:00:00+01:00')
    expect((await desk.chats.door(desk.key)).words).toMatch(/closed right now and answer from Tuesday, November 17, 2026 at 8:00\sAM/)
  })

  it('ends: its secret is nothing a day after the last word, and nobody else’s is anything', async () => {
    const desk = await makeDesk()
    const { token } = await desk.chats.open(desk.key, hello)
    desk.time.nowMs += 20 * HOUR_MS
    await desk.chats.write(token, 'Still there?')
    desk.time.nowMs += 20 * HOUR_MS
    await desk.chats.read(token)
    desk.time.nowMs += 4 * HOUR_MS
    for (const call of [() => desk.chats.read(token), () => desk.chats.write(token, 'x'), () => desk.chats.follow(token, () => undefined)])
      await expect(call()).rejects.toThrow('no such conversation')
    await expect(desk.chats.read('kst_guess')).rejects.toThrow('no such conversation')
    await expect(desk.chats.open('nokey', hello)).rejects.toThrow('no such chat')
  })

  it('follows its own ticket alone, and a closed one takes no more words', async () => {
    const desk = await makeDesk()
    const { token } = await desk.chats.open(desk.key, hello)
    const id = (await desk.tickets())[0]?.id ?? ''
    let heard = 0
    const stop = await desk.chats.follow(token, () => (heard += 1))
    desk.bus.publish([{ kind: 'ticket', id, customerId: desk.customerId }])
    desk.bus.publish([{ kind: 'ticket', id: 'another', customerId: desk.customerId }])
    stop()
    desk.bus.publish([{ kind: 'ticket', id, customerId: desk.customerId }])
    expect(heard).toBe(1)
    await desk.ticketing.move(id, { to: 'closed' }, AGENT)
    expect(await desk.chats.read(token)).toMatchObject({ isOver: true })
    await expect(desk.chats.write(token, 'x')).rejects.toThrow('closed')
  })

  it('a flood of one customer’s visitors is stopped, and nobody else’s; switched off it is gone', async () => {
    const desk = await makeDesk()
    for (let n = 0; n < MAX_AN_HOUR; n += 1) await desk.chats.open(desk.key, { name: 'V', text: 'x' })
    await expect(desk.chats.open(desk.key, hello)).rejects.toMatchObject({ slug: 'too-many-requests' })
    const other = await desk.customer()
    const { key } = await desk.chats.putWidget(other, { origins: [] })
    await desk.chats.open(key ?? '', hello)
    expect((await desk.chats.putWidget(other, { origins: ['https://a.example'] })).key).toBe(key)
    await desk.chats.removeWidget(other)
    await expect(desk.chats.door(key ?? '')).rejects.toThrow('no such chat')
  })
})
