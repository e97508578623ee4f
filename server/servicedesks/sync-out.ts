/** Changes on their way to a client's desk: one at a time per ticket, looked for before they are repeated, parked when refused. */
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { decideComments } from './rules/sync-comments.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { findAttachment } from '../attachments/store/attachment-store.ts'
import type { MailDisk } from '../attachments/store/mail-disk.ts'
import { findPair, insertComment, readComments, updatePair } from './store/sync-pair-store.ts'
import { enqueueOut, updateOut } from './store/sync-queue-store.ts'
import type { SyncOutboxRow, SyncPairRow } from '../database/tables/sync-rows.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { SyncDesk } from './sync-to-ticket.ts'
import { DeskFault, type Snapshot } from './desk-adapter.ts'
import { hashOf, type OpenLink } from './open-link.ts'
import type { CommentBody } from './sync-capture.ts'
import { noteMirrored } from './sync-pairs.ts'
import type { SyncTaker } from './sync-take.ts'

const MEGABYTE = 1024 * 1024
const FILE_MEGABYTES = 10
/** A file whose kind nobody knows is not handed on. */
const UNKNOWN_TYPE = 'application/octet-stream'

const gone = (): DeskFault => new DeskFault({ status: 404, retryAfterMs: null, reason: 'The ticket is not at their desk any more' })

/** Makes the sender. */
export function makeSyncSender(deps: { db: Database; now: () => number; bySync: SyncDesk; disk: MailDisk; taker: SyncTaker }) {
  const { db, now, bySync, disk, taker } = deps

  const done = (
    row: SyncOutboxRow,
    more: (tx: Parameters<Parameters<typeof inTransaction>[1]>[0]) => Promise<void> = () => Promise.resolve(),
  ) =>
    inTransaction(db, async tx => {
      await updateOut(tx, row.id, { state: 'done', done_at: now(), last_error: null })
      await more(tx)
    })

  const create = async (link: OpenLink, row: SyncOutboxRow, pair: SyncPairRow): Promise<void> => {
    const ticket = await findTicket(db, row.ticket_id)
    if (ticket === null || pair.external_id !== null) return done(row)
    const { reference, subject, description, level } = ticket
    const found = row.attempts > 1 ? await link.desk.find(reference) : null
    const made = found ?? (await link.desk.create({ reference, subject, description, level: level as LevelNumber }))
    await done(row, async tx => {
      await updatePair(tx, pair.id, { external_id: made.externalId, external_key: made.key, external_url: made.url })
      await bySync.note(tx, row.ticket_id, `Made at the client’s desk as ${made.key} (${link.row.name}).`)
      // What state it begins with is theirs to say; it becomes ours next.
      const about = { link_id: row.link_id, ticket_id: row.ticket_id, dedup_key: `state:${pair.id}:made` }
      await enqueueOut(tx, { ...about, kind: 'state', body: {}, nowMs: now() })
      await noteMirrored(tx, bySync, pair, 1, now())
    })
  }

  /** The id of a comment that arrived although its answer did not: of our user, unknown, and not one of those written before. */
  const arrived = async (link: OpenLink, row: SyncOutboxRow, externalId: string, hash: string): Promise<string | null> => {
    const snapshot = link.desk.read ? await link.desk.read(externalId) : null
    if (snapshot === null) return null
    const known = await readComments(db, link.row.id, row.ticket_id)
    const ids = new Set(known.flatMap(one => one.external_id ?? []))
    const written = known
      .filter(one => one.direction === 'out')
      .map(one => ({ rowId: one.id, externalId: one.external_id, hash: one.hash }))
    const claimed = decideComments(snapshot.comments, ids, written, hashOf).flatMap(action =>
      action.kind === 'ours' ? action.comment.id : [],
    )
    const found = snapshot.comments.find(one => one.isOurs && !ids.has(one.id) && !claimed.includes(one.id) && hashOf(one.text) === hash)
    return found?.id ?? null
  }

  const comment = async (link: OpenLink, row: SyncOutboxRow, pair: SyncPairRow, externalId: string): Promise<void> => {
    const { eventId, text } = JSON.parse(row.body) as CommentBody
    const hash = hashOf(text)
    const known = row.attempts > 1 ? await arrived(link, row, externalId, hash) : null
    const id = known ?? (await link.desk.comment(externalId, text, row.id))
    await done(row, async tx => {
      const about = { link_id: row.link_id, ticket_id: row.ticket_id, direction: 'out' as const, at: now() }
      await insertComment(tx, { ...about, external_id: id, hash, event_id: eventId })
      await noteMirrored(tx, bySync, pair, 1, now())
    })
  }

  /** Where nothing can be read, theirs is what was set or told last. */
  const pushUnseen = async (link: OpenLink, pair: SyncPairRow, externalId: string): Promise<void> => {
    const ticket = await findTicket(db, pair.ticket_id)
    const state = ticket === null ? undefined : link.map.ours[ticket.status]
    if (ticket === null || state === undefined || state === 'ignore' || state === pair.agreed_theirs) return
    const version = await link.desk.setState(externalId, state)
    await taker.pushed(link, { ticketId: pair.ticket_id, externalId, status: ticket.status, state }, version)
  }

  /** Brings one ticket together: their news is taken first, then what is ours to say is set there. */
  const bringTogether = async (link: OpenLink, snapshot: Snapshot): Promise<void> => {
    const push = await taker.take(link, snapshot)
    if (push === null) return
    await taker.pushed(link, push, await link.desk.setState(push.externalId, push.state))
  }

  const state = async (link: OpenLink, row: SyncOutboxRow, pair: SyncPairRow, externalId: string): Promise<void> => {
    if (link.desk.read === null) await pushUnseen(link, pair, externalId)
    else {
      const snapshot = await link.desk.read(externalId)
      if (snapshot === null) throw gone()
      await bringTogether(link, snapshot)
    }
    await done(row)
  }

  const skipFile = (row: SyncOutboxRow, name: string, why: string): Promise<void> =>
    done(row, async tx => void (await bySync.note(tx, row.ticket_id, `The file ${name} was not sent to the client’s desk: ${why}.`)))

  const file = async (link: OpenLink, row: SyncOutboxRow, pair: SyncPairRow, externalId: string): Promise<void> => {
    const { attachmentId } = JSON.parse(row.body) as { attachmentId: string }
    const attachment = await findAttachment(db, attachmentId)
    // What has become internal since stays here.
    if (attachment === null || attachment.visibility !== 'public') return done(row)
    const { name, bytes, content_type: contentType, sha256 } = attachment
    const limit = link.settings.maxFileMegabytes ?? FILE_MEGABYTES
    if (bytes > limit * MEGABYTE) return skipFile(row, name, `it is larger than ${limit} MB`)
    if (contentType === UNKNOWN_TYPE) return skipFile(row, name, 'its kind is not known')
    if (link.desk.attach === null) return skipFile(row, name, 'their desk takes none')
    const content = await disk.read(sha256)
    if (content === null) return skipFile(row, name, 'it is not on the disk any more')
    try {
      await link.desk.attach(externalId, { name, contentType, bytes: content })
    } catch (error) {
      if (!(error instanceof DeskFault) || ![400, 403, 413, 415, 422].includes(error.trouble.status ?? 0)) throw error
      return skipFile(row, name, `their desk refused it (${error.message})`)
    }
    await done(row, tx => noteMirrored(tx, bySync, pair, 1, now()))
  }

  const level = async (link: OpenLink, row: SyncOutboxRow, externalId: string): Promise<void> => {
    const ticket = await findTicket(db, row.ticket_id)
    if (ticket !== null) await link.desk.setLevel(externalId, ticket.level as LevelNumber)
    await done(row)
  }

  return {
    /** Carries out one change, of which an attempt has been counted. Throws DeskFault. */
    async send(link: OpenLink, row: SyncOutboxRow): Promise<void> {
      const pair = await findPair(db, row.link_id, row.ticket_id)
      if (pair === null) return done(row)
      if (row.kind === 'create') return create(link, row, pair)
      // In order per ticket: whatever it is, it was made there before.
      const externalId = pair.external_id
      if (externalId === null) throw gone()
      if (row.kind === 'comment') return comment(link, row, pair, externalId)
      if (row.kind === 'state') return state(link, row, pair, externalId)
      if (row.kind === 'level') return level(link, row, externalId)
      return file(link, row, pair, externalId)
    },
  }
}
