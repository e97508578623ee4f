/** Logins without a session: password and code, passkey, links that set a password. */
import { Type } from 'typebox'
import {
  CodeInput,
  ForgottenInput,
  LinkFacts,
  LinkLook,
  LinkPassword,
  LoginChallenge,
  LoginInput,
  LoginWays,
  PasskeyAnswer,
  PasskeyOptions,
  Session,
} from '../../shared/api/accounts/account-api.ts'
import type { Logins } from './logins.ts'
import type { OneTimeLinks } from './one-time-links.ts'
import type { Passkeys } from './passkeys.ts'
import type { App } from '../platform/http/app.ts'
import { answerLogin, fromOf, LOGIN_LIMIT, sessionAnswer, setSessionCookie } from './session-cookie.ts'

const config = { access: 'public', ...LOGIN_LIMIT } as const
const tags = ['session']
const answers = { 200: Session, 202: LoginChallenge }

export type LoginRouteDeps = { logins: Logins; passkeys: Passkeys; links: OneTimeLinks; ssoName: string | null }

/** Routes of logins. */
export function loginRoutes({ logins, passkeys, links, ssoName }: LoginRouteDeps) {
  return (app: App): void => {
    app.get(
      '/session/ways',
      { config: { access: 'public' }, schema: { tags, summary: 'How one can log in here', security: [], response: { 200: LoginWays } } },
      () => ({ passkeys: passkeys.isAvailable(), sso: ssoName === null ? null : { name: ssoName } }),
    )
    app.post(
      '/session',
      {
        config,
        schema: { tags, summary: 'Log in; 202 when a code is asked for', security: [], body: LoginInput, response: answers },
      },
      async (request, reply) => answerLogin(request, reply, await logins.logIn({ ...request.body, from: fromOf(request) })),
    )
    app.post(
      '/session/code',
      { config, schema: { tags, summary: 'The code that was asked for', security: [], body: CodeInput, response: { 200: Session } } },
      async (request, reply) => {
        const session = await logins.answerCode({ ...request.body, from: fromOf(request) })
        setSessionCookie(request, reply, session)
        return sessionAnswer(session)
      },
    )
    app.post(
      '/session/passkey/options',
      {
        config,
        schema: { tags, summary: 'What a browser needs to log in with a passkey', security: [], response: { 200: PasskeyOptions } },
      },
      () => passkeys.beginLogin(),
    )
    app.post(
      '/session/passkey',
      { config, schema: { tags, summary: 'Log in with a passkey', security: [], body: PasskeyAnswer, response: { 200: Session } } },
      async (request, reply) => {
        const session = await passkeys.logIn({ response: request.body, from: fromOf(request) })
        setSessionCookie(request, reply, session)
        return sessionAnswer(session)
      },
    )
    app.post(
      '/session/forgotten',
      {
        config,
        schema: {
          tags,
          summary: 'Mail a link to set a new password; the answer is the same for everybody',
          security: [],
          body: ForgottenInput,
          response: { 202: Type.Null() },
        },
      },
      async (request, reply) => {
        await links.forgot(request.body.email, fromOf(request))
        return reply.code(202).send(null)
      },
    )
    app.post(
      '/session/link/look',
      { config, schema: { tags, summary: 'Whom a one-time link is for', security: [], body: LinkLook, response: { 200: LinkFacts } } },
      request => links.look(request.body.secret),
    )
    app.post(
      '/session/link',
      {
        config,
        schema: {
          tags,
          summary: 'Set the password by a one-time link, and log in; 202 when a code is asked for',
          security: [],
          body: LinkPassword,
          response: answers,
        },
      },
      async (request, reply) => answerLogin(request, reply, await links.setPassword({ ...request.body, from: fromOf(request) })),
    )
  }
}
