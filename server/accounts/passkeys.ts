/** Passkeys: made on one's own account, then a login without name and password. The key must have verified its person. */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { isIP } from 'node:net'
import { DomainError, notFound } from '../platform/errors.ts'
import { findUser } from './store/account-store.ts'
import type { OneTimeKind } from '../database/tables/account-rows.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { findOneTime, keepOneTime, useOneTime } from './store/one-time-store.ts'
import { deletePasskeys, findPasskey, insertPasskey, listPasskeys, markPasskeyUsed } from './store/passkey-store.ts'
import type { UserRow } from '../database/tables/schema.ts'
import { noteAccount } from './account-audit.ts'
import type { Logins } from './logins.ts'
import type { From, NewSession } from './sessions.ts'

const CHALLENGE_MS = 5 * 60_000
const MOST_KEYS = 20

/** The address people use, as passkeys know it; null where browsers make none: an address by number, or plain HTTP off this machine. */
export function passkeySite(consoleUrl: string): { rpID: string; origin: string } | null {
  const url = URL.parse(consoleUrl)
  if (!url || isIP(url.hostname) !== 0 || url.hostname.startsWith('[')) return null
  if (url.protocol !== 'https:' && url.hostname !== 'localhost') return null
  return { rpID: url.hostname, origin: url.origin }
}

const refused = (): DomainError =>
  new DomainError('unauthenticated', 'passkey-refused', 'The passkey was not accepted. Log in another way and add it anew on your account.')

/** Makes the service. `consoleUrl` is asked at each call: the ports are known late. */
export function makePasskeys(deps: { db: Database; now: () => number; logins: Pick<Logins, 'enter'>; consoleUrl(): string }) {
  const { db, now, logins } = deps
  const mustHaveSite = (): { rpID: string; origin: string } => {
    const site = passkeySite(deps.consoleUrl())
    if (site) return site
    throw new DomainError('conflict', 'passkeys-unavailable', 'Passkeys need an https address with a name: set KIOSKEEPER_PUBLIC_URL.')
  }
  const keep = async (challenge: string, kind: OneTimeKind, userId: string | null): Promise<void> => {
    const times = { created_at: now(), expires_at: now() + CHALLENGE_MS }
    await keepOneTime(db, challenge, { kind, user_id: userId, data: '{}', ...times })
  }
  /** Each challenge is answered once. */
  const isOurs =
    (kind: OneTimeKind, userId: string | null) =>
    async (challenge: string): Promise<boolean> => {
      const row = await findOneTime(db, challenge, [kind], now())
      return row !== null && row.user_id === userId && (await useOneTime(db, row))
    }
  /** What the library throws is about what the caller sent. */
  const orRefuse = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work
    } catch {
      throw refused()
    }
  }

  return {
    isAvailable: (): boolean => passkeySite(deps.consoleUrl()) !== null,

    /** What the browser needs to make a key for this person. Throws passkeys-unavailable. */
    async beginSetup(user: UserRow): Promise<Record<string, unknown>> {
      const known = await listPasskeys(db, user.id)
      const options = await generateRegistrationOptions({
        rpName: 'Kioskeeper',
        rpID: mustHaveSite().rpID,
        userName: user.email,
        userDisplayName: user.name,
        userID: new TextEncoder().encode(user.id),
        excludeCredentials: known.map(({ id }) => ({ id })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      })
      await keep(options.challenge, 'passkey-setup', user.id)
      return { ...options }
    },

    /** Keeps a key that was made. Throws passkey-refused. */
    async finishSetup(user: UserRow, input: { name: string; response: unknown }, from: From): Promise<void> {
      const site = mustHaveSite()
      const { registrationInfo } = await orRefuse(
        verifyRegistrationResponse({
          response: input.response as RegistrationResponseJSON,
          expectedChallenge: isOurs('passkey-setup', user.id),
          expectedOrigin: site.origin,
          expectedRPID: site.rpID,
        }),
      )
      if (!registrationInfo || (await listPasskeys(db, user.id)).length >= MOST_KEYS) throw refused()
      const { credential } = registrationInfo
      await inTransaction(db, async tx => {
        const isNew = await insertPasskey(tx, {
          id: credential.id,
          user_id: user.id,
          public_key: Buffer.from(credential.publicKey).toString('base64url'),
          counter: credential.counter,
          transports: JSON.stringify(credential.transports ?? []),
          name: input.name,
          created_at: now(),
          last_used_at: null,
        })
        if (!isNew) throw refused()
        const line = { actorId: user.id, accountId: user.id, address: from.address, detail: { name: input.name } }
        await noteAccount(tx, { nowMs: now(), action: 'account.passkey-added', ...line })
      })
    },

    /** Removes one of a person's keys. Throws not-found. */
    async remove(user: UserRow, id: string, from: From): Promise<void> {
      if ((await deletePasskeys(db, user.id, id)) === 0) throw notFound('passkey')
      await noteAccount(db, {
        nowMs: now(),
        action: 'account.passkey-removed',
        actorId: user.id,
        accountId: user.id,
        address: from.address,
      })
    },

    /** What the browser needs to ask for any key of this site. Throws passkeys-unavailable. */
    async beginLogin(): Promise<Record<string, unknown>> {
      const options = await generateAuthenticationOptions({ rpID: mustHaveSite().rpID, userVerification: 'required' })
      await keep(options.challenge, 'passkey-login', null)
      return { ...options }
    },

    /** Logs in whoever owns the key. Throws passkey-refused, one answer for every reason. */
    async logIn(input: { response: unknown; from: From }): Promise<NewSession> {
      const site = mustHaveSite()
      const response = input.response as AuthenticationResponseJSON
      const key = await findPasskey(db, response.id)
      const user = key && (await findUser(db, key.user_id))
      const refuse = async (): Promise<never> => {
        const detail = { way: 'passkey' }
        const line = { actorId: null, accountId: user?.id ?? null, address: input.from.address, detail }
        await noteAccount(db, { nowMs: now(), action: 'session.refused', ...line })
        throw refused()
      }
      if (!key || !user || user.disabled_at !== null) return refuse()
      const verified = await verifyAuthenticationResponse({
        response,
        expectedChallenge: isOurs('passkey-login', null),
        expectedOrigin: site.origin,
        expectedRPID: site.rpID,
        credential: {
          id: key.id,
          publicKey: new Uint8Array(Buffer.from(key.public_key, 'base64url')),
          counter: key.counter,
          transports: JSON.parse(key.transports) as AuthenticatorTransport[],
        },
      }).catch(() => null)
      if (!verified?.verified) return refuse()
      await markPasskeyUsed(db, key.id, verified.authenticationInfo.newCounter, now())
      return logins.enter(user, input.from, 'passkey')
    },
  }
}
export type Passkeys = ReturnType<typeof makePasskeys>
