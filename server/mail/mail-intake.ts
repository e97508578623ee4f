/**
 * Mail that arrives: read, decided, and written in one transaction with the ticket or message it becomes. Each mail is taken
 * once, by its Message-ID, however often it is delivered; one that becomes no ticket waits for the desk or is kept.
 */
import type { Logger } from 'pino'
import { DomainError, invalidInput, notFound } from '../platform/errors.ts'
import {
  decideMail,
  isAddress,
  sameCase,
  shownWords,
  ticketSubject,
  type IncomingMail,
  type MailAttachment,
  type MailDecision,
} from './rules/mail-decision.ts'
import { subjectLine } from '../notifications/rules/subject-line.ts'
import { readFacts, type ReportFacts } from '../customers/rules/report-fields.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { decideIntakeItem, findIntakeItem, insertIntakeItem } from './store/mail-intake-store.ts'
import { insertAttachments } from '../attachments/store/attachment-store.ts'
import type { MailDisk } from '../attachments/store/mail-disk.ts'
import type { AttachmentRow, MailRow } from '../database/tables/mail-rows.ts'
import {
  countMailsFrom,
  findMail,
  findMailByMessageId,
  insertMail,
  listCustomersOfAddress,
  updateMail,
} from '../notifications/store/mail-store.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import { newRowId } from '../database/row-id.ts'
import { listDeskAddresses } from '../accounts/store/staff-address-store.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { readMail } from './mail-reading.ts'
import { sniffType } from '../attachments/rules/file-type.ts'
import { firstOf } from './rules/mail-text.ts'
import { threadOf } from './mail-thread.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { makeMailDesk } from './mail-to-ticket.ts'
import { HOUR_MS } from '../../shared/units.ts'

/** Level of a report by mail until the desk ranks it. */
const MAIL_LEVEL = 3

export type MailOutcome = { mailId: string; outcome: MailRow['outcome'] | 'duplicate'; ticketId: string | null; why: string }
type Files = { file: MailAttachment; sha256: string }[]
type Arrived = { row: MailRow; mail: IncomingMail; files: Files; leftOut: string[] }

/** Makes the intake. `ownAddresses`: what we send from and receive at; `ownDomain`: of our Message-IDs. */
export function makeMailIntake(deps: {
  db: Database
  log: Logger
  now: () => number
  bus: ChangeBus
  disk: MailDisk
  ticketing: Pick<Ticketing, 'desk'>
  deskEmail: string | null
  ownAddresses: readonly string[]
  ownDomain: string
  counted(outcome: string): void
}) {
  const { db, log, now, bus, disk } = deps
  const byMail = makeMailDesk(deps.ticketing.desk)

  /** Files and what the desk has to know, on the ticket. */
  const attach = async (tx: Tx, ticketId: string, arrived: Arrived, remarks: readonly string[]): Promise<void> => {
    const { row, files, leftOut } = arrived
    await insertAttachments(
      tx,
      files.map(({ file, sha256 }): AttachmentRow => ({
        id: newRowId(),
        ticket_id: ticketId,
        mail_id: row.id,
        name: file.name,
        content_type: sniffType(file.bytes),
        bytes: file.bytes.length,
        sha256,
        visibility: 'public',
        created_at: now(),
      })),
    )
    const sentences = [
      `By mail from ${row.address}; the whole mail is kept.`,
      ...(files.length > 0 ? [`Files: ${files.map(({ file }) => file.name).join(', ')}.`] : []),
      ...(leftOut.length > 0 ? [`Not taken from the mail: ${firstOf(leftOut)}.`] : []),
      ...remarks,
    ]
    await byMail.note(tx, ticketId, sentences.join(' '), { mailId: row.id })
  }

  const openTicket = async (
    tx: Tx,
    customerId: string,
    arrived: Arrived,
    remarks: readonly string[],
    changes: Change[],
  ): Promise<string> => {
    const { mail, row } = arrived
    const words = shownWords(mail)
    const facts: ReportFacts = readFacts(words)
    const name = mail.from?.name || row.address
    const { phone, organisation, ...rest } = facts
    const ticketId = await byMail.register(
      tx,
      {
        customerId,
        level: MAIL_LEVEL,
        subject: ticketSubject(mail.subject),
        description: words,
        channel: 'email',
        reporter: { name, email: row.address, ...(phone ? { phone } : {}), ...(organisation ? { organisation } : {}) },
        ...rest,
      },
      { author_kind: 'customer', author_name: name },
      changes,
    )
    await attach(tx, ticketId, arrived, remarks)
    return ticketId
  }

  const write = async (
    tx: Tx,
    decision: MailDecision & { kind: 'message' },
    arrived: Arrived,
    changes: Change[],
    remarks: readonly string[] = [],
  ): Promise<void> => {
    const author = { author_kind: 'customer', author_name: arrived.mail.from?.name || arrived.row.address } as const
    const words = shownWords(arrived.mail)
    await byMail.complete(tx, decision.ticketId, readFacts(words), author, changes)
    await byMail.write(tx, decision.ticketId, words, author, changes)
    await attach(tx, decision.ticketId, arrived, remarks)
  }

  const carryOut = async (tx: Tx, decision: MailDecision, arrived: Arrived, changes: Change[]): Promise<string | null> => {
    if (decision.kind === 'message') {
      await write(tx, decision, arrived, changes)
      return decision.ticketId
    }
    if (decision.kind === 'ticket') {
      const warning = decision.warning === null ? [] : [decision.warning]
      return openTicket(tx, decision.customerId, arrived, warning, changes)
    }
    await insertIntakeItem(tx, {
      id: newRowId(),
      mail_id: arrived.row.id,
      state: decision.kind === 'ignored' ? 'ignored' : 'open',
      reason: decision.reason,
      ticket_id: null,
      decided_by: null,
      decided_at: null,
      created_at: now(),
    })
    if (decision.kind !== 'ignored') await tellDesk(tx, arrived, decision.why)
    return null
  }

  /** The desk hears that mail waits, once an hour at most: a flood of mail must not become a flood of notices. */
  const tellDesk = async (tx: Tx, { row }: Arrived, why: string): Promise<void> => {
    const hour = Math.floor(row.at / HOUR_MS)
    const subject = `Mail waits for the desk: ${row.subject}`
    const facts = `From: ${row.address}\nSubject: ${row.subject}\n\n${why}`
    const body = `Mail waits for the desk\n\n${facts}\n\nThere may be more; the next notice comes in an hour at the earliest.\n`
    for (const address of deps.deskEmail === null ? await listDeskAddresses(tx, '') : [deps.deskEmail])
      await addNotice(tx, { channel: 'email', dedupKey: `intake-waits:v1:${hour}:${address}`, address, subject, body, nowMs: row.at })
  }

  const keepFiles = async (files: readonly MailAttachment[]): Promise<Files> => {
    const kept: Files = []
    for (const file of files) kept.push({ file, sha256: await disk.keep(file.bytes) })
    return kept
  }

  /** The name a mail is taken once by. Somebody else's mail under a used Message-ID is another mail. */
  const keyOf = async (tx: Tx, mail: IncomingMail | null, sha256: string): Promise<string> => {
    const id = mail?.messageId
    if (!id) return `sha256:${sha256}`
    const known = await findMailByMessageId(tx, id)
    return known && known.address !== sameCase(mail.from?.address ?? '') ? `sha256:${sha256}` : id
  }

  /** Somebody says where a mail belongs that waits. */
  const place = async (
    itemId: string,
    by: string,
    work: (tx: Tx, arrived: Arrived, changes: Change[]) => Promise<{ ticketId: string; customerId: string }>,
  ): Promise<{ ticketId: string }> => {
    const item = await findIntakeItem(db, itemId)
    const row = item ? await findMail(db, item.mail_id) : null
    if (!item || !row) throw notFound('intake item')
    const raw = row.sha256 === null ? null : await disk.read(row.sha256)
    const read = raw === null ? null : await readMail(raw, false)
    const mail = read?.mail ?? { ...blank, subject: row.subject, text: 'The mail could not be read; it is kept as it came.' }
    const files = read?.kind === 'read' ? await keepFiles(read.files) : []
    if (!isAddress(row.address)) throw invalidInput([{ path: 'body', message: 'the mail has no sender; register the ticket by hand' }])
    const changes: Change[] = []
    const ticketId = await inTransaction(db, async tx => {
      const arrived: Arrived = { row, mail, files, leftOut: read?.kind === 'read' ? read.leftOut : [] }
      const placed = await work(tx, arrived, changes)
      const decided = { state: 'assigned', ticket_id: placed.ticketId, decided_by: by, decided_at: now() } as const
      if (!(await decideIntakeItem(tx, itemId, decided))) throw decidedBefore()
      await updateMail(tx, row.id, { ticket_id: placed.ticketId, customer_id: placed.customerId, outcome: 'ticket' })
      return placed.ticketId
    })
    bus.publish(changes)
    return { ticketId }
  }

  const blank: IncomingMail = { messageId: null, from: null, subject: '', text: '', html: '', answers: [], headers: new Map() }

  return {
    /** Takes one mail as it came. `isCut`: only its first bytes, because it is too large. Written when this answers. */
    async receive(raw: Uint8Array, isCut = false): Promise<MailOutcome> {
      const read = await readMail(raw, isCut)
      const mail = read.mail ?? blank
      // What cannot be read may be read by a person: only of what is over the limit the beginning alone is kept.
      const isOver = read.kind === 'unreadable' && read.reason === 'too-large'
      const sha256 = await disk.keep(isOver ? raw.subarray(0, 64 * 1024) : raw)
      const files = read.kind === 'read' ? await keepFiles(read.files) : []
      const changes: Change[] = []
      const address = sameCase(mail.from?.address ?? '').slice(0, 320)
      const outcome = await inTransaction(db, async (tx): Promise<MailOutcome> => {
        const row: MailRow = {
          id: newRowId(),
          message_id: await keyOf(tx, mail, sha256),
          direction: 'in',
          ticket_id: null,
          customer_id: null,
          address,
          subject: subjectLine(mail.subject),
          at: now(),
          bytes: raw.length,
          sha256,
          outcome: 'waiting',
          why: '',
        }
        const recentMails = await countMailsFrom(tx, address, row.at - HOUR_MS)
        if (!(await insertMail(tx, row))) return { mailId: row.id, outcome: 'duplicate', ticketId: null, why: 'The mail was taken before.' }
        const decision: MailDecision =
          read.kind === 'unreadable'
            ? { kind: 'quarantined', reason: read.reason, why: read.why }
            : decideMail(mail, {
                ownAddresses: deps.ownAddresses,
                ownDomain: deps.ownDomain,
                thread: await threadOf(tx, mail),
                customerIds: await listCustomersOfAddress(tx, address),
                recentMails,
              })
        const arrived: Arrived = { row, mail, files, leftOut: read.kind === 'read' ? read.leftOut : [] }
        const ticketId = await carryOut(tx, decision, arrived, changes)
        const customerId = 'customerId' in decision ? decision.customerId : null
        await updateMail(tx, row.id, { ticket_id: ticketId, customer_id: customerId, outcome: decision.kind, why: decision.why })
        return { mailId: row.id, outcome: decision.kind, ticketId, why: decision.why }
      })
      bus.publish(changes)
      deps.counted(outcome.outcome)
      log.info({ ...outcome, bytes: raw.length }, 'mail taken')
      return outcome
    },

    /** A mail that waits becomes a ticket of a customer, whose mails of this sender are then theirs. Throws intake-item-decided. */
    assign(itemId: string, customerId: string, by: string): Promise<{ ticketId: string }> {
      return place(itemId, by, (tx, arrived, changes) =>
        openTicket(tx, customerId, arrived, [`Assigned by ${by}: ${arrived.row.why}`], changes).then(ticketId => ({
          ticketId,
          customerId,
        })),
      )
    },

    /** A mail that waits becomes a message on a ticket. Throws not-found, intake-item-decided. */
    attach(itemId: string, ticketId: string, by: string): Promise<{ ticketId: string }> {
      return place(itemId, by, async (tx, arrived, changes) => {
        const ticket = await findTicket(tx, ticketId)
        if (!ticket) throw notFound('ticket')
        const { customer_id: customerId } = ticket
        await write(tx, { kind: 'message', ticketId, customerId, why: '' }, arrived, changes, [`Put here by ${by}: ${arrived.row.why}`])
        return { ticketId, customerId }
      })
    },

    /** A mail that is nobody's business here; it stays kept. Throws intake-item-decided. */
    async dismiss(itemId: string, by: string): Promise<void> {
      if (!(await findIntakeItem(db, itemId))) throw notFound('intake item')
      const decided = { state: 'dismissed', ticket_id: null, decided_by: by, decided_at: now() } as const
      if (!(await inTransaction(db, tx => decideIntakeItem(tx, itemId, decided)))) throw decidedBefore()
    },
  }
}
export type MailIntake = ReturnType<typeof makeMailIntake>

function decidedBefore(): DomainError {
  return new DomainError('conflict', 'intake-item-decided', 'Somebody has assigned or dismissed this mail already. Read the list again.')
}
