/** A ticket as texts for people may tell it: facts of a macro, and an update drafted from what the device says now. */
import type { UpdateDraft } from '../../shared/api/knowledge/macro-api.ts'
import { notFound } from '../platform/errors.ts'
import type { MacroFacts } from './rules/macro.ts'
import { languageOf, type Language } from '../../shared/languages.ts'
import { answerClocks, latestClock } from '../sla/rules/ticket-clocks.ts'
import { isOpenStatus } from '../tickets/rules/ticket.ts'
import { draftUpdate, type UpdateFacts } from './rules/update-draft.ts'
import { readFailing } from '../incidents/store/condition-store.ts'
import { findCustomer, findSite } from '../customers/store/customer-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findDevice } from '../devices/store/device-store.ts'
import { readIncidentsOfTickets } from '../incidents/store/incident-store.ts'
import { readVisits } from '../visits/store/visit-store.ts'
import { spellInstant, writeTemplate } from '../tickets/customer-letters.ts'
import { localFault, localRemedy } from '../tickets/translated-words.ts'
import { viewRemedies } from '../incidents/remedy-history.ts'
import { clocksFor, loadCase } from '../tickets/loaded-ticket.ts'
import type { Case, Desk } from '../tickets/ticket-context.ts'

type Told = { language: Language; timeZone: string; customer: string; contact: string | null; device: string | null; site: string | null }

/** Whom a ticket is told to, and the names in it. */
async function toldOf(tx: Tx, { row }: Case): Promise<Told> {
  const customer = await findCustomer(tx, row.customer_id)
  if (!customer) throw notFound('ticket')
  const device = row.device_id === null ? null : await findDevice(tx, row.device_id)
  const site = row.site_id === null ? null : await findSite(tx, row.site_id)
  const reporter = row.reporter === null ? null : (JSON.parse(row.reporter) as { name: string })
  return {
    language: languageOf(customer.language),
    timeZone: customer.time_zone,
    customer: customer.name,
    contact: reporter?.name ?? null,
    device: device?.name ?? null,
    site: site?.name ?? null,
  }
}

/** When the customer hears again at the latest, if they hear something now. */
function nextDueMs(one: Case, nowMs: number): number | null {
  if (!isOpenStatus(one.row.status)) return null
  const { clocks } = clocksFor(one, answerClocks(one.clocks, one.promises, nowMs), one.row.status, nowMs)
  return latestClock(clocks, 'update')?.facts.dueAtMs ?? null
}

/** Facts for a text of a macro, in the language it is in. */
export async function macroFacts(
  tx: Tx,
  one: Case,
  agent: string,
  nowMs: number,
): Promise<{ facts: (language: Language) => MacroFacts; language: Language }> {
  const told = await toldOf(tx, one)
  const { row } = one
  return {
    language: told.language,
    facts: language => ({
      reference: row.reference,
      subject: row.subject,
      level: row.level,
      level_name: one.promises.levelName,
      status: row.status,
      customer: told.customer,
      contact: told.contact,
      device: told.device,
      site: told.site,
      fault: row.signal === null ? null : localFault(language, { signal: row.signal, component: row.component ?? '' }),
      agent,
      next_update: spellInstant(nextDueMs(one, nowMs), language, told.timeZone),
    }),
  }
}

async function liveFacts(tx: Tx, one: Case, nowMs: number): Promise<UpdateFacts> {
  const { row } = one
  const device = row.device_id === null ? null : await findDevice(tx, row.device_id)
  const failing = device ? await readFailing(tx, [device.id]) : []
  const incidents = await readIncidentsOfTickets(tx, [row.id])
  const visits = await readVisits(tx, row.id)
  return {
    signal: device === null ? null : row.signal,
    component: row.component ?? '',
    connection: device?.connection ?? null,
    connectionSinceMs: device?.connection_since ?? null,
    failing: failing.map(({ signal, component, since_at }) => ({ signal, component, sinceMs: since_at })),
    wellSinceMs: incidents.at(-1)?.ended_at ?? null,
    remedies: incidents.flatMap(viewRemedies).map(({ id, outcome, at }) => ({ id, outcome, atMs: Date.parse(at) })),
    visits: visits.map(visit => ({
      state: visit.state,
      atMs: (visit.state === 'done' ? visit.done_at : visit.scheduled_at) ?? visit.offered_at,
    })),
    nextDueMs: nextDueMs(one, nowMs),
    nowMs,
  }
}

/** Makes the writer of drafts. */
export function makeUpdateDrafts({ db, desk }: { db: Database; desk: Desk }) {
  return {
    /** A suggested update in the language of the customer; nothing is sent or kept. Throws not-found. */
    write: (ticketId: string): Promise<UpdateDraft> =>
      inTransaction(db, async tx => {
        const nowMs = desk.now()
        const one = await loadCase(tx, desk, ticketId)
        const told = await toldOf(tx, one)
        const { language, timeZone } = told
        const words = draftUpdate(await liveFacts(tx, one, nowMs))
        const at = (ms: number | null): string | null => spellInstant(ms, language, timeZone)
        const text = writeTemplate(language, 'status-update', {
          contact: told.contact,
          state: words.state,
          place: [told.device, told.site].filter(Boolean).join(', '),
          fault: words.fault && localFault(language, words.fault),
          since: at(words.sinceMs),
          subject: one.row.subject,
          tried: words.tried.map(({ id, outcome, atMs }) => ({ what: localRemedy(language, id), outcome, at: at(atMs) })),
          visit: words.visit?.state ?? null,
          visit_at: at(words.visit?.atMs ?? null),
          next: at(words.nextDueMs),
          reference: one.row.reference,
        })
        return { language, text: text.trim(), used: words.used }
      }),
  }
}
export type UpdateDrafts = ReturnType<typeof makeUpdateDrafts>
