/**
 * Sends what the outbox holds. A notice is claimed, sent, marked; a crash between sending and marking repeats it at most, under
 * the same delivery id. Failures are tried again with growing pauses, then given up where people see it.
 */
import type { Logger } from 'pino'
import type { Database } from '../store/database.ts'
import { claimDueNotices, nextNoticeAt, settleNotice } from '../store/outbox-store.ts'
import type { OutboxRow } from '../store/schema.ts'

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
  customerId: string | null
  createdAtMs: number
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
/** A wake-up can be missed (another server wrote the notice): look at least this often. */
const LOOK_AGAIN_MS = 15_000

/** Pause after a failed attempt (from 1): 10 s doubled each time, at most an hour, less up to half of it by `jitter` in [0, 1). */
export function pauseAfterMs(attempt: number, jitter: number): number {
  return Math.round(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (1 - jitter / 2))
}

function toItem(row: OutboxRow): DeliveryItem {
  return {
    id: row.id,
    dedupKey: row.dedup_key,
    address: row.address,
    subject: row.subject,
    body: row.body,
    ticketId: row.ticket_id,
    customerId: row.customer_id,
    createdAtMs: row.created_at,
  }
}

/** Makes the delivery of notices. `jitter` gives numbers in [0, 1). */
export function makeDelivery(options: { db: Database; log: Logger; now: () => number; channels: Channels; jitter?: () => number }) {
  const { db, log, now, channels, jitter = Math.random } = options
  const usable = (['email', 'webhook'] as const).filter(name => channels[name] !== null)
  let running: Promise<number> | null = null
  let timer: NodeJS.Timeout | null = null
  let isStarted = false

  const attempt = async (row: OutboxRow): Promise<Outcome> => {
    const send = row.channel === 'device' ? null : channels[row.channel]
    if (!send) return { outcome: 'again', reason: `no ${row.channel} channel` }
    try {
      return await send(toItem(row))
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
      const queue = rows.values()
      const worker = async (): Promise<void> => {
        for (const row of queue) if (await deliver(row)) sent += 1
      }
      await Promise.all(Array.from({ length: PARALLEL }, worker))
    }
  }

  const schedule = (afterMs: number): void => {
    if (!isStarted) return
    if (timer) clearTimeout(timer)
    timer = setTimeout(() => void turn(), afterMs)
  }
  const turn = async (): Promise<void> => {
    try {
      await delivery.deliverDue()
      const nextMs = await nextNoticeAt(db, usable)
      schedule(nextMs === null ? LOOK_AGAIN_MS : Math.min(LOOK_AGAIN_MS, Math.max(100, nextMs - now())))
    } catch (error) {
      log.warn({ err: error }, 'outbox could not be read, will be tried again')
      schedule(LOOK_AGAIN_MS)
    }
  }

  const delivery = {
    /** Sends everything that is due now, once each; how many were sent. Calls at the same time share one round. */
    deliverDue(): Promise<number> {
      running ??= deliverAll().finally(() => {
        running = null
      })
      return running
    },
    /** Begins to send by itself, at once and whenever something is due. */
    start(): void {
      isStarted = true
      schedule(0)
    },
    /** Something may be due now: call after a commit that added notices. */
    wake(): void {
      schedule(0)
    },
    /** Ends after the round in progress; what is not sent stays in the outbox. */
    async stop(): Promise<void> {
      isStarted = false
      if (timer) clearTimeout(timer)
      timer = null
      await running?.catch(() => undefined)
    },
  }
  return delivery
}
export type Delivery = ReturnType<typeof makeDelivery>
