/** First administrator, who is logged in, logout, tokens. */
import { Type } from 'typebox'
import { CreatedToken, Me, Session, SetupInput, TokenInput } from '../../shared/api/accounts/account-api.ts'
import { invalidInput } from '../platform/errors.ts'
import { mayManage } from './rules/user-rules.ts'
import type { Accounts } from './accounts.ts'
import { callerOf, SESSION_COOKIE, type App } from '../platform/http/app.ts'
import { fromOf, LOGIN_LIMIT, sessionAnswer, setSessionCookie } from './session-cookie.ts'

/** Routes of the first administrator, the session of now, and tokens. */
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
        const session = await accounts.setUp({ ...request.body, from: fromOf(request) })
        setSessionCookie(request, reply, session)
        return reply.code(201).send(sessionAnswer(session))
      },
    )
    app.get(
      '/session',
      { config: { access: 'read' }, schema: { tags: ['session'], summary: 'Who is logged in', response: { 200: Me } } },
      request => accounts.me(callerOf(request)),
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
        // Nobody gives more than they have.
        if (!mayManage(callerOf(request), { role, customerIds: customerId === undefined ? [] : [customerId] }))
          throw invalidInput([{ path: 'body/customerId', message: 'must be a customer you see yourself' }])
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
