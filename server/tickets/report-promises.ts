/** What would be promised for a report that is not sent yet: by the same rules that register it, nothing is kept. */
import type { TicketFlag } from '../../shared/api/tickets/ticket-flags.ts'
import type { PromiseInput, ReportPromise } from '../../shared/api/tickets/promise-api.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { whyDue } from '../sla/rules/promise.ts'
import { addFlags } from './rules/ticket.ts'
import { latestClock, registerClocks } from '../sla/rules/ticket-clocks.ts'
import { checkContact, checkQuota, monthOf } from './rules/ticket-intake.ts'
import { listContacts } from '../customers/store/customer-store.ts'
import type { Database } from '../database/database.ts'
import { countCases } from './store/ticket-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import { promisesOf } from './loaded-ticket.ts'
import { staffLevel } from './register-ticket.ts'

/** Makes the reader of promises. */
export function makeReportPromises(deps: { db: Database; now: () => number; catalogue: Pick<Catalogue, 'effectivePlanOf'> }) {
  const { db, now, catalogue } = deps
  return {
    /** As of now. Throws `not-found` for an unknown customer. */
    async read(customerId: string, input: PromiseInput): Promise<ReportPromise> {
      const nowMs = now()
      const plan = await catalogue.effectivePlanOf(db, customerId)
      const contact = checkContact(plan, await listContacts(db, customerId), input.reporter)
      const quota = checkQuota(plan, await countCases(db, customerId, monthOf(nowMs, plan.timeZone)))
      const staff = staffLevel(plan, input.level as LevelNumber, input.customerStaffAvailable)
      const limits = addFlags<TicketFlag>([], ...contact.flags, ...quota.flags, ...staff.flags)
      const promises = promisesOf(
        plan,
        {
          level: staff.level,
          environment: input.environment ?? 'production',
          category: input.category ?? 'incident',
          channel: input.channel,
          flags: JSON.stringify(limits),
          approved_at: null,
        },
        nowMs,
      )
      const dueAtMs = latestClock(registerClocks(promises, nowMs), 'response')?.facts.dueAtMs ?? null
      return {
        level: promises.level,
        levelName: promises.levelName,
        answerBy: dueAtMs === null ? null : new Date(dueAtMs).toISOString(),
        timeZone: plan.timeZone,
        flags: addFlags(promises.flags, ...limits),
        why: [whyDue(promises.response, dueAtMs), ...promises.why, ...contact.why, ...quota.why, ...staff.why],
      }
    },
  }
}
export type ReportPromises = ReturnType<typeof makeReportPromises>
