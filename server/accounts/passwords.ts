/** Passwords: argon2id, compared in the same time whether there is an account or not. */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const argon2id = promisify(argon2)
/** OWASP's second choice for argon2id: 19 MiB, 2 passes, 1 lane. */
const PASSWORD_COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
/** Compared when there is no account or no password, so that time tells nothing. */
const NOBODY_HASH = `argon2id$${randomBytes(16).toString('base64url')}$${randomBytes(32).toString('base64url')}`

async function derive(password: string, nonce: Buffer): Promise<Buffer> {
  return argon2id('argon2id', { message: Buffer.from(password.normalize('NFKC')), nonce, ...PASSWORD_COST })
}

/** `argon2id$nonce$tag` in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  return `argon2id$${nonce.toString('base64url')}$${(await derive(password, nonce)).toString('base64url')}`
}

/** Whether it is the password; never for a stored text that is empty (no password was set) or missing (no account). */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const known = stored === undefined || stored === '' ? null : stored
  const [, nonce, tag] = (known ?? NOBODY_HASH).split('$')
  if (!nonce || !tag) return false
  const isSame = timingSafeEqual(await derive(password, Buffer.from(nonce, 'base64url')), Buffer.from(tag, 'base64url'))
  return isSame && known !== null
}
