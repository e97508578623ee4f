/** Writes a message on a ticket, in the transaction of the caller, with the ticket locked. */
import type { MessageInput } from '../../shared/api/tickets/ticket-api.ts'
import { openAgain } from './move-ticket.ts'
import { invalidInput } from '../platform/errors.ts'
import { isOpenStatus, statusAfterMessage } from './rules/ticket.ts'
import { answerClocks } from '../sla/rules/ticket-clocks.ts'
import { listContacts } from '../customers/store/customer-store.ts'
import type { Tx } from '../database/database.ts'
import { clocksFor, loadCase, note, tellAbout } from './loaded-ticket.ts'
import type { Act, Case } from './ticket-context.ts'
import { placeOfWords } from './merged-ticket.ts'
import { saveCase } from './save-ticket.ts'
import { sendFiles } from './send-attachments.ts'

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
  const id = await note(tx, desk, one.row, {
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
      desk,
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
      await note(tx, desk, one.row, {
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
