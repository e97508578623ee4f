/** Monthly statements: counted while the month runs, issued once when it has ended, and never counted again. */
import type { Logger } from 'pino'
import type { Statement, StatementListItem } from '../../shared/api/contracts/statement-api.ts'
import { notFound } from '../platform/errors.ts'
import { additionalDays, earliestEndMs, laterMonth, openMonth, openMonths, type StatementMonth } from './rules/statement.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import { inTransaction, lockCustomer, type Database, type Tx } from '../database/database.ts'
import { listUsesBetween } from './store/entitlement-store.ts'
import { listAdditionalSpans, nameDevices } from '../devices/store/device-state-store.ts'
import {
  findLastStatement,
  findStatement,
  insertStatement,
  listCasesBeyond,
  listStatementCandidates,
  listStatements,
} from './store/statement-store.ts'
import { countCases } from '../tickets/store/ticket-store.ts'
import type { Catalogue, Reader } from '../plans/catalogue.ts'
import { toUse, type Entitlements } from './entitlements.ts'
import { DAY_MS } from '../../shared/units.ts'
import { iso } from '../../shared/instants.ts'

/** No month is shorter, whatever its zone did in between: a statement that ended later than this has nothing due after it. */
const SHORTEST_MONTH_MS = 26 * DAY_MS

/** Makes the statements service. */
export function makeStatements(deps: {
  db: Database
  log: Logger
  now: () => number
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  entitlements: Pick<Entitlements, 'balances'>
}) {
  const { db, log, now, catalogue } = deps

  const openMonthOf = async (reader: Reader, customerId: string): Promise<StatementMonth> => {
    const customer = await findCustomer(reader, customerId)
    if (!customer) throw notFound('customer')
    const { timeZone } = await catalogue.effectivePlanOf(reader, customerId)
    return openMonth(await findLastStatement(reader, customerId), customer.created_at, timeZone)
  }

  const deviceRows = async (reader: Reader, customerId: string, month: StatementMonth): Promise<Statement['devices']['rows']> => {
    const { fromMs, toMs } = month
    const spans = await listAdditionalSpans(reader, { customerId, fromMs, toMs })
    const days = additionalDays(
      spans.map(span => ({ deviceId: span.device_id, fromMs: span.from_at, toMs: span.to_at })),
      month,
      now(),
    )
    const names = await nameDevices(reader, [...days.keys()])
    return [...days]
      .map(([deviceId, dates]) => ({
        deviceId,
        name: names.get(deviceId)?.name ?? deviceId,
        siteName: names.get(deviceId)?.siteName ?? '',
        days: dates,
        deviceDays: dates.length,
      }))
      .sort((one, other) => (one.name === other.name ? (one.deviceId < other.deviceId ? -1 : 1) : one.name < other.name ? -1 : 1))
  }

  const caseRows = async (
    reader: Reader,
    customerId: string,
    span: { fromMs: number; toMs: number },
  ): Promise<Statement['cases']['beyond']> =>
    (await listCasesBeyond(reader, { customerId, ...span })).map(ticket => {
      // Approved after the month: the statement of that later month shows it.
      const approvedAtMs = ticket.approved_at !== null && ticket.approved_at < span.toMs ? ticket.approved_at : null
      return {
        ticketId: ticket.id,
        reference: ticket.reference,
        subject: ticket.subject,
        registeredAt: iso(ticket.created_at),
        level: ticket.level,
        handling: (JSON.parse(ticket.flags) as string[]).includes('pay-per-incident') ? 'pay-per-incident' : 'approval',
        approvedAt: approvedAtMs === null ? null : iso(approvedAtMs),
      }
    })

  /** Balances at the end of the month, with the month's uses; what an earlier plan gave is there when it was used. */
  const entitlementRows = async (reader: Reader, customerId: string, month: StatementMonth): Promise<Statement['entitlements']> => {
    const { fromMs, toMs } = month
    const atMs = Math.min(now(), toMs - 1)
    const uses = Map.groupBy((await listUsesBetween(reader, { customerId, fromMs, toMs })).map(toUse), use => use.entitlementId)
    const balances = await deps.entitlements.balances(reader, customerId, atMs)
    const ended = [...uses.keys()].filter(id => !balances.some(balance => balance.id === id)).sort()
    return [
      ...balances
        .filter(balance => balance.isActive || uses.has(balance.id))
        .map(balance => ({ ...balance, uses: uses.get(balance.id) ?? [] })),
      ...ended.map(id => ({
        ...({ id, name: id, unit: 'included', per: 'month', amount: 0, left: 0, addOn: false, isActive: false } as const),
        used: (uses.get(id) ?? []).reduce((sum, use) => sum + (use.cancelledAt === null ? use.amount : 0), 0),
        periodFrom: iso(fromMs),
        periodTo: iso(toMs),
        uses: uses.get(id) ?? [],
      })),
    ]
  }

  const count = async (reader: Reader, customerId: string, month: StatementMonth, issuedAtMs: number | null): Promise<Statement> => {
    const customer = await findCustomer(reader, customerId)
    if (!customer) throw notFound('customer')
    const plan = await catalogue.effectivePlanOf(reader, customerId)
    const rows = await deviceRows(reader, customerId, month)
    return {
      customerId,
      customerName: customer.name,
      planId: plan.id,
      planName: plan.name,
      month: month.month,
      timeZone: month.timeZone,
      from: iso(month.fromMs),
      to: iso(month.toMs),
      state: issuedAtMs === null ? 'so-far' : 'final',
      issuedAt: issuedAtMs === null ? null : iso(issuedAtMs),
      devices: { included: plan.devices.included, deviceDays: rows.reduce((sum, row) => sum + row.deviceDays, 0), rows },
      cases: {
        included: plan.cases.perMonth,
        used: await countCases(reader, customerId, month),
        beyond: await caseRows(reader, customerId, month),
      },
      entitlements: await entitlementRows(reader, customerId, month),
    }
  }

  /** Issues the open month when it has ended; false when there is nothing to do. Call with the customer locked. */
  const issueNext = async (tx: Tx, customerId: string): Promise<boolean> => {
    const month = await openMonthOf(tx, customerId)
    if (month.toMs > now()) return false
    const statement = await count(tx, customerId, month, now())
    await insertStatement(tx, {
      customer_id: customerId,
      month: month.month,
      to_at: month.toMs,
      issued_at: now(),
      body: JSON.stringify(statement),
    })
    return true
  }

  return {
    /** Months there are statements of, newest first: those issued and those that are not yet. Throws not-found. */
    async list(customerId: string): Promise<StatementListItem[]> {
      const open = await openMonthOf(db, customerId)
      const running = openMonths(open, now()).map((month): StatementListItem => ({ month, state: 'so-far', issuedAt: null }))
      const issued = (await listStatements(db, customerId)).map((row): StatementListItem => ({
        month: row.month,
        state: 'final',
        issuedAt: iso(row.issued_at),
      }))
      return [...running, ...issued]
    },

    /** One month; without a month the newest that is not issued. Throws not-found for a month before the customer or after now. */
    async read(customerId: string, month?: string): Promise<Statement> {
      const issued = month === undefined ? null : await findStatement(db, customerId, month)
      if (issued) return JSON.parse(issued.body) as Statement
      const open = await openMonthOf(db, customerId)
      const wanted = month ?? openMonths(open, now())[0] ?? open.month
      const span = wanted === open.month ? open : laterMonth(wanted, open, now())
      if (span === null) throw notFound('statement: this customer has none for that month')
      return count(db, customerId, span, null)
    },

    /** In a transaction that changes a customer's terms, before it does: what ended under the old terms is issued under them. */
    async issueEnded(tx: Tx, customerId: string): Promise<void> {
      while (await issueNext(tx, customerId));
    },

    /** Issues what has ended, month by month, each once whoever asks; gives how many. A customer that fails holds up nobody else. */
    async issueDue(): Promise<number> {
      let issued = 0
      for (const { customerId, sinceMs, lastMonth } of await listStatementCandidates(db, now() - SHORTEST_MONTH_MS)) {
        if (earliestEndMs(lastMonth, sinceMs) > now()) continue
        try {
          while ((await openMonthOf(db, customerId)).toMs <= now()) {
            const isIssued = await inTransaction(db, async tx => (await lockCustomer(tx, customerId)) && issueNext(tx, customerId))
            if (isIssued) issued += 1
          }
        } catch (error) {
          log.error({ err: error, customerId }, 'a statement could not be issued')
        }
      }
      return issued
    },
  }
}
export type Statements = ReturnType<typeof makeStatements>
