import { describe, expect, it } from 'vitest'
import type { Plan } from '../../../shared/api/plans/plan-api.ts'
import { DomainError } from '../../../server/platform/errors.ts'
import { makeCatalogue, type Catalogue } from '../../../server/plans/catalogue.ts'
import { shippedPlans, shippedRules } from '../../../server/plans/catalogue-defaults.ts'
import { closingDates } from '../../../server/calendars/holidays.ts'
import { makePlanNotices } from '../../../server/contracts/plan-notifications.ts'
import { makeUsage } from '../../../server/contracts/plan-usage.ts'
import { inTransaction, type Database, type Tx } from '../../../server/database/database.ts'
import { insertCustomer } from '../../../server/customers/store/customer-store.ts'
import { insertDevice } from '../../../server/devices/store/device-store.ts'
import { insertVersion } from '../../../server/plans/store/catalogue-store.ts'
import { eachStore } from '../../support/stores.ts'
import { testLog } from '../../support/test-log.ts'

const nowMs = Temporal.Instant.from('2026-11-23T10:00:00Z').epochMilliseconds
const make = (db: Database) => makeCatalogue({ db, log: testLog(), now: () => nowMs })
const putPlan = (catalogue: Catalogue, tx: Tx, plan: { id: string } & Record<string, unknown>) =>
  catalogue.putPlan(tx, { id: plan.id, plan, by: 'kim' })
const shippedPlan = (id: string): Plan => {
  const plan = shippedPlans().find(each => each.id === id)
  if (!plan) throw new Error(`no shipped plan ${id}`)
  return plan
}
async function addCustomer(db: Database, options: { planId?: string; timeZone?: string; overrides?: object } = {}): Promise<string> {
  const id = crypto.randomUUID()
  const { planId = 'ombori-production', timeZone = 'Europe/Stockholm', overrides = {} } = options
  await inTransaction(db, tx =>
    insertCustomer(tx, {
      id,
      name: 'Corner shop',
      plan_id: planId,
      time_zone: timeZone,
      overrides: JSON.stringify(overrides),
      webhook_url: null,
      webhook_secret: null,
      downgrade_until: null,
      created_at: nowMs,
    }),
  )
  return id
}
async function refusal(work: Promise<unknown>): Promise<DomainError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof DomainError)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error
}

describe('shipped rules', () => {
  const rules = new Map(shippedRules().map(rule => [rule.signal, rule]))
  it.each([
    ['agent.offline', 2, 180, 60, 'onsite'],
    ['app.crashed', 1, 20, 60, 'remote'],
    ['display.disconnected', 1, 30, 30, 'onsite'],
    ['usb.missing', 2, 30, 30, 'onsite'],
    ['printer.paper-low', 4, 0, 0, 'customer'],
    ['disk.full', 2, 60, 900, 'remote'],
    ['clock.drift', 3, 300, 300, 'remote'],
    ['site.offline', 1, 0, 60, 'onsite'],
  ])('%s is level %i, held %i s, cleared after %i s, fixed by %s', (signal, level, holdSeconds, clearSeconds, fixedBy) => {
    expect(rules.get(signal)).toMatchObject({ enabled: true, level, holdSeconds, clearSeconds, fixedBy, ladderSeconds: 300 })
  })
  it('are one a signal, and every visit names its skill', () => {
    expect(rules.size).toBe(shippedRules().length)
    for (const rule of rules.values()) expect([rule.signal, rule.fixedBy === 'onsite']).toEqual([rule.signal, rule.skill !== undefined])
  })
  it('have their remedies in order', () =>
    expect(rules.get('app.frozen')?.remedies.map(remedy => remedy.id)).toEqual(['reload-page', 'restart-app', 'restart-session', 'reboot']))
})

describe('public holidays', () => {
  it('are local dates of the place, several years', async () => {
    const dates = await closingDates({ country: 'SE' }, nowMs)
    expect(dates).toEqual(expect.arrayContaining(['2026-12-25', '2027-01-06', '2029-06-06']))
  })
  it('of a region are more', async () => {
    expect(await closingDates({ country: 'DE', region: 'BY' }, nowMs)).toContain('2027-01-06')
    expect(await closingDates({ country: 'DE' }, nowMs)).not.toContain('2027-01-06')
  })
  it('of a place that is none are none', async () => expect(await closingDates({ country: 'ZZ' }, nowMs)).toEqual([]))
})

eachStore('the catalogue', open => {
  it('ships its defaults once', async () => {
    const { db } = await open()
    const catalogue = make(db)
    await catalogue.load()
    await catalogue.load()
    expect((await catalogue.listPlans(db)).map(plan => plan.version)).toEqual(shippedPlans().map(() => 1))
    expect(await catalogue.getPlan(db, 'ombori-free')).toMatchObject({ devices: { included: 3, more: 'refused' } })
    expect(await catalogue.getPlan(db, 'nobody')).toBe(null)
  })

  it("a newer default becomes a new version, but never over a person's edit", async () => {
    const { db } = await open()
    const catalogue = make(db)
    const old = { ...shippedPlan('ombori-free'), name: 'Older' }
    await inTransaction(db, tx =>
      insertVersion(tx, {
        kind: 'plan',
        id: old.id,
        scope: '',
        after: 0,
        body: JSON.stringify(old),
        origin: 'shipped',
        createdBy: null,
        nowMs,
      }),
    )
    await catalogue.load()
    expect(await catalogue.getPlan(db, 'ombori-free')).toMatchObject({ name: 'Free', version: 2 })
    await inTransaction(db, tx => putPlan(catalogue, tx, { ...shippedPlan('ombori-free'), name: 'Ours' }))
    await catalogue.load()
    expect(await catalogue.getPlan(db, 'ombori-free')).toMatchObject({ name: 'Ours', version: 3 })
  })

  it('refuses a wrong plan with every line, and keeps the old one in force', async () => {
    const { db } = await open()
    const catalogue = make(db)
    await catalogue.load()
    const error = await refusal(
      inTransaction(db, tx => putPlan(catalogue, tx, { ...shippedPlan('ombori-free'), lines: 7, hours: { mon: [['09:00', '08:00']] } })),
    )
    expect([error.slug, error.errors.map(fault => fault.path)]).toEqual(['invalid-plan', ['/lines']])
    const hours = await refusal(
      inTransaction(db, tx => putPlan(catalogue, tx, { ...shippedPlan('ombori-free'), hours: { mon: [['09:00', '08:00']] } })),
    )
    expect(hours.errors.map(fault => fault.path)).toEqual(['/hours/mon/0'])
    expect(await catalogue.getPlan(db, 'ombori-free')).toMatchObject({ version: 1, lines: 2 })
  })

  it('refuses an edit of a version that is no longer in force; two edits at once are two versions', async () => {
    const { db } = await open()
    const catalogue = make(db)
    await catalogue.load()
    const plan = shippedPlan('ombori-pilot')
    const edits = Array.from({ length: 4 }, (_, index) =>
      inTransaction(db, tx => putPlan(catalogue, tx, { ...plan, name: `Pilot ${index}` })),
    )
    expect((await Promise.all(edits)).map(made => made.version).sort((one, other) => one - other)).toEqual([2, 3, 4, 5])
    expect((await refusal(inTransaction(db, tx => putPlan(catalogue, tx, { ...plan, version: 2 })))).slug).toBe('conflict')
    expect(await inTransaction(db, tx => putPlan(catalogue, tx, { ...plan, version: 5 }))).toMatchObject({ version: 6 })
  })

  it('of two edits of the same version at once one is refused, also of a plan that is new', async () => {
    const { db } = await open()
    const catalogue = make(db)
    await catalogue.load()
    const bothOf = async (plan: { id: string } & Record<string, unknown>) => {
      const results = await Promise.allSettled(
        [1, 2, 3].map(index => inTransaction(db, tx => putPlan(catalogue, tx, { ...plan, name: `Name ${index}` }))),
      )
      return results.map(result => (result.status === 'fulfilled' ? 'made' : (result.reason as DomainError).slug)).sort()
    }
    expect(await bothOf({ ...shippedPlan('ombori-pilot'), version: 1 })).toEqual(['conflict', 'conflict', 'made'])
    expect(await bothOf({ ...shippedPlan('ombori-pilot'), id: 'house', version: 0 })).toEqual(['conflict', 'conflict', 'made'])
  })
  it('is shipped by two servers that start at once', async () => {
    const { db } = await open()
    await Promise.all([make(db).load(), make(db).load()])
    expect((await make(db).listPlans(db)).map(plan => plan.version)).toEqual(shippedPlans().map(() => 1))
  })

  it('gives a customer their plan with their own terms, at once after every change', async () => {
    const { db } = await open()
    const catalogue = make(db)
    await catalogue.load()
    const id = await addCustomer(db, { overrides: { devices: 61, holidays: { country: 'SE' } } })
    const plan = await catalogue.effectivePlanOf(db, id)
    expect(plan).toMatchObject({ timeZone: 'Europe/Stockholm', version: 1, devices: { included: 61, more: 'billed' } })
    expect(plan.holidayDates).toContain('2026-12-25')
    expect(await catalogue.effectivePlanOf(db, id)).toBe(plan)
    await inTransaction(db, async tx => {
      await tx.updateTable('customers').set({ overrides: '{}' }).where('id', '=', id).execute()
      expect((await catalogue.effectivePlanOf(tx, id)).devices.included).toBe(60)
    })
    await inTransaction(db, tx =>
      putPlan(catalogue, tx, { ...shippedPlan('ombori-production'), devices: { included: 70, more: 'billed' } }),
    )
    expect(await catalogue.effectivePlanOf(db, id)).toMatchObject({ version: 2, devices: { included: 70 } })
    expect((await refusal(catalogue.effectivePlanOf(db, 'nobody'))).slug).toBe('not-found')
  })

  it('the most specific rule wins', async () => {
    const { db } = await open()
    const catalogue = make(db)
    await catalogue.load()
    const place = { customerId: 'c1', siteId: 's1', profileId: 'p1', deviceId: 'd1' }
    const { signal: _signal, ...base } = await catalogue.ruleFor(db, 'disk.full', place)
    expect(base.holdSeconds).toBe(60)
    for (const [index, scope] of ['customer:c1', 'site:s1', 'profile:p1', 'device:d1'].entries()) {
      await inTransaction(db, tx =>
        catalogue.putRule(tx, { signal: 'disk.full', scope, rule: { ...base, holdSeconds: index + 1 }, by: 'kim' }),
      )
      expect((await catalogue.ruleFor(db, 'disk.full', place)).holdSeconds).toBe(index + 1)
    }
    expect((await catalogue.ruleFor(db, 'disk.full', { ...place, profileId: null, deviceId: 'd2' })).holdSeconds).toBe(2)
    expect((await catalogue.listRules(db, 'site:s1')).find(rule => rule.signal === 'disk.full')?.holdSeconds).toBe(2)
    expect((await catalogue.listRules(db, '')).find(rule => rule.signal === 'disk.full')?.holdSeconds).toBe(60)
    expect(await catalogue.ruleFor(db, 'scanner.asleep', place)).toMatchObject({ signal: 'scanner.asleep', enabled: true, remedies: [] })
  })

  it('refuses a wrong rule, with every field', async () => {
    const { db } = await open()
    const catalogue = make(db)
    const error = await refusal(
      inTransaction(db, tx => catalogue.putRule(tx, { signal: 'disk.full', scope: '', rule: { level: 9, colour: 1 }, by: 'kim' })),
    )
    expect(error.errors.map(fault => fault.path)).toEqual(expect.arrayContaining(['/level', '/colour', '/enabled', '/remedies']))
  })

  it('a changed profile asks its devices for a new configuration, an unchanged one does not', async () => {
    const { db } = await open()
    const catalogue = make(db)
    const put = (profile: unknown) => inTransaction(db, tx => catalogue.putProfile(tx, { id: 'till', profile, by: 'kim' }))
    await put({ name: 'Till' })
    for (const [id, profile, state] of [
      ['d1', 'till', 'active'],
      ['d2', null, 'active'],
      ['d3', 'till', 'retired'],
    ] as const) {
      await inTransaction(db, tx =>
        insertDevice(tx, {
          id,
          device_no: Number(id[1]),
          customer_id: 'c',
          site_id: 's',
          profile_id: profile,
          name: id,
          machine_id: id,
          hostname: id,
          platform: 'linux',
          model: null,
          agent_version: '1',
          public_key: null,
          state,
          secret_sha256: null,
          next_secret_sha256: null,
          secret_until: null,
          enrolled_at: 0,
          waiting_since: null,
          retired_at: null,
          enrolment_token_id: null,
        }),
      )
    }
    const changed = await put({ name: 'Till', units: ['cups.service'] })
    expect(changed).toMatchObject({ deviceIds: ['d1'], profile: { id: 'till', version: 2, units: ['cups.service'], critical: false } })
    expect((await put({ name: 'Till', units: ['cups.service'] })).deviceIds).toEqual([])
    const wanted = await db.selectFrom('device_states').select(['device_id', 'config_wanted']).orderBy('device_id').execute()
    expect(wanted.map(row => row.config_wanted)).toEqual([2, 1, 1])
    expect(await catalogue.getProfile(db, 'till')).toMatchObject({ name: 'Till', version: 2 })
    expect((await catalogue.listProfiles(db)).map(profile => profile.id)).toEqual(['till'])
    expect((await refusal(put({ name: '', nmae: 'x' }))).errors.map(fault => fault.path)).toEqual(
      expect.arrayContaining(['/name', '/nmae']),
    )
  })

  it('exports itself as one file that another installation takes, or refuses whole', async () => {
    const [one, other] = [await open(), await open()]
    const [from, to] = [make(one.db), make(other.db)]
    await from.load()
    await to.load()
    await inTransaction(one.db, tx => putPlan(from, tx, { ...shippedPlan('ombori-free'), name: 'Gratis' }))
    await inTransaction(one.db, tx => from.putProfile(tx, { id: 'till', profile: { name: 'Till' }, by: 'kim' }))
    const file: unknown = JSON.parse(JSON.stringify(await from.exportCatalogue(one.db)))
    expect(await inTransaction(other.db, tx => to.importCatalogue(tx, file, 'kim'))).toEqual({
      changed: 2,
      planIds: ['ombori-free'],
      deviceIds: [],
    })
    expect(await to.exportCatalogue(other.db)).toEqual(file)
    const wrong = {
      ...(file as { plans: object[] }),
      plans: [{ ...shippedPlan('ombori-free'), name: 'Again' }, { id: 'X' }],
      rules: [{ scope: '', rule: { signal: 'a.b' } }],
    }
    const error = await refusal(inTransaction(other.db, tx => to.importCatalogue(tx, wrong, 'kim')))
    expect([
      error.slug,
      error.errors.some(fault => fault.path === '/plans/1/name'),
      error.errors.some(fault => fault.path === '/rules/0/rule/level'),
    ]).toEqual(['invalid-catalogue', true, true])
    expect(await to.getPlan(other.db, 'ombori-free')).toMatchObject({ name: 'Gratis' })
  })

  it("counts what a customer uses of the plan, cases by the month in the plan's zone", async () => {
    const { db } = await open()
    const catalogue = make(db)
    await catalogue.load()
    const id = await addCustomer(db, { timeZone: 'Asia/Tokyo', overrides: { contacts: 4, cases: 12 } })
    const notices = makePlanNotices({ now: () => nowMs, catalogue, deskEmail: null })
    const usage = makeUsage({ catalogue, notices, now: () => nowMs })
    const ticket = (createdAt: string, source: 'contact' | 'monitoring') =>
      db
        .insertInto('tickets')
        .values({
          id: crypto.randomUUID(),
          reference: crypto.randomUUID(),
          source,
          status: 'new',
          level: 1,
          line: 1,
          subject: 's',
          description: 'd',
          customer_id: id,
          site_id: null,
          device_id: null,
          partner_id: null,
          assignee_user_id: null,
          incident_id: null,
          signal: null,
          component: null,
          channel: 'form',
          reporter: null,
          environment: 'production',
          category: 'incident',
          software_version: null,
          platform_version: null,
          impact: null,
          flags: '[]',
          why: '[]',
          occurrences: 1,
          repeats: 0,
          plan_id: 'p',
          plan_version: 1,
          created_at: Temporal.Instant.from(createdAt).epochMilliseconds,
          updated_at: 0,
          resolved_at: null,
          closed_at: null,
          next_deadline_at: null,
        })
        .execute()
    // 15:30 UTC on 31 October is 1 November in Tokyo.
    await ticket('2026-10-31T15:30:00Z', 'contact')
    await ticket('2026-10-31T14:30:00Z', 'contact')
    await ticket('2026-11-20T10:00:00Z', 'monitoring')
    await db
      .insertInto('contacts')
      .values({ id: crypto.randomUUID(), customer_id: id, name: 'A', email: 'a@example.org', phone: null, created_at: 0 })
      .execute()
    expect(await usage.planUsage(db, id)).toEqual({
      devices: { included: 60, covered: 0, additional: 0, waiting: 0 },
      contacts: { included: 4, used: 1 },
      cases: { included: 12, used: 1, month: '2026-11' },
      reached: [],
    })
  })
})
