/** Logins and accounts on both databases: codes work once, tries end, nothing tells whether an account exists. */
import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../../server/platform/caller.ts'
import { makeAccounts } from '../../../server/accounts/accounts.ts'
import { makeLogins, type LoginAnswer } from '../../../server/accounts/logins.ts'
import { makeOneTimeLinks } from '../../../server/accounts/one-time-links.ts'
import { makeOwnAccount } from '../../../server/accounts/own-account.ts'
import { passkeySite } from '../../../server/accounts/passkeys.ts'
import { makePeople } from '../../../server/accounts/users.ts'
import { makeSecondFactors } from '../../../server/accounts/second-factors.ts'
import type { Store } from '../../../server/database/database.ts'
import { eachStore } from '../../support/stores.ts'

const FROM = { address: '192.0.2.7', browser: 'Test' }
const PASSWORD = 'correct horse battery'
const STAFF = ['admin@kiosk.example', 'Maria'] as const

async function makeRig(store: Store) {
  let nowMs = Date.parse('2026-11-16T09:00:00Z')
  const { db } = store
  const now = (): number => nowMs
  const accounts = makeAccounts({ db, now, adminToken: null })
  const logins = makeLogins({ db, now })
  const links = makeOneTimeLinks({ db, now, logins })
  const people = makePeople({ db, now })
  const factors = makeSecondFactors({ db, now, hasMail: true })
  const account = makeOwnAccount({ db, now, hasMail: true, hasPasskeys: () => true })
  const secret = (await accounts.setupSecret()) ?? ''
  const first = await accounts.setUp({ secret, email: STAFF[0], name: STAFF[1], password: PASSWORD, from: FROM })
  const callerOf = async (cookie: string): Promise<Caller> => {
    const caller = await accounts.authenticate({ bearer: null, session: cookie })
    if (!caller) throw new Error('no session')
    return caller
  }
  const admin = await callerOf(first.cookie)
  const mails = () => db.selectFrom('outbox').selectAll().where('channel', '=', 'email').orderBy('created_at').orderBy('id').execute()
  return {
    db,
    accounts,
    logins,
    links,
    people,
    factors,
    account,
    admin,
    callerOf,
    pass: (ms: number) => (nowMs += ms),
    now,
    logIn: (password = PASSWORD, email: string = STAFF[0]) => logins.logIn({ email, password, from: FROM }),
    userOf: (caller: Caller) => account.userOf(caller),
    async lastMail() {
      return (await mails()).at(-1)
    },
    async mailedCode() {
      return /^\d{6}$/m.exec((await mails()).at(-1)?.body ?? '')?.[0] ?? ''
    },
    async audit() {
      return (await db.selectFrom('audit').selectAll().orderBy('at').orderBy('id').execute()).map(line => line.action)
    },
    /** Invites somebody and lets them choose a password. */
    async join(email: string, role: 'admin' | 'manager' | 'desk' | 'viewer') {
      const { person, linkPath } = await people.invite(admin, { email, name: email, role })
      const answer = await links.setPassword({ secret: linkPath.split('#')[1] ?? '', password: PASSWORD, from: FROM })
      return { person, session: sessionOf(answer) }
    },
  }
}
function sessionOf(answer: LoginAnswer) {
  if (!('session' in answer)) throw new Error('a code is asked for')
  return answer.session
}
function challengeOf(answer: LoginAnswer) {
  if (!('challenge' in answer)) throw new Error('no code is asked for')
  return answer.challenge
}
const codeOf = (secret: string, atMs: number): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: atMs })

eachStore('logins', open => {
  it('takes an authenticator, each code once, and no older one', async () => {
    const rig = await makeRig(await open())
    const user = await rig.userOf(rig.admin)
    const { secret, uri } = await rig.factors.beginTotp(user)
    expect(uri).toContain('otpauth://totp/Kioskeeper')
    await expect(rig.factors.confirmTotp(user, '000000', FROM.address)).rejects.toThrow('Some fields are wrong')
    // Not confirmed: still no code is asked for.
    sessionOf(await rig.logIn())
    expect(await rig.factors.confirmTotp(user, codeOf(secret, rig.now()), FROM.address)).toHaveLength(10)
    const { id, kind } = challengeOf(await rig.logIn())
    expect(kind).toBe('totp')
    const answer = (code: string, challenge = id) => rig.logins.answerCode({ challenge, code, from: FROM })
    // The code that confirmed it was used.
    await expect(answer(codeOf(secret, rig.now()))).rejects.toThrow('was used before')
    rig.pass(30_000)
    const code = codeOf(secret, rig.now())
    const session = await answer(code)
    expect((await rig.callerOf(session.cookie)).name).toBe(STAFF[1])
    await expect(answer(code)).rejects.toMatchObject({ slug: 'login-code-refused' })
    const again = challengeOf(await rig.logIn())
    await expect(answer(code, again.id)).rejects.toMatchObject({ slug: 'login-code-refused' })
    await expect(answer(codeOf(secret, rig.now() - 30_000), again.id)).rejects.toMatchObject({ slug: 'login-code-refused' })
    // A clock that is a step ahead is taken, one that is two steps ahead is not.
    await expect(answer(codeOf(secret, rig.now() + 60_000), again.id)).rejects.toMatchObject({ slug: 'login-code-refused' })
    await answer(codeOf(secret, rig.now() + 30_000), again.id)
    expect(await rig.audit()).toEqual(expect.arrayContaining(['account.second-factor', 'session.login', 'session.refused']))
  })

  it('ends a challenge after five wrong codes and after ten minutes, and slows whoever goes on', async () => {
    const rig = await makeRig(await open())
    const user = await rig.userOf(rig.admin)
    const { secret } = await rig.factors.beginTotp(user)
    await rig.factors.confirmTotp(user, codeOf(secret, rig.now()), FROM.address)
    const first = challengeOf(await rig.logIn())
    const answer = (challenge: string, code: string) => rig.logins.answerCode({ challenge, code, from: FROM })
    for (let count = 0; count < 5; count++) await expect(answer(first.id, '000000')).rejects.toThrow('The code is wrong')
    rig.pass(30_000)
    await expect(answer(first.id, codeOf(secret, rig.now()))).rejects.toThrow('The code is wrong')
    const second = challengeOf(await rig.logIn())
    rig.pass(10 * 60_000)
    await expect(answer(second.id, codeOf(secret, rig.now()))).rejects.toThrow('has expired')
    for (let count = 0; count < 4; count++) {
      const next = challengeOf(await rig.logIn())
      await expect(answer(next.id, '000000')).rejects.toThrow('The code is wrong')
    }
    const last = challengeOf(await rig.logIn())
    await expect(answer(last.id, codeOf(secret, rig.now()))).rejects.toMatchObject({ slug: 'too-many-requests' })
    rig.pass(15 * 60_000)
    const free = challengeOf(await rig.logIn())
    await answer(free.id, codeOf(secret, rig.now()))
  })

  it('mails a code to who has no authenticator; it answers its own challenge alone', async () => {
    const rig = await makeRig(await open())
    const user = await rig.userOf(rig.admin)
    const codes = await rig.factors.setTo(user, 'mail', FROM.address)
    const first = challengeOf(await rig.logIn())
    expect(first).toMatchObject({ kind: 'mail', sentTo: 'a…n@kiosk.example' })
    const firstCode = await rig.mailedCode()
    expect((await rig.lastMail())?.subject).not.toContain(firstCode)
    const second = challengeOf(await rig.logIn())
    const answer = (challenge: string, code: string) => rig.logins.answerCode({ challenge, code, from: FROM })
    const secondCode = await rig.mailedCode()
    if (firstCode !== secondCode) await expect(answer(second.id, firstCode)).rejects.toMatchObject({ slug: 'login-code-refused' })
    await answer(second.id, secondCode)
    await expect(answer(second.id, secondCode)).rejects.toMatchObject({ slug: 'login-code-refused' })
    // A recovery code, once.
    const third = challengeOf(await rig.logIn())
    await answer(third.id, codes[0] ?? '')
    const fourth = challengeOf(await rig.logIn())
    await expect(answer(fourth.id, codes[0] ?? '')).rejects.toMatchObject({ slug: 'login-code-refused' })
    await answer(fourth.id, (codes[1] ?? '').toUpperCase().replaceAll(' ', '-'))
    expect((await rig.account.read(rig.admin, undefined)).recoveryCodesLeft).toBe(8)
    // No mail is a tool to flood somebody's inbox.
    await rig.logIn()
    await expect(rig.logIn()).rejects.toMatchObject({ slug: 'too-many-requests' })
  })

  it('two answers to one challenge at once: one session', async () => {
    const rig = await makeRig(await open())
    const codes = await rig.factors.setTo(await rig.userOf(rig.admin), 'mail', FROM.address)
    const { id } = challengeOf(await rig.logIn())
    const both = await Promise.allSettled(
      [codes[0], codes[0], codes[1]].map(code => rig.logins.answerCode({ challenge: id, code: code ?? '', from: FROM })),
    )
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('answers the same for an account that is not there, is disabled, or has another password, and slows each', async () => {
    const rig = await makeRig(await open())
    const { person } = await rig.join('gone@kiosk.example', 'desk')
    await rig.people.update(rig.admin, person.id, { isDisabled: true })
    const refusals = await Promise.all(
      [rig.logIn('wrong'), rig.logIn(PASSWORD, 'nobody@kiosk.example'), rig.logIn(PASSWORD, 'gone@kiosk.example')].map(login =>
        login.catch((error: Error) => error.message),
      ),
    )
    expect(new Set(refusals).size).toBe(1)
    for (const email of [STAFF[0], 'nobody@kiosk.example']) {
      for (let count = 1; count < 10; count++) await expect(rig.logIn('wrong', email)).rejects.toMatchObject({ slug: 'login-failed' })
      await expect(rig.logIn(PASSWORD, email)).rejects.toMatchObject({ slug: 'too-many-requests' })
    }
    rig.pass(15 * 60_000)
    sessionOf(await rig.logIn())
  })
})

eachStore('accounts', open => {
  it('invites by a link that works once, for seven days', async () => {
    const rig = await makeRig(await open())
    const { person, linkPath } = await rig.people.invite(rig.admin, { email: 'Anna@Kiosk.example', name: 'Anna', role: 'desk' })
    expect(person).toMatchObject({ state: 'invited', email: 'anna@kiosk.example' })
    expect(await rig.lastMail()).toMatchObject({ address: 'anna@kiosk.example', link_path: linkPath })
    await expect(rig.logIn('', 'anna@kiosk.example')).rejects.toMatchObject({ slug: 'login-failed' })
    const secret = linkPath.split('#')[1] ?? ''
    expect(await rig.links.look(secret)).toEqual({ kind: 'invite', name: 'Anna', email: 'anna@kiosk.example' })
    const again = await rig.people.inviteAgain(rig.admin, person.id)
    await expect(rig.links.look(secret)).rejects.toMatchObject({ slug: 'one-time-link-invalid' })
    const use = { secret: again.linkPath.split('#')[1] ?? '', password: 'another long password', from: FROM }
    rig.pass(7 * 86_400_000 - 1)
    sessionOf(await rig.links.setPassword(use))
    await expect(rig.links.setPassword(use)).rejects.toMatchObject({ slug: 'one-time-link-invalid' })
    sessionOf(await rig.logIn('another long password', 'ANNA@kiosk.example'))
    await expect(rig.people.inviteAgain(rig.admin, person.id)).rejects.toMatchObject({ slug: 'conflict' })
    await expect(rig.people.invite(rig.admin, { email: 'anna@kiosk.example', name: 'A', role: 'viewer' })).rejects.toMatchObject({
      slug: 'person-exists',
    })
  })

  it('mails a link for a forgotten password; it ends every session and asks for the second factor', async () => {
    const rig = await makeRig(await open())
    const session = sessionOf(await rig.logIn())
    await rig.links.forgot('nobody@kiosk.example', FROM)
    expect(await rig.lastMail()).toBeUndefined()
    await rig.links.forgot(STAFF[0].toUpperCase(), FROM)
    const secret = (await rig.lastMail())?.link_path?.split('#')[1] ?? ''
    await rig.factors.setTo(await rig.userOf(rig.admin), 'mail', FROM.address)
    challengeOf(await rig.links.setPassword({ secret, password: 'a new long password', from: FROM }))
    expect(await rig.accounts.authenticate({ bearer: null, session: session.cookie })).toBeNull()
    await expect(rig.logIn()).rejects.toMatchObject({ slug: 'login-failed' })
    // Asking again and again sends no more.
    const before = (await rig.db.selectFrom('outbox').selectAll().execute()).length
    for (let count = 0; count < 5; count++) await rig.links.forgot(STAFF[0], FROM)
    expect((await rig.db.selectFrom('outbox').selectAll().execute()).length - before).toBe(2)
    rig.pass(3_600_001)
    await expect(rig.links.look((await rig.lastMail())?.link_path?.split('#')[1] ?? '')).rejects.toMatchObject({
      slug: 'one-time-link-invalid',
    })
  })

  it('keeps one administrator, also when two take each other’s rank at once', async () => {
    const rig = await makeRig(await open())
    await expect(rig.people.update(rig.admin, rig.admin.id, { role: 'viewer' })).rejects.toMatchObject({ slug: 'conflict' })
    const other = await rig.join('second@kiosk.example', 'admin')
    const second = await rig.callerOf(other.session.cookie)
    const both = await Promise.allSettled([
      rig.people.update(rig.admin, second.id, { role: 'desk' }),
      rig.people.update(second, rig.admin.id, { isDisabled: true }),
    ])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const failed = both.find(result => result.status === 'rejected')
    expect((failed as PromiseRejectedResult).reason).toMatchObject({ slug: 'last-administrator' })
  })

  it('shows a limited manager nobody beyond their customers', async () => {
    const rig = await makeRig(await open())
    await rig.join('desk@kiosk.example', 'desk')
    const limited: Caller = { ...rig.admin, id: 'm', role: 'manager', customerIds: ['c1'] }
    expect(await rig.people.list(limited, {})).toMatchObject({ items: [], total: 0 })
    await expect(rig.people.read(limited, rig.admin.id)).rejects.toMatchObject({ slug: 'not-found' })
    await expect(rig.people.invite(limited, { email: 'x@y.example', name: 'X', role: 'partner' })).rejects.toMatchObject({
      slug: 'forbidden',
    })
    const page = await rig.people.list(rig.admin, { limit: 1 })
    expect(page).toMatchObject({ total: 2, items: [{ name: 'Maria' }] })
    expect(await rig.people.list(rig.admin, { limit: 1, cursor: page.next ?? '' })).toMatchObject({ next: null, items: [{ role: 'desk' }] })
    expect((await rig.people.list(rig.admin, { q: '%_' })).total).toBe(0)
  })

  it('gives back an account whose phone was lost, and ends what is not wanted any more', async () => {
    const rig = await makeRig(await open())
    const { person, session } = await rig.join('desk@kiosk.example', 'desk')
    const caller = await rig.callerOf(session.cookie)
    await rig.factors.setTo(await rig.userOf(caller), 'mail', FROM.address)
    expect(await rig.people.resetFactors(rig.admin, person.id)).toMatchObject({ secondFactor: 'none' })
    expect(await rig.accounts.authenticate({ bearer: null, session: session.cookie })).toBeNull()
    const here = sessionOf(await rig.logIn(PASSWORD, person.email))
    const there = sessionOf(await rig.logIn(PASSWORD, person.email))
    await expect(
      rig.account.changePassword(caller, { current: 'wrong', password: 'a new long password', session: here.cookie, address: '' }),
    ).rejects.toMatchObject({ slug: 'password-wrong' })
    await rig.account.changePassword(caller, { current: PASSWORD, password: 'a new long password', session: here.cookie, address: '' })
    expect(await rig.accounts.authenticate({ bearer: null, session: there.cookie })).toBeNull()
    const { sessions } = await rig.account.read(caller, here.cookie)
    expect(sessions).toMatchObject([{ isThis: true, browser: 'Test', way: 'password' }])
    // Nobody ends the session of somebody else.
    await expect(rig.account.endSessions(rig.admin, { only: sessions[0]?.id ?? '' }, '')).rejects.toMatchObject({ slug: 'not-found' })
    await expect(rig.account.read({ ...rig.admin, kind: 'token' }, undefined)).rejects.toMatchObject({ slug: 'forbidden' })
  })

  it('links a single sign-on to an invited person with a verified address, and makes nobody', async () => {
    const rig = await makeRig(await open())
    const { person } = await rig.people.invite(rig.admin, { email: 'anna@kiosk.example', name: 'Anna', role: 'desk' })
    const come = (facts: { subject?: string; email?: string | null; isVerified?: boolean }) =>
      rig.logins.logInBySso({ subject: 'https://id.example|1', email: 'anna@kiosk.example', isVerified: true, ...facts }, FROM)
    await expect(come({ isVerified: false })).rejects.toMatchObject({ extra: { why: 'not-verified' } })
    await expect(come({ email: null })).rejects.toMatchObject({ extra: { why: 'not-verified' } })
    await expect(come({ email: 'eve@kiosk.example' })).rejects.toMatchObject({ extra: { why: 'no-account' } })
    await come({})
    // Linked: the address may change, the person is the same; another person with the address is not.
    await come({ email: 'anna.new@kiosk.example', isVerified: false })
    await expect(come({ subject: 'https://id.example|2' })).rejects.toMatchObject({ extra: { why: 'linked-elsewhere' } })
    await rig.people.update(rig.admin, person.id, { isDisabled: true })
    await expect(come({})).rejects.toMatchObject({ extra: { why: 'no-account' } })
    expect((await rig.people.list(rig.admin, {})).total).toBe(2)
  })
})

describe('the site of passkeys', () => {
  it.each([
    { url: 'https://kiosk.example', site: 'kiosk.example', why: 'https with a name' },
    { url: 'http://localhost:8080', site: 'localhost', why: 'this machine by its name' },
    { url: 'http://127.0.0.1:8080', site: undefined, why: 'an address by number' },
    { url: 'https://[::1]:8443', site: undefined, why: 'an IPv6 address' },
    { url: 'http://kiosk.example', site: undefined, why: 'plain HTTP' },
  ])('$why: $site', ({ url, site }) => {
    expect(passkeySite(url)?.rpID).toBe(site)
  })
})
