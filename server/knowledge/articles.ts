/** Knowledge articles: kept, found by what is wrong, offered to the desk and to customers, counted when they helped. */
import type { Logger } from 'pino'
import type { Article, ArticleInput, ArticlePatch, ArticleQuery } from '../../shared/api/knowledge/article-api.ts'
import type { Page } from '../../shared/api/list.ts'
import { findArticles, maySee, type ArticleFacts, type Question, type Reader } from './rules/article.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { languageOf } from '../../shared/languages.ts'
import {
  countArticles,
  findArticle,
  insertArticle,
  insertHelp,
  readShelf,
  readShippedArticles,
  updateArticle,
  type ArticleWithHelp,
} from './store/article-store.ts'
import { readFailing } from '../incidents/store/condition-store.ts'
import { findCustomer, listCustomerNames } from '../customers/store/customer-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findDevice } from '../devices/store/device-store.ts'
import type { ArticleRow } from '../database/tables/knowledge-rows.ts'
import { readCursor, writeCursor } from '../database/paging.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import { shippedArticles } from './article-files.ts'
import { newRowId } from '../database/row-id.ts'

/** What the rules read whole at every question: more is another kind of product. */
export const MAX_ARTICLES = 2_000
const DEFAULT_LIMIT = 50

const list = (json: string): string[] => JSON.parse(json) as string[]
const bare = (signal: string): string => signal.split(':')[0] ?? signal

const toArticle = (row: ArticleWithHelp): Article => ({
  id: row.id,
  family: row.family,
  title: row.title,
  body: row.body,
  signals: list(row.signals),
  products: list(row.products),
  visibility: row.visibility,
  // Only words of the list are ever written to this column.
  language: row.language as Article['language'],
  customers: list(row.customer_ids),
  helped: row.helped,
  origin: row.shipped_key === null ? 'person' : 'shipped',
  changedBy: row.changed_by,
  createdAt: new Date(row.created_at).toISOString(),
  updatedAt: new Date(row.updated_at).toISOString(),
})

/** Columns of what was given. */
function columnsOf(input: ArticlePatch): Partial<ArticleRow> {
  return {
    ...(input.title === undefined ? {} : { title: input.title }),
    ...(input.body === undefined ? {} : { body: input.body }),
    ...(input.signals === undefined ? {} : { signals: JSON.stringify([...new Set(input.signals)]) }),
    ...(input.products === undefined ? {} : { products: JSON.stringify([...new Set(input.products)]) }),
    ...(input.visibility === undefined ? {} : { visibility: input.visibility }),
    ...(input.language === undefined ? {} : { language: input.language }),
    ...(input.customers === undefined ? {} : { customer_ids: JSON.stringify([...new Set(input.customers)]) }),
    ...(input.family === undefined ? {} : { family: input.family }),
  }
}

/** Whether what ships now says something else, or is about other signals. */
function isNews(before: ArticleRow, columns: Partial<ArticleRow>): boolean {
  return before.title !== columns.title || before.body !== columns.body || before.signals !== columns.signals
}

/** Makes the service. */
export function makeArticles({ db, log, now }: { db: Database; log: Logger; now: () => number }) {
  const mustKnow = async (tx: Tx, input: ArticlePatch): Promise<void> => {
    if (!input.customers || input.customers.length === 0) return
    const known = new Set((await listCustomerNames(tx)).map(customer => customer.id))
    const strange = input.customers.findIndex(id => !known.has(id))
    if (strange >= 0) throw invalidInput([{ path: `body/customers/${strange}`, message: 'is not a customer' }])
  }

  /** The ticket or device that is asked about, as a question. What the reader may not see is no help to them: it is left out. */
  const questionOf = async (query: ArticleQuery, reader: Reader): Promise<Question> => {
    const ticket = query.ticketId === undefined ? null : await findTicket(db, query.ticketId)
    const deviceId = query.deviceId ?? (ticket?.signal === null ? ticket.device_id : null)
    const device = deviceId === null ? null : await findDevice(db, deviceId)
    const own = ticket?.customer_id ?? device?.customer_id ?? (reader.isStaff ? null : (reader.customerIds?.[0] ?? null))
    const isTheirs = own === null || reader.customerIds === null || reader.customerIds.includes(own)
    if (!isTheirs) throw notFound(query.ticketId === undefined ? 'device' : 'ticket')
    if (query.ticketId !== undefined && !ticket) throw notFound('ticket')
    if (query.deviceId !== undefined && !device) throw notFound('device')
    const failing = device ? (await readFailing(db, [device.id])).map(row => row.signal) : []
    const customer = own === null ? null : await findCustomer(db, own)
    return {
      signals: [...(query.signal === undefined ? [] : [bare(query.signal)]), ...(ticket?.signal ? [ticket.signal] : []), ...failing],
      productId: ticket?.product_id ?? null,
      customerId: own,
      language: query.language ?? (customer ? languageOf(customer.language) : null),
      q: query.q ?? '',
    }
  }

  const mustFind = async (id: string, reader: Reader): Promise<ArticleWithHelp> => {
    const row = await findArticle(db, id)
    if (!row || !maySee({ visibility: row.visibility, customers: list(row.customer_ids) }, reader)) throw notFound('article')
    return row
  }

  return {
    /** Brings in what ships; what a person changed or took away stays as it is. */
    async load(): Promise<void> {
      const nowMs = now()
      let stored = 0
      await inTransaction(db, async tx => {
        const there = await readShippedArticles(tx)
        for (const { key, article } of shippedArticles()) {
          const before = there.get(key)
          const columns = columnsOf(article)
          if (!before) {
            const row = { id: newRowId(), products: '[]', customer_ids: '[]', ...columns, shipped_key: key, changed_by: null }
            await insertArticle(tx, { ...row, created_at: nowMs, updated_at: nowMs, retired_at: null } as ArticleRow)
            stored += 1
          } else if (before.changed_by === null && isNews(before, columns)) {
            await updateArticle(tx, before.id, { ...columns, updated_at: nowMs })
            stored += 1
          }
        }
      })
      if (stored > 0) log.info({ articles: stored }, 'shipped articles are on the shelf')
    },

    /** Best first. A signal, device or ticket is asked about; without any, everything the reader may see. */
    async find(query: ArticleQuery, reader: Reader): Promise<Page<Article>> {
      const question = await questionOf(query, reader)
      const isAbout = query.signal !== undefined || query.deviceId !== undefined || query.ticketId !== undefined
      if (isAbout && question.signals.length === 0 && question.q === '') return { items: [], total: 0, next: null }
      const shelf = (await readShelf(db))
        .map(toArticle)
        .filter(one => query.visibility === undefined || one.visibility === query.visibility)
      const found = findArticles(shelf satisfies ArticleFacts[], reader, question)
      const limit = query.limit ?? DEFAULT_LIMIT
      const after = readCursor(query.cursor)
      const start = after === null ? 0 : found.findIndex(one => one.id === after[1]) + 1
      const items = found.slice(start, start + limit)
      const last = items.at(-1)
      return { items, total: found.length, next: start + limit < found.length && last ? writeCursor([0, last.id]) : null }
    },

    async read(id: string, reader: Reader): Promise<Article> {
      return toArticle(await mustFind(id, reader))
    },

    /** Throws invalid-input for a customer there is not, and conflict when the shelf is full. */
    async create(input: ArticleInput, by: string): Promise<Article> {
      const nowMs = now()
      const id = newRowId()
      await inTransaction(db, async tx => {
        await mustKnow(tx, input)
        if ((await countArticles(tx)) >= MAX_ARTICLES)
          throw new DomainError('conflict', 'conflict', `There are ${MAX_ARTICLES} articles already. Take away those nobody needs.`)
        await insertArticle(tx, {
          id,
          family: id,
          products: '[]',
          customer_ids: '[]',
          ...columnsOf(input),
          shipped_key: null,
          changed_by: by,
          created_at: nowMs,
          updated_at: nowMs,
          retired_at: null,
        } as ArticleRow)
      })
      return toArticle(await mustFind(id, { isStaff: true, customerIds: null }))
    },

    async update(id: string, patch: ArticlePatch, by: string, reader: Reader): Promise<Article> {
      await mustFind(id, reader)
      await inTransaction(db, async tx => {
        await mustKnow(tx, patch)
        await updateArticle(tx, id, { ...columnsOf(patch), changed_by: by, updated_at: now() })
      })
      return toArticle(await mustFind(id, { isStaff: true, customerIds: null }))
    },

    /** Takes it from the shelf. */
    async retire(id: string, by: string, reader: Reader): Promise<void> {
      await mustFind(id, reader)
      await inTransaction(db, tx => updateArticle(tx, id, { retired_at: now(), changed_by: by }))
    },

    /** It helped: counts once for a ticket, else once for the caller. */
    async helped(id: string, who: string, reader: Reader): Promise<Article> {
      await mustFind(id, reader)
      await inTransaction(db, tx => insertHelp(tx, { article_id: id, helped: who, at: now() }))
      return toArticle(await mustFind(id, reader))
    },
  }
}
export type Articles = ReturnType<typeof makeArticles>
