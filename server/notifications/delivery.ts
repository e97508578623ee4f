/**
 * Sends what the outbox holds. A notice is claimed, sent, marked; a crash between sending and marking repeats it at most, under
 * the same delivery id. Failures are tried again with growing pauses, then given up where people see it.
 */
import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'
import { listThreadOf } from './store/mail-store.ts'
import { claimDueNotices, findWebhookSecret, settleNotice } from './store/outbox-store.ts'
import type { OutboxRow } from '../database/tables/schema.ts'

/** What a channel says about one attempt: `again` may help, `never` will not. */
export type Outcome = { outcome: 'sent' | 'again' | 'never'; reason: string }
/** One notice on its way. `id` stays the same over all attempts. */
export type DeliveryItem = {
  id: string
  dedupKey: string
  address: string
  subject: string
  body: string
  ticketId: string | null
  customerId?: string | null
  /** Message-IDs of the receiver's own mails on the ticket, oldest first. */
  thread?: readonly string[]
  createdAtMs: number
  /** Where people see the ticket in the console, or null. */
  link: string | null
  /** An appointment as iCalendar text, or null. */
  calendar?: string | null
  /** Files that go with a mail. */
  files?: readonly { name: string; contentType: string; bytes: Uint8Array }[]
  /** Signs what goes to a webhook; null = none was agreed. */
  secret: string | null
}
/** Sends one notice; must not throw for anything the outside does. */
export type Send = (item: DeliveryItem) => Promise<Outcome>
/** Null = the channel is not set up: its notices wait. */
export type Channels = { email: Send | null; webhook: Send | null }

export const MAX_ATTEMPTS = 12
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 3_600_000
/** Longer than any channel may take: a claim that runs out means that its sender died. */
const LEASE_MS = 120_000

const PARALLEL = 8

/** Pause after a failed attempt (from 1): 10 s doubled each time, at most an hour, less up to half of it by `jitter` in [0, 1). */
export function pauseAfterMs(attempt: number, jitter: number): number {
  return Math.round(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (1 - jitter / 2))
}

/** Makes the delivery of notices. `publicUrl` is the console's address; `jitter` gives numbers in [0, 1). */
export function makeDelivery(options: {
  db: Database
  log: Logger
  now: () => number
  channels: Channels
  publicUrl: () => string
  jitter?: () => number
  /** Public files of a message. */
  filesOf?: (eventId: string) => Promise<NonNullable<DeliveryItem['files']>>
}) {
  const { db, log, now, channels, publicUrl, jitter = Math.random } = options
  const usable = (['email', 'webhook'] as const).filter(name => channels[name] !== null)
  let running: Promise<number> | null = null

  /** Where people see what it is about: the ticket, else the device. */
  const linkOf = (row: OutboxRow): string | null => {
    const path =
      row.link_path !== null
        ? row.link_path
        : row.ticket_id !== null
          ? `tickets/${encodeURIComponent(row.ticket_id)}`
          : row.device_id !== null
            ? `devices/${row.device_id}`
            : null
    return path === null ? null : `${publicUrl().replace(/\/$/, '')}/${path}`
  }
  const toItem = async (row: OutboxRow): Promise<DeliveryItem> => ({
    id: row.id,
    dedupKey: row.dedup_key,
    address: row.address,
    subject: row.subject,
    body: row.body,
    ticketId: row.ticket_id,
    customerId: row.customer_id,
    thread: row.channel === 'email' && row.ticket_id !== null ? await listThreadOf(db, row.ticket_id, row.address.toLowerCase()) : [],
    createdAtMs: row.created_at,
    link: linkOf(row),
    calendar: row.calendar,
    files: row.channel === 'email' && row.event_id != null ? ((await options.filesOf?.(row.event_id)) ?? []) : [],
    secret: row.channel === 'webhook' ? await findWebhookSecret(db, { address: row.address, customerId: row.customer_id }) : null,
  })

  const attempt = async (row: OutboxRow): Promise<Outcome> => {
    const send = row.channel === 'device' ? null : channels[row.channel]
    if (!send) return { outcome: 'again', reason: `no ${row.channel} channel` }
    try {
      return await send(await toItem(row))
    } catch (error) {
      // A channel that throws is a fault of ours; the notice must survive it.
      log.error({ err: error, noticeId: row.id, channel: row.channel }, 'channel failed')
      return { outcome: 'again', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  const deliver = async (row: OutboxRow): Promise<boolean> => {
    const { outcome, reason } = await attempt(row)
    const about = { noticeId: row.id, channel: row.channel, ticketId: row.ticket_id, attempt: row.attempts, reason }
    if (outcome === 'sent') {
      await settleNotice(db, row, { state: 'sent', sentAtMs: now() })
      log.info(about, 'notice sent')
      return true
    }
    if (outcome === 'never' || row.attempts >= MAX_ATTEMPTS) {
      await settleNotice(db, row, { state: 'given-up', error: reason })
      log.error(about, 'notice given up: nobody was told')
    } else {
      await settleNotice(db, row, { state: 'pending', nextAttemptAtMs: now() + pauseAfterMs(row.attempts, jitter()), error: reason })
      log.warn(about, 'notice not sent, will be tried again')
    }
    return false
  }

  const deliverAll = async (): Promise<number> => {
    let sent = 0
    for (;;) {
      const rows = await claimDueNotices(db, { channels: usable, nowMs: now(), limit: PARALLEL, leaseMs: LEASE_MS })
      if (rows.length === 0) return sent
      sent += (await Promise.all(rows.map(deliver))).filter(Boolean).length
    }
  }

  return {
    /** Sends everything that is due now, once each; how many were sent. Calls at the same time share one round. */
    deliverDue(): Promise<number> {
      running ??= deliverAll().finally(() => {
        running = null
      })
      return running
    },
  }
}
