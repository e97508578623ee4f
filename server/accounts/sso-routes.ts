/** The way to the single sign-on and back. A browser follows these, so refusals are pages: the login, with the reason. */
import { Type } from 'typebox'
import { DomainError } from '../platform/errors.ts'
import type { Logins, SsoPerson } from './logins.ts'
import type { SsoJourneys } from './sso-journeys.ts'
import type { App } from '../platform/http/app.ts'
import { fromOf, LOGIN_LIMIT, setSessionCookie } from './session-cookie.ts'

const COOKIE = 'kioskeeper_sso'
const PATH = '/api/v1/session/sso'
const config = { access: 'public', ...LOGIN_LIMIT } as const
const tags = ['session']

export type SsoRouteDeps<Checks> = {
  /** Null = none is set up. */
  sso: {
    begin(redirectUri: string): Promise<{ address: string; checks: Checks }>
    finish(currentAddress: string, checks: Checks): Promise<SsoPerson>
  } | null
  journeys: SsoJourneys<Checks>
  logins: Pick<Logins, 'logInBySso'>
  consoleUrl(): string
}

/** A page of ours, or the first one: never another site. */
function ownPage(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])[\w\-./~%?=&]{0,300}$/.test(to) ? to : '/'
}
const refusal = (why: string): string => `/login?sso=${encodeURIComponent(why)}`

/** Routes of the single sign-on. */
export function ssoRoutes<Checks>({ sso, journeys, logins, consoleUrl }: SsoRouteDeps<Checks>) {
  const base = (): string => consoleUrl().replace(/\/$/, '')
  return (app: App): void => {
    app.get(
      '/session/sso',
      {
        config,
        schema: {
          tags,
          summary: 'To the single sign-on; `to` is the page to come back to',
          security: [],
          querystring: Type.Object({ to: Type.Optional(Type.String({ maxLength: 400 })) }),
        },
      },
      async (request, reply) => {
        if (sso === null) return reply.redirect(refusal('unavailable'))
        try {
          const { address, checks } = await sso.begin(`${base()}${PATH}/callback`)
          const secret = await journeys.begin({ checks, to: ownPage(request.query.to) })
          void reply.setCookie(COOKIE, secret, {
            path: PATH,
            httpOnly: true,
            // It must come along when the other site sends the browser back.
            sameSite: 'lax',
            secure: base().startsWith('https:'),
            maxAge: journeys.lengthMs / 1000,
          })
          return await reply.redirect(address)
        } catch (error) {
          request.log.warn({ err: error }, 'the single sign-on does not answer')
          return reply.redirect(refusal('unavailable'))
        }
      },
    )
    app.get(
      '/session/sso/callback',
      { config, schema: { tags, summary: 'Back from the single sign-on', security: [] } },
      async (request, reply) => {
        void reply.clearCookie(COOKIE, { path: PATH }).header('referrer-policy', 'no-referrer')
        const journey = sso === null ? null : await journeys.end(request.cookies[COOKIE] ?? '')
        if (sso === null || journey === null) return reply.redirect(refusal('expired'))
        let person: SsoPerson
        try {
          person = await sso.finish(`${base()}${request.url}`, journey.checks)
        } catch (error) {
          request.log.warn({ err: error }, 'the answer of the single sign-on was refused')
          return reply.redirect(refusal('refused'))
        }
        try {
          setSessionCookie(request, reply, await logins.logInBySso(person, fromOf(request)))
          return await reply.redirect(journey.to)
        } catch (error) {
          if (!(error instanceof DomainError)) throw error
          return reply.redirect(refusal(typeof error.extra['why'] === 'string' ? error.extra['why'] : 'refused'))
        }
      },
    )
  }
}
