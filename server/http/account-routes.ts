/** First administrator, login, logout, tokens. */
import { Type } from 'typebox'
import { CreatedToken, LoginInput, Me, Session, SetupInput, TokenInput } from '../../shared/api/account-api.ts'
import type { Accounts, NewSession } from '../services/accounts.ts'
import { callerOf, SESSION_COOKIE, type App } from './app.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Failed logins are slowed per address: 20 tries a minute. */
const LOGIN_LIMIT = { rateLimit: { max: 20, timeWindow: 60_000 } }

function setCookie(request: FastifyRequest, reply: FastifyReply, session: NewSession): void {
  void reply.setCookie(SESSION_COOKIE, session.cookie, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    expires: new Date(session.expiresAtMs),
  })
}
const answer = (session: NewSession) => ({ user: session.user, expiresAt: new Date(session.expiresAtMs).toISOString() })

/** Routes of people and tokens. */
export function accountRoutes(accounts: Accounts) {
  return (app: App): void => {
    app.get(
      '/setup',
      {
        config: { access: 'public' },
        schema: {
          tags: ['session'],
          summary: 'Whether the first administrator is still missing',
          response: { 200: Type.Object({ needed: Type.Boolean() }) },
        },
      },
      async () => ({
        needed: (await accounts.setupSecret()) !== null,
      }),
    )
    app.post(
      '/setup',
      {
        config: { access: 'public', ...LOGIN_LIMIT },
        schema: {
          tags: ['session'],
          summary: 'Make the first administrator with the one-time link',
          body: SetupInput,
          response: { 201: Session },
        },
      },
      async (request, reply) => {
        const session = await accounts.setUp({ ...request.body, address: request.ip })
        setCookie(request, reply, session)
        return reply.code(201).send(answer(session))
      },
    )
    app.get(
      '/session',
      { config: { access: 'read' }, schema: { tags: ['session'], summary: 'Who is logged in', response: { 200: Me } } },
      request => {
        const caller = callerOf(request)
        return {
          id: caller.id,
          name: caller.name,
          role: caller.role,
          customerIds: caller.customerIds === null ? null : [...caller.customerIds],
        }
      },
    )
    app.post(
      '/session',
      {
        config: { access: 'public', ...LOGIN_LIMIT },
        schema: { tags: ['session'], summary: 'Log in', body: LoginInput, response: { 200: Session } },
      },
      async (request, reply) => {
        const session = await accounts.logIn({ ...request.body, address: request.ip })
        setCookie(request, reply, session)
        return answer(session)
      },
    )
    app.delete(
      '/session',
      { config: { access: 'read' }, schema: { tags: ['session'], summary: 'Log out', response: { 204: Type.Null() } } },
      async (request, reply) => {
        const cookie = request.cookies[SESSION_COOKIE]
        if (cookie) await accounts.logOut(cookie)
        return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send(null)
      },
    )
    app.post(
      '/tokens',
      {
        config: { access: 'admin' },
        schema: { tags: ['session'], summary: 'Make a bearer token; it is shown once', body: TokenInput, response: { 201: CreatedToken } },
      },
      async (request, reply) => {
        const { name, role, customerId, partnerId } = request.body
        const made = await accounts.createToken({
          name,
          role: role,
          customerId: customerId ?? null,
          partnerId: partnerId ?? null,
          createdBy: callerOf(request).id,
        })
        return reply.code(201).send(made)
      },
    )
  }
}
