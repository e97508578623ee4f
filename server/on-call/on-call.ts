/** People on call: rotas, and calling them one after another for critical tickets after hours until somebody takes it. */
import type { Logger } from 'pino'
import type { Page } from '../../shared/api/list.ts'
import type { OnCallAlert, OnCallAlertQuery, OnCallCall, Rota, RotaInput } from '../../shared/api/on-call/on-call-api.ts'
import { newToken, sha256Hex } from '../../shared/ids.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { lineAt, rotaFaults, rotaFor } from './rules/rota.ts'
import { isOpenStatus } from '../tickets/rules/ticket.ts'
import { findCustomer, findSite } from '../customers/store/customer-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import {
  deleteRota,
  findAlertOf,
  findLink,
  insertAlert,
  insertLink,
  insertRota,
  listAlerts,
  listDueAlerts,
  listUnasked,
  lockAlert,
  readRotas,
  updateAlert,
  updateRota,
} from './store/on-call-store.ts'
import type { OnCallAlertRow, RotaRow } from '../database/tables/on-call-rows.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import { toPage } from '../database/paging.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { listManagerAddresses } from '../accounts/store/staff-address-store.ts'
import { findTicket, hasPersonWritten, lockTicket } from '../tickets/store/ticket-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { SYSTEM, flagsOf, note, whyOf } from '../tickets/loaded-ticket.ts'
import type { Author, Desk } from '../tickets/ticket-context.ts'
import { newRowId } from '../database/row-id.ts'
import { callsOf, keptRota, viewAlert, viewRota, type KeptRota } from './on-call-view.ts'

const BATCH = 100
const LINK_MS = 24 * 3_600_000
/** A ticket whose level rises later calls as well, but not one that has waited for days. */
const CALLED_WITHIN_MS = 3 * 86_400_000

/** Makes the service. */
export function makeOnCall(deps: { db: Database; log: Logger; now: () => number; bus: ChangeBus; desk: Desk }) {
  const { db, log, now, bus, desk } = deps

  /** Asks one person, by mail and by their webhook. The link takes the ticket without a login. */
  const call = async (
    tx: Tx,
    ticket: TicketRow,
    alertId: string,
    to: { name: string; email: string; webhookUrl?: string | undefined; text: string },
  ): Promise<void> => {
    const nowMs = now()
    const token = newToken('kst')
    await insertLink(tx, { token_sha256: sha256Hex(token), alert_id: alertId, name: to.name, expires_at: nowMs + LINK_MS })
    const customer = await findCustomer(tx, ticket.customer_id)
    const subject = `[${ticket.reference}] On call: ${ticket.subject}`
    const facts = [`Ticket: ${ticket.reference}`, `Level: ${ticket.level}`, `Customer: ${customer?.name ?? ''}`]
    const body = [`On call: ${ticket.subject}`, '', to.text, '', ...facts, ...whyOf(ticket).map(sentence => `- ${sentence}`)].join('\n')
    const common = { subject, ticketId: ticket.id, customerId: ticket.customer_id, nowMs }
    const key = `on-call:v1:${alertId}:${sha256Hex(token).slice(0, 16)}`
    await addNotice(tx, {
      ...common,
      channel: 'email',
      dedupKey: `${key}:mail`,
      address: to.email,
      body: `${body}\n`,
      linkPath: `on-call/call/${token}`,
    })
    if (to.webhookUrl !== undefined) {
      const hook = {
        type: 'on-call',
        at: new Date(nowMs).toISOString(),
        text: to.text,
        person: to.name,
        ticket: {
          id: ticket.id,
          reference: ticket.reference,
          level: ticket.level,
          subject: ticket.subject,
          customerId: ticket.customer_id,
        },
      }
      await addNotice(tx, { ...common, channel: 'webhook', dedupKey: `${key}:hook`, address: to.webhookUrl, body: JSON.stringify(hook) })
    }
    await note(tx, desk, ticket, { atMs: nowMs, nowMs, kind: 'on-call', text: `On call: ${to.name} was asked. ${to.text}` })
  }

  /** The next in line, or the managers when everybody was asked. */
  const askNext = async (tx: Tx, ticket: TicketRow, row: OnCallAlertRow, rota: KeptRota | null, changes: Change[]): Promise<void> => {
    const nowMs = now()
    const calls = callsOf(row)
    const asked = new Set(calls.map(one => one.email))
    const next = rota ? lineAt(rota, nowMs).find(person => !asked.has(person.email)) : undefined
    changes.push({ kind: 'ticket', id: ticket.id, customerId: ticket.customer_id })
    if (next && rota) {
      const earlier = calls.at(-1)
      const text = earlier
        ? `${earlier.name} did not answer within ${rota.nextAfterMinutes} min.`
        : 'A critical ticket after hours: it is yours.'
      await updateAlert(tx, row.id, {
        calls: JSON.stringify([...calls, { at: nowMs, name: next.name, email: next.email }]),
        next_at: nowMs + rota.nextAfterMinutes * 60_000,
      })
      return call(tx, ticket, row.id, { ...next, text })
    }
    const text = rota ? 'Everybody on call was asked, and nobody has answered.' : 'No rota answers for this customer: nobody is on call.'
    await updateAlert(tx, row.id, { state: 'nobody', next_at: null })
    for (const email of await listManagerAddresses(tx, ticket.customer_id))
      await call(tx, ticket, row.id, { name: 'a manager', email, text })
    await note(tx, desk, ticket, { atMs: nowMs, nowMs, kind: 'on-call', text })
  }

  const begin = (ticketId: string): Promise<Change[]> =>
    inTransaction(db, async tx => {
      const changes: Change[] = []
      const ticket = await lockTicket(tx, ticketId)
      if (!ticket || !isOpenStatus(ticket.status) || (await hasPersonWritten(tx, ticketId))) return changes
      const plan = await desk.catalogue.effectivePlanOf(tx, ticket.customer_id)
      const after = plan.afterHours
      const isCalled = after?.kind === 'levels' && after.levels.includes(ticket.level) && flagsOf(ticket).includes('after-hours')
      if (!isCalled) return changes
      const rota = rotaFor((await readRotas(tx)).map(keptRota), ticket.customer_id)
      const row: OnCallAlertRow = {
        id: newRowId(),
        ticket_id: ticketId,
        customer_id: ticket.customer_id,
        rota_id: rota?.id ?? null,
        state: 'calling',
        calls: '[]',
        next_at: null,
        acknowledged_at: null,
        acknowledged_by: null,
        created_at: now(),
      }
      if (await insertAlert(tx, row)) await askNext(tx, ticket, row, rota, changes)
      return changes
    })

  const goOn = (alertId: string): Promise<Change[]> =>
    inTransaction(db, async tx => {
      const changes: Change[] = []
      const row = await lockAlert(tx, alertId)
      const ticket = row && (await findTicket(tx, row.ticket_id))
      if (!row || !ticket || row.state !== 'calling' || row.next_at === null || row.next_at > now()) return changes
      if (!isOpenStatus(ticket.status) || (await hasPersonWritten(tx, ticket.id))) {
        await updateAlert(tx, row.id, { state: 'over', next_at: null })
        changes.push({ kind: 'ticket', id: ticket.id, customerId: ticket.customer_id })
        return changes
      }
      const rota = (await readRotas(tx)).map(keptRota).find(one => one.id === row.rota_id) ?? null
      await askNext(tx, ticket, row, rota, changes)
      return changes
    })

  /** Somebody takes it; the first one counts. Throws conflict when it is over. */
  const take = async (tx: Tx, alertId: string, by: string, author: Author): Promise<Change[]> => {
    const nowMs = now()
    const row = await lockAlert(tx, alertId)
    const ticket = row && (await findTicket(tx, row.ticket_id))
    if (!row || !ticket) throw notFound('call')
    if (row.state === 'acknowledged' && row.acknowledged_by === by) return []
    if (row.state === 'acknowledged' || row.state === 'over')
      throw new DomainError(
        'conflict',
        'conflict',
        row.acknowledged_by ? `${row.acknowledged_by} has taken it already.` : 'It is over already.',
      )
    await updateAlert(tx, row.id, { state: 'acknowledged', next_at: null, acknowledged_at: nowMs, acknowledged_by: by })
    await note(tx, desk, ticket, { atMs: nowMs, nowMs, kind: 'on-call', text: `${by} has taken the call.`, author })
    return [{ kind: 'ticket', id: ticket.id, customerId: ticket.customer_id }]
  }

  const mustKnow = (rota: RotaInput): void => {
    const faults = rotaFaults(rota)
    if (faults.length > 0) throw invalidInput(faults)
  }
  const openLink = async (token: string): Promise<{ name: string; row: OnCallAlertRow; ticket: TicketRow }> => {
    const link = await findLink(db, sha256Hex(token), now())
    const row = link && (await inTransaction(db, tx => lockAlert(tx, link.alert_id)))
    const ticket = row && (await findTicket(db, row.ticket_id))
    if (!link || !row || !ticket) throw notFound('call')
    return { name: link.name, row, ticket }
  }

  const service = {
    /** Rotas of customers one may see: those for everybody, and those with one of theirs. */
    async list(scope: readonly string[] | null): Promise<Rota[]> {
      const all = (await readRotas(db)).map(row => viewRota(row, now()))
      return all.filter(rota => scope === null || rota.customers.length === 0 || rota.customers.some(id => scope.includes(id)))
    },
    async create(input: RotaInput, by: string): Promise<Rota> {
      mustKnow(input)
      const row: RotaRow = {
        id: newRowId(),
        name: input.name,
        body: JSON.stringify(input),
        changed_by: by,
        created_at: now(),
        updated_at: now(),
      }
      await inTransaction(db, tx => insertRota(tx, row))
      return viewRota(row, now())
    },
    async replace(id: string, input: RotaInput, by: string): Promise<Rota> {
      mustKnow(input)
      const change = { name: input.name, body: JSON.stringify(input), changed_by: by, updated_at: now() }
      if (!(await inTransaction(db, tx => updateRota(tx, id, change)))) throw notFound('rota')
      return viewRota({ id, created_at: 0, ...change }, now())
    },
    async remove(id: string): Promise<void> {
      if (!(await inTransaction(db, tx => deleteRota(tx, id)))) throw notFound('rota')
    },

    async alerts(query: OnCallAlertQuery & { scope: readonly string[] | null }): Promise<Page<OnCallAlert>> {
      const limit = query.limit ?? 50
      const { rows, total } = await listAlerts(db, { ...query, limit })
      return toPage(rows, limit, total, viewAlert, row => [row.created_at, row.id] as const)
    },

    /** Takes the call of a ticket. Throws not-found when nobody was asked for it, conflict when it is taken. */
    async acknowledge(ticketId: string, by: string): Promise<void> {
      const row = await findAlertOf(db, ticketId)
      if (!row) throw notFound('call')
      bus.publish(await inTransaction(db, tx => take(tx, row.id, by, { author_kind: 'person', author_name: by })))
    },

    /** What the holder of a link is asked about. Throws not-found. */
    async read(token: string): Promise<OnCallCall> {
      const { name, row, ticket } = await openLink(token)
      const customer = await findCustomer(db, ticket.customer_id)
      const site = ticket.site_id === null ? null : await findSite(db, ticket.site_id)
      return {
        reference: ticket.reference,
        subject: ticket.subject,
        level: ticket.level,
        customer: customer?.name ?? '',
        place: site ? [site.name, site.address].filter(Boolean).join(', ') : null,
        why: whyOf(ticket),
        name,
        state: row.state,
        acknowledgedBy: row.acknowledged_by,
        ticketId: ticket.id,
      }
    },
    async acknowledgeByLink(token: string): Promise<OnCallCall> {
      const { name, row } = await openLink(token)
      bus.publish(await inTransaction(db, tx => take(tx, row.id, name, { ...SYSTEM, author_kind: 'person', author_name: name })))
      return service.read(token)
    },

    /** Asks who has to be asked, and goes on where nobody answered. Each once, however often or late it is called. */
    async run(): Promise<void> {
      let afterId = ''
      for (;;) {
        const ids = await listUnasked(db, { sinceMs: now() - CALLED_WITHIN_MS, afterId, limit: BATCH })
        for (const id of ids) await one(() => begin(id), id)
        if (ids.length < BATCH) break
        afterId = ids.at(-1) ?? ''
      }
      for (const id of await listDueAlerts(db, now(), BATCH)) await one(() => goOn(id), id)
    },
  }
  /** What fails is tried again at the next run and holds up nobody else. */
  async function one(work: () => Promise<Change[]>, id: string): Promise<void> {
    try {
      bus.publish(await work())
    } catch (error) {
      log.error({ err: error, id }, 'people on call could not be asked')
    }
  }
  return service
}
export type OnCall = ReturnType<typeof makeOnCall>
