/** The outbox for people: what was told, what was given up, trying again, and letting old ones go. */
import type { Page } from '../../shared/api/list.ts'
import type { Notice, OutboxQuery } from '../../shared/api/notifications/outbox-api.ts'
import { DomainError, notFound } from '../platform/errors.ts'
import type { Database } from '../database/database.ts'
import { deleteSentBefore, findNotice, listOutbox, retryNotice } from './store/outbox-store.ts'
import type { OutboxRow } from '../database/tables/schema.ts'
import { DAY_MS } from '../../shared/units.ts'
import { iso, isoOrNull } from '../../shared/instants.ts'

/** Rows deleted at a time, so that messages never wait long. */
const BATCH = 1000

/** A webhook's address without what may be a key in it: user name, password, query. */
function shownAddress(row: OutboxRow): string {
  if (row.channel !== 'webhook') return row.address
  const url = URL.parse(row.address)
  return url ? `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}` : '(not an address)'
}

function toNotice(row: OutboxRow): Notice {
  const isWaiting = row.state === 'pending' || row.state === 'sending'
  return {
    id: row.id,
    channel: row.channel,
    address: shownAddress(row),
    subject: row.subject,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: isWaiting ? iso(row.next_attempt_at) : null,
    sentAt: isoOrNull(row.sent_at),
    lastError: row.last_error,
    ticketId: row.ticket_id,
    deviceId: row.device_id,
    customerId: row.customer_id,
    createdAt: iso(row.created_at),
  }
}

/** Makes the service. Notices are kept `keepDays` after they were sent; the others stay until somebody looked at them. */
export function makeOutbox(deps: { db: Database; now: () => number; keepDays: number }) {
  const { db, now } = deps
  return {
    /** Newest first; `scope` limits to some customers, null = all. */
    async list(query: OutboxQuery & { scope: readonly string[] | null }): Promise<Page<Notice>> {
      const page = await listOutbox(db, { ...query, limit: query.limit ?? 50 })
      return { ...page, items: page.items.map(toNotice) }
    },

    /** Customer a notice is about, null when about none; throws not-found. For tenant checks. */
    async customerOf(id: string): Promise<string | null> {
      const row = await findNotice(db, id)
      if (!row) throw notFound('notice')
      return row.customer_id
    },

    /** Tries a given-up notice again from its first attempt. Throws notice-not-given-up. */
    async retry(id: string): Promise<Notice> {
      const isAgain = await retryNotice(db, id, now())
      const row = await findNotice(db, id)
      if (!row) throw notFound('notice')
      if (!isAgain)
        throw new DomainError(
          'conflict',
          'notice-not-given-up',
          `The notice is ${row.state}; only one that was given up can be tried again.`,
        )
      return toNotice(row)
    },

    /** Deletes what was sent long ago; gives how many. */
    async forgetSent(): Promise<number> {
      let gone = 0
      for (;;) {
        const deleted = await deleteSentBefore(db, now() - deps.keepDays * DAY_MS, BATCH)
        gone += deleted
        if (deleted < BATCH) return gone
      }
    },
  }
}
export type Outbox = ReturnType<typeof makeOutbox>
