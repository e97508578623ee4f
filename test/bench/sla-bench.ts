/** Deadlines of 100,000 open tickets after their calendar was edited: computed, previewed on a store, and written. */
import { randomUUIDv7 } from 'node:crypto'
import type { Plan } from '../../shared/api/plans/plan-api.ts'
import { effectivePlan, promisesFor, type EffectivePlan } from '../../server/plans/rules/plan.ts'
import { answerClocks, registerClocks, setClocksToStatus, type Clocks } from '../../server/sla/rules/ticket-clocks.ts'
import { followInOrder } from '../../server/tickets/ticket-followers.ts'
import { loadCase } from '../../server/tickets/loaded-ticket.ts'
import type { Desk } from '../../server/tickets/ticket-context.ts'
import { replanTicket } from '../../server/tickets/replan-tickets.ts'
import { nextDeadline, saveCase } from '../../server/tickets/save-ticket.ts'
import { readClocks, writeClocks } from '../../server/sla/store/clock-store.ts'
import { insertCustomer } from '../../server/customers/store/customer-store.ts'
import { inTransaction, openStore, type Database } from '../../server/database/database.ts'
import type { TicketRow } from '../../server/database/tables/schema.ts'
import { findTicket } from '../../server/tickets/store/ticket-store.ts'
import { makeTestHouse } from '../support/test-house.ts'
import type { BenchRow } from './bench-row.ts'
import { temporaryFolder } from './estate.ts'

const TICKETS = 100_000
const CUSTOMERS = 100
/** So many are done one at a time for the comparison. */
const SAMPLE = 2_000
const BATCH = 500
/** Updates that the tickets of levels 1 and 2 had: on a store few, so that it is filled soon; a replay goes through those of a day. */
const STORED_UPDATES = 2
const UPDATES_OF_A_DAY = 12
const PLAN_ID = 'ombori-production'
const HOUR_MS = 3_600_000
const NOW_MS = Date.parse('2026-11-16T10:00:00Z')
const PAUSES = { waitingPausesUpdate: true, waitingPartnerPauses: false }

const perTicket = async (count: number, work: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now()
  await work()
  return ((performance.now() - startMs) * 1000) / count
}
const row = (name: string, value: number, baseline: number): BenchRow => ({
  name,
  value,
  unit: 'us/ticket',
  baseline,
  ratio: value / baseline,
})

/** What happened to a ticket so far: registered, answered, asked, answered, and told so many times more. */
function lived(plan: EffectivePlan, ticket: Pick<TicketRow, 'level' | 'created_at'>, updates: number): Clocks {
  const { created_at: atMs } = ticket
  const facts = { environment: 'production', category: 'incident', channel: 'form', registeredAtMs: atMs } as const
  const promises = promisesFor(plan, { ...facts, level: ticket.level as 1 | 2 | 3 | 4 })
  let clocks = registerClocks(promises, atMs)
  if (ticket.level > 2) return clocks
  clocks = answerClocks(clocks, promises, atMs + HOUR_MS / 4)
  clocks = setClocksToStatus(clocks, 'waiting-customer', PAUSES, atMs + HOUR_MS / 2).clocks
  clocks = setClocksToStatus(clocks, 'in-progress', PAUSES, atMs + HOUR_MS).clocks
  for (let update = 1; update <= updates; update += 1)
    clocks = answerClocks(clocks, promises, atMs + HOUR_MS + (update * HOUR_MS) / updates)
  return clocks
}

function ticketOf(index: number): TicketRow {
  const level = (index % 4) + 1
  const texts = { subject: `Ticket ${index}`, description: 'x', channel: 'form', environment: 'production', category: 'incident' }
  const nothing = {
    site_id: null,
    device_id: null,
    partner_id: null,
    assignee_user_id: null,
    incident_id: null,
    signal: null,
    component: null,
  }
  const ends = { resolved_at: null, resolved_by: null, closed_at: null, auto_close_at: null, same_as_ticket_id: null, approved_at: null }
  const createdAt = NOW_MS - 2.5 * HOUR_MS + (index % 1000)
  return {
    id: randomUUIDv7(),
    reference: `KK-2026-${String(index).padStart(6, '0')}`,
    source: 'contact',
    status: level > 2 ? 'new' : 'in-progress',
    level,
    line: 1,
    customer_id: `customer-${index % CUSTOMERS}`,
    ...texts,
    ...nothing,
    reporter: null,
    software_version: null,
    platform_version: null,
    impact: null,
    flags: '[]',
    why: '[]',
    occurrences: 1,
    repeats: 0,
    plan_id: PLAN_ID,
    plan_version: 1,
    created_at: createdAt,
    updated_at: createdAt,
    ...ends,
    next_deadline_at: null,
  }
}

async function fill(db: Database, tickets: readonly { row: TicketRow; clocks: Clocks }[]): Promise<void> {
  await inTransaction(db, async tx => {
    for (let index = 0; index < CUSTOMERS; index += 1) {
      const hook = { webhook_url: null, webhook_secret: null, downgrade_until: null, created_at: NOW_MS }
      const terms = { plan_id: PLAN_ID, time_zone: 'Europe/Stockholm', overrides: '{}' }
      await insertCustomer(tx, { id: `customer-${index}`, name: `Customer ${index}`, ...terms, ...hook })
    }
    for (let start = 0; start < tickets.length; start += BATCH) {
      const piece = tickets.slice(start, start + BATCH)
      await tx
        .insertInto('tickets')
        .values(piece.map(({ row: ticket, clocks }) => ({ ...ticket, next_deadline_at: nextDeadline(clocks, null) })))
        .execute()
      await writeClocks(
        tx,
        piece.map(({ row: ticket, clocks }) => ({ ticketId: ticket.id, before: [], after: clocks })),
      )
    }
  })
}

/** Runs the benchmarks of the clocks. */
export async function slaBenches(): Promise<BenchRow[]> {
  const folder = temporaryFolder()
  const store = await openStore(`${folder.path}/sla.db`)
  const { db } = store
  try {
    const house = makeTestHouse(store, () => NOW_MS)
    await house.catalogue.load()
    const stored = await house.catalogue.getPlan(db, PLAN_ID)
    if (!stored) throw new Error(`no plan ${PLAN_ID}`)
    const { version: _version, ...plan } = stored
    const span: [string, string][] = [['09:00', '20:00']]
    const edited: Plan = {
      ...plan,
      hours: { mon: span, tue: span, wed: span, thu: span, fri: span },
      holidays: ['2026-12-24', '2027-01-01'],
    }
    const terms = { overrides: {}, timeZone: 'Europe/Stockholm', holidaysOf: () => [] }
    const [before, after] = [effectivePlan({ plan, ...terms }), effectivePlan({ plan: edited, ...terms })]
    const tickets = Array.from({ length: TICKETS }, (_, index) => ticketOf(index)).map(ticket => ({
      row: ticket,
      clocks: lived(before, ticket, STORED_UPDATES),
    }))

    const recompute = await perTicket(TICKETS, async () => {
      for (const { row: ticket, clocks } of tickets) {
        // As the service reads them: what is finished plays no part.
        const movable = clocks.filter(clock => clock.facts.endedAtMs === null)
        nextDeadline(replanTicket(ticket, movable, after, NOW_MS).clocks, null)
      }
    })
    const replay = await perTicket(TICKETS, async () => {
      for (const { row: ticket } of tickets) nextDeadline(lived(after, ticket, UPDATES_OF_A_DAY), null)
    })

    await fill(db, tickets)
    const sample = tickets.slice(0, SAMPLE).map(({ row: ticket }) => ticket.id)
    const preview = await perTicket(TICKETS, () => house.editPreview.ofPlan(PLAN_ID, edited))
    const oneByOne = await perTicket(SAMPLE, async () => {
      for (const id of sample) {
        const ticket = await findTicket(db, id)
        if (ticket) replanTicket(ticket, (await readClocks(db, [id])).get(id) ?? [], after, NOW_MS)
      }
    })

    const desk: Desk = {
      now: () => NOW_MS,
      tell: () => Promise.resolve(),
      caseCounted: () => Promise.resolve(),
      follow: followInOrder([]),
      catalogue: { ...house.catalogue, effectivePlanOf: () => Promise.resolve({ ...after, version: 2 }) },
    }
    // Undone again, so that the edit itself finds them as they were.
    const undone = new Error('undone')
    const written = await perTicket(SAMPLE, () =>
      inTransaction(db, async tx => {
        for (const id of sample) {
          const one = await loadCase(tx, desk, id)
          await saveCase(tx, desk, one, replanTicket(one.row, one.clocks, after, NOW_MS), { nowMs: NOW_MS, changes: [] })
        }
        throw undone
      }).catch((error: unknown) => {
        if (error !== undone) throw error
      }),
    )
    await inTransaction(db, tx => house.catalogue.putPlan(tx, { id: PLAN_ID, plan: edited, by: 'bench' }))
    const edit = await perTicket(TICKETS, () => house.customers.followPlans([PLAN_ID]))
    return [row('sla.recompute', recompute, replay), row('sla.preview', preview, oneByOne), row('sla.edit', edit, written)]
  } finally {
    await store.close()
    folder.remove()
  }
}
