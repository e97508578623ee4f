/** What people do with a ticket: write, move, re-rank it. Each in the caller's transaction, with the ticket locked. */
import type { MessageInput, TicketPatch, TransitionInput } from '../../shared/api/tickets/ticket-api.ts'
import type { LevelNumber } from '../../shared/schema.ts'
import { invalidInput } from '../platform/errors.ts'
import { restateFields } from './rules/ticket-intake.ts'
import { addFlags, isOpenStatus, mustAllow, statusAfterMessage, type TicketStatus } from './rules/ticket.ts'
import {
  answerClocks,
  closeClocks,
  latestClock,
  reopenClocks,
  resolveClocks,
  retargetClocks,
  type ClockKind,
  type Clocks,
} from '../sla/rules/ticket-clocks.ts'
import { findCustomer, listContacts } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import type { Change } from '../platform/change-bus.ts'
import {
  clocksFor,
  flagsOf,
  loadCase,
  note,
  owedSinceMs,
  promisesOf,
  tellAbout,
  whyOf,
  type Author,
  type Case,
  type Desk,
} from './loaded-ticket.ts'
import { mustNotBeMerged, placeOfWords } from './merged-ticket.ts'
import { saveCase } from './save-ticket.ts'
import { sendFiles } from './send-attachments.ts'
import { fromCompletion, missingInReport, staffLevel } from './register-ticket.ts'
import { withSupport } from '../plans/version-support.ts'

export type Act = { tx: Tx; desk: Desk; changes: Change[]; author: Author }
/** How far a caller's clock may be ahead before its `at` is refused. */
const SKEW_MS = 60_000
const AUDIENCES = { person: ['customer', 'partner'], customer: ['desk', 'partner'], partner: ['desk', 'customer'] } as const

function messageInstant(at: string | undefined, one: Case, nowMs: number): number {
  if (at === undefined) return nowMs
  const atMs = Date.parse(at)
  if (Number.isNaN(atMs) || atMs > nowMs + SKEW_MS) throw invalidInput([{ path: 'body/at', message: 'must not be in the future' }])
  if (atMs < one.row.created_at) throw invalidInput([{ path: 'body/at', message: 'must not be before the ticket was registered' }])
  return Math.min(atMs, nowMs)
}

/** Name of the contact whose word is logged. Throws invalid-input for one of another customer. */
async function contactName(tx: Tx, one: Case, contactId: string): Promise<string> {
  const contact = (await listContacts(tx, one.row.customer_id)).find(known => known.id === contactId)
  if (!contact) throw invalidInput([{ path: 'body/author/contactId', message: 'is not a contact of this customer' }])
  return contact.name
}

/** Row and clocks of a ticket that is opened again; promises are those of now. */
function openAgain(one: Case, nowMs: number): { change: Partial<TicketRow>; clocks: Clocks; promises: Case['promises'] } {
  const promises = promisesOf(one.plan, one.row, nowMs)
  return {
    change: { status: 'in-progress', occurrences: one.row.occurrences + 1, resolved_at: null, resolved_by: null, closed_at: null },
    clocks: reopenClocks(one.clocks, promises, nowMs),
    promises,
  }
}

/** Whose waiting files may go with a message. */
export type FilesOf = { filesOf?: string }

/** Adds a message, on the ticket that one goes on in when it was merged; gives the id of its line in the history. Throws invalid-input for files that are not the writer's. */
export async function addMessage({ tx, desk, changes, author }: Act, ticketId: string, input: MessageInput & FilesOf): Promise<string> {
  const nowMs = desk.now()
  const one = await loadCase(tx, desk, await placeOfWords(tx, ticketId, author))
  const atMs = messageInstant(input.at, one, nowMs)
  const kind = author.author_kind === 'system' ? 'person' : author.author_kind
  const isPublic = input.visibility === 'public'
  const isAnswer =
    isPublic && isOpenStatus(one.row.status) && (kind === 'person' || (kind === 'partner' && one.plan.firstLine === 'partner'))
  const asks = input.asks === true && kind === 'person'
  const name = input.author?.contactId === undefined ? author.author_name : await contactName(tx, one, input.author.contactId)
  const id = await note(tx, one.row, {
    atMs,
    nowMs,
    kind: 'message',
    text: input.body,
    author: { ...author, author_name: name },
    isPublic,
    ...(asks ? { data: { asks } } : {}),
  })
  await sendFiles(tx, { ticketId, eventId: id, ids: input.attachments ?? [], owner: input.filesOf ?? '', visibility: input.visibility })

  const next = statusAfterMessage(one.row.status, { author: kind, isPublic, asks })
  const answered = isAnswer ? answerClocks(one.clocks, one.promises, atMs) : one.clocks
  let after: Parameters<typeof saveCase>[3]
  if (next === 'in-progress' && one.row.status === 'resolved') {
    after = openAgain(one, nowMs)
    await note(
      tx,
      { ...one.row, ...after.change },
      { atMs: nowMs, nowMs, kind: 'reopened', text: 'Open again: the customer has answered.', isPublic: true, onDevice: true },
    )
  } else {
    const status = next ?? one.row.status
    const moved = isOpenStatus(status) ? clocksFor(one, answered, status, atMs) : { clocks: answered, byChange: [] }
    const days = one.plan.autoCloseAfterDays
    const isAskedAgain = asks && isPublic && next === null && status === 'waiting-customer' && days !== null
    // A word of the customer ends the silence, also one that does not tell what is missing.
    const isHeard = kind === 'customer' && status === 'waiting-information' && one.row.auto_close_at !== null
    after = {
      change: { status, ...(isAskedAgain || isHeard ? { auto_close_at: days === null ? null : nowMs + days * 86_400_000 } : {}) },
      clocks: moved.clocks,
      byChange: moved.byChange,
    }
    if (next)
      await note(tx, one.row, {
        atMs,
        nowMs,
        kind: 'status',
        text: `${one.row.status} became ${next}`,
        author,
        isPublic: true,
        data: { from: one.row.status, to: next },
      })
  }
  const saved = await saveCase(tx, desk, one, after, { nowMs, changes })
  // Of a note between colleagues only those who watch the ticket hear.
  await tellAbout(tx, desk, saved, { kind: 'message', to: isPublic ? AUDIENCES[kind] : [], text: input.body, once: id, nowMs })
  return id
}

/** Moves a ticket to another status. Throws transition-not-allowed. */
export async function moveTicket({ tx, desk, changes, author }: Act, ticketId: string, input: TransitionInput): Promise<void> {
  const nowMs = desk.now()
  const one = await loadCase(tx, desk, ticketId)
  mustNotBeMerged(one.row)
  const from = one.row.status
  const { to, reason } = input
  mustAllow(from, to)
  const text = `${from} became ${to}`
  await note(
    tx,
    { ...one.row, status: to },
    {
      atMs: nowMs,
      nowMs,
      kind: 'status',
      text,
      author,
      isPublic: true,
      onDevice: to === 'resolved' || to === 'closed',
      data: { from, to },
    },
  )
  // A reason is meant for colleagues; what the customer is to read is written as a message.
  if (reason) await note(tx, one.row, { atMs: nowMs, nowMs, kind: 'reason', text: reason, author })

  const context = { nowMs, changes }
  if (to === 'resolved') {
    const saved = await saveCase(
      tx,
      desk,
      one,
      { change: { status: to, resolved_at: nowMs, resolved_by: 'person' }, clocks: resolveClocks(one.clocks, 'person', nowMs) },
      context,
    )
    await tellAbout(tx, desk, saved, {
      kind: 'ticket-resolved',
      to: ['customer', 'partner', 'desk'],
      text: 'The ticket was resolved.',
      once: one.row.occurrences,
      nowMs,
    })
  } else if (to === 'closed') {
    const saved = await saveCase(
      tx,
      desk,
      one,
      { change: { status: to, closed_at: nowMs }, clocks: closeClocks(one.clocks, nowMs) },
      context,
    )
    if (from !== 'resolved')
      await tellAbout(tx, desk, saved, {
        kind: 'ticket-closed',
        to: ['customer', 'partner'],
        text: 'The ticket was closed.',
        once: one.row.occurrences,
        nowMs,
      })
  } else if (!isOpenStatus(from)) {
    const saved = await saveCase(tx, desk, one, openAgain(one, nowMs), context)
    await tellAbout(tx, desk, saved, {
      kind: 'ticket-reopened',
      to: ['customer', 'partner', 'desk'],
      text: 'The ticket is open again.',
      once: saved.row.occurrences,
      nowMs,
    })
  } else {
    const moved = clocksFor(one, one.clocks, to, nowMs)
    await saveCase(tx, desk, one, { change: { status: to }, clocks: moved.clocks, byChange: moved.byChange }, context)
  }
}

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
  const stale = [
    ...(asked ? ['level-not-eligible', 'level-lowered-no-staff'] : []),
    ...(missing.length === 0 ? ['missing-information'] : []),
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
    note(tx, row, { atMs: nowMs, nowMs, kind, text, author, isPublic, ...(data === undefined ? {} : { data }) })
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
