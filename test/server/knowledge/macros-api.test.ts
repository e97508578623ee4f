/** Macros and drafts over HTTP: for staff alone, of tickets they see; hostile bodies. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCallers, type CallerName, type Callers } from '../../support/callers.ts'
import { makeWorld, type World } from '../../support/world.ts'

const MACRO = { name: 'Thanks', texts: { en: 'Thank you. {{ reference }}' }, visibility: 'public', changes: {} }
const report = { level: 3, subject: 'S', description: 'D', channel: 'portal', reporter: { name: 'Eve' } }

describe('macros over HTTP', () => {
  let world: World
  let callers: Callers
  const ids = { macro: '', mine: '', other: '' }
  beforeAll(async () => {
    world = await makeWorld()
    callers = await makeCallers(world)
    ids.macro = (await world.ok('POST', '/macros', MACRO)).id
    ids.mine = (await world.ok('POST', '/tickets', { ...report, customerId: callers.mine })).id
    ids.other = (await world.ok('POST', '/tickets', { ...report, customerId: callers.other })).id
  })
  afterAll(() => world.stop())

  it.each<[CallerName, number, number, number, number]>([
    ['desk', 200, 200, 200, 201],
    ['limited desk', 200, 200, 404, 201],
    ['viewer', 200, 403, 403, 403],
    ['customer', 403, 403, 403, 403],
    ['other customer', 403, 403, 403, 403],
    ['partner', 403, 403, 403, 403],
  ])('%s: list %i, on a ticket of mine %i, of another %i, make %i', async (who, list, mine, other, make) => {
    const { status } = callers
    expect(await status(who, 'GET', '/macros')).toBe(list)
    expect(await status(who, 'GET', '/macros/variables')).toBe(list)
    expect(await status(who, 'GET', `/macros/${ids.macro}`)).toBe(list)
    for (const [ticket, expected] of [
      [ids.mine, mine],
      [ids.other, other],
    ] as const) {
      expect(await status(who, 'GET', `/tickets/${ticket}/macros/${ids.macro}`)).toBe(expected)
      expect(await status(who, 'POST', `/tickets/${ticket}/macros/${ids.macro}`, {})).toBe(expected)
      expect(await status(who, 'POST', `/tickets/${ticket}/draft`)).toBe(expected)
    }
    expect(await status(who, 'POST', '/macros', { ...MACRO, name: `Of ${who}` })).toBe(make)
  })

  it.each([
    ['nothing at all', { ...MACRO, texts: {}, changes: {} }, 'body/texts'],
    ['a text that cannot be', { ...MACRO, texts: { en: '{{ nothing }}' } }, 'body/texts/en'],
    ['a question in a note', { ...MACRO, visibility: 'internal', changes: { asks: true } }, 'body/changes/asks'],
    ['new', { ...MACRO, changes: { status: 'new' } }, 'body/changes/status'],
    ['a language there is not', { ...MACRO, texts: { xx: 'a' } }, 'body/texts'],
    ['too long', { ...MACRO, texts: { en: 'x'.repeat(8_001) } }, 'body/texts/en'],
    ['a level there is not', { ...MACRO, changes: { level: 9 } }, 'body/changes/level'],
  ])('%s is refused at its place', async (_reason, body, path) => {
    const answer = await world.api<{ errors: { path: string }[] }>('POST', '/macros', body)
    expect(answer.status).toBe(400)
    expect(answer.body.errors.map(fault => fault.path)).toContain(path)
  })
})
