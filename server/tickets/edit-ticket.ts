/** Changes what stands on a ticket, in the transaction of the caller, with the ticket locked. */
import type { TicketFlag } from '../../shared/api/tickets/ticket-flags.ts'
import type { TicketPatch, TicketStatus } from '../../shared/api/tickets/ticket-api.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { invalidInput } from '../platform/errors.ts'
import { restateFields } from './rules/ticket-intake.ts'
import { addFlags, isOpenStatus } from './rules/ticket.ts'
import { latestClock, retargetClocks, type ClockKind, type Clocks } from '../sla/rules/ticket-clocks.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { clocksFor, flagsOf, loadCase, note, owedSinceMs, promisesOf, tellAbout, whyOf } from './loaded-ticket.ts'
import type { Act, Case } from './ticket-context.ts'
import { mustNotBeMerged } from './merged-ticket.ts'
import { saveCase } from './save-ticket.ts'
import { fromCompletion, missingInReport, staffLevel } from './register-ticket.ts'
import { withSupport } from '../plans/version-support.ts'

/** The part of a patch that changes what is owed: level, and what the report was missing. */
function reassess(
  one: Case,
  patch: TicketPatch,
  change: Partial<TicketRow>,
  organisation: string,
): { change: Partial<TicketRow>; promises: Case['promises']; why: string[]; missing: string[] } {
  const merged = { ...one.row, ...change }
  const staff = staffLevel(one.plan, (patch.level ?? one.row.level) as LevelNumber, patch.customerStaffAvailable)
  const missing = missingInReport(one.plan, merged, organisation)
  const asked = patch.level !== undefined || staff.flags.length > 0
  const stale: TicketFlag[] = [
    ...(asked ? (['level-not-eligible', 'level-lowered-no-staff'] as const) : []),
    ...(missing.length === 0 ? (['missing-information'] as const) : []),
  ]
  const kept = flagsOf(one.row).filter(flag => !stale.includes(flag))
  const promises = asked
    ? promisesOf(one.plan, { ...merged, level: staff.level, flags: JSON.stringify(kept) }, owedSinceMs(one.row))
    : one.promises
  const flags = asked ? addFlags(kept, ...promises.flags, ...staff.flags) : kept
  return {
    change: { ...change, level: asked ? promises.level : one.row.level, flags: JSON.stringify(flags) },
    promises,
    why: asked ? [...promises.why, ...staff.why] : [],
    missing,
  }
}

/** Changes level, line, assignee or the report's own fields. Throws invalid-input for a line the plan does not have. */
export async function patchTicket({ tx, desk, changes, author }: Act, ticketId: string, patch: TicketPatch): Promise<void> {
  const nowMs = desk.now()
  const one = await loadCase(tx, desk, ticketId)
  const { row, plan } = one
  mustNotBeMerged(row)
  if (patch.line !== undefined && patch.line > plan.lines)
    throw invalidInput([{ path: 'body/line', message: `the ${plan.name} plan has ${plan.lines} lines` }])
  const customer = await findCustomer(tx, row.customer_id)
  const own: Partial<TicketRow> = {
    ...(patch.line === undefined ? {} : { line: patch.line }),
    ...(patch.assignee === undefined ? {} : { assignee_user_id: patch.assignee }),
    ...(patch.reporter === undefined ? {} : { reporter: JSON.stringify(patch.reporter) }),
    ...(patch.productId === undefined ? {} : { product_id: patch.productId }),
    ...(patch.softwareVersion === undefined ? {} : { software_version: patch.softwareVersion }),
    ...(patch.platformVersion === undefined ? {} : { platform_version: patch.platformVersion }),
    ...(patch.impact === undefined ? {} : { impact: patch.impact }),
  }
  const { change, promises, why, missing } = reassess(one, patch, own, customer?.name ?? '')
  const sentences = await withSupport(tx, plan, { why: whyOf(row), before: row, after: { ...row, ...own } }, nowMs)
  const isAnswered = latestClock(one.clocks, 'response')?.facts.endedAtMs !== null
  const status: TicketStatus =
    row.status === 'waiting-information' && missing.length === 0 && flagsOf(row).includes('missing-information')
      ? isAnswered
        ? 'in-progress'
        : 'new'
      : row.status
  let clocks: Clocks = one.clocks
  const byChange: ClockKind[] = []
  const log = (kind: string, text: string, isPublic: boolean, data?: unknown): Promise<string> =>
    note(tx, desk, row, { atMs: nowMs, nowMs, kind, text, author, isPublic, ...(data === undefined ? {} : { data }) })
  if (change.level !== row.level && isOpenStatus(row.status)) {
    const moved = retargetClocks(clocks, promises, nowMs)
    clocks = moved.clocks
    byChange.push(...moved.byChange)
    await log('level', `Level ${row.level} became ${change.level ?? row.level}.${why.length > 0 ? ` ${why.join(' ')}` : ''}`, true)
  }
  if (isOpenStatus(status)) {
    const moved = clocksFor({ ...one, promises }, clocks, status, nowMs)
    clocks = moved.clocks
    byChange.push(...moved.byChange)
  }
  if (status !== row.status) await log('status', `${row.status} became ${status}: the report is complete`, true)
  const from = status === row.status ? [] : fromCompletion(promises, clocks)
  const stated = flagsOf(row).includes('missing-information') ? restateFields(sentences, plan, missing) : sentences
  change.why = JSON.stringify(addFlags(stated, ...why, ...from))
  if (patch.line !== undefined && patch.line !== row.line)
    await log('line', `Line ${row.line} became ${patch.line}.`, plan.tellEscalations, { from: row.line, to: patch.line })
  if (patch.assignee !== undefined && patch.assignee !== row.assignee_user_id)
    await log('assignee', patch.assignee === null ? 'Assigned to nobody.' : `Assigned to ${patch.assignee}.`, false, {
      from: row.assignee_user_id,
      to: patch.assignee,
    })
  // The reason is for colleagues, as that of a move.
  if (patch.reason) await log('reason', patch.reason, false)
  const saved = await saveCase(tx, desk, one, { change: { ...change, status }, clocks, byChange, promises }, { nowMs, changes })
  if (patch.line !== undefined && patch.line > row.line && plan.tellEscalations) {
    await tellAbout(tx, desk, saved, {
      kind: 'ticket-escalated',
      to: ['customer', 'desk'],
      text: `Your ticket was given to line ${patch.line}.`,
      line: patch.line,
      once: `${patch.line}:${nowMs}`,
      nowMs,
    })
  }
}
