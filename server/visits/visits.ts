/** Visits: offered, answered, appointed, done. One function = one intention = one transaction. */
import type { Logger } from 'pino'
import type { Page } from '../../shared/api/list.ts'
import type { Visit, VisitMove, VisitQuery } from '../../shared/api/visits/visit-api.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import { answerDueAt, linkEndsAt, mustBeReachable, mustMoveVisit, spellNoAnswer, type VisitActor } from './rules/visit.ts'
import { findSite } from '../customers/store/customer-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { toPage } from '../database/paging.ts'
import { findPartner } from '../customers/store/partner-store.ts'
import type { VisitRow } from '../database/tables/visit-rows.ts'
import { findDueVisits, findVisit, listVisits, readLastSeen, readStillFailing } from './store/visit-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { VisitStep } from '../tickets/customer-letters.ts'
import { openingCalendar } from '../calendars/site-hours.ts'
import { loadCase, note, SYSTEM, tellAbout } from '../tickets/loaded-ticket.ts'
import type { Author, Case, Desk } from '../tickets/ticket-context.ts'
import { moveTicket } from '../tickets/move-ticket.ts'
import { cancelVisit, saveVisit } from './end-visit.ts'
import { backToDesk, hoursOf, offerNext, offerTo } from './offer-visit.ts'
import { tellPartner } from './visit-notifications.ts'
import { toVisit, viewVisit, viewVisits } from './visit-view.ts'

/** Who moves a visit: by what right, and the name the history says. */
export type Mover = { actor: VisitActor; author: Author }
type Moving = { tx: Tx; one: Case; visit: VisitRow; mover: Mover; input: VisitMove; nowMs: number; changes: Change[] }

/** What the customer is told of a step; the text is made of the step where it is not given. */
type Told = { step: VisitStep; text?: string; once?: string; atMs?: number; timeZone?: string }
const STEP_WORDS: Record<VisitStep, string> = {
  accepted: 'takes the visit and will name a time.',
  scheduled: 'has named a time.',
  'on-site': 'is on site.',
  done: 'has mended it.',
}

/** Makes the visit service. `heardAt` is when a device was last heard in this process;. */
export function makeVisits(deps: {
  db: Database
  log: Logger
  now: () => number
  bus: ChangeBus
  desk: Desk
  heardAt(deviceId: string): number | null
}) {
  const { db, log, now, bus, desk, heardAt } = deps
  const act = async <Result>(work: (tx: Tx, changes: Change[]) => Promise<Result>): Promise<Result> => {
    const changes: Change[] = []
    const result = await inTransaction(db, tx => work(tx, changes))
    bus.publish(changes)
    return result
  }
  /** The visit and its ticket, locked in the one order everybody keeps: the ticket first. */
  const lock = async (tx: Tx, visitId: string): Promise<{ one: Case; visit: VisitRow }> => {
    const found = await findVisit(tx, visitId)
    if (!found) throw notFound('visit')
    const one = await loadCase(tx, desk, found.ticket_id)
    const visit = await findVisit(tx, visitId)
    if (!visit) throw notFound('visit')
    return { one, visit }
  }
  const save = (moving: Moving, change: Partial<VisitRow> & Pick<VisitRow, 'state'>, text: string): Promise<VisitRow> =>
    saveVisit(moving.tx, moving.visit, change, { who: moving.mover.author.author_name ?? 'the partner', text }, moving)
  /** The customer hears what became of the visit, in words; `scheduled` says when. */
  const tellCustomer = async (moving: Moving, told: Told): Promise<void> => {
    const { tx, one, visit, mover, nowMs } = moving
    const { step, timeZone = 'UTC', ...appointment } = told
    const partner = await partnerName(moving)
    const text = told.text ?? `${partner} ${STEP_WORDS[step]}`
    const once = `${visit.id}:${told.once ?? step}`
    await note(tx, desk, one.row, {
      atMs: nowMs,
      nowMs,
      kind: 'visit',
      text,
      author: mover.author,
      isPublic: true,
      data: { visitId: visit.id },
    })
    const words = { step, partner, timeZone, ...(appointment.atMs === undefined ? {} : { atMs: appointment.atMs }) }
    await tellAbout(tx, desk, one, { kind: 'visit', to: ['customer', 'desk'], text, once, nowMs, visit: words })
  }
  const partnerName = async ({ tx, visit }: Moving): Promise<string> => (await findPartner(tx, visit.partner_id))?.name ?? 'The partner'

  const accept = async (moving: Moving): Promise<VisitRow> => {
    const { tx, visit, one, nowMs } = moving
    const partner = await findPartner(tx, visit.partner_id)
    const deadlineMs = answerDueAt(one.row.level as LevelNumber, partner ? hoursOf(partner) : null, nowMs)
    const saved = await save(moving, { state: 'accepted', accepted_at: nowMs, deadline_at: deadlineMs }, 'Accepted.')
    await tellCustomer(moving, { step: 'accepted' })
    return saved
  }

  const decline = async (moving: Moving): Promise<VisitRow> => {
    const { tx, visit, nowMs, changes, mover, input } = moving
    const reason = input.reason ?? 'no reason given'
    const words = visit.state === 'offered' ? 'declined' : 'gave the visit back'
    const text = `${await partnerName(moving)} ${words}: ${reason}`
    const isAppointed = visit.scheduled_at !== null
    const sequence = visit.calendar_sequence + (isAppointed ? 1 : 0)
    const change = { state: 'declined' as const, open_key: null, deadline_at: null, declined_reason: reason, calendar_sequence: sequence }
    const saved = await save(moving, change, text)
    if (isAppointed)
      await tellPartner(tx, moving.one.row, saved, {
        kind: 'visit-cancelled',
        heading: 'Visit given back',
        text,
        calendar: 'CANCEL',
        nowMs,
      })
    await note(tx, desk, moving.one.row, { atMs: nowMs, nowMs, kind: 'visit', text, author: mover.author, data: { visitId: visit.id } })
    await offerNext(tx, desk, moving.one, { author: SYSTEM, isByHand: false }, { nowMs, changes })
    return saved
  }

  const schedule = async (moving: Moving): Promise<VisitRow> => {
    const { tx, visit, one, nowMs, input } = moving
    if (input.at === undefined) throw invalidInput([{ path: 'body/at', message: 'is needed: the time of the visit' }])
    const atMs = Date.parse(input.at)
    if (Number.isNaN(atMs)) throw invalidInput([{ path: 'body/at', message: 'is no instant' }])
    const site = visit.site_id === null ? null : await findSite(tx, visit.site_id)
    mustBeReachable(atMs, nowMs, site ? openingCalendar({ openingHours: site.opening_hours, timeZone: site.time_zone }) : null)
    const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(site?.time_zone ?? 'UTC')
    const when = `${local.toPlainDate().toString()} at ${local.toPlainTime().toString({ smallestUnit: 'minute' })} (${local.timeZoneId})`
    const change = { state: 'scheduled' as const, scheduled_at: atMs, deadline_at: null, calendar_sequence: visit.calendar_sequence + 1 }
    const saved = await save(moving, change, `Appointment: ${when}.`)
    await tellPartner(tx, one.row, saved, {
      kind: 'visit-scheduled',
      heading: visit.state === 'scheduled' ? 'Visit moved' : 'Visit appointed',
      text: `The visit is on ${when}.`,
      calendar: 'REQUEST',
      nowMs,
    })
    const text = `${await partnerName(moving)} comes on ${when}.`
    await tellCustomer(moving, { step: 'scheduled', text, once: `scheduled:${saved.calendar_sequence}`, atMs, timeZone: local.timeZoneId })
    return saved
  }

  const arrive = async (moving: Moving): Promise<VisitRow> => {
    const saved = await save(moving, { state: 'on-site', on_site_at: moving.nowMs, deadline_at: null }, 'On site.')
    await tellCustomer(moving, { step: 'on-site' })
    return saved
  }

  /** Throws signal-still-failing while the device does not say itself that it is well, naming what fails and since when. */
  const mustBeWell = async (tx: Tx, one: Case, visit: VisitRow): Promise<void> => {
    const refuse = (detail: string): never => {
      throw new DomainError('conflict', 'signal-still-failing', detail)
    }
    if (one.row.incident_id === null) return
    const failing = await readStillFailing(tx, one.row.incident_id)
    const named = failing.map(({ signal, component, text, since_at }) => {
      const key = component === '' ? signal : `${signal}:${component}`
      return `${key} since ${new Date(since_at).toISOString()} (${text})`
    })
    if (named.length > 0) refuse(`Still failing: ${named.join('; ')}.`)
    if (visit.device_id === null) return
    const lastMs = Math.max(heardAt(visit.device_id) ?? 0, (await readLastSeen(tx, visit.device_id)) ?? 0)
    if (lastMs < (visit.on_site_at ?? 0)) refuse('The device has had no contact since the visit began: whether it is well is not known.')
  }

  const finish = async (moving: Moving): Promise<VisitRow> => {
    const { tx, one, visit, nowMs, input, mover, changes } = moving
    await mustBeWell(tx, one, visit)
    const change = {
      state: 'done' as const,
      open_key: null,
      done_at: nowMs,
      deadline_at: null,
      link_expires_at: linkEndsAt(visit.offered_at, nowMs),
      parts: JSON.stringify(input.parts ?? []),
      minutes: input.minutes ?? null,
      note: input.note ?? null,
    }
    const saved = await save(moving, change, input.note ?? 'Done.')
    await tellCustomer(moving, { step: 'done' })
    if (one.row.status !== 'resolved' && one.row.status !== 'closed')
      await moveTicket({ tx, desk, changes, author: mover.author }, one.row.id, {
        to: 'resolved',
        reason: 'The visit is done and the device is well.',
      })
    return saved
  }

  const cancel = async ({ tx, one, visit, nowMs, changes, mover, input }: Moving): Promise<VisitRow> => {
    const text = input.reason ?? 'Called off by the desk.'
    const saved = await cancelVisit(tx, one.row, visit, { who: mover.author.author_name ?? 'the desk', text }, { nowMs, changes })
    await backToDesk(tx, desk, one, `Visit called off: ${text}`, visit.id, { nowMs, changes })
    return saved
  }

  const STEPS: Record<VisitMove['to'], (moving: Moving) => Promise<VisitRow>> = {
    offered: () => Promise.reject(new Error('nothing becomes offered again')),
    accepted: accept,
    declined: decline,
    scheduled: schedule,
    'on-site': arrive,
    done: finish,
    cancelled: cancel,
  }

  /** An offer nobody answered, or an accepted visit without a time, goes to the next partner. */
  const runDueVisit = async (tx: Tx, visitId: string, changes: Change[]): Promise<boolean> => {
    const nowMs = now()
    const { one, visit } = await lock(tx, visitId)
    if (visit.deadline_at === null || visit.deadline_at > nowMs || (visit.state !== 'offered' && visit.state !== 'accepted')) return false
    const reason = spellNoAnswer(visit.state, one.row.level as LevelNumber)
    const name = (await findPartner(tx, visit.partner_id))?.name ?? 'The partner'
    const change = { state: 'declined' as const, open_key: null, deadline_at: null, declined_reason: reason }
    const saved = await saveVisit(tx, visit, change, { who: 'system', text: `${name}: ${reason}` }, { nowMs, changes })
    await note(tx, desk, one.row, { atMs: nowMs, nowMs, kind: 'visit', text: `${name}: ${reason}`, data: { visitId } })
    await tellPartner(tx, one.row, saved, {
      kind: 'visit-expired',
      heading: 'Visit goes to somebody else',
      text: `There was ${reason}.`,
      nowMs,
    })
    await offerNext(tx, desk, one, { author: SYSTEM, isByHand: false }, { nowMs, changes })
    return true
  }

  return {
    runDueVisit,
    findDue: (limit: number): Promise<string[]> => findDueVisits(db, now(), limit),

    /** Offers a ticket's visit by hand, to a partner or by the rules. Throws visit-open, no-partner. */
    async dispatch(ticketId: string, input: { partnerId?: string | undefined }, author: Author): Promise<{ visit: Visit; token: string }> {
      const offered = await act(async (tx, changes) => {
        const nowMs = now()
        const one = await loadCase(tx, desk, ticketId)
        if (input.partnerId !== undefined) {
          const to = { partnerId: input.partnerId, why: `Asked by ${author.author_name ?? 'the desk'}.`, author }
          return offerTo(tx, desk, one, to, { nowMs, changes })
        }
        return offerNext(tx, desk, one, { author, isByHand: true }, { nowMs, changes })
      })
      if (!offered)
        throw new DomainError(
          'conflict',
          'no-partner',
          'No partner covers the place with the skill, or all have declined; name one in partnerId.',
        )
      log.info({ ticketId, visitId: offered.visit.id, partnerId: offered.visit.partner_id }, 'visit offered')
      return { visit: await viewVisit(db, offered.visit), token: offered.token }
    },

    /** Moves a visit. Throws transition-not-allowed, signal-still-failing, invalid-input for a time at which the place is closed. */
    async move(visitId: string, input: VisitMove, mover: Mover): Promise<Visit> {
      const row = await act(async (tx, changes) => {
        const { one, visit } = await lock(tx, visitId)
        mustMoveVisit(visit.state, input.to, mover.actor)
        return STEPS[input.to]({ tx, one, visit, mover, input, nowMs: now(), changes })
      })
      return viewVisit(db, row)
    },

    /** Whose visit it is; null = there is none. For tenant checks. */
    ownerOf: async (id: string): Promise<Pick<VisitRow, 'customer_id' | 'partner_id'> | null> => findVisit(db, id),

    async read(id: string): Promise<Visit> {
      const row = await findVisit(db, id)
      if (!row) throw notFound('visit')
      return viewVisit(db, row)
    },

    async list(
      query: VisitQuery & { scope: readonly string[] | null; partnerOnly: string | null; hidesDeclined?: boolean },
    ): Promise<Page<Visit>> {
      const limit = query.limit ?? 50
      const { from, to } = query
      const span = { ...(from === undefined ? {} : { fromMs: Date.parse(from) }), ...(to === undefined ? {} : { toMs: Date.parse(to) }) }
      const { rows, total } = await listVisits(db, { ...query, ...span, limit, nowMs: now() })
      const seen = await viewVisits(db, rows)
      return toPage(
        rows,
        limit,
        total,
        row => seen.get(row.id) ?? toVisit(row, {}),
        row => [row.offered_at, row.id] as const,
      )
    },
  }
}
export type Visits = ReturnType<typeof makeVisits>
