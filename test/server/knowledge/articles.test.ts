/** The shelf on both databases: what ships, what a person did to it, what is offered for a ticket, and what counts as help. */
import { expect, it } from 'vitest'
import type { ArticleInput } from '../../../shared/api/knowledge/article-api.ts'
import { shippedRules } from '../../../server/plans/catalogue-defaults.ts'
import { shippedArticles } from '../../../server/knowledge/article-files.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const STAFF = { isStaff: true, customerIds: null }
const INPUT: ArticleInput = { title: 'Mine', body: 'Words', signals: ['disk.full'], visibility: 'public', language: 'en' }

it('everything that ships is about signals there are, and the public ones are there in English and Swedish', () => {
  const signals = new Set(shippedRules().map(rule => rule.signal))
  const shipped = shippedArticles()
  expect(shipped.flatMap(({ article }) => article.signals).filter(signal => !signals.has(signal))).toEqual([])
  const families = (language: string) =>
    shipped.filter(({ article }) => article.visibility === 'public' && article.language === language).map(({ article }) => article.family)
  expect(families('sv')).toEqual(families('en'))
  expect(families('en').length).toBeGreaterThan(7)
})

eachStore('articles', open => {
  const makeShelf = async () => {
    const store = await open()
    const house = makeTestHouse(store, () => 1_000)
    await house.catalogue.load()
    await house.articles.load()
    return { ...house, db: store.db }
  }

  it('come in once, and what a person changed or took away stays so at the next start', async () => {
    const { articles } = await makeShelf()
    const { items, total } = await articles.find({ limit: 100 }, STAFF)
    expect(total).toBe(shippedArticles().length)
    const [changed, gone] = items
    await articles.update(changed?.id ?? '', { body: 'Other words' }, 'Ada', STAFF)
    await articles.retire(gone?.id ?? '', 'Ada', STAFF)
    await articles.load()
    expect((await articles.find({ limit: 100 }, STAFF)).total).toBe(total - 1)
    expect(await articles.read(changed?.id ?? '', STAFF)).toMatchObject({ body: 'Other words', origin: 'shipped', changedBy: 'Ada' })
    await expect(articles.read(gone?.id ?? '', STAFF)).rejects.toThrow('no such article')
  })

  it('take the signals that came to them with a newer version, but not once a person changed them', async () => {
    const { articles, db } = await makeShelf()
    const paper = async () =>
      (await articles.find({ limit: 100 }, STAFF)).items.filter(article => article.signals.includes('printer.paper-out')).length
    const shipped = await paper()
    await db.updateTable('articles').set({ signals: '[]' }).execute()
    await articles.load()
    expect(await paper()).toBe(shipped)
    await db.updateTable('articles').set({ signals: '[]', changed_by: 'Ada' }).execute()
    await articles.load()
    expect(await paper()).toBe(0)
  })

  it('are offered for a ticket in the language of its customer, and to its customer without the internal ones', async () => {
    const { articles, customers, ticketing, db } = await makeShelf()
    const { id } = await customers.create({ name: 'Butiken', planId: 'ombori-production', timeZone: 'Europe/Stockholm', language: 'sv' })
    const reporter = { name: 'Carl' }
    const ticket = await ticketing.register(
      { customerId: id, level: 2, subject: 'No tickets', description: 'It prints nothing', channel: 'portal', reporter },
      { author_kind: 'person', author_name: 'Ada' },
    )
    expect((await articles.find({ ticketId: ticket.id }, STAFF)).items).toEqual([])
    await db.updateTable('tickets').set({ signal: 'printer.paper-out' }).where('id', '=', ticket.id).execute()
    const titles = async (reader: typeof STAFF | { isStaff: boolean; customerIds: string[] }) =>
      (await articles.find({ ticketId: ticket.id }, reader)).items.map(article => article.title)
    expect(await titles(STAFF)).toEqual(['Papperet i skrivaren är slut', 'Printer faults: what the shop can do and what it cannot'])
    expect(await titles({ isStaff: false, customerIds: [id] })).toEqual(['Papperet i skrivaren är slut'])
    await expect(titles({ isStaff: false, customerIds: ['another'] })).rejects.toThrow('no such ticket')
    await expect(articles.find({ ticketId: 'none' }, STAFF)).rejects.toThrow('no such ticket')
    await expect(articles.find({ deviceId: 'none' }, { isStaff: false, customerIds: [id] })).rejects.toThrow('no such device')
  })

  it('page without a gap, and refuse a customer there is not', async () => {
    const { articles } = await makeShelf()
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await articles.find({ limit: 4, ...(cursor === undefined ? {} : { cursor }) }, STAFF)
      seen.push(...page.items.map(article => article.id))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(new Set(seen).size).toBe(shippedArticles().length)
    await expect(articles.create({ ...INPUT, customers: ['nobody'] }, 'Ada')).rejects.toMatchObject({
      errors: [{ path: 'body/customers/0', message: 'is not a customer' }],
    })
  })

  it('count help once a ticket and once a caller', async () => {
    const { articles } = await makeShelf()
    const { id } = await articles.create(INPUT, 'Ada')
    await articles.helped(id, 'ticket:1', STAFF)
    await articles.helped(id, 'ticket:1', STAFF)
    await articles.helped(id, 'user:1', STAFF)
    expect(await articles.read(id, STAFF)).toMatchObject({ helped: 2, origin: 'person' })
  })
})
