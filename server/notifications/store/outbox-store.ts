/** The outbox: what has to be told, written in the transaction that causes it, sent after the commit, kept as proof. */
import type { Database, Tx } from '../../database/database.ts'
import { readCursor, toPage } from '../../database/paging.ts'
import type { OutboxRow } from '../../database/tables/schema.ts'
import { newRowId } from '../../database/row-id.ts'

export type Notice = {
  channel: 'email' | 'webhook'
  /** Same key = same notice: told once. */
  dedupKey: string
  /** E-mail address, or address of the webhook. */
  address: string
  subject: string
  /** Mail: plain text, first line = heading. Webhook: JSON as it is posted. */
  body: string
  ticketId?: string
  deviceId?: string
  customerId?: string
  /** Path that the mail links to instead of the ticket; may hold a secret. */
  linkPath?: string
  /** iCalendar text of an appointment. */
  calendar?: string
  /** Line of the history it tells of: its public files go with a mail. */
  eventId?: string
  nowMs: number
}
export type OutboxState = OutboxRow['state']

/** Puts a notice into the outbox. True when it was added, false when the same notice is there already. */
export async function addNotice(tx: Tx, notice: Notice): Promise<boolean> {
  const result = await tx
    .insertInto('outbox')
    .values({
      id: newRowId(),
      channel: notice.channel,
      dedup_key: notice.dedupKey,
      address: notice.address,
      subject: notice.subject,
      body: notice.body,
      ticket_id: notice.ticketId ?? null,
      device_id: notice.deviceId ?? null,
      customer_id: notice.customerId ?? null,
      state: 'pending',
      attempts: 0,
      next_attempt_at: notice.nowMs,
      claimed_until: null,
      sent_at: null,
      last_error: null,
      created_at: notice.nowMs,
      link_path: notice.linkPath ?? null,
      calendar: notice.calendar ?? null,
      event_id: notice.eventId ?? null,
    })
    .onConflict(conflict => conflict.column('dedup_key').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1
}

/**
 * Takes due notices for `leaseMs`: the pending ones, and those whose sender died. Each goes to one caller only; `attempts`
 * of the rows returned is the number of this attempt.
 */
export async function claimDueNotices(
  db: Database | Tx,
  query: { channels: readonly OutboxRow['channel'][]; nowMs: number; limit: number; leaseMs: number },
): Promise<OutboxRow[]> {
  if (query.channels.length === 0) return []
  const due = await db
    .selectFrom('outbox')
    .selectAll()
    .where('channel', 'in', query.channels)
    .where(e =>
      e.or([
        e.and([e('state', '=', 'pending'), e('next_attempt_at', '<=', query.nowMs)]),
        e.and([e('state', '=', 'sending'), e('claimed_until', '<=', query.nowMs)]),
      ]),
    )
    .orderBy('next_attempt_at')
    .orderBy('id')
    .limit(query.limit)
    .execute()
  const claimed: OutboxRow[] = []
  for (const row of due) {
    const attempts = row.attempts + 1
    const result = await db
      .updateTable('outbox')
      .set({ state: 'sending', attempts, claimed_until: query.nowMs + query.leaseMs })
      .where('id', '=', row.id)
      .where('state', '=', row.state)
      .where('attempts', '=', row.attempts)
      .executeTakeFirst()
    if (Number(result.numUpdatedRows) === 1) claimed.push({ ...row, state: 'sending', attempts })
  }
  return claimed
}

/** What became of an attempt. False when the claim had run out and somebody else has taken the notice since. */
export async function settleNotice(
  db: Database | Tx,
  row: Pick<OutboxRow, 'id' | 'attempts'>,
  result:
    | { state: 'sent'; sentAtMs: number }
    | { state: 'pending'; nextAttemptAtMs: number; error: string }
    | { state: 'given-up'; error: string },
): Promise<boolean> {
  const change =
    result.state === 'sent'
      ? { state: result.state, sent_at: result.sentAtMs, last_error: null, link_path: null }
      : result.state === 'pending'
        ? { state: result.state, next_attempt_at: result.nextAttemptAtMs, last_error: result.error }
        : { state: result.state, last_error: result.error }
  const updated = await db
    .updateTable('outbox')
    .set({ ...change, claimed_until: null })
    .where('id', '=', row.id)
    .where('state', '=', 'sending')
    .where('attempts', '=', row.attempts)
    .executeTakeFirst()
  return Number(updated.numUpdatedRows) === 1
}

/** `scope`: only notices about these customers; null or left out = all. */
export type OutboxQuery = {
  state?: OutboxState | undefined
  ticketId?: string | undefined
  customerId?: string | undefined
  scope?: readonly string[] | null
  limit: number
  cursor?: string | undefined
}

/** The outbox as people see it, newest first. */
export async function listOutbox(
  db: Database | Tx,
  query: OutboxQuery,
): Promise<{ items: OutboxRow[]; total: number; next: string | null }> {
  const cursor = readCursor(query.cursor)
  let matching = db.selectFrom('outbox')
  if (query.state !== undefined) matching = matching.where('state', '=', query.state)
  if (query.ticketId !== undefined) matching = matching.where('ticket_id', '=', query.ticketId)
  if (query.customerId !== undefined) matching = matching.where('customer_id', '=', query.customerId)
  if (query.scope) matching = matching.where('customer_id', 'in', query.scope.length > 0 ? query.scope : [''])
  const { total } = await matching.select(e => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  let page = matching
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
  if (cursor)
    page = page.where(e =>
      e.or([e('created_at', '<', Number(cursor[0])), e.and([e('created_at', '=', Number(cursor[0])), e('id', '<', cursor[1])])]),
    )
  return toPage(
    await page.execute(),
    query.limit,
    Number(total),
    row => row,
    row => [row.created_at, row.id],
  )
}

/** One notice. */
export async function findNotice(db: Database | Tx, id: string): Promise<OutboxRow | null> {
  return (await db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** Gives a given-up notice its attempts back, due now. False when it is not given up (any more). */
export async function retryNotice(db: Database | Tx, id: string, nowMs: number): Promise<boolean> {
  const updated = await db
    .updateTable('outbox')
    .set({ state: 'pending', attempts: 0, next_attempt_at: nowMs, claimed_until: null })
    .where('id', '=', id)
    .where('state', '=', 'given-up')
    .executeTakeFirst()
  return Number(updated.numUpdatedRows) === 1
}

/** Deletes up to `limit` notices that were sent before an instant; gives how many. */
export async function deleteSentBefore(db: Database | Tx, beforeMs: number, limit: number): Promise<number> {
  const old = db.selectFrom('outbox').select('id').where('state', '=', 'sent').where('sent_at', '<', beforeMs).limit(limit)
  const result = await db.deleteFrom('outbox').where('id', 'in', old).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Notices by state; every state is there. */
export async function countOutbox(db: Database | Tx): Promise<Record<OutboxState, number>> {
  const counts: Record<OutboxState, number> = { pending: 0, sending: 0, sent: 0, 'given-up': 0 }
  const rows = await db
    .selectFrom('outbox')
    .select(e => ['state', e.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  for (const row of rows) counts[row.state] = Number(row.count)
  return counts
}

/** Secret that signs what goes to a webhook address: the customer's own first, then a partner's; null = none was agreed. */
export async function findWebhookSecret(db: Database | Tx, query: { address: string; customerId: string | null }): Promise<string | null> {
  const customers = await db.selectFrom('customers').select(['id', 'webhook_secret']).where('webhook_url', '=', query.address).execute()
  const own = customers.find(row => row.id === query.customerId) ?? customers[0]
  if (own) return own.webhook_secret
  const partner = await db.selectFrom('partners').select('webhook_secret').where('webhook_url', '=', query.address).executeTakeFirst()
  return partner?.webhook_secret ?? null
}
