/** Secrets that sign webhooks: made with the address, new with a new address, gone with it. */
import { randomBytes } from 'node:crypto'

type Webhook = { webhook_url: string | null; webhook_secret: string | null }

/**
 * Columns to write when somebody sets the address of a webhook; `url` undefined = not spoken of. A secret appears in the answer
 * only when it has just been made: the same address keeps its own.
 */
export function webhookChange(before: Webhook, url: string | null | undefined): Partial<Webhook> {
  if (url === undefined) return {}
  if (url === null) return { webhook_url: null, webhook_secret: null }
  if (url === before.webhook_url && before.webhook_secret !== null) return {}
  return { webhook_url: url, webhook_secret: `whsec_${randomBytes(32).toString('base64url')}` }
}

/** What `webhookChange` starts from when there was nothing before. */
export const NO_WEBHOOK: Webhook = { webhook_url: null, webhook_secret: null }
