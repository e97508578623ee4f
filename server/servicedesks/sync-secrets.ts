/** Secrets of links at rest: AES-256-GCM under a key that only this server's instance file can make. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { DeskSecrets } from '../../shared/api/servicedesks/servicedesk-api.ts'
import type { SigningKey } from '../../shared/signing.ts'

/** Everything of a link that nobody may read: theirs, and the address part and secret of the webhook to us. */
export type LinkSecrets = { desk: DeskSecrets; hookPath: string; hookSecret: string }

/** New ones for a webhook. */
export function newHook(): Pick<LinkSecrets, 'hookPath' | 'hookSecret'> {
  return { hookPath: randomBytes(24).toString('base64url'), hookSecret: `whsec_${randomBytes(32).toString('base64url')}` }
}

/** Makes the box. What it closes is bound to its link: copied to another row it does not open. */
export function makeSecretBox(signingKey: SigningKey) {
  const key = Buffer.from(hkdfSync('sha256', signingKey.privateKeyPem, '', 'kioskeeper servicedesk secrets v1', 32))
  return {
    seal(linkId: string, secrets: LinkSecrets): string {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(linkId))
      const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()])
      return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`
    },
    /** Null = sealed under another key, or harmed: the secrets have to be entered again. */
    open(linkId: string, text: string): LinkSecrets | null {
      const bytes = Buffer.from(text.replace(/^v1\./, ''), 'base64url')
      if (!text.startsWith('v1.') || bytes.length < 28) return null
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
          .setAAD(Buffer.from(linkId))
          .setAuthTag(bytes.subarray(12, 28))
        return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')) as LinkSecrets
      } catch {
        return null
      }
    },
  }
}
export type SecretBox = ReturnType<typeof makeSecretBox>
