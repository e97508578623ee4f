/** Every route the server has, tried by everybody whom a thing is not for: the same answer as for a thing that is not there, and no mark of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTwoCustomers, missingLike, type TwoCustomers } from './two-customers.ts'
import { ROUTES, type Row } from './route-table.ts'
import { INTERNAL, NOTE, type Things } from './furnished.ts'

const STRANGERS = ['nobody', 'customer', 'partner', 'viewer', 'desk', 'manager', 'admin'] as const
type Stranger = (typeof STRANGERS)[number]
const isStaff = (who: Stranger): boolean => ['viewer', 'desk', 'manager', 'admin'].includes(who)

let two: TwoCustomers
beforeAll(async () => {
  two = await makeTwoCustomers()
})
afterAll(() => two.stop())

const rows = [...ROUTES].map(([name, row]) => {
  const [method = '', path = ''] = name.split(' ')
  return { name, method, path, row }
})
const ofWay = <Way extends Row['way']>(...ways: Way[]) =>
  rows.flatMap(({ row, ...route }) => ((ways as string[]).includes(row.way) ? [{ ...route, row: row as Extract<Row, { way: Way }> }] : []))

/** The path with its variable parts given in order. */
function fill(path: string, values: readonly string[]): string {
  let at = 0
  return path.replaceAll(/:\w+/g, () => encodeURIComponent(values[at++] ?? ''))
}
type Sent = { body?: unknown; bytes?: true | undefined; query?: string | undefined }
type Seen = { status: number; text: string; headers: string }

async function call(who: Stranger | 'house', method: string, path: string, sent: Sent = {}): Promise<Seen> {
  const token = who === 'house' ? two.adminToken : who === 'nobody' ? null : two.b[`${who}Token`]
  const body = typeof sent.body === 'function' ? (sent.body as (own: Things) => unknown)(two.b) : sent.body
  return two.call(token ?? null, method, `${path}${sent.query === undefined ? '' : `?${sent.query}`}`, { ...sent, body })
}
/** An answer without what was sent in the address: there a name may come back. */
const without = (seen: Seen, ...sent: readonly string[]): string =>
  sent.reduce((text, one) => (one === '' ? text : text.replaceAll(one, '…')), `${seen.status} ${seen.text}`)

function expectNoMark(seen: Seen, who: Stranger, about: string, sent: readonly string[] = []): void {
  const all = sent.reduce((text, one) => (one.length < 8 ? text : text.replaceAll(one, '…')), `${seen.headers}\n${seen.text}`).toLowerCase()
  const marks = two.marks.filter(mark => !(isStaff(who) && two.forAllStaff.has(mark)))
  const found = marks.filter(mark => all.includes(mark.toLowerCase()))
  expect(
    found.map(mark => two.nameOf(mark)),
    `${about}: ${seen.status} ${seen.text.slice(0, 400)}`,
  ).toEqual([])
}

describe('the table', () => {
  it('has every route of the server, and no other', () => {
    const real = new Set(two.world.server.routes.map(({ method, path }) => `${method} ${path}`))
    expect([...real].filter(name => !ROUTES.has(name))).toEqual([])
    // Pages of the console are there once it is built.
    expect(rows.map(route => route.name).filter(name => !real.has(name) && name.includes(' /api/'))).toEqual([])
  })
  it('has every route of the OpenAPI document', async () => {
    const { paths } = JSON.parse((await call('nobody', 'GET', '/api/openapi.json')).text) as { paths: Record<string, object> }
    const told = Object.entries(paths).flatMap(([path, of]) =>
      Object.keys(of).map(method => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    )
    expect(told.length).toBeGreaterThan(200)
    expect(told.filter(name => !ROUTES.has(name))).toEqual([])
  })
  it('names things that are there: staff who see everybody read every one of them, marks and all', async () => {
    const shown: Record<string, number> = {}
    for (const { name, method, path, row } of ofWay('owned', 'secret')) {
      if (method !== 'GET' || path.endsWith('/events') || path.includes('/job')) continue
      const seen = await call(
        'house',
        method,
        fill(
          path,
          row.ids.map(id => two.a[id] ?? ''),
        ),
        row,
      )
      shown[name] = seen.status
    }
    expect(Object.fromEntries(Object.entries(shown).filter(([, status]) => status !== 200))).toEqual({})
  })
})

describe('a thing of another customer', () => {
  it.each(ofWay('owned'))('is not there: $name', async ({ method, path, row }) => {
    const theirs = row.ids.map(id => two.a[id] ?? 'unfurnished')
    const absent = theirs.map(missingLike)
    for (const who of STRANGERS) {
      if (row.staffSee === true && isStaff(who)) continue
      const seen = await call(who, method, fill(path, theirs), row)
      const missing = await call(who, method, fill(path, absent), row)
      expect([401, 403, 404], `${who}: ${seen.status} ${seen.text.slice(0, 300)}`).toContain(seen.status)
      expect(without(seen, ...theirs), who).toBe(without(missing, ...absent))
      expectNoMark(seen, who, who, theirs)
      if (theirs.length < 2) continue
      const own = row.ids.slice(0, -1).map(id => two.b[id] ?? '')
      const [last = '', none = ''] = [theirs.at(-1), absent.at(-1)]
      const mixed = await call(who, method, fill(path, [...own, last]), row)
      // Macros are the house's: on a ticket of one's own they are for everybody on the desk.
      if (row.ids.at(-1) === 'macro') continue
      expect(without(mixed, last), `${who}, under one's own`).toBe(without(await call(who, method, fill(path, [...own, none]), row), none))
      expectNoMark(mixed, who, `${who}, under one's own`, theirs)
    }
  })

  it.each(ofWay('secret'))('is not reached with another secret: $name', async ({ method, path, row }) => {
    const seen = await call(
      'nobody',
      method,
      fill(
        path,
        row.ids.map(id => missingLike(two.a[id] ?? '')),
      ),
      row,
    )
    // A rate limit may answer before the house does: both say nothing.
    expect([400, 404, 415, 429], seen.text).toContain(seen.status)
    expectNoMark(seen, 'nobody', 'missing')
    if (row.ids.length < 2) return
    const [own = '', last = ''] = [two.b[row.ids[0] ?? ''], two.a[row.ids[1] ?? '']]
    const mixed = await call('nobody', method, fill(path, [own, last]), row)
    expect(mixed.status, mixed.text).toBe(404)
    expect(without(mixed, last)).toBe(without(await call('nobody', method, fill(path, [own, missingLike(last)]), row), missingLike(last)))
  })

  it.each(rows.flatMap(({ row, ...route }) => ('names' in row && row.names !== undefined ? [{ ...route, row }] : [])))(
    'is not there in a body: $name',
    async ({ method, path, row }) => {
      const own = row.way === 'owned' ? row.ids.map(id => two.b[id] ?? '') : []
      for (const who of STRANGERS) {
        const [theirs, absent] = [two.a, two.missing].map(things => row.names?.(things, two.b))
        const seen = await call(who, method, fill(path, own), { body: theirs })
        const missing = await call(who, method, fill(path, own), { body: absent })
        if (row.isTaken !== true) expect(seen.status, `${who} ${seen.text.slice(0, 300)}`).toBeGreaterThanOrEqual(400)
        const [sent, gone] = [two.a, two.missing].map(things => Object.values(things))
        expect(two.steady(without(seen, ...(sent ?? []))), `${who} ${JSON.stringify(theirs)}`).toBe(
          two.steady(without(missing, ...(gone ?? []))),
        )
        expectNoMark(
          seen,
          who,
          who,
          Object.values(two.a).filter(id => JSON.stringify(theirs).includes(id)),
        )
      }
    },
  )
})

describe('a list', () => {
  it.each(ofWay('list'))('has nothing of another customer, and no filter finds it: $name', async ({ name, method, path, row }) => {
    const params = two.queryOf(name)
    const takes = Object.entries(row.takes ?? {}).map(([key, value]) => [key, value === 'own' ? (two.b['customer'] ?? '') : value] as const)
    const base = new URLSearchParams(takes.map(([key, value]) => [key, value]))
    for (const who of STRANGERS) {
      const plainly = await call(who, method, path, { query: base.toString() })
      expectNoMark(plainly, who, `${who}, without a filter`)
      for (const param of params) {
        const filters = two.filtersFor(param)
        for (const [theirs, absent] of filters) {
          const ask = (value: string) => {
            const query = new URLSearchParams(base)
            query.set(param, value)
            return call(who, method, path, { query: query.toString() })
          }
          const [found, nothing] = [await ask(theirs), await ask(absent)]
          expect(two.steady(without(found, theirs)), `${who} ?${param}=${two.nameOf(theirs)}`).toBe(two.steady(without(nothing, absent)))
          expectNoMark(found, who, `${who} ?${param}=`, [theirs])
        }
      }
    }
  })
})

describe('what several customers have a part in', () => {
  it.each([
    ['/defects', 'sharedDefect'],
    ['/majors', 'sharedMajor'],
    ['/defects', 'sharedDefect', '/letter?what=estimate'],
  ])('shows staff of one nothing of the others: %s', async (noun, id, more = '') => {
    if (more !== '') await two.world.ok('PATCH', `/defects/${two.a[id]}`, { estimateOn: '2099-01-01' })
    for (const who of ['viewer', 'desk', 'manager', 'admin'] as const) {
      const seen = await call(who, 'GET', `/api/v1${noun}/${two.a[id]}${more}`)
      expect(seen.status, seen.text).toBe(more !== '' && who === 'viewer' ? 403 : 200)
      expectNoMark(seen, who, who)
    }
  })
})

describe('what holds for everybody', () => {
  it.each(ofWay('house'))(
    'says nothing of another customer, and is changed only by those who see all: $name',
    async ({ method, path, row }) => {
      const values = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => two.house[row.path?.[name] ?? 'macro'] ?? '')
      const body = typeof row.body === 'string' ? two.documents[row.body] : row.body
      for (const who of STRANGERS) {
        if (method === 'DELETE' && row.forAll !== true) continue
        const seen = await call(who, method, fill(path, values), { body })
        expectNoMark(seen, who, who, values)
        if (row.forAll === true) expect([401, 403, 404], `${who}: ${seen.text.slice(0, 300)}`).toContain(seen.status)
      }
    },
  )
  it.each(
    rows.filter(
      ({ row, method, path }) => (row.way === 'plain' || row.way === 'self') && method === 'GET' && !/events|download|install/.test(path),
    ),
  )('has no mark in it: $name', async ({ method, path }) => {
    for (const who of STRANGERS) expectNoMark(await call(who, method, fill(path, ['x', 'x'])), who, who)
  })
})

describe('what staff say among themselves', () => {
  it.each(ofWay('owned', 'secret').filter(({ method, path }) => method === 'GET' && !path.endsWith('/events')))(
    'is not shown to the customer, its partner or a visitor: $name',
    async ({ method, path, row }) => {
      for (const [who, token, hidden] of [
        ['the customer', two.a['customerToken'], [INTERNAL, NOTE]],
        ['the partner', two.a['partnerToken'], [INTERNAL]],
        ['a visitor', null, [INTERNAL, NOTE]],
      ] as const) {
        if (row.way === 'secret' && path.includes('/jobs/') && who === 'a visitor') continue
        const seen = await two.call(
          token ?? null,
          method,
          `${fill(
            path,
            row.ids.map(id => two.a[id] ?? ''),
          )}?${'query' in row ? row.query : ''}`,
        )
        for (const mark of hidden) expect(seen.text.includes(mark) || seen.headers.includes(mark), `${who}: ${seen.text}`).toBe(false)
      }
    },
  )
  it.each(['secretAttachment', 'waitingFile'])('no file of theirs is there: %s', async id => {
    const theirs = id === 'waitingFile' ? ['partnerToken'] : ['customerToken', 'partnerToken']
    for (const token of theirs)
      expect((await two.call(two.a[token] ?? '', 'GET', `/api/v1/attachments/${two.a[id]}`)).status, token).toBe(404)
  })
  it.each(ofWay('list'))('is found by no search of theirs: $name', async ({ name, method, path, row }) => {
    const takes = Object.entries(row.takes ?? {}).map(([key, value]) => [key, value === 'own' ? (two.a['customer'] ?? '') : value])
    const ask = async (token: string, q?: string) => {
      const query = new URLSearchParams(takes)
      if (q !== undefined) query.set('q', q)
      return two.call(token, method, `${path}?${query}`)
    }
    for (const [token, hidden] of [
      [two.a['customerToken'] ?? '', [INTERNAL, NOTE]],
      [two.a['partnerToken'] ?? '', [INTERNAL]],
    ] as const) {
      const all = await ask(token)
      for (const mark of hidden) {
        expect(all.text.includes(mark), all.text).toBe(false)
        if (!two.queryOf(name).includes('q')) continue
        expect(two.steady(without(await ask(token, mark), mark))).toBe(two.steady(without(await ask(token, 'QWXZV-VWQXZ'), 'QWXZV-VWQXZ')))
      }
    }
  })
})

describe('after all that', () => {
  it('nothing of the customer has changed, and no stream has said a word of it', async () => {
    expect(await two.view()).toEqual(two.viewBefore)
    for (const [who, heard] of Object.entries(await two.heard())) {
      const marks = two.marks.filter(mark => !two.forAllStaff.has(mark) && heard.includes(mark))
      expect(marks.map(two.nameOf), who).toEqual([])
    }
  })
})
