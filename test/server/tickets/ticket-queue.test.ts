/** The desk's queue: its order, its pages, what a search finds, whatever happens to the tickets. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { queueAt, searchText } from '../../../server/tickets/rules/ticket-queue.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const START_MS = Date.parse('2026-03-02T09:00:00Z')
const MINUTE_MS = 60_000
const ALL = { scope: null, partnerOnly: null }
const BY = { author_kind: 'person' as const, author_name: 'Anna' }

const ticket = { reference: 'KK-7', subject: 'Receipts', description: 'Paper ÄR slut', signal: 'printer.paper-out' }

it.each([
  { level: 1, dues: [], before: { level: 2, dues: [] }, why: 'without a clock the worse comes first' },
  { level: 4, dues: [START_MS], before: { level: 1, dues: [] }, why: 'what is due comes before what is not' },
  { level: 4, dues: [START_MS, START_MS + 1], before: { level: 1, dues: [START_MS + 1] }, why: 'the earliest of its clocks counts' },
  { level: 4, dues: [null, START_MS], before: { level: 1, dues: [null, null] }, why: 'a paused clock is not due' },
])('$level with $dues stands before $before: $why', ({ level, dues, before }) => {
  expect(queueAt(level, dues)).toBeLessThan(queueAt(before.level, before.dues))
})

it('is found by number, subject, signal, reporter and what was written, in any case', () => {
  const text = searchText({ ...ticket, reporter: JSON.stringify({ name: 'Bo Öst', email: 'BO@shop.example' }) })
  for (const word of ['kk-7', 'receipts', 'paper-out', 'öst', 'bo@shop', 'är slut']) expect(text).toContain(word)
  expect(searchText({ ...ticket, reporter: null })).not.toContain('null')
})

eachStore('the queue of the desk', open => {
  async function furnish() {
    const store = await open()
    let nowMs = START_MS
    const house = makeTestHouse(store, () => nowMs)
    await house.catalogue.load()
    const customer = await house.customers.create({ name: 'Shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
    const contact = await house.customers.addContact(customer.id, { name: 'Bo Öst', email: 'bo@shop.example' })
    const register = (level: 1 | 2 | 3 | 4, subject: string) =>
      house.ticketing.register(
        {
          customerId: customer.id,
          level,
          subject,
          description: 'It fails.',
          channel: 'form',
          reporter: { name: 'Bo Öst', email: contact.email },
        },
        BY,
      )
    return { house, register, pass: (minutes: number) => void (nowMs += minutes * MINUTE_MS) }
  }

  it('what is due next comes first, page after page, and follows what happens', async () => {
    const { house, register, pass } = await furnish()
    const made: Ticket[] = []
    for (const [index, level] of ([3, 1, 2, 4, 1, 2] as const).entries()) {
      made.push(await register(level, `Fault ${index}`))
      pass(1)
    }
    const page = (cursor?: string) =>
      house.ticketing.list({ ...ALL, open: true, order: 'due', limit: 2, ...(cursor !== undefined && { cursor }) })
    const first = await page()
    const second = await page(first.next ?? undefined)
    const third = await page(second.next ?? undefined)
    const order = [first, second, third].flatMap(({ items }) => items.map(item => item.subject))
    // 30 min, 30 min, 1 h, 1 h, 8 h, 48 h from their registration
    expect(order).toEqual(['Fault 1', 'Fault 4', 'Fault 2', 'Fault 5', 'Fault 0', 'Fault 3'])
    expect([first.total, third.next]).toEqual([6, null])

    const [, urgent] = made
    await house.ticketing.write(urgent?.id ?? '', { visibility: 'public', body: 'We look.', asks: true }, BY)
    await house.ticketing.move(made[4]?.id ?? '', { to: 'resolved' }, BY)
    const after = await house.ticketing.list({ ...ALL, open: true, order: 'due', limit: 10 })
    // the answer met the response; the update is due an hour after it, because level 1 runs on while the customer is asked
    expect(after.items.map(item => item.subject)).toEqual(['Fault 2', 'Fault 5', 'Fault 1', 'Fault 0', 'Fault 3'])
    expect((await house.ticketing.list({ ...ALL, open: false, limit: 10 })).items.map(item => item.subject)).toEqual(['Fault 4'])
    expect(await house.ticketing.counts(ALL)).toEqual({ open: 5, overdue: 0 })
    pass(75)
    expect(await house.ticketing.counts(ALL)).toEqual({ open: 5, overdue: 3 })
    expect(await house.ticketing.counts({ ...ALL, scope: ['nobody'] })).toEqual({ open: 0, overdue: 0 })
    expect(await house.ticketing.counts({ scope: [], partnerOnly: 'nobody' })).toEqual({ open: 0, overdue: 0 })
  })

  it('finds by every word, taken literally', async () => {
    const { house, register } = await furnish()
    await register(2, 'Ölkassan 50 % står')
    await register(2, 'Till_2 is dark')
    const find = async (q: string) => (await house.ticketing.list({ ...ALL, q, limit: 10 })).items.map(item => item.subject)
    expect(await find('ÖLKASSAN')).toEqual(['Ölkassan 50 % står'])
    expect(await find('öst % står')).toEqual(['Ölkassan 50 % står'])
    expect(await find('till_2 dark')).toEqual(['Till_2 is dark'])
    expect(await find('till!2')).toEqual([])
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200 }), async q => {
        await house.ticketing.list({ ...ALL, q, limit: 1 })
      }),
      { numRuns: 30 },
    )
  })
})
