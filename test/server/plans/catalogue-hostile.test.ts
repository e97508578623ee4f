import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

type Refusal = { type: string; errors?: { path: string; message: string }[] }
type File = {
  format: string
  formatVersion: number
  plans: ({ id: string } & Record<string, unknown>)[]
  rules: unknown[]
  profiles: unknown[]
}

describe('a broken catalogue over HTTP', () => {
  let world: World
  let file: File
  beforeAll(async () => {
    world = await makeWorld()
    file = await world.ok<File>('GET', '/catalogue/export')
  })
  afterAll(async () => {
    expect(await world.ok<File>('GET', '/catalogue/export')).toEqual(file)
    await world.stop()
  })
  const send = async (path: string, method: string, text: string): Promise<{ status: number; body: Refusal }> => {
    const response = await fetch(`${world.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: text,
    })
    return { status: response.status, body: (await response.json()) as Refusal }
  }
  const frame = (plans: string): string => `{"format":"kioskeeper-catalogue","formatVersion":1,"plans":${plans},"rules":[],"profiles":[]}`

  it('is refused whole: one good new plan beside wrong ones does not come in', async () => {
    const [free] = file.plans
    const answer = await world.api<Refusal>('POST', '/catalogue/import', {
      ...file,
      plans: [
        { ...free, id: 'newcomer' },
        {
          ...free,
          hours: {
            mon: [
              ['08:00', '12:00'],
              ['11:00', '13:00'],
            ],
          },
        },
        { ...free, id: 'newcomer', suggestedTimeZone: 'Mars/Olympus' },
      ],
    })
    expect([answer.status, answer.body.type]).toEqual([400, '/problems/invalid-catalogue'])
    expect(answer.body.errors).toEqual([
      { path: 'body/plans/1/hours/mon', message: 'intervals overlap at 11:00' },
      { path: 'body/plans/2/suggestedTimeZone', message: '"Mars/Olympus" is not a known IANA time zone' },
    ])
    expect((await world.api('GET', '/plans/newcomer')).status).toBe(404)
  })

  it.each<[reason: string, text: string, status: number]>([
    ['ten megabytes', frame(`[${'"x",'.repeat(2_600_000)}"x"]`), 413],
    ['a hundred thousand brackets', frame(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 400],
    ['ten thousand objects in one another', frame(`[${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}]`), 400],
    ['a prototype', '{"__proto__":{"plans":[]}}', 400],
    ['a prototype within a plan', frame('[{"__proto__":{"id":"ombori-free"}}]'), 400],
    ['a constructor with a prototype', frame('[{"constructor":{"prototype":{"id":"x"}}}]'), 400],
    ['NaN', frame('[NaN]'), 400],
    ['half a file', frame('[').slice(0, 60), 400],
    ['an empty text', '', 400],
    ['a number', '7', 400],
    ['a file of a later format', frame('[]').replace(':1,', ':2,'), 400],
  ])('%s is refused', async (_reason, text, status) => {
    const answer = await send('/catalogue/import', 'POST', text)
    expect([answer.status, answer.body.type.startsWith('/problems/')]).toEqual([status, true])
  })

  it.each<[reason: string, change: object, path: string]>([
    [
      'overlapping hours',
      {
        hours: {
          mon: [
            ['08:00', '12:00'],
            ['11:00', '13:00'],
          ],
        },
      },
      'body/hours/mon',
    ],
    ['an empty week', { hours: {} }, 'body/hours'],
    [
      'overlapping special hours',
      {
        specialDates: {
          '2026-12-24': [
            ['08:00', '12:00'],
            ['11:00', '13:00'],
          ],
        },
      },
      'body/specialDates/2026-12-24',
    ],
    [
      'a thousand and one special dates',
      {
        specialDates: Object.fromEntries(
          Array.from({ length: 1_001 }, (_, day) => [Temporal.PlainDate.from('2026-01-01').add({ days: day }).toString(), []]),
        ),
      },
      'body/specialDates',
    ],
    ['an unknown field', { colour: 'red' }, 'body/colour'],
    ['another id', { id: 'other' }, 'body/id'],
    ['a version that is none', { version: '1' }, 'body/version'],
  ])('a plan with %s is refused, the version before stays', async (_reason, change, path) => {
    const plan = await world.ok<object>('GET', '/plans/ombori-pilot')
    const answer = await world.api<Refusal>('PUT', '/plans/ombori-pilot', { ...plan, ...change })
    expect([answer.status, answer.body.type, answer.body.errors?.map(fault => fault.path)]).toEqual([400, '/problems/invalid-plan', [path]])
    expect(await world.ok('GET', '/plans/ombori-pilot')).toEqual(plan)
  })

  it('the file as it was exported changes nothing', async () =>
    expect(await world.ok('POST', '/catalogue/import', file)).toEqual({ changed: 0, planIds: [], deviceIds: [] }))
})
