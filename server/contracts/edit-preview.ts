/** What an edit would do, before it is saved: every open ticket, device and contact judged on a copy. Nothing is written. */
import { setImmediate } from 'node:timers/promises'
import type { CustomerPatch } from '../../shared/api/contracts/customer-api.ts'
import type { Plan, PlanOverrides } from '../../shared/api/plans/plan-api.ts'
import type { CustomerEffect, EditPreview, MovedClock } from '../../shared/api/contracts/plan-preview-api.ts'
import type { Candidate } from './rules/cover-allocation.ts'
import { placeEffect, summariseEdit } from './rules/edit-effect.ts'
import { notFound } from '../platform/errors.ts'
import type { EffectivePlan } from '../plans/rules/plan.ts'
import { calendarWarnings } from '../plans/rules/plan-own.ts'
import { readOverrides } from '../plans/rules/stored-plan.ts'
import { latestClock, type Clocks } from '../sla/rules/ticket-clocks.ts'
import { readClocks } from '../sla/store/clock-store.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import type { Database } from '../database/database.ts'
import {
  listOpenTicketIdsOf,
  readCustomersOfPlan,
  readPreviewHolders,
  readPreviewTickets,
  type PreviewCustomer,
  type PreviewTicket,
} from './store/edit-preview-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Customers } from './customers.ts'
import { REPLAN_BATCH, replanTicket, type Replanned } from '../tickets/replan-tickets.ts'
import { isoOrNull } from '../../shared/instants.ts'

const KINDS = ['response', 'update', 'resolution'] as const
/** More are counted, not kept: the answer shows only the first ones, overdue before moved. */
const MAX_KEPT_CLOCKS = 500

type Edited = { customer: PreviewCustomer; plan: EffectivePlan }

/** Clocks of a ticket whose due time is another one after the edit. */
function movedClocks(ticket: PreviewTicket, before: Clocks, { clocks, byChange }: Replanned): MovedClock[] {
  return KINDS.flatMap(kind => {
    const [dueBefore, dueAfter] = [latestClock(before, kind), latestClock(clocks, kind)].map(clock => clock?.facts.dueAtMs ?? null)
    const overdue = byChange.includes(kind)
    if (dueBefore === dueAfter && !overdue) return []
    return [
      {
        ticketId: ticket.id,
        reference: ticket.reference,
        subject: ticket.subject,
        customerId: ticket.customer_id,
        clock: kind,
        dueBefore: isoOrNull(dueBefore ?? null),
        dueAfter: isoOrNull(dueAfter ?? null),
        overdue,
      },
    ]
  })
}

/** Makes the previews. */
export function makeEditPreview(deps: { db: Database; now: () => number; catalogue: Catalogue; customers: Pick<Customers, 'checkTerms'> }) {
  const { db, now, catalogue, customers } = deps

  const effectsOf = async (edited: readonly Edited[], nowMs: number): Promise<{ effects: CustomerEffect[]; clocks: MovedClock[] }> => {
    const ids = edited.map(({ customer }) => customer.id)
    const { devices, contacts } = await readPreviewHolders(db, ids)
    const plans = new Map(edited.map(({ customer, plan }) => [customer.id, plan]))
    const effects = new Map<string, CustomerEffect>()
    for (const { customer, plan } of edited) {
      const candidates = (devices.get(customer.id) ?? []).map((device): Candidate => ({
        id: device.id,
        // Retired devices are not read.
        state: device.state as Candidate['state'],
        enrolledAtMs: device.enrolled_at,
        waitingSinceMs: device.waiting_since,
        chosen: false,
      }))
      const { included } = plan.contacts
      effects.set(customer.id, {
        customerId: customer.id,
        name: customer.name,
        tickets: { open: 0, moved: 0, overdue: 0 },
        devices: placeEffect(candidates, plan.devices),
        contactsOver: included === null ? 0 : Math.max(0, (contacts.get(customer.id) ?? 0) - included),
      })
    }
    const overdue: MovedClock[] = []
    const moved: MovedClock[] = []
    const ticketIds = await listOpenTicketIdsOf(db, ids)
    for (let start = 0; start < ticketIds.length; start += REPLAN_BATCH) {
      const tickets = await readPreviewTickets(db, ticketIds.slice(start, start + REPLAN_BATCH))
      const clocksOf = await readClocks(
        db,
        tickets.map(ticket => ticket.id),
        'movable',
      )
      for (const ticket of tickets) {
        const [effect, plan] = [effects.get(ticket.customer_id), plans.get(ticket.customer_id)]
        if (!effect || !plan) continue
        const clocks = clocksOf.get(ticket.id) ?? []
        const found = movedClocks(ticket, clocks, replanTicket(ticket, clocks, plan, nowMs))
        effect.tickets.open += 1
        if (found.length > 0) effect.tickets.moved += 1
        if (found.some(clock => clock.overdue)) effect.tickets.overdue += 1
        for (const clock of found) {
          const list = clock.overdue ? overdue : moved
          if (list.length < MAX_KEPT_CLOCKS) list.push(clock)
        }
      }
      // Tens of thousands of tickets take seconds: devices and people get their turn in between.
      await setImmediate()
    }
    return { effects: [...effects.values()], clocks: [...overdue, ...moved] }
  }

  return {
    /** A plan as it would be. Refuses what `PUT /plans/{id}` refuses, in the same words. */
    async ofPlan(id: string, body: unknown): Promise<EditPreview> {
      const nowMs = now()
      const plan: Plan = await catalogue.checkPlan(db, { id, plan: body })
      const inForce = new Map<string, EffectivePlan>()
      const edited: Edited[] = []
      for (const customer of await readCustomersOfPlan(db, id)) {
        const key = `${customer.time_zone} ${customer.overrides}`
        const known = inForce.get(key)
        const merged = known ?? (await catalogue.inForce(plan, readOverrides(customer.overrides), customer.time_zone))
        inForce.set(key, merged)
        edited.push({ customer, plan: merged })
      }
      const { effects, clocks } = await effectsOf(edited, nowMs)
      return summariseEdit(effects, clocks, await catalogue.planWarnings(plan))
    },

    /** A customer's terms as they would be. Refuses what `PATCH /customers/{id}` refuses. Throws not-found. */
    async ofTerms(customerId: string, patch: Pick<CustomerPatch, 'planId' | 'timeZone' | 'overrides'>): Promise<EditPreview> {
      const nowMs = now()
      const row = await findCustomer(db, customerId)
      if (!row) throw notFound('customer')
      await customers.checkTerms(patch, row)
      const stored = await catalogue.getPlan(db, patch.planId ?? row.plan_id)
      if (!stored) throw notFound('plan')
      const { version: _version, ...plan } = stored
      const overrides = (patch.overrides as PlanOverrides | undefined) ?? readOverrides(row.overrides)
      const inForce = await catalogue.inForce(plan, overrides, patch.timeZone ?? row.time_zone)
      const { effects, clocks } = await effectsOf([{ customer: row, plan: inForce }], nowMs)
      return summariseEdit(effects, clocks, calendarWarnings(inForce, new Date(nowMs).getUTCFullYear()))
    },
  }
}
export type EditPreviews = ReturnType<typeof makeEditPreview>
