/** Everything of links to clients' desks, wired. */
import type { Logger } from 'pino'
import type { SigningKey } from '../../shared/signing.ts'
import type { Database } from '../database/database.ts'
import type { MailDisk } from '../attachments/store/mail-disk.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { ChangeBus } from '../platform/change-bus.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import type { Desks } from './desk-adapter.ts'
import { makeSyncDecisions } from './sync-decisions.ts'
import { makeSyncHook } from './sync-hook.ts'
import { makeSyncLinks } from './sync-links.ts'
import { makeSecretBox } from './sync-secrets.ts'
import { makeSyncWorker } from './sync-worker.ts'

/** Makes links, webhooks and worker. `signingKey` makes the key that closes the secrets; `disk` holds the files of tickets. */
export function makeServicedesk(deps: {
  db: Database
  log: Logger
  now: () => number
  bus: ChangeBus
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  ticketing: Pick<Ticketing, 'desk'>
  desks: Desks
  signingKey: SigningKey
  disk: MailDisk
  deskEmail: string | null
  publicUrl(): string
  jitter?: () => number
}) {
  const { signingKey, publicUrl, ...rest } = deps
  const box = makeSecretBox(signingKey)
  const worker = makeSyncWorker({ ...rest, box })
  return {
    worker,
    links: makeSyncLinks({ ...rest, box, worker, publicUrl }),
    decisions: makeSyncDecisions(rest),
    hook: makeSyncHook({ ...rest, box }),
  }
}
