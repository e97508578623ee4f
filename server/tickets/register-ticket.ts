/** Tickets that people register. Limits of the plan never refuse: the ticket is kept, flagged, and says why. */
import type { TicketFlag } from '../../shared/api/tickets/ticket-flags.ts'
import type { TicketInput, TicketStatus } from '../../shared/api/tickets/ticket-api.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { invalidInput } from '../platform/errors.ts'
import { whyDue, type TicketPromises } from '../sla/rules/promise.ts'
import { addFlags, autoCloseAt, levelWithoutStaff } from './rules/ticket.ts'
import { latestClock, registerClocks, setClocksToStatus, type Clocks } from '../sla/rules/ticket-clocks.ts'
import { checkContact, checkFields, checkQuota, missingFields, monthOf } from './rules/ticket-intake.ts'
import { findCustomer, listContacts } from '../customers/store/customer-store.ts'
import { lockCustomer, type Tx } from '../database/database.ts'
import { findDevice } from '../devices/store/device-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { countCases, insertTicket } from './store/ticket-store.ts'
import type { Change } from '../platform/change-bus.ts'
import { note, pauseTerms, promisesOf, tellAbout } from './loaded-ticket.ts'
import type { Author, Desk, PlanInForce } from './ticket-context.ts'
import { saveCase } from './save-ticket.ts'
import { newReference } from './new-reference.ts'
import { reportedSupport } from '../plans/version-support.ts'
import { newRowId } from '../database/row-id.ts'

/** The level that counts when the customer has nobody at hand. */
export function staffLevel(
  plan: PlanInForce,
  level: LevelNumber,
  isStaffAvailable: boolean | undefined,
): { level: LevelNumber; flags: TicketFlag[]; why: string[] } {
  if (isStaffAvailable !== false) return { level, flags: [], why: [] }
  const lowered = levelWithoutStaff(level, other => plan.levels[other].needsCustomerStaff === true)
  if (lowered === level) return { level, flags: [], why: [] }
  return {
    level: lowered,
    flags: ['level-lowered-no-staff'],
    why: [`The customer has no staff at hand: level ${level} became ${lowered}.`],
  }
}

/** Required facts that a ticket's report does not tell, in the plan's words; what the monitoring raised needs none. */
export function missingInReport(plan: PlanInForce, row: TicketRow, organisation: string): string[] {
  if (row.source === 'monitoring') return []
  return missingFields(
    plan,
    {
      reporter: row.reporter === null ? { name: '' } : (JSON.parse(row.reporter) as { name: string }),
      description: row.description,
      productId: row.product_id,
      softwareVersion: row.software_version ?? undefined,
      platformVersion: row.platform_version ?? undefined,
      impact: row.impact ?? undefined,
    },
    organisation,
  )
}

/** How long ago a call may have been that is logged as a new ticket. */
const MAX_LATE_MS = 7 * 86_400_000
const SKEW_MS = 60_000

/** When it was said; throws invalid-input for the future and for what is too long ago. */
function saidAt(at: string | undefined, nowMs: number): number {
  if (at === undefined) return nowMs
  const atMs = Date.parse(at)
  if (Number.isNaN(atMs) || atMs > nowMs + SKEW_MS) throw invalidInput([{ path: 'body/at', message: 'must not be in the future' }])
  if (atMs < nowMs - MAX_LATE_MS) throw invalidInput([{ path: 'body/at', message: 'must not be more than seven days ago' }])
  return Math.min(atMs, nowMs)
}

/** Why it is due when it is, of a report that waited and is complete now. */
export function fromCompletion(promises: TicketPromises, clocks: Clocks): string[] {
  const response = latestClock(clocks, 'response')?.facts
  const due = response?.endedAtMs === null ? [whyDue(promises.response, response.dueAtMs)] : []
  return ['The report was completed: the deadlines run from then.', ...due]
}

/** Registers a ticket in the caller's transaction; gives its id. Throws invalid-input for an unknown customer or device. */
export async function registerTicket(tx: Tx, desk: Desk, input: TicketInput, author: Author, changes: Change[]): Promise<string> {
  const nowMs = desk.now()
  const atMs = saidAt(input.at, nowMs)
  if (input.channel === 'monitoring')
    throw invalidInput([{ path: 'body/channel', message: 'monitoring is for what the monitoring itself raises' }])
  if (!(await lockCustomer(tx, input.customerId))) throw invalidInput([{ path: 'body/customerId', message: 'is not a customer' }])
  const device = input.deviceId === undefined ? null : await findDevice(tx, input.deviceId)
  if (input.deviceId !== undefined && device?.customer_id !== input.customerId)
    throw invalidInput([{ path: 'body/deviceId', message: 'is not a device of this customer' }])
  const plan = await desk.catalogue.effectivePlanOf(tx, input.customerId)
  const customer = await findCustomer(tx, input.customerId)

  const contact = checkContact(plan, await listContacts(tx, input.customerId), input.reporter)
  const quota = checkQuota(plan, await countCases(tx, input.customerId, monthOf(atMs, plan.timeZone)))
  const missing = missingFields(plan, input, input.reporter.organisation ?? customer?.name ?? '')
  const fields = checkFields(plan, missing)
  const staff = staffLevel(plan, input.level as LevelNumber, input.customerStaffAvailable)
  const environment = input.environment ?? 'production'
  const category = input.category ?? 'incident'
  const limits = addFlags<TicketFlag>([], ...contact.flags, ...quota.flags, ...fields.flags, ...staff.flags)
  const promises = promisesOf(
    plan,
    { level: staff.level, environment, category, channel: input.channel, flags: JSON.stringify(limits), approved_at: null },
    atMs,
  )
  const status: TicketStatus = fields.waits ? 'waiting-information' : 'new'
  const { clocks } = setClocksToStatus(registerClocks(promises, atMs), status, pauseTerms(plan, promises), atMs)

  const row: TicketRow = {
    id: newRowId(),
    reference: await newReference(tx, nowMs),
    source: 'contact',
    status,
    level: promises.level,
    line: 1,
    subject: input.subject,
    description: input.description,
    customer_id: input.customerId,
    site_id: device?.site_id ?? null,
    device_id: device?.id ?? null,
    partner_id: null,
    assignee_user_id: null,
    incident_id: null,
    signal: null,
    component: null,
    channel: input.channel,
    reporter: JSON.stringify(input.reporter),
    environment,
    category,
    product_id: input.productId ?? null,
    software_version: input.softwareVersion ?? null,
    platform_version: input.platformVersion ?? null,
    impact: input.impact ?? null,
    flags: JSON.stringify(addFlags(promises.flags, ...limits)),
    why: JSON.stringify([
      whyDue(promises.response, latestClock(clocks, 'response')?.facts.dueAtMs ?? null),
      ...promises.why,
      ...contact.why,
      ...quota.why,
      ...fields.why,
      ...staff.why,
      ...(await reportedSupport(tx, plan, input, nowMs)),
    ]),
    occurrences: 1,
    repeats: 0,
    plan_id: plan.id,
    plan_version: plan.version,
    created_at: atMs,
    updated_at: nowMs,
    resolved_at: null,
    resolved_by: null,
    closed_at: null,
    auto_close_at: autoCloseAt({ status, sinceMs: nowMs, resolvedBy: null, autoCloseAfterDays: plan.autoCloseAfterDays }),
    approved_at: null,
    same_as_ticket_id: null,
    next_deadline_at: null,
  }
  await insertTicket(tx, row)
  await desk.caseCounted(tx, input.customerId)
  await note(tx, desk, row, {
    atMs,
    nowMs,
    kind: 'opened',
    text: `Ticket registered by ${input.reporter.name} (${input.channel}): ${row.subject}`,
    author,
    isPublic: true,
    onDevice: true,
  })
  const saved = await saveCase(tx, desk, { row, clocks: [], plan, promises }, { clocks }, { nowMs, changes })
  const why = JSON.parse(row.why) as string[]
  const dueAtMs = latestClock(saved.clocks, 'response')?.facts.dueAtMs ?? null
  // What the clocks wait for; the receipt must not say that nothing is owed.
  const opened = { text: row.description, why, dueAtMs, ...(fields.waits ? { missing } : {}) }
  await tellAbout(tx, desk, saved, { kind: 'ticket-opened', to: ['desk', 'customer'], ...opened, once: 1, nowMs })
  if (fields.waits) {
    const text = `Missing in the report: ${missing.join(', ')}.`
    await tellAbout(tx, desk, saved, { kind: 'information-missing', to: ['customer'], text, once: 1, nowMs, missing })
  }
  return row.id
}
