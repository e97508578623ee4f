import type { Database, Tx } from './database.ts'
import type { OutboxRow } from './schema.ts'

export type Notice = {
  channel: 'email' | 'webhook'
  dedupKey: string
  address: string
  subject: string
  body: string
  ticketId?: string
  deviceId?: string
  customerId?: string
  nowMs: number
}
/** True when it was added, false when the same notice (dedupKey) is there already. */
export declare function addNotice(tx: Tx, notice: Notice): Promise<boolean>
export declare function claimDueNotices(db: Database | Tx, options: { nowMs: number; limit: number; leaseMs: number }): Promise<OutboxRow[]>
export declare function listOutbox(
  db: Database | Tx,
  options: { state?: OutboxRow['state']; limit: number; offset: number },
): Promise<{ items: OutboxRow[]; total: number }>
export declare function countOutbox(db: Database | Tx): Promise<Record<OutboxRow['state'], number>>
