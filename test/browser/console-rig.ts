/** A real server with the built console, and one Chromium in front of it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { BUILD_FOLDER } from '../../server/build.ts'
import { until } from '../support/until.ts'
import { makeWorld, type World } from '../support/world.ts'

export const PERSON = { name: 'Maria Lind', email: 'maria@kioskeeper.example', password: 'correct horse battery' }
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
const BUILD_LIMIT_MS = 120_000

export type ConsoleRig = {
  world: World
  browser: Browser
  /** A page in a context of its own; what it writes to the console as an error is in `faults`. */
  open(options?: BrowserContextOptions): Promise<{ page: Page; context: BrowserContext; faults: string[] }>
  stop(): Promise<void>
}

/** Builds the console if it is older than its sources; test files that start at once do it one at a time. */
async function buildOnce(): Promise<void> {
  mkdirSync(BUILD_FOLDER, { recursive: true })
  const lock = join(BUILD_FOLDER, '.building')
  await until(
    'the lock of the build',
    () => {
      try {
        mkdirSync(lock)
        return true
      } catch {
        return false
      }
    },
    BUILD_LIMIT_MS,
  )
  try {
    execFileSync(process.execPath, [join(BUILD_FOLDER, '../server/build.ts')], { stdio: 'inherit' })
  } finally {
    rmdirSync(lock)
  }
}

/** A refused call is an answer, not a fault of the page: the browser logs it all the same. */
const isRefusedCall = (text: string): boolean => text.startsWith('Failed to load resource')

/** Starts server and browser; `environment` are settings of the server besides the usual. */
export async function startConsole(environment: Record<string, string> = {}): Promise<ConsoleRig> {
  await buildOnce()
  const world = await makeWorld(environment)
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS })
  return {
    world,
    browser,
    async open(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: world.url, ...options })
      context.setDefaultTimeout(10_000)
      const page = await context.newPage()
      const faults: string[] = []
      page.on('pageerror', error => faults.push(error.message))
      page.on('console', message => {
        if (message.type() === 'error' && !isRefusedCall(message.text())) faults.push(message.text())
      })
      return { page, context, faults }
    },
    async stop() {
      await browser.close()
      await world.stop()
    },
  }
}

/** Makes the first administrator through the page of the one-time link. */
export async function setUpInBrowser(page: Page, world: World): Promise<void> {
  await page.goto(`/setup#${world.server.setupSecret}`)
  await page.getByLabel('Name').fill(PERSON.name)
  await page.getByLabel('E-mail').fill(PERSON.email)
  await page.locator('input[type=password]').fill(PERSON.password)
  await page.getByRole('button', { name: 'Make the administrator' }).click()
  await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor()
}

/** Invites somebody and chooses their password through the page of the link; the page is theirs then. */
export async function joinInBrowser(page: Page, world: World, person: Record<string, unknown>): Promise<{ id: string; email: string }> {
  const invited = await world.ok<{ id: string; email: string; link: string }>('POST', '/people', person)
  const { pathname, hash } = new URL(invited.link)
  await page.goto(`${pathname}${hash}`)
  await page.locator('input[type=password]').fill(PERSON.password)
  await page.getByRole('button', { name: 'Set the password and go in' }).click()
  await page.getByRole('heading', { name: 'Welcome' }).waitFor({ state: 'detached' })
  return invited
}

/** Fills the login that is shown. */
export async function logIn(page: Page, password = PERSON.password, email = PERSON.email): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.locator('input[type=password]').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
}
