/** What waits for a person on a link, and where a ticket is at clients' desks. */
import type { Page } from '../../shared/api/list.ts'
import type { ExternalTicket, ParkedChange } from '../../shared/api/servicedesks/servicedesk-api.ts'
import { DomainError } from '../platform/errors.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { findPair, readPairsOf, updatePair } from './store/sync-pair-store.ts'
import { decideParked, readParked } from './store/sync-queue-store.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import { factsOf } from './sync-pairs.ts'
import { iso } from '../../shared/instants.ts'

/** Makes the service. Whether a link is there and whose it is, is for the caller to have asked. */
export function makeSyncDecisions({ db, now }: { db: Database; now: () => number }) {
  return {
    /** What waits for a person on a link, oldest first. */
    async parked(id: string): Promise<Page<ParkedChange>> {
      const rows = await readParked(db, id)
      const items = await Promise.all(
        rows.map(async (row): Promise<ParkedChange> => ({
          id: row.id,
          way: row.way,
          kind: row.kind,
          ticketId: row.ticket_id,
          reference: row.ticket_id === null ? null : ((await findTicket(db, row.ticket_id))?.reference ?? null),
          externalId: row.external_id,
          attempts: row.attempts,
          reason: row.last_error ?? '',
          createdAt: iso(row.created_at),
        })),
      )
      return { items, total: items.length, next: null }
    },

    /** Tries a parked change again, or drops it; a ticket that was stopped goes on with its retry. Throws change-not-parked. */
    async decide(id: string, changeId: string, to: 'pending' | 'dropped'): Promise<void> {
      await inTransaction(db, async tx => {
        const decided = await decideParked(tx, { linkId: id, id: changeId, to, nowMs: now() })
        if (decided === null)
          throw new DomainError(
            'conflict',
            'change-not-parked',
            'Somebody has decided about this change already, or it has gone through. Read the list again.',
          )
        const pair = decided.ticketId === null || to === 'dropped' ? null : await findPair(tx, id, decided.ticketId)
        if (pair?.stopped_at != null) await updatePair(tx, pair.id, { stopped_at: null, recent: '[]' })
      })
    },

    /** Where a ticket is at clients' desks. */
    async ofTicket(ticketId: string): Promise<ExternalTicket[]> {
      const pairs = await readPairsOf(db, ticketId)
      return pairs.map(pair => {
        const facts = factsOf(pair)
        return {
          linkId: pair.link_id,
          linkName: pair.link_name,
          kind: pair.link_kind,
          key: pair.external_key,
          url: pair.external_url,
          state: facts.stateName ?? null,
          priority: facts.priority ?? null,
          assignee: facts.assignee ?? null,
          stopped: pair.stopped_at !== null,
        }
      })
    },
  }
}
export type SyncDecisions = ReturnType<typeof makeSyncDecisions>
