/** How a link is, and telling the desk once when it is stuck. */
import type { Logger } from 'pino'
import { healthOf, type Health } from './rules/sync-health.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import { findLink, updateLink } from './store/sync-link-store.ts'
import { countStopped } from './store/sync-pair-store.ts'
import { readDepth, type QueueDepth } from './store/sync-queue-store.ts'
import type { SyncLinkRow } from '../database/tables/sync-rows.ts'
import { listDeskAddresses } from '../accounts/store/staff-address-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'

export type LinkHealth = Health & { depth: QueueDepth; stoppedTickets: number }

/** Makes it. `deskEmail` is the desk's common address; null = every desk user is told. */
export function makeSyncAlarm(deps: {
  db: Database
  log: Logger
  now: () => number
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  deskEmail: string | null
}) {
  const { db, log, now, catalogue } = deps

  const isInPlan = async (row: SyncLinkRow): Promise<boolean> => (await catalogue.effectivePlanOf(db, row.customer_id)).deskIntegration

  const health = async (row: SyncLinkRow): Promise<LinkHealth> => {
    const depth = await readDepth(db, row.id)
    const stoppedTickets = await countStopped(db, row.id)
    const facts = {
      ...depth,
      isEnabled: row.is_enabled === 1,
      isInPlan: await isInPlan(row),
      failingSinceMs: row.failing_since,
      lastError: row.last_error,
      clockSkewMs: row.clock_skew_ms,
      warnings: JSON.parse(row.warnings) as string[],
      stoppedTickets,
    }
    return { ...healthOf(facts, now()), depth, stoppedTickets }
  }

  const alarm = async (linkId: string): Promise<void> => {
    const row = await findLink(db, linkId)
    if (row === null) return
    const { state, why } = await health(row)
    if (state !== 'alarm') {
      if (row.alarmed_at !== null) await updateLink(db, row.id, { alarmed_at: null })
      return
    }
    if (row.alarmed_at !== null) return
    const nowMs = now()
    await inTransaction(db, async tx => {
      await updateLink(tx, row.id, { alarmed_at: nowMs })
      const subject = `The link to ${row.name} is stuck`
      const body = `${subject}\n\n${why.join('\n')}\n\nSee the page Service desks in the console.\n`
      for (const address of deps.deskEmail === null ? await listDeskAddresses(tx, row.customer_id) : [deps.deskEmail]) {
        const dedupKey = `servicedesk-stuck:v1:${row.id}:${nowMs}:${address}`
        await addNotice(tx, { channel: 'email', dedupKey, address, subject, body, customerId: row.customer_id, nowMs })
      }
    })
    log.warn({ linkId: row.id, why }, 'link to a client’s desk is stuck')
  }

  return { isInPlan, health, alarm }
}
