/** Logins over HTTP: the cookie, hostile input, the single sign-on with a real issuer, and what each role may not do. */
import { OAuth2Server } from 'oauth2-mock-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LoginChallenge, Me } from '../../../shared/api/accounts/account-api.ts'
import type { InvitedPerson } from '../../../shared/api/accounts/people-api.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'

const PASSWORD = 'correct horse battery'
let world: World
let issuer: OAuth2Server
/** Who the issuer says is there, in the next token. */
let claims: Record<string, unknown> = {}

beforeAll(async () => {
  issuer = new OAuth2Server()
  await issuer.issuer.keys.generate('RS256')
  await issuer.start(0, '127.0.0.1')
  issuer.service.on('beforeTokenSigning', (token: { payload: Record<string, unknown> }) => Object.assign(token.payload, claims))
  world = await makeWorld({
    KIOSKEEPER_OIDC_ISSUER: issuer.issuer.url ?? '',
    KIOSKEEPER_OIDC_CLIENT_ID: 'kioskeeper',
    KIOSKEEPER_OIDC_CLIENT_SECRET: 'a secret',
    KIOSKEEPER_OIDC_NAME: 'Example ID',
  })
})
afterAll(async () => {
  await world.stop()
  await issuer.stop()
})

/** A browser of a few lines: keeps cookies, follows nothing by itself. */
function browser() {
  const cookies = new Map<string, string>()
  return {
    cookies,
    async call<Body = Record<string, unknown>>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const response = await fetch(path.startsWith('http') ? path : `${world.url}/api/v1${path}`, {
        method,
        redirect: 'manual',
        headers: {
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') === true && text !== ''
      return { status: response.status, body: (isJson ? JSON.parse(text) : text) as Body, headers: response.headers }
    },
  }
}
let people = 0
async function join(facts: Record<string, unknown>) {
  const email = `person${++people}@kiosk.example`
  const invited = await world.ok<InvitedPerson>('POST', '/people', { email, name: `Person ${people}`, ...facts })
  const page = browser()
  const secret = invited.link.split('#')[1]
  expect((await page.call('POST', '/session/link', { secret, password: PASSWORD })).status).toBe(200)
  return { email, page, person: invited }
}

describe('a login', () => {
  it('sets a cookie no script can read, which survives a restart, and ends with the account', async () => {
    const { page, person, email } = await join({ role: 'desk' })
    const again = browser()
    const login = await again.call('POST', '/session', { email, password: PASSWORD })
    expect(login.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Strict/)
    await world.restart()
    // The connections of before are closed; the first call may meet one of them.
    await until('the server is back', () =>
      fetch(`${world.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    expect((await page.call<Me>('GET', '/session')).body).toMatchObject({ role: 'desk', email, customerIds: null })
    await world.ok('PATCH', `/people/${person.id}`, { isDisabled: true })
    expect((await page.call('GET', '/session')).status).toBe(401)
    expect((await again.call('POST', '/session', { email, password: PASSWORD })).status).toBe(401)
  })

  it('goes on with a code by mail', async () => {
    const { page, email } = await join({ role: 'viewer' })
    const set = await page.call<{ recoveryCodes: string[] }>('PUT', '/account/second-factor', { to: 'mail', password: PASSWORD })
    expect(set.body.recoveryCodes).toHaveLength(10)
    const other = browser()
    const login = await other.call<LoginChallenge>('POST', '/session', { email, password: PASSWORD })
    expect(login).toMatchObject({ status: 202, body: { kind: 'mail' } })
    expect(other.cookies.size).toBe(0)
    const mail = await until('the code by mail', () =>
      world.mailbox.mails.find(({ to, subject }) => to[0] === email && subject.includes('code')),
    )
    const code = /^\d{6}$/m.exec(mail.text.replaceAll('\r', ''))?.[0]
    expect((await other.call('POST', '/session/code', { challenge: login.body.challenge, code: 'x' })).status).toBe(401)
    expect((await other.call('POST', '/session/code', { challenge: login.body.challenge, code })).status).toBe(200)
    expect((await other.call('GET', '/session')).status).toBe(200)
    // What was told by mail is nobody's to read in the outbox.
    expect(JSON.stringify(await world.ok('GET', '/outbox?limit=500'))).not.toContain(code)
  })

  it.each([
    { path: '/session', body: { email: 'a@b.c' }, why: 'no password' },
    { path: '/session', body: { email: ['a@b.c'], password: 'x' }, why: 'a list for an address' },
    { path: '/session', body: { email: 'a@b.c', password: 'x'.repeat(201) }, why: 'a password of any length' },
    { path: '/session/code', body: { challenge: '', code: '123456' }, why: 'no challenge' },
    { path: '/session/code', body: { challenge: 'x', code: 123456 }, why: 'a number for a code' },
    { path: '/session/passkey', body: { id: 1, response: {} }, why: 'a number for a key' },
    { path: '/session/passkey', body: { id: 'x', response: [] }, why: 'a list for a response' },
    { path: '/session/forgotten', body: {}, why: 'nobody' },
    { path: '/session/link', body: { secret: 'x', password: 'short' }, why: 'a short password' },
  ])('refuses $why on $path', async ({ path, body }) => {
    expect((await browser().call('POST', path, body)).status).toBe(400)
  })

  it('does not tell whether there is an account', async () => {
    const { email } = await join({ role: 'viewer' })
    const answers = await Promise.all(
      [email, 'nobody@kiosk.example', "x' or 1=1 --"].map(name => browser().call('POST', '/session/forgotten', { email: name })),
    )
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1)
    const unknown = await browser().call('POST', '/session/link/look', { secret: 'kot_unknown' })
    expect(unknown).toMatchObject({ status: 401, body: { type: '/problems/one-time-link-invalid' } })
    expect((await browser().call('POST', '/session/code', { challenge: 'kot_x', code: '123456' })).body).toMatchObject({
      type: '/problems/login-code-refused',
    })
  })

  it('says that passkeys need a name', async () => {
    expect((await browser().call('GET', '/session/ways')).body).toEqual({ passkeys: false, sso: { name: 'Example ID' } })
    expect((await browser().call('POST', '/session/passkey/options')).body).toMatchObject({ type: '/problems/passkeys-unavailable' })
  })
})

describe('people', () => {
  it('are managed by managers alone, and a token has no account', async () => {
    const place = await world.makeCustomer('ombori-production')
    const partner = await world.ok('POST', '/partners', { name: 'North', email: 'n@example.com', regions: [], skills: [] })
    const roles = [
      { role: 'desk' },
      { role: 'viewer' },
      { role: 'customer', customerIds: [place.customerId] },
      { role: 'partner', partnerId: partner.id },
    ]
    for (const facts of roles) {
      const { page, person } = await join(facts)
      for (const [method, path, body] of [
        ['GET', '/people'],
        ['POST', '/people', { email: 'x@y.example', name: 'X', role: 'admin' }],
        ['PATCH', `/people/${person.id}`, { role: 'admin' }],
        ['POST', `/people/${person.id}/invitations`],
        ['DELETE', `/people/${person.id}/sessions`],
        ['DELETE', `/people/${person.id}/factors`],
      ] as const)
        expect((await page.call(method, path, body)).status).toBe(403)
      expect((await page.call('PATCH', '/account', { name: 'Another', role: 'admin' })).status).toBe(400)
      expect((await page.call('GET', '/account')).body).toMatchObject({ role: facts.role, secondFactor: 'none' })
    }
    const manager = await join({ role: 'manager' })
    expect((await manager.page.call('POST', '/people', { email: 'x@y.example', name: 'X', role: 'admin' })).status).toBe(403)
    expect((await world.api('GET', '/account')).status).toBe(403)
    for (const body of [
      { email: 'x@y.example', name: 'X', role: 'customer' },
      { email: 'x@y.example', name: 'X', role: 'customer', customerIds: ['nowhere'] },
      { email: 'x@y.example', name: 'X', role: 'partner', partnerId: 'nobody' },
      { email: 'x@y.example', name: 'X', role: 'king' },
      { email: 'no address', name: 'X', role: 'desk' },
      { email: 'x@y.example', name: 'X', role: 'customer', customerIds: [place.customerId], contactId: 'nobody' },
    ])
      expect((await world.api('POST', '/people', body)).status).toBe(400)
  })

  it('of a customer see that customer alone, of a partner its visits alone', async () => {
    const [mine, other] = [await world.makeCustomer('ombori-production'), await world.makeCustomer('ombori-production')]
    const { page } = await join({ role: 'customer', customerIds: [mine.customerId] })
    expect((await page.call('GET', `/customers/${mine.customerId}`)).status).toBe(200)
    expect((await page.call('GET', `/customers/${other.customerId}`)).status).toBe(404)
    const customers = await page.call<{ items: { id: string }[] }>('GET', '/customers')
    expect(customers.body.items.map(({ id }) => id)).toEqual([mine.customerId])
    const partner = await world.ok('POST', '/partners', { name: 'South', email: 's@example.com', regions: [], skills: [] })
    const technician = await join({ role: 'partner', partnerId: partner.id })
    expect((await technician.page.call('GET', `/customers/${mine.customerId}`)).status).toBe(404)
    expect((await technician.page.call<{ total: number }>('GET', '/devices')).body.total).toBe(0)
  })

  it('change their account from our own pages only', async () => {
    const { page } = await join({ role: 'viewer' })
    const foreign = await page.call('PATCH', '/account', { name: 'X' }, { 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
    expect((await page.call('PUT', '/account/password', { password: 'a new long password' })).body).toMatchObject({
      type: '/problems/password-wrong',
    })
    expect((await page.call('DELETE', `/account/sessions/${'0'.repeat(64)}`)).status).toBe(404)
    expect((await page.call('DELETE', '/account/passkeys/none')).status).toBe(404)
  })
})

describe('the single sign-on', () => {
  const start = async (page: ReturnType<typeof browser>, to = '/tickets') => {
    const there = await page.call('GET', `/session/sso?to=${encodeURIComponent(to)}`)
    expect(there.status).toBe(302)
    return there.headers.get('location') ?? ''
  }
  /** Through the issuer and back; gives the address of the way back. */
  const throughIssuer = async (address: string): Promise<string> =>
    (await fetch(address, { redirect: 'manual' })).headers.get('location') ?? ''

  it('logs an invited person in with code, PKCE, state and nonce', async () => {
    const email = 'sso@kiosk.example'
    await world.ok('POST', '/people', { email, name: 'Sso', role: 'desk' })
    claims = { sub: 'person-1', email, email_verified: true }
    const page = browser()
    const address = new URL(await start(page))
    expect(address.searchParams.get('code_challenge_method')).toBe('S256')
    expect(address.searchParams.get('nonce')).not.toBeNull()
    const back = await throughIssuer(address.href)
    const landed = await page.call('GET', back)
    expect(landed.headers.get('location')).toBe('/tickets')
    expect((await page.call<Me>('GET', '/session')).body).toMatchObject({ email, role: 'desk' })
    // The same answer again: the journey is over.
    expect((await page.call('GET', back)).headers.get('location')).toBe('/login?sso=expired')
  })

  it.each([
    { why: 'somebody nobody invited', facts: { sub: 'p2', email: 'stranger@kiosk.example', email_verified: true }, ends: 'no-account' },
    {
      why: 'an address that is not verified',
      facts: { sub: 'p3', email: 'sso@kiosk.example', email_verified: false },
      ends: 'not-verified',
    },
    {
      why: 'another person with a linked address',
      facts: { sub: 'p4', email: 'sso@kiosk.example', email_verified: true },
      ends: 'linked-elsewhere',
    },
    {
      why: 'a token for somebody else',
      facts: { sub: 'p5', aud: 'another client', email: 'sso@kiosk.example', email_verified: true },
      ends: 'refused',
    },
    { why: 'another nonce', facts: { sub: 'p6', nonce: 'old', email: 'sso@kiosk.example', email_verified: true }, ends: 'refused' },
  ])('refuses $why', async ({ facts, ends }) => {
    claims = facts
    const page = browser()
    const landed = await page.call('GET', await throughIssuer(await start(page)))
    expect(landed.headers.get('location')).toBe(`/login?sso=${ends}`)
    expect((await page.call('GET', '/session')).status).toBe(401)
  })

  it('refuses an answer that another browser asked for, a state that is not ours, and another page', async () => {
    claims = { sub: 'person-1', email: 'sso@kiosk.example', email_verified: true }
    const page = browser()
    const back = await throughIssuer(await start(page))
    expect((await browser().call('GET', back)).headers.get('location')).toBe('/login?sso=expired')
    const forged = new URL(back)
    forged.searchParams.set('state', 'x')
    expect((await page.call('GET', forged.href)).headers.get('location')).toBe('/login?sso=refused')
    for (const to of ['//evil.example', 'https://evil.example', '/\\evil.example', '/\r\nset-cookie: x']) {
      const next = browser()
      const landed = await next.call('GET', await throughIssuer(await start(next, to)))
      expect(landed.headers.get('location')).toBe('/')
    }
  })
})
