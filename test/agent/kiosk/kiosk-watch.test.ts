import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../agent/clock.ts'
import { makeKioskWatch, type KioskWatch } from '../../../agent/kiosk-watch.ts'
import { MACHINE_ROOTS } from '../../../agent/probes/read-file.ts'
import { makeSignalBoard, type SignalEvent } from '../../../agent/signals/board.ts'
import { fillProfile } from '../../../shared/profile.ts'
import { freePorts } from '../../support/free-ports.ts'
import { waitFor } from '../wait-for.ts'
import { startChromium, type Chromium } from './chromium.ts'

const folder = mkdtempSync(join(tmpdir(), 'kk-tls-'))
const PAGES: Record<string, string> = {
  '/': '<title>Shop</title><h1>Welcome</h1>',
  '/loop': '<title>Loop</title><script>setTimeout(() => { for (;;); }, 100)</script>',
  '/login': '<title>Please log in</title><input type="password">',
  '/errors': '<script>setInterval(() => { throw new Error("secret") }, 20)</script>',
  '/titles':
    '<script>setInterval(() => { for (let i = 0; i < 500; i++) { document.title = "x".repeat(1e4) + i; console.log("y".repeat(2e4)) } }, 5)</script>',
  '/huge': '<script>setInterval(() => console.log("z".repeat(5e6)), 50)</script>',
}
let chromium: Chromium
let shop: Server
let tls: Server
const watches: KioskWatch[] = []
const originOf = (server: Server, scheme = 'http') => `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
const listen = (server: Server) => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

beforeAll(async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=shop']
  execFileSync('openssl', request, { stdio: 'ignore' })
  shop = createServer((asked, answer) => {
    const page = PAGES[asked.url ?? '']
    answer.writeHead(page === undefined ? 500 : 200, { 'content-type': 'text/html' }).end(page ?? '<h1>Oops</h1>')
  })
  tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) => answer.end())
  await Promise.all([listen(shop), listen(tls)])
  chromium = await startChromium()
})
afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop()
})
afterAll(async () => {
  await chromium.stop()
  shop.close()
  shop.closeAllConnections()
  tls.close()
  rmSync(folder, { recursive: true, force: true })
})

function start(browser: Chromium = chromium) {
  const board = makeSignalBoard({ reported: {}, announceOk: true })
  const events: SignalEvent[] = []
  const kioskApp = { devToolsUrl: browser.devToolsUrl, match: browser.match, url: `${originOf(shop)}/` }
  const watch = makeKioskWatch({
    roots: MACHINE_ROOTS,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    profile: fillProfile({ name: 'Kiosk', kioskApp }),
    dataDir: folder,
    report: (readings, family) => void events.push(...board.apply(readings, Date.now(), family)),
    wasFailing: board.isFailing,
  })
  watches.push(watch)
  watch.start()
  const stateOf = (key: string) => board.all().find(event => event.key === key)
  /** Waits for the signal within the time it has; answers how it was told. */
  const failing = (key: string, limitMs = 16_000) =>
    waitFor(`${key} failing`, () => (stateOf(key)?.state === 'failing' ? stateOf(key) : null), limitMs)
  const well = (key: string) => waitFor(`${key} ok`, () => stateOf(key)?.state === 'ok', 16_000)
  return { watch, events, failing, well, stateOf }
}
const home = () => chromium.show(`${originOf(shop)}/`)

describe('the kiosk watch', () => {
  it('is silent about a healthy page, and tells each wrong one and its end', async () => {
    const [closedPort = 0] = await freePorts(1)
    await home()
    const { events, failing, well } = start()
    await well('screen.error-page')
    await well('app.crashed')
    expect(events.filter(event => event.state === 'failing')).toEqual([])
    const cases: [address: string, text: string, errorName?: string][] = [
      ['http://nosuch.invalid/', 'DNS'],
      [`http://127.0.0.1:${closedPort}/?token=secret`, 'refuses', 'ERR_CONNECTION_REFUSED'],
      [`${originOf(tls, 'https')}/`, 'TLS', 'ERR_CERT_AUTHORITY_INVALID'],
      [`${originOf(shop)}/broken`, 'status 500'],
      ['data:text/html,<title>Elsewhere</title>hello', 'wrong address'],
      [`${originOf(shop)}/login`, 'password'],
    ]
    for (const [address, text, errorName] of cases) {
      await chromium.show(address)
      const event = await failing('screen.error-page')
      expect(event.text, address).toContain(text)
      if (errorName !== undefined) expect(event.evidence).toMatchObject({ errorName })
      expect(JSON.stringify(event)).not.toContain('secret')
      await home()
      await well('screen.error-page')
      // all the time a check of processes would have been content
      expect(chromium.isProcessThere()).toBe(true)
    }
  }, 120_000)

  it('tells a crashed page, while the process lives, and its end', async () => {
    await home()
    const { failing, well } = start()
    await well('app.crashed')
    await chromium.show('chrome://crash')
    expect(await failing('app.crashed')).toMatchObject({ evidence: { cause: 'page crashed' } })
    expect((await failing('screen.error-page')).text).toContain('crash page')
    expect(chromium.isProcessThere()).toBe(true)
    await home()
    await well('app.crashed')
    await well('screen.error-page')
  })

  it('tells script errors over the rate', async () => {
    await home()
    const { failing, well } = start()
    await well('app.errors')
    await chromium.show(`${originOf(shop)}/errors`)
    expect(JSON.stringify(await failing('app.errors'))).not.toContain('secret')
    await home()
  })

  it.each(['/titles', '/huge'])('is not hurt by a page that floods it: %s', async path => {
    const flooding = await startChromium()
    try {
      const { stateOf } = start(flooding)
      await flooding.show(`${originOf(shop)}${path}`)
      await waitFor('the flood to be told', () => stateOf('app.errors')?.text.includes('floods'), 30_000)
      const before = process.cpuUsage()
      const startedAtMs = performance.now()
      await waitFor('a while', () => performance.now() - startedAtMs > 2_000)
      const used = process.cpuUsage(before)
      // measured in the process of the test itself, which also waits: a tenth of a core would be far too much
      expect((used.user + used.system) / 1_000 / 2_000).toBeLessThan(0.25)
    } finally {
      await flooding.stop()
    }
  })

  it('tells a frozen page, and a browser that was killed', async () => {
    const victim = await startChromium()
    await victim.show(`${originOf(shop)}/`)
    const { failing, well } = start(victim)
    try {
      await well('app.frozen')
      await victim.show(`${originOf(shop)}/loop`)
      // the beat after the first one falls into the common rhythm: once, it may come 7.5 s later instead of 5
      expect((await failing('app.frozen', 19_000)).text).toContain('frozen')
      expect(victim.isProcessThere()).toBe(true)
    } finally {
      await victim.stop()
    }
    expect((await failing('app.crashed')).text).toContain('not running')
  })

  it('tells a page of one colour after a minute', async () => {
    await chromium.show(`${originOf(shop)}/`)
    const { failing, well } = start()
    await well('screen.blank')
    PAGES['/blank'] = '<body style="background:#f00">'
    await chromium.show(`${originOf(shop)}/blank`)
    expect(await failing('screen.blank', 80_000)).toMatchObject({ evidence: { percent: 100 } })
    await home()
    await well('screen.blank')
  }, 120_000)

  it('does nothing when the profile names no browser', () => {
    const { watch, events, stateOf } = start()
    watch.setProfile(fillProfile({ name: 'Kiosk' }))
    expect([events, stateOf('app.crashed')]).toEqual([[], undefined])
  })
})
