/** Webhooks of clients' desks: checked, kept, answered; what they mean is worked out afterwards. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { notFound, DomainError } from '../platform/errors.ts'
import type { Database } from '../database/database.ts'
import { findLink } from './store/sync-link-store.ts'
import { insertIn } from './store/sync-queue-store.ts'
import type { Desks } from './desk-adapter.ts'
import { settingsOf } from './open-link.ts'
import type { SecretBox } from './sync-secrets.ts'
import { delivery } from './sync-worker.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
export type HookOutcome = 'kept' | 'repeated' | 'nothing' | 'off'

/** Makes the receiver. */
export function makeSyncHook(deps: { db: Database; now: () => number; desks: Desks; box: SecretBox }) {
  const { db, now, desks, box } = deps
  return {
    /**
     * Takes one webhook. Unknown link and wrong address are the same not-found; a wrong signature is webhook-refused. A link that is
     * off takes nothing and refuses nothing: some desks switch a webhook off for good when it is refused.
     */
    async receive(linkId: string, path: string, raw: Buffer, headers: Readonly<Record<string, string | undefined>>): Promise<HookOutcome> {
      const row = await findLink(db, linkId)
      const secrets = row === null ? null : box.open(row.id, row.secrets)
      // Compared also when there is no such link: the time must not tell which links there are.
      const isRight = timingSafeEqual(digest(path), digest(secrets?.hookPath ?? ''))
      if (row === null || secrets === null || !isRight) throw notFound('webhook')
      const news = desks.kinds[row.kind].readDelivery({ raw, headers, secret: secrets.hookSecret, settings: settingsOf(row) })
      if (news.kind === 'refused') throw new DomainError('unauthenticated', 'webhook-refused', news.why)
      if (row.is_enabled === 0) return 'off'
      if (news.kind === 'none') return 'nothing'
      const isNew = await insertIn(db, delivery(row.id, news.deliveryId, news.externalId, now(), news.ticket))
      return isNew ? 'kept' : 'repeated'
    },
  }
}
export type SyncHook = ReturnType<typeof makeSyncHook>
