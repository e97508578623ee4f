import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { DomainError } from '../../../server/platform/errors.ts'
import { makeCatalogue } from '../../../server/plans/catalogue.ts'
import { shippedPlans } from '../../../server/plans/catalogue-defaults.ts'
import type { CatalogueFile } from '../../../server/plans/catalogue-file.ts'
import { inTransaction, type Database } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { testLog } from '../../support/test-log.ts'

const nowMs = Temporal.Instant.from('2026-11-23T10:00:00Z').epochMilliseconds
const pilot = (): Plan => {
  const plan = shippedPlans().find(each => each.id === 'ombori-pilot')
  if (!plan) throw new Error('no shipped plan')
  return plan
}
const level = { name: 'Critical', response: { kind: 'best-effort' }, update: { kind: 'none' } }
const band = { ...level, response: { kind: 'business-days', days: 3, firstDays: 3, receipt: 'calendar-date' } }
const withLevel = (terms: object): object => ({ ...pilot(), levels: { ...pilot().levels, '1': terms } })
const rule = {
  signal: 'disk.full',
  enabled: true,
  level: 2,
  holdSeconds: 1,
  clearSeconds: 1,
  fixedBy: 'remote',
  remedies: [],
  ladderSeconds: 300,
}

/** What each broken file has in place of a list of plans, rules or profiles, and the lines that must be named. */
const BROKEN: [reason: string, change: Partial<Record<string, unknown>>, paths: string[]][] = [
  [
    'overlapping hours',
    {
      plans: [
        {
          ...pilot(),
          hours: {
            mon: [
              ['08:00', '12:00'],
              ['11:00', '13:00'],
            ],
          },
        },
      ],
    },
    ['/plans/0/hours/mon'],
  ],
  ['an empty week', { plans: [{ ...pilot(), hours: {} }] }, ['/plans/0/hours']],
  ['an empty week of a level', { plans: [withLevel({ ...level, hours: { mon: [] } })] }, ['/plans/0/levels/1/hours']],
  ['an unknown zone', { plans: [{ ...pilot(), suggestedTimeZone: 'Europe/Atlantis' }] }, ['/plans/0/suggestedTimeZone']],
  ['a band that ends before it begins', { plans: [withLevel(band)] }, ['/plans/0/levels/1/response/firstDays']],
  [
    'no days at all',
    { plans: [withLevel({ ...level, response: { kind: 'business-days', days: 0, receipt: 'calendar-date' } })] },
    ['/plans/0/levels/1/response/days'],
  ],
  [
    'minutes of nothing',
    { plans: [withLevel({ ...level, response: { kind: 'minutes', minutes: 0 } })] },
    ['/plans/0/levels/1/response/minutes'],
  ],
  ['an unknown target', { plans: [withLevel({ ...level, response: { kind: 'soon' } })] }, ['/plans/0/levels/1/response/kind']],
  ['the same plan twice', { plans: [pilot(), pilot()] }, ['/plans/1']],
  [
    'the same rule twice',
    {
      rules: [
        { scope: '', rule },
        { scope: '', rule },
      ],
    },
    ['/rules/1'],
  ],
  [
    'the same profile twice',
    {
      profiles: [
        { id: 'till', profile: { name: 'Till' } },
        { id: 'till', profile: { name: 'Till' } },
      ],
    },
    ['/profiles/1'],
  ],
  [
    'wrong types',
    { plans: [{ ...pilot(), lines: '2', marketplace: 'yes', devices: 3, channels: 'form' }] },
    ['/plans/0/lines', '/plans/0/marketplace', '/plans/0/devices', '/plans/0/channels'],
  ],
  ['a plan that is a text', { plans: ['ombori-pilot'] }, ['/plans/0']],
  ['a plan that is nothing', { plans: [null] }, ['/plans/0']],
  ['a missing level', { plans: [{ ...pilot(), levels: { '1': level } }] }, ['/plans/0/levels/2', '/plans/0/levels/3', '/plans/0/levels/4']],
  ['an unknown country', { plans: [{ ...pilot(), holidays: { country: 'ZZ' } }] }, ['/plans/0/holidays/country']],
  ['an unknown region', { plans: [{ ...pilot(), holidays: { country: 'DE', region: 'XY' } }] }, ['/plans/0/holidays/region']],
  [
    'a special date that does not exist',
    { plans: [{ ...pilot(), specialDates: { '2026-02-30': [] } }] },
    ['/plans/0/specialDates/2026-02-30'],
  ],
  [
    'faults in three places',
    { plans: [pilot(), { id: 'X' }], rules: [{ scope: 'nobody', rule }], profiles: [{ id: 'a b', profile: {} }] },
    ['/plans/1/id', '/plans/1/name', '/rules/0/scope', '/profiles/0/id', '/profiles/0/profile/name'],
  ],
  ['a later format', { formatVersion: 2 }, ['/formatVersion']],
  ['another format', { format: 'menu' }, ['/format']],
  ['no plans', { plans: undefined }, ['/plans']],
  ['an unknown list', { menus: [] }, ['/menus']],
  ['a prototype as a field', { plans: [JSON.parse('{"__proto__":{"id":"ombori-pilot"}}')] }, ['/plans/0/__proto__', '/plans/0/id']],
  [
    'a constructor as a day',
    { plans: [{ ...pilot(), hours: JSON.parse('{"constructor":[["08:00","09:00"]]}') as object }] },
    ['/plans/0/hours/constructor'],
  ],
  ['lists in lists in lists', { plans: [JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)] }, ['/plans/0']],
]

eachStore('a catalogue file', open => {
  const world = async (): Promise<{ db: Database; catalogue: ReturnType<typeof makeCatalogue>; file: CatalogueFile }> => {
    const { db } = await open()
    const catalogue = makeCatalogue({ db, log: testLog(), now: () => nowMs })
    await catalogue.load()
    return { db, catalogue, file: JSON.parse(JSON.stringify(await catalogue.exportCatalogue(db))) as CatalogueFile }
  }
  const take = (db: Database, catalogue: ReturnType<typeof makeCatalogue>, file: unknown) =>
    inTransaction(db, tx => catalogue.importCatalogue(tx, file, 'kim'))

  it('that is broken is refused whole, every wrong line named, and what was in force stays', async () => {
    const { db, catalogue, file } = await world()
    for (const [reason, change, paths] of BROKEN) {
      // Its first plan would be a new version: it must not come in with a wrong neighbour.
      const plans = (change['plans'] ?? file.plans) as unknown[]
      const broken = {
        ...file,
        ...change,
        ...('plans' in change && change['plans'] === undefined ? {} : { plans: [...plans, { ...file.plans[3], id: 'newcomer' }] }),
      }
      const error: unknown = await take(db, catalogue, JSON.parse(JSON.stringify(broken))).catch((thrown: unknown) => thrown)
      if (!(error instanceof DomainError)) throw new Error(`${reason}: ${String(error)}`)
      expect([reason, error.slug]).toEqual([reason, 'invalid-catalogue'])
      expect(error.errors.map(fault => fault.path)).toEqual(expect.arrayContaining(paths))
      expect(await catalogue.exportCatalogue(db)).toEqual(file)
    }
  })

  it('goes out and comes in again without a change', async () => {
    const { db, catalogue, file } = await world()
    expect(await take(db, catalogue, file)).toEqual({ changed: 0, planIds: [], deviceIds: [] })
    expect((await catalogue.listPlans(db)).map(plan => plan.version)).toEqual(file.plans.map(() => 1))
    expect(await catalogue.exportCatalogue(db)).toEqual(file)
  })

  it('of many at once each is taken whole or not at all, whatever the order of their lines', async () => {
    const { db, catalogue, file } = await world()
    const renamed = (index: number): CatalogueFile => {
      const plans = file.plans.map(plan => ({ ...plan, name: `Edition ${index}` }))
      return { ...file, plans: index % 2 === 0 ? plans : plans.toReversed(), rules: index % 2 === 0 ? file.rules : file.rules.toReversed() }
    }
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map(index => take(db, catalogue, renamed(index))))
    expect(results.map(result => result.planIds.length)).toEqual(results.map(() => file.plans.length))
    const plans = await catalogue.listPlans(db)
    expect(new Set(plans.map(plan => plan.name)).size).toBe(1)
    expect(plans.map(plan => plan.version)).toEqual(plans.map(() => 7))
  })

  it('of two at once that bring the same new plan one is told to repeat, and brings nothing', async () => {
    const { db, catalogue, file } = await world()
    const results = await Promise.allSettled(
      ['one', 'other'].map(name =>
        take(db, catalogue, {
          ...file,
          plans: [
            { ...pilot(), id: 'aardvark', name },
            { ...pilot(), name },
          ],
        }),
      ),
    )
    const plans = new Map((await catalogue.listPlans(db)).map(plan => [plan.id, plan.name]))
    expect(plans.get('aardvark')).toBe(plans.get('ombori-pilot'))
    // On SQLite they come one after the other and both are taken.
    for (const result of results) if (result.status === 'rejected') expect((result.reason as DomainError).slug).toBe('conflict')
  })
})

describe('a file of ten thousand wrong plans', () => {
  it('is refused with the first thousand lines', async () => {
    const { readCatalogueFile } = await import('../../../server/plans/catalogue-file.ts')
    const plans = Array.from({ length: 10_000 }, () => ({ id: 'x' }))
    const file = { format: 'kioskeeper-catalogue', formatVersion: 1, plans, rules: [], profiles: [] }
    const error: unknown = await readCatalogueFile(file, nowMs).catch((thrown: unknown) => thrown)
    expect(error instanceof DomainError && error.errors.length).toBe(1_000)
  })
})
