/** OpenID Connect: sends people to their issuer and takes them back (code, PKCE, state, nonce). Who they are here is decided elsewhere. */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client'
import type { SsoPerson } from './logins.ts'

/** What is remembered between the way there and the way back. */
export type SsoChecks = { state: string; nonce: string; verifier: string }
const TIMEOUT_SECONDS = 10

/** Makes the client, or null when no issuer is set. The issuer is asked at the first login, and again after a failure. */
export function makeSingleSignOn(options: { issuer: string | null; clientId: string | null; clientSecret: string | null }) {
  const { issuer, clientId, clientSecret } = options
  if (issuer === null || clientId === null) return null
  const server = new URL(issuer)
  let known: Promise<Configuration> | null = null
  const configuration = (): Promise<Configuration> => {
    known ??= discovery(server, clientId, clientSecret ?? undefined, undefined, {
      timeout: TIMEOUT_SECONDS,
      // The settings take plain HTTP for an issuer on this machine only.
      ...(server.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {}),
    }).catch((error: unknown) => {
      known = null
      throw error
    })
    return known
  }
  return {
    /** Where to send the browser, and what to remember. Throws when the issuer does not answer. */
    async begin(redirectUri: string): Promise<{ address: string; checks: SsoChecks }> {
      const config = await configuration()
      const checks: SsoChecks = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
      const address = buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: 'S256',
      })
      return { address: address.href, checks }
    },

    /** Who came back. Throws for an answer that does not match what was remembered, or a token that is not right. */
    async finish(currentAddress: string, checks: SsoChecks): Promise<SsoPerson> {
      const tokens = await authorizationCodeGrant(await configuration(), new URL(currentAddress), {
        expectedState: checks.state,
        expectedNonce: checks.nonce,
        pkceCodeVerifier: checks.verifier,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) throw new Error('the issuer sent no id token')
      const email = claims['email']
      return {
        subject: `${claims.iss}|${claims.sub}`,
        email: typeof email === 'string' ? email : null,
        isVerified: claims['email_verified'] === true,
      }
    },
  }
}
