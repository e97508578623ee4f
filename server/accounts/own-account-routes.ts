/** One's own account: name, password, second factor, passkeys, sessions. For people; a token has none. */
import { Type } from 'typebox'
import type { FastifyRequest } from 'fastify'
import {
  Account,
  AccountPatch,
  FactorChange,
  PasskeyInput,
  PasskeyOptions,
  PasswordChange,
  PasswordProof,
  RecoveryCodes,
  TotpConfirm,
  TotpSetup,
} from '../../shared/api/accounts/account-api.ts'
import { EndedSessions } from '../../shared/api/accounts/people-api.ts'
import type { OwnAccount } from './own-account.ts'
import type { Passkeys } from './passkeys.ts'
import type { SecondFactors } from './second-factors.ts'
import { callerOf, SESSION_COOKIE, type App } from '../platform/http/app.ts'
import { fromOf } from './session-cookie.ts'

const config = { access: 'read' } as const
const tags = ['account']
const LongId = Type.Object({ id: Type.String({ maxLength: 1400 }) })

/** Routes of one's own account. */
export function ownAccountRoutes(deps: { account: OwnAccount; factors: SecondFactors; passkeys: Passkeys }) {
  const { account, factors, passkeys } = deps
  const read = (request: FastifyRequest) => account.read(callerOf(request), request.cookies[SESSION_COOKIE])
  const prove = (request: FastifyRequest, password: string | undefined) =>
    account.proveUser(callerOf(request), password, fromOf(request).address)
  return (app: App): void => {
    app.get('/account', { config, schema: { tags, response: { 200: Account } } }, read)
    app.patch('/account', { config, schema: { tags, body: AccountPatch, response: { 200: Account } } }, async request => {
      await account.rename(callerOf(request), request.body.name, request.ip)
      return read(request)
    })
    app.put(
      '/account/password',
      {
        config,
        schema: { tags, summary: 'Another password; every other session ends', body: PasswordChange, response: { 200: Account } },
      },
      async request => {
        const here = { session: request.cookies[SESSION_COOKIE], address: request.ip }
        await account.changePassword(callerOf(request), { ...request.body, ...here })
        return read(request)
      },
    )
    app.post(
      '/account/totp',
      {
        config,
        schema: { tags, summary: 'A new secret for an authenticator', body: PasswordProof, response: { 200: TotpSetup } },
      },
      async request => factors.beginTotp(await prove(request, request.body.password)),
    )
    app.put(
      '/account/totp',
      {
        config,
        schema: { tags, summary: 'Take the authenticator into use', body: TotpConfirm, response: { 200: RecoveryCodes } },
      },
      async request => {
        const user = await prove(request, request.body.password)
        return { recoveryCodes: await factors.confirmTotp(user, request.body.code, request.ip) }
      },
    )
    app.put(
      '/account/second-factor',
      { config, schema: { tags, summary: 'Codes by mail, or none', body: FactorChange, response: { 200: RecoveryCodes } } },
      async request => {
        const user = await prove(request, request.body.password)
        return { recoveryCodes: await factors.setTo(user, request.body.to, request.ip) }
      },
    )
    app.post(
      '/account/recovery-codes',
      { config, schema: { tags, summary: 'New recovery codes', body: PasswordProof, response: { 200: RecoveryCodes } } },
      async request => {
        const user = await prove(request, request.body.password)
        return { recoveryCodes: await factors.renewRecoveryCodes(user, request.ip) }
      },
    )
    app.post(
      '/account/passkeys/options',
      {
        config,
        schema: { tags, summary: 'What a browser needs to make a passkey', body: PasswordProof, response: { 200: PasskeyOptions } },
      },
      async request => passkeys.beginSetup(await prove(request, request.body.password)),
    )
    app.post(
      '/account/passkeys',
      { config, schema: { tags, summary: 'Keep a passkey', body: PasskeyInput, response: { 201: Account } } },
      async (request, reply) => {
        await passkeys.finishSetup(await account.userOf(callerOf(request)), request.body, fromOf(request))
        return reply.code(201).send(await read(request))
      },
    )
    app.delete('/account/passkeys/:id', { config, schema: { tags, params: LongId, response: { 200: Account } } }, async request => {
      await passkeys.remove(await account.userOf(callerOf(request)), request.params.id, fromOf(request))
      return read(request)
    })
    app.delete('/account/sessions/:id', { config, schema: { tags, params: LongId, response: { 200: Account } } }, async request => {
      await account.endSessions(callerOf(request), { only: request.params.id }, request.ip)
      return read(request)
    })
    app.delete(
      '/account/sessions',
      { config, schema: { tags, summary: 'End every other session', response: { 200: EndedSessions } } },
      async request => ({
        ended: await account.endSessions(callerOf(request), { session: request.cookies[SESSION_COOKIE] }, request.ip),
      }),
    )
  }
}
