/** Articles over HTTP: who sees and changes what, and hostile input. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Article, ArticleInput } from '../../../shared/api/knowledge/article-api.ts'
import { makeCallers, type CallerName, type Callers } from '../../support/callers.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Page = { items: Article[]; total: number }
const INPUT: ArticleInput = { title: 'Mine', body: 'Words', signals: ['disk.full'], visibility: 'public', language: 'en' }

describe('articles over HTTP', () => {
  let world: World
  let callers: Callers
  const ids: Record<string, string> = {}
  beforeAll(async () => {
    world = await makeWorld()
    callers = await makeCallers(world)
    ids['open'] = (await world.ok('POST', '/articles', INPUT)).id
    ids['internal'] = (await world.ok('POST', '/articles', { ...INPUT, visibility: 'internal' })).id
    ids['theirs'] = (await world.ok('POST', '/articles', { ...INPUT, customers: [callers.other] })).id
  })
  afterAll(() => world.stop())

  it.each<[CallerName, number, number, number, number, number]>([
    ['desk', 200, 200, 200, 201, 200],
    ['limited desk', 200, 200, 404, 201, 200],
    ['viewer', 200, 200, 200, 403, 403],
    ['customer', 200, 404, 404, 403, 403],
    ['other customer', 200, 404, 200, 403, 403],
    ['partner', 200, 404, 404, 403, 403],
  ])('%s: public %i, internal %i, of another customer %i, make %i, change %i', async (who, open, internal, theirs, make, change) => {
    const { status } = callers
    expect(await status(who, 'GET', `/articles/${ids['open']}`)).toBe(open)
    expect(await status(who, 'GET', `/articles/${ids['internal']}`)).toBe(internal)
    expect(await status(who, 'GET', `/articles/${ids['theirs']}`)).toBe(theirs)
    expect(await status(who, 'POST', `/articles/${ids['internal']}/helped`, {})).toBe(internal)
    expect(await status(who, 'POST', '/articles', INPUT)).toBe(make)
    expect(await status(who, 'PATCH', `/articles/${ids['open']}`, { title: 'Ours' })).toBe(change)
    const shown = (await world.api<Page>('GET', '/articles?signal=disk.full&limit=100', undefined, callers.tokens[who])).body.items
    expect(shown.some(article => article.visibility === 'internal')).toBe(internal === 200)
    expect(shown.some(article => article.id === ids['theirs'])).toBe(theirs === 200)
  })

  it('a customer asks for a device of theirs alone, and marks help for tickets of theirs alone', async () => {
    const report = { level: 3, subject: 'S', description: 'D', channel: 'portal', reporter: { name: 'Eve' } }
    const ticket = await world.ok('POST', '/tickets', { ...report, customerId: callers.other })
    expect(await callers.status('customer', 'GET', `/articles?ticketId=${ticket.id}`)).toBe(404)
    expect(await callers.status('customer', 'POST', `/articles/${ids['open']}/helped`, { ticketId: ticket.id })).toBe(404)
    expect(await callers.status('partner', 'POST', `/articles/${ids['open']}/helped`, { ticketId: ticket.id })).toBe(404)
    expect(await callers.status('other customer', 'POST', `/articles/${ids['open']}/helped`, { ticketId: ticket.id })).toBe(200)
    expect(await callers.status('customer', 'DELETE', `/articles/${ids['open']}`)).toBe(403)
    expect(await callers.status('desk', 'DELETE', `/articles/${ids['open']}`)).toBe(204)
    expect(await callers.status('desk', 'GET', `/articles/${ids['open']}`)).toBe(404)
  })

  it.each([
    ['no title', { ...INPUT, title: '' }],
    ['a body without end', { ...INPUT, body: 'x'.repeat(20_001) }],
    ['a signal that is none', { ...INPUT, signals: ['<script>'] }],
    ['a language nobody here writes', { ...INPUT, language: 'xx' }],
    ['a field there is not', { ...INPUT, html: '<b>' }],
    ['a family with a path', { ...INPUT, family: '../x' }],
    ['a text', 'article'],
  ])('%s is refused with the field named', async (_reason, body) => {
    const answer = await world.api<{ errors: unknown[] }>('POST', '/articles', body)
    expect(answer.status).toBe(400)
    expect(answer.body.errors.length).toBeGreaterThan(0)
  })
  it.each(['?cursor=x', '?limit=0', '?signal=' + 'x'.repeat(200), '?language=zz', '?nothing=1'])('a list of %s is refused', async query =>
    expect((await world.api('GET', `/articles${query}`)).status).toBe(400),
  )
})
