/** Which article whoever asks is shown, with the reason a row, and Markdown that stays text. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainWords, readMarkdown, type Block, type Inline } from '../../../shared/markdown.ts'
import { findArticles, type ArticleFacts, type Question, type Reader } from '../../../server/knowledge/rules/article.ts'
import { wordsOf } from '../../../server/platform/words.ts'

const article = (id: string, more: Partial<ArticleFacts> = {}): ArticleFacts => ({
  id,
  family: id,
  title: `Title of ${id}`,
  body: 'Body.',
  signals: [],
  products: [],
  visibility: 'public',
  language: 'en',
  customers: [],
  helped: 0,
  ...more,
})
const SHELF = [
  article('paper', { family: 'paper', title: 'The printer is out of paper', signals: ['printer.paper-out', 'printer.paper-low'] }),
  article('papper', { family: 'paper', title: 'Papperet är slut', signals: ['printer.paper-out', 'printer.paper-low'], language: 'sv' }),
  article('desk', { title: 'Paper for the desk', signals: ['printer.paper-out'], visibility: 'internal' }),
  article('hers', { title: 'Paper of customer b', signals: ['printer.paper-out'], customers: ['b'] }),
  article('till', { title: 'The till is slow', products: ['till'], body: 'Restart the till.' }),
]
const STAFF: Reader = { isStaff: true, customerIds: null }
const A: Reader = { isStaff: false, customerIds: ['a'] }
const ask = (more: Partial<Question> = {}): Question => ({ signals: [], productId: null, customerId: null, language: null, q: '', ...more })

describe('articles', () => {
  it.each<[string, Reader, Partial<Question>, string[]]>([
    ['staff see what is about the signal, internal too', STAFF, { signals: ['printer.paper-out'] }, ['desk', 'hers', 'papper', 'paper']],
    ['a customer sees public ones of everybody', A, { signals: ['printer.paper-out'] }, ['papper', 'paper']],
    ['one language a family', A, { signals: ['printer.paper-out'], language: 'sv' }, ['papper']],
    ['English where there is no own language', A, { signals: ['printer.paper-out'], language: 'de' }, ['paper']],
    [
      'one written for the customer comes first',
      STAFF,
      { signals: ['printer.paper-out'], customerId: 'b', language: 'en' },
      ['hers', 'desk', 'paper'],
    ],
    [
      'what is for another customer is not for this one',
      STAFF,
      { signals: ['printer.paper-out'], customerId: 'a', language: 'en' },
      ['desk', 'paper'],
    ],
    ['a signal nobody wrote about', STAFF, { signals: ['disk.full'] }, []],
    ['every word has to be there', STAFF, { q: 'printer paper' }, ['paper']],
    ['words are searched in the body too', A, { q: 'restart' }, ['till']],
    [
      'a customer describes: a telling word of the title is enough',
      A,
      { q: 'our printer eats nothing since noon', language: 'en' },
      ['paper'],
    ],
    ['a customer describes: small words tell nothing', A, { q: 'it is the one' }, []],
    ['staff who search for that sentence mean all of it', STAFF, { q: 'our printer eats nothing since noon' }, []],
    ['an article of another product does not fit', A, { productId: 'scanner', q: 'slow' }, []],
    ['nothing asked: everything one may see', A, {}, ['papper', 'paper', 'till']],
    ['staff limited to a customer do not see those of others', { isStaff: true, customerIds: ['a'] }, { q: 'customer' }, []],
  ])('%s', (_reason, reader, question, ids) => expect(findArticles(SHELF, reader, ask(question)).map(one => one.id)).toEqual(ids))

  it('what helped more comes first among equals', () => {
    const two = [article('a', { signals: ['disk.full'] }), article('b', { signals: ['disk.full'], helped: 3 })]
    expect(findArticles(two, STAFF, ask({ signals: ['disk.full'] })).map(one => one.id)).toEqual(['b', 'a'])
  })
  it('a search is a few words', () => expect(wordsOf('  Der "Drücker" ist AUS a ')).toEqual(['der', 'drücker', 'ist', 'aus']))
  it('never shows a customer what is internal or of another customer, whatever is asked', () => {
    const any = fc.record({
      id: fc.uuid(),
      family: fc.constantFrom('x', 'y'),
      title: fc.string(),
      body: fc.string(),
      signals: fc.subarray(['a.b', 'c.d']),
      products: fc.subarray(['p']),
      visibility: fc.constantFrom('internal', 'public'),
      language: fc.constantFrom('en', 'sv'),
      customers: fc.subarray(['a', 'b']),
      helped: fc.nat(5),
    })
    const question = fc.record({
      signals: fc.subarray(['a.b']),
      productId: fc.option(fc.constant('p')),
      customerId: fc.option(fc.constantFrom('a', 'b')),
      language: fc.option(fc.constantFrom('en', 'sv')),
      q: fc.string(),
    })
    fc.assert(
      fc.property(fc.array(any), question, (shelf, asked) => {
        for (const shown of findArticles(shelf as ArticleFacts[], A, asked as Question)) {
          expect(shown.visibility).toBe('public')
          expect(shown.customers.length === 0 || shown.customers.includes('a')).toBe(true)
        }
      }),
    )
  })
})

const inlinesOf = (block: Block): Inline[] => ('inlines' in block ? block.inlines : block.kind === 'list' ? block.items.flat() : [])

describe('Markdown', () => {
  it('is read into blocks', () =>
    expect(
      readMarkdown('# Do\n\n1. Open the **cover**\n2. Put in `80 mm` paper\n\n> Mind\n> the blade\n\nSee [help](https://k.example/x)\nnow'),
    ).toEqual([
      { kind: 'heading', level: 2, inlines: [{ kind: 'text', text: 'Do' }] },
      {
        kind: 'list',
        isOrdered: true,
        items: [
          [
            { kind: 'text', text: 'Open the ' },
            { kind: 'strong', text: 'cover' },
          ],
          [
            { kind: 'text', text: 'Put in ' },
            { kind: 'code', text: '80 mm' },
            { kind: 'text', text: ' paper' },
          ],
        ],
      },
      { kind: 'quote', inlines: [{ kind: 'text', text: 'Mind the blade' }] },
      {
        kind: 'paragraph',
        inlines: [
          { kind: 'text', text: 'See ' },
          { kind: 'link', text: 'help', href: 'https://k.example/x' },
          { kind: 'text', text: ' now' },
        ],
      },
    ]))
  it.each([
    ['a script address', '[x](javascript:alert(1))'],
    ['a data address', '[x](data:text/html,<script>)'],
    ['an address with spaces before', '[x]( javascript:alert(1))'],
    ['a tag', '<img src=x onerror=alert(1)>'],
  ])('%s is no link', (_reason, source) =>
    expect(
      readMarkdown(source)
        .flatMap(inlinesOf)
        .every(inline => inline.kind !== 'link'),
    ).toBe(true),
  )
  it('reads whatever comes, quickly, and every link is one a person may follow', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('*', '**', '`', '```', '[', '](', ')', '#', '- ', '1. ', '> ', '\n', 'javascript:', 'https://', 'x', ' ')),
        parts => {
          for (const inline of readMarkdown(parts.join('')).flatMap(inlinesOf))
            if (inline.kind === 'link') expect(inline.href).toMatch(/^(https?:\/\/|mailto:|tel:)/i)
        },
      ),
    )
    const started = performance.now()
    readMarkdown('*'.repeat(20_000))
    readMarkdown('['.repeat(20_000))
    readMarkdown('- x\n'.repeat(5_000))
    expect(performance.now() - started).toBeLessThan(1_000)
  })
  it('becomes the words of a mail', () =>
    expect(plainWords('## Do\n\n1. Open **it**\n2. Close [it](https://k.example)\n\n- a')).toBe(
      'Do\n\n1. Open it\n2. Close it (https://k.example)\n\n- a',
    ))
})
