/** How people log in: a code after the password, a passkey without one, a password that was forgotten. */
import { Secret, TOTP } from 'otpauth'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../support/free-ports.ts'
import { until } from '../support/until.ts'
import { joinInBrowser, logIn, PERSON, setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'
import { faultsOf } from './page-accessibility.ts'

const STEP_MS = 30_000

describe('a login', () => {
  let rig: ConsoleRig
  let baseURL: string

  beforeAll(async () => {
    const [port] = await freePorts(1)
    // Passkeys need a name: the same server by another one.
    baseURL = `http://localhost:${port}`
    rig = await startConsole({ KIOSKEEPER_HTTP_PORT: String(port), KIOSKEEPER_PUBLIC_URL: baseURL })
    const { page, context } = await rig.open({ baseURL })
    await setUpInBrowser(page, rig.world)
    await context.close()
  })
  afterAll(() => rig.stop())

  const open = () => rig.open({ baseURL, bypassCSP: true })
  const logOut = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('button', { name }).click()
    await page.getByRole('menuitem', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
  }

  it('goes on with the code of an authenticator, or a recovery code', { timeout: 120_000 }, async () => {
    const { page, context, faults } = await open()
    const { email } = await joinInBrowser(page, rig.world, { email: 'anna@kiosk.example', name: 'Anna Alm', role: 'desk' })
    await page.getByRole('button', { name: 'Anna Alm' }).click()
    await page.getByRole('menuitem', { name: 'Your account' }).click()
    await page.getByRole('button', { name: 'Use an authenticator' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Your password').fill(PERSON.password)
    await dialog.getByRole('button', { name: 'Show the QR code' }).click()
    await dialog.getByRole('img', { name: /secret of the authenticator/ }).waitFor()
    expect(await faultsOf(page)).toEqual([])
    const secret = (await dialog.locator('code').innerText()).replaceAll(/\s/g, '')
    const authenticator = new TOTP({ secret: Secret.fromBase32(secret) })
    const usedMs = Date.now()
    await dialog.getByRole('textbox', { name: 'Code' }).fill(authenticator.generate({ timestamp: usedMs }))
    await dialog.getByRole('button', { name: 'Use it from now on' }).click()
    const codes = dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
    await codes.first().waitFor()
    expect(await codes.count()).toBe(10)
    const recovery = await codes.first().innerText()
    await dialog.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('10 recovery codes left').waitFor()

    await logOut(page, 'Anna Alm')
    await logIn(page, undefined, email)
    await page.getByText('Type the code your authenticator shows.').waitFor()
    expect(await faultsOf(page)).toEqual([])
    // The code that set it up was used; the server takes that of the next step already.
    await page.getByRole('textbox', { name: 'Code' }).fill(authenticator.generate({ timestamp: usedMs }))
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('Code refused').waitFor()
    await page.getByRole('textbox', { name: 'Code' }).fill(authenticator.generate({ timestamp: usedMs + STEP_MS }))
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('heading', { name: 'Your account' }).waitFor()

    await logOut(page, 'Anna Alm')
    await logIn(page, undefined, email)
    await page.getByRole('textbox', { name: 'Code' }).fill(recovery)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('9 recovery codes left').waitFor()
    await context.close()
    expect(faults).toEqual([])
  })

  const withKey = async (page: Page): Promise<CDPSession> => {
    const browser = await page.context().newCDPSession(page)
    await browser.send('WebAuthn.enable')
    await browser.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    return browser
  }

  it('needs nothing but a passkey, until that is removed', async () => {
    const { page, context, faults } = await open()
    await withKey(page)
    await joinInBrowser(page, rig.world, { email: 'pia@kiosk.example', name: 'Pia Key', role: 'viewer' })
    await page.goto('/account')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What you call it').fill('My laptop')
    await dialog.getByLabel('Your password').fill(PERSON.password)
    await dialog.getByRole('button', { name: 'Make the passkey' }).click()
    await page.getByRole('button', { name: 'Remove My laptop' }).waitFor()
    await logOut(page, 'Pia Key')
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Log in with a passkey' }).click()
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
    await page.getByText('by passkey').first().waitFor()
    await page.getByRole('button', { name: 'Remove My laptop' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Remove My laptop' }).waitFor({ state: 'detached' })
    await logOut(page, 'Pia Key')
    await page.getByRole('button', { name: 'Log in with a passkey' }).click()
    await page.getByText('Passkey refused').waitFor()
    await context.close()
    expect(faults).toEqual([])
  })

  it('comes back after a forgotten password, by a link that works once', async () => {
    const { page, context, faults } = await open()
    const { email } = await joinInBrowser(page, rig.world, { email: 'ove@kiosk.example', name: 'Ove Off', role: 'viewer' })
    await logOut(page, 'Ove Off')
    await page.getByRole('link', { name: 'Forgotten password?' }).click()
    await page.getByLabel('E-mail').fill(email)
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
    expect(await faultsOf(page)).toEqual([])
    const mail = await until('the link by mail', () =>
      rig.world.mailbox.mails.find(({ to, subject }) => to[0] === email && subject.includes('new password')),
    )
    const link = /\/welcome#kot_\w+/.exec(mail.text.replaceAll(/=\r?\n/g, ''))?.[0] ?? ''
    await page.goto(link)
    await page.getByRole('heading', { name: 'A new password' }).waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.locator('input[type=password]').fill('another long password')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByRole('button', { name: 'Ove Off' }).waitFor()
    await page.goto('/')
    await page.goto(link)
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    await context.close()
    expect(faults).toEqual([])
  })

  it('says why the single sign-on sent somebody back', async () => {
    const { page } = await open()
    await page.goto('/login?sso=no-account')
    await page.getByText('There is no account for you here').waitFor()
    expect(await faultsOf(page)).toEqual([])
  })
})
