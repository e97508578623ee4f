/** Which articles a reader is shown, and in which order: what is about their fault first, each in one language. */
import type { Language } from '../../../shared/languages.ts'
import { wordsOf } from '../../platform/words.ts'

export type ArticleFacts = {
  id: string
  family: string
  title: string
  body: string
  signals: readonly string[]
  products: readonly string[]
  visibility: 'internal' | 'public'
  language: string
  customers: readonly string[]
  helped: number
}
/** Who reads: staff (`customerIds` null = of everybody), or a customer's own people. */
export type Reader = { isStaff: boolean; customerIds: readonly string[] | null }
export type Question = {
  /** Signals it may be about, without component; none = whatever it is. */
  signals: readonly string[]
  productId: string | null
  /** The customer it is for; null = nobody's yet. */
  customerId: string | null
  /** Preferred; null = every language. */
  language: Language | null
  q: string
}

/** Whether a reader may see an article at all. */
export function maySee(article: Pick<ArticleFacts, 'visibility' | 'customers'>, reader: Reader): boolean {
  if (!reader.isStaff && article.visibility !== 'public') return false
  if (article.customers.length === 0 || reader.customerIds === null) return true
  return article.customers.some(id => reader.customerIds?.includes(id))
}

const isFor = (article: ArticleFacts, { customerId }: Question): boolean =>
  customerId === null || article.customers.length === 0 || article.customers.includes(customerId)

/** Shorter ones a sentence has anyway. */
const TELLING_CHARS = 5

/** Staff search, and mean every word. A customer describes, and means some: one telling word of the title, or two of the text. */
function isMeant(reader: Reader, words: readonly string[], title: string, body: string): boolean {
  if (reader.isStaff) return words.every(word => title.includes(word) || body.includes(word))
  const telling = words.filter(word => word.length >= TELLING_CHARS)
  return (
    telling.some(word => title.includes(word)) || telling.filter(word => body.includes(word)).length >= Math.min(2, telling.length || 1)
  )
}

/** How well it fits; null = not at all. Signal before product before words; one written for this customer before one for all. */
function fitOf(article: ArticleFacts, reader: Reader, question: Question, words: readonly string[]): number | null {
  if (!isFor(article, question)) return null
  const { productId } = question
  if (productId !== null && article.products.length > 0 && !article.products.includes(productId)) return null
  const named = article.signals.findIndex(signal => question.signals.includes(signal))
  const title = article.title.toLowerCase()
  const body = article.body.toLowerCase()
  const found = words.filter(word => title.includes(word) || body.includes(word))
  if (words.length > 0 && named < 0 && !isMeant(reader, words, title, body)) return null
  if (question.signals.length > 0 && named < 0 && words.length === 0) return null
  const inTitle = words.filter(word => title.includes(word)).length
  return (
    // What has every word is what was searched for; what is about the fault stays below it.
    (words.length > 0 && found.length === words.length ? 2000 : 0) +
    (named < 0 ? 0 : 1000) +
    (productId !== null && article.products.includes(productId) ? 200 : 0) +
    (question.customerId !== null && article.customers.length > 0 ? 100 : 0) +
    inTitle * 20 +
    found.length * 5 +
    Math.min(50, article.helped)
  )
}

/** One article a family: the preferred language, else English, else the first. Without a preference all stay. */
function oneLanguage<Item extends ArticleFacts>(articles: readonly Item[], language: Language | null): Item[] {
  if (language === null) return [...articles]
  const families = Map.groupBy(articles, article => `${article.visibility} ${article.family}`)
  return [...families.values()].flatMap(family => {
    const best = family.find(one => one.language === language) ?? family.find(one => one.language === 'en') ?? family[0]
    return best ? [best] : []
  })
}

/** What is shown, best first; ties by title, then id, so that pages of a list stay whole. */
export function findArticles<Item extends ArticleFacts>(articles: readonly Item[], reader: Reader, question: Question): Item[] {
  const words = wordsOf(question.q)
  const seen = articles.filter(article => maySee(article, reader) && isFor(article, question))
  return oneLanguage(seen, question.language)
    .flatMap(article => {
      const fit = fitOf(article, reader, question, words)
      return fit === null ? [] : [{ article, fit }]
    })
    .toSorted(
      (one, other) =>
        other.fit - one.fit || one.article.title.localeCompare(other.article.title) || (one.article.id < other.article.id ? -1 : 1),
    )
    .map(({ article }) => article)
}
