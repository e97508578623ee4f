/** The cookie of a session, and what an answer tells of a login. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LoginAnswer } from './logins.ts'
import type { From, NewSession } from './sessions.ts'
import { SESSION_COOKIE } from '../platform/http/app.ts'

/** Failed logins are slowed per address: 20 tries a minute. */
export const LOGIN_LIMIT = { rateLimit: { max: 20, timeWindow: 60_000 } }

/** Where a request comes from. */
export function fromOf(request: FastifyRequest): From {
  return { address: request.ip, browser: request.headers['user-agent'] ?? null }
}

/** Hands a session's secret to the browser. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, session: NewSession): void {
  void reply.setCookie(SESSION_COOKIE, session.cookie, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    expires: new Date(session.expiresAtMs),
  })
}

/** A session without its secret. */
export const sessionAnswer = (session: NewSession) => ({ user: session.user, expiresAt: new Date(session.expiresAtMs).toISOString() })

/** A session with its cookie, or 202 with the challenge that stands before it. */
export function answerLogin(request: FastifyRequest, reply: FastifyReply, answer: LoginAnswer): FastifyReply {
  if ('challenge' in answer) {
    const { id, kind, sentTo, expiresAtMs } = answer.challenge
    return reply.code(202).send({ challenge: id, kind, sentTo, expiresAt: new Date(expiresAtMs).toISOString() })
  }
  setSessionCookie(request, reply, answer.session)
  return reply.send(sessionAnswer(answer.session))
}
