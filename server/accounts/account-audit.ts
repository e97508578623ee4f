/** The audit log of logins and accounts: who did what to whose account, from where. */
import { insertAudit } from './store/account-store.ts'
import type { Database, Tx } from '../database/database.ts'
import { newRowId } from '../database/row-id.ts'

/** Writes a line. `actorId` null = nobody who is known. */
export function noteAccount(
  db: Database | Tx,
  line: { nowMs: number; action: string; actorId: string | null; accountId: string | null; address?: string | null; detail?: unknown },
): Promise<void> {
  return insertAudit(db, {
    id: newRowId(),
    at: line.nowMs,
    actor_kind: line.actorId === null ? 'nobody' : line.actorId === 'bootstrap' ? 'bootstrap' : 'user',
    actor_id: line.actorId ?? '',
    action: line.action,
    subject_kind: 'account',
    subject_id: line.accountId ?? '',
    address: line.address ?? null,
    detail: line.detail === undefined ? null : JSON.stringify(line.detail),
  })
}
