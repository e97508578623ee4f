import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Plan, PlanOverrides } from '../../../shared/api/plans/plan-api.ts'
import type { EditPreview } from '../../../shared/api/contracts/plan-preview-api.ts'
import { insertContact } from '../../../server/customers/store/customer-store.ts'
import { inTransaction, type Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'
import { makeTestHouse } from '../../support/test-house.ts'

const MONDAY_MS = Date.parse('2026-11-16T10:00:00+01:00')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const AGENT = { author_kind: 'person', author_name: 'Ada' } as const

async function makeOffice(store: Store) {
  const time = { nowMs: MONDAY_MS }
  const house = makeTestHouse(store, () => time.nowMs)
  const { db } = store
  await house.catalogue.load()
  const stored = await house.catalogue.getPlan(db, 'ombori-pilot')
  if (!stored) throw new Error('no plan')
  const { version: _version, ...plan } = stored

  const office = {
    ...house,
    db,
    time,
    plan,
    async customer(name: string, overrides: PlanOverrides = {}): Promise<string> {
      return (await house.customers.create({ name, planId: 'ombori-pilot', timeZone: 'Europe/Stockholm', overrides })).id
    },
    async register(customerId: string, level = 2): Promise<string> {
      const input = { customerId, level, subject: `level ${level}`, description: 'x', channel: 'form', reporter: { name: 'Carl' } } as const
      return (await house.ticketing.register(input, AGENT)).id
    },
    async devices(customerId: string, count: number): Promise<void> {
      const site = await house.sites.createSite(customerId, { name: 'Site' })
      const { token } = await house.enrolment.createToken({
        customerId,
        siteId: site.id,
        maxUses: count,
        expiresAtMs: null,
        createdBy: 'x',
      })
      for (let index = 0; index < count; index += 1) {
        time.nowMs += 1
        await house.enrolment.enrol({ token, machineId: `m${index}`, hostname: `k${index}`, platform: 'linux', agentVersion: '1.0.0' })
      }
    },
    async contact(customerId: string, email: string): Promise<void> {
      const row = { id: crypto.randomUUID(), customer_id: customerId, name: 'C', email, phone: null, created_at: time.nowMs }
      await inTransaction(db, tx => insertContact(tx, row))
    },
    async put(change: Partial<Plan>): Promise<void> {
      await inTransaction(db, tx => house.catalogue.putPlan(tx, { id: plan.id, plan: { ...plan, ...change }, by: 'test' }))
      await house.customers.followPlans([plan.id])
    },
    /** Everything an edit can touch: a preview has to leave it as it is. */
    async everything(): Promise<unknown> {
      const tables = [
        'customers',
        'catalogue',
        'devices',
        'tickets',
        'clocks',
        'clock_events',
        'ticket_events',
        'outbox',
        'timeline',
      ] as const
      return Promise.all(tables.map(table => db.selectFrom(table).selectAll().execute()))
    },
    dues: async () =>
      new Map(
        (await db.selectFrom('clocks').select(['ticket_id', 'kind', 'cycle', 'due_at', 'breached_at', 'why', 'ended_at']).execute()).map(
          row => [`${row.ticket_id} ${row.kind} ${row.cycle}`, row],
        ),
      ),
    states: async () =>
      new Map((await db.selectFrom('devices').select(['id', 'state']).execute()).map(({ id, state }) => [id, state as string])),
  }
  return office
}
type Office = Awaited<ReturnType<typeof makeOffice>>

/** What the edit did, counted from the rows before and after it. */
async function counted(office: Office, edit: () => Promise<void>) {
  const [dues, states] = [await office.dues(), await office.states()]
  await edit()
  const after = await office.dues()
  const moved = new Set<string>()
  const overdue = new Set<string>()
  for (const [key, row] of after) {
    const old = dues.get(key)
    const isByChange = row.why.endsWith('because the level or plan changed') && old?.why !== row.why
    if (row.due_at !== (old?.due_at ?? null) || isByChange) moved.add(row.ticket_id)
    if (isByChange) overdue.add(row.ticket_id)
  }
  // The preview speaks of the end of a downgrade's grace.
  const graceMs = 15 * DAY
  office.time.nowMs += graceMs
  await office.downgrades.endGrace()
  office.time.nowMs -= graceMs
  const places = { admitted: 0, additional: 0, uncovered: 0 }
  for (const [id, state] of await office.states()) {
    const old = states.get(id)
    if (state === old) continue
    if (state === 'uncovered') places.uncovered += 1
    if (state === 'additional') places.additional += 1
    if ((state === 'active' || state === 'additional') && (old === 'waiting' || old === 'uncovered')) places.admitted += 1
  }
  return { moved: moved.size, overdue: overdue.size, ...places }
}
const shown = ({ totals: { moved, overdue, admitted, additional, uncovered } }: EditPreview) => ({
  moved,
  overdue,
  admitted,
  additional,
  uncovered,
})

eachStore('the preview of an edit', open => {
  it('tells what a faster promise would move and what it would make overdue, and writes nothing', async () => {
    const office = await makeOffice(await open())
    const [one, other] = [await office.customer('Corner shop'), await office.customer('Quiet shop')]
    await office.register(one, 1)
    await office.register(one, 2)
    office.time.nowMs += 2 * HOUR
    await office.register(one, 2)
    await office.register(other, 3)
    const before = await office.everything()
    const levels = { ...office.plan.levels, '2': { ...office.plan.levels['2'], response: { kind: 'minutes' as const, minutes: 60 } } }
    const preview = await office.editPreview.ofPlan(office.plan.id, { ...office.plan, levels })
    expect(await office.everything()).toEqual(before)
    expect(preview).toMatchObject({
      sentence: '2 tickets move, 1 becomes overdue',
      totals: { customers: 1, open: 4, moved: 2, overdue: 1 },
      customers: [{ customerId: one, name: 'Corner shop', tickets: { open: 3, moved: 2, overdue: 1 } }],
      warnings: [],
    })
    expect(preview.clocks.map(({ clock, dueBefore, dueAfter, overdue }) => [clock, dueBefore, dueAfter, overdue])).toEqual([
      ['response', new Date(MONDAY_MS + 8 * HOUR).toISOString(), new Date(MONDAY_MS + 2 * HOUR).toISOString(), true],
      ['response', new Date(Date.parse('2026-11-17T10:00:00+01:00')).toISOString(), new Date(MONDAY_MS + 3 * HOUR).toISOString(), false],
    ])
  })

  it('tells what fewer devices and contacts would mean, and warns of a calendar that ends', async () => {
    const office = await makeOffice(await open())
    const customerId = await office.customer('Corner shop')
    await office.devices(customerId, 5)
    for (const email of ['a@example.com', 'b@example.com']) await office.contact(customerId, email)
    const fewer = await office.editPreview.ofPlan(office.plan.id, {
      ...office.plan,
      devices: { included: 1, more: 'refused' },
      contacts: { included: 1, namedOnly: true },
      holidays: ['2026-12-25'],
    })
    expect(fewer).toMatchObject({
      sentence: '4 devices lose their place; 1 contact is beyond the number named',
      customers: [{ devices: { admitted: 0, additional: 0, uncovered: 4 }, contactsOver: 1 }],
      warnings: ['The list of holidays ends on 2026-12-25: none is known for 2027. Add the dates of 2027, or choose a country.'],
    })
    expect((await office.editPreview.ofPlan(office.plan.id, office.plan)).sentence).toBe('Nothing changes for anybody.')
    expect((await office.editPreview.ofTerms(customerId, { planId: 'ombori-free' })).totals).toMatchObject({ uncovered: 2 })
  })

  it('refuses what the edit refuses, in the same words', async () => {
    const office = await makeOffice(await open())
    const customerId = await office.customer('Corner shop')
    const wrong = { ...office.plan, lines: 9, escalation: [{ clock: 'response', tell: ['desk'] }] }
    const why = (error: { slug: string; errors: unknown; message: string }) => [error.slug, error.message, error.errors]
    const refusedPlan = (body: unknown) => office.editPreview.ofPlan(office.plan.id, body).catch(why)
    const putPlan = (body: unknown) =>
      inTransaction(office.db, tx => office.catalogue.putPlan(tx, { id: office.plan.id, plan: body, by: 'x' })).catch(why)
    for (const body of [wrong, { ...office.plan, version: 99 }, 'x', { ...office.plan, escalation: wrong.escalation }])
      expect(await refusedPlan(body)).toEqual(await putPlan(body))
    const back = { escalation: [{ clock: 'response', percent: 50, tell: ['desk'], toLine: 3 }] }
    for (const patch of [{ planId: 'nothing' }, { timeZone: 'Mars/Olympus' }, { overrides: { colour: 1 } }, { overrides: back }])
      expect(await office.editPreview.ofTerms(customerId, patch).catch(why)).toEqual(
        await office.customers.update(customerId, patch).catch(why),
      )
    await expect(office.editPreview.ofTerms('nobody', {})).rejects.toMatchObject({ code: 'not-found' })
  })

  it('an edit leaves tickets alone whose promise it does not change', async () => {
    const office = await makeOffice(await open())
    const customerId = await office.customer('Corner shop')
    const [major, minor] = [await office.register(customerId, 2), await office.register(customerId, 3)]
    const levels = { ...office.plan.levels, '3': { ...office.plan.levels['3'], response: { kind: 'minutes' as const, minutes: 60 } } }
    await office.put({ levels })
    const notes = await office.db.selectFrom('ticket_events').select('ticket_id').where('kind', '=', 'plan').execute()
    expect(notes.map(row => row.ticket_id)).toEqual([minor])
    const [ticket, clocks] = [await office.ticketing.read(major), await office.ticketing.clockEvents(major)]
    expect(ticket.planVersion).toBe(2)
    expect(clocks.map(event => event.what)).toEqual(['started'])
  })

  it('holidays chosen later count for what is left of a running clock, not for what was used', async () => {
    const office = await makeOffice(await open())
    const customerId = await office.customer('Corner shop')
    const id = await office.register(customerId, 3)
    office.time.nowMs = Date.parse('2026-11-18T12:00:00+01:00')
    await office.customers.update(customerId, { overrides: { holidays: ['2026-11-17', '2026-11-19'] } })
    // Two days and two hours of the 48 were used; the Thursday falls out, the Tuesday does not.
    const { dueAt, usedMinutes } = (await office.ticketing.read(id)).clocks.response
    expect([usedMinutes, dueAt]).toEqual([22 * 60, new Date(Date.parse('2026-11-23T18:00:00+01:00')).toISOString()])
  })

  const target = fc.oneof(
    fc.integer({ min: 5, max: 4000 }).map(minutes => ({ kind: 'minutes' as const, minutes })),
    fc.integer({ min: 1, max: 6 }).map(days => ({ kind: 'business-days' as const, days, receipt: 'calendar-date' as const })),
    fc.constantFrom({ kind: 'best-effort' as const }, { kind: 'none' as const }),
  )
  const edit = fc.record({
    level: fc.constantFrom('1' as const, '2' as const, '3' as const),
    response: target,
    update: target,
    resolution: fc.option(target, { nil: null }),
    included: fc.integer({ min: 0, max: 7 }),
    more: fc.constantFrom('refused' as const, 'billed' as const),
    from: fc.integer({ min: 0, max: 11 }),
    passes: fc.integer({ min: 0, max: 900 }),
    answers: fc.integer({ min: 0, max: 5 }),
  })
  it('agrees with what the edit then does', async () => {
    const office = await makeOffice(await open())
    const customers = [await office.customer('One'), await office.customer('Two', { levels: { '2': { name: 'Mine' } } })]
    for (const customerId of customers) await office.devices(customerId, 4)
    const ids: string[] = []
    await fc.assert(
      fc.asyncProperty(edit, async step => {
        for (const [index, customerId] of customers.entries()) ids.push(await office.register(customerId, index + 1))
        const id = ids[step.answers % ids.length] ?? ''
        await office.ticketing.write(id, { visibility: 'public', body: 'x', asks: step.answers > 3 }, AGENT)
        office.time.nowMs += step.passes * MINUTE
        await office.deadlines.runDue()
        const terms = { ...office.plan.levels[step.level], response: step.response, update: step.update }
        const span: [string, string][] = [[`${String(step.from).padStart(2, '0')}:00`, '18:00']]
        const change: Partial<Plan> = {
          levels: { ...office.plan.levels, [step.level]: step.resolution === null ? terms : { ...terms, resolution: step.resolution } },
          devices: { included: step.included, more: step.more },
          hours: { mon: span, tue: span, wed: span, thu: span, fri: span },
          escalation: [],
        }
        const preview = await office.editPreview.ofPlan(office.plan.id, { ...office.plan, ...change })
        expect(shown(preview)).toEqual(await counted(office, () => office.put(change)))
      }),
      { numRuns: 15 },
    )
  })
})
