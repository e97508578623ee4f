/** A ticket for a customer that an outage of ours concerns: raised by us, so it counts against no quota and waits for no facts. */
import { whyDue } from '../sla/rules/promise.ts'
import { latestClock, registerClocks } from '../sla/rules/ticket-clocks.ts'
import type { Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { insertTicket } from '../tickets/store/ticket-store.ts'
import type { Change } from '../platform/change-bus.ts'
import { note, promisesOf, tellAbout } from '../tickets/loaded-ticket.ts'
import type { Author, Desk } from '../tickets/ticket-context.ts'
import { newReference } from '../tickets/new-reference.ts'
import { saveCase } from '../tickets/save-ticket.ts'
import { newRowId } from '../database/row-id.ts'

const KIND = { level: 1, environment: 'production', category: 'incident', channel: 'monitoring', flags: '[]', approved_at: null } as const

/** Opens it in the caller's transaction and tells the customer; gives its id. */
export async function openForCustomer(
  tx: Tx,
  desk: Desk,
  about: { customerId: string; subject: string; description: string; incidentId: string | null; author: Author },
  changes: Change[],
): Promise<string> {
  const nowMs = desk.now()
  const { customerId, subject, description, author } = about
  const plan = await desk.catalogue.effectivePlanOf(tx, customerId)
  const promises = promisesOf(plan, KIND, nowMs)
  const clocks = registerClocks(promises, nowMs)
  const dueAtMs = latestClock(clocks, 'response')?.facts.dueAtMs ?? null
  const why = [whyDue(promises.response, dueAtMs), ...promises.why]
  const row: TicketRow = {
    ...KIND,
    id: newRowId(),
    reference: await newReference(tx, nowMs),
    source: 'monitoring',
    status: 'new',
    level: promises.level,
    line: 1,
    subject,
    description,
    customer_id: customerId,
    site_id: null,
    device_id: null,
    partner_id: null,
    assignee_user_id: null,
    incident_id: about.incidentId,
    signal: null,
    component: null,
    reporter: null,
    software_version: null,
    platform_version: null,
    impact: null,
    flags: JSON.stringify(promises.flags),
    why: JSON.stringify(why),
    occurrences: 1,
    repeats: 0,
    plan_id: plan.id,
    plan_version: plan.version,
    created_at: nowMs,
    updated_at: nowMs,
    resolved_at: null,
    resolved_by: null,
    closed_at: null,
    auto_close_at: null,
    same_as_ticket_id: null,
    next_deadline_at: null,
  }
  await insertTicket(tx, row)
  await note(tx, desk, row, { atMs: nowMs, nowMs, kind: 'opened', text: `Ticket opened by us: ${subject}`, author, isPublic: true })
  const saved = await saveCase(tx, desk, { row, clocks: [], plan, promises }, { clocks }, { nowMs, changes })
  await tellAbout(tx, desk, saved, { kind: 'ticket-opened', to: ['desk', 'customer'], text: description, once: 1, nowMs, why, dueAtMs })
  return row.id
}
