/** Every screen, light and dark, wide and on a phone: no serious fault for people who cannot see or point, nothing cut off. */
import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolledDevice, type ScriptedDevice } from '../support/scripted-device.ts'
import { until } from '../support/until.ts'
import { logIn, setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'
import { makeDeskScreens, type Screen } from './desk-screens.ts'
import { faultsOf } from './page-accessibility.ts'

const LOOKS: { name: string; options: BrowserContextOptions }[] = [
  { name: 'light, 1440 px', options: { colorScheme: 'light' } },
  { name: 'dark, 1440 px', options: { colorScheme: 'dark' } },
  { name: 'light, 390 px', options: { colorScheme: 'light', viewport: { width: 390, height: 844 } } },
]

describe('every screen', () => {
  let rig: ConsoleRig
  let device: ScriptedDevice
  let screens: Screen[]
  let openScreens: Screen[]

  beforeAll(async () => {
    rig = await startConsole()
    const { world } = rig
    await world.ok('PUT', '/rules/usb.missing', {
      signal: 'usb.missing',
      enabled: true,
      level: 2,
      holdSeconds: 0,
      clearSeconds: 1,
      fixedBy: 'remote',
      remedies: [],
      ladderSeconds: 0,
    })
    await world.ok('POST', '/partners', {
      name: 'Field Service North',
      email: 'dispatch@partner.example',
      regions: ['north'],
      skills: ['display'],
    })
    await world.ok('PUT', '/profiles/till', {
      name: 'Till',
      processes: [{ name: 'till', match: '/opt/till' }],
      urls: [{ name: 'api', url: 'https://api.example' }],
      units: ['cups.service'],
    })
    const place = await world.makeCustomer('ombori-production')
    await world.ok('POST', `/customers/${place.customerId}/contacts`, { name: 'Ada Owner', email: 'ada@shop.example' })
    const full = await world.makeCustomer('ombori-free')
    const fullToken = await world.enrolmentToken(full)
    for (const machine of ['f1', 'f2', 'f3', 'f4'])
      await enrolledDevice(world.url, fullToken, machine).catch((error: Error) => expect(error.message).toContain('device-limit-reached'))
    const token = await world.ok<{ id: string; token: string }>('POST', '/enrolment-tokens', { ...place, maxUses: 9 })
    device = await enrolledDevice(world.url, token.token, 'm1')
    await device.connect()
    await device.birth()
    await device.metrics({ cpuPercent: 12, 'diskUsedPercent:root': 40, netRxBytesPerSecond: 12_000, netTxBytesPerSecond: 900 })
    await device.event('usb.missing:scanner', 'failing', 'Scanner is not on the bus')
    const ticket = await until('ticket', async () => (await world.ok<{ items: { id: string }[] }>('GET', '/tickets')).items[0])
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'public', body: 'Is the cable plugged in?', asks: true })
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'internal', body: 'Third time this month' })
    const flagged = await world.ok('POST', '/tickets', {
      customerId: full.customerId,
      level: 2,
      subject: 'Dark screen',
      description: 'It is dark',
      channel: 'phone',
      reporter: { name: 'Eve' },
    })
    const beyond = await world.makeCustomer('ombori-production')
    await world.ok('PATCH', `/customers/${beyond.customerId}`, { overrides: { cases: 0, devices: 3 } })
    const asked = await world.ok('POST', '/tickets', {
      customerId: beyond.customerId,
      level: 2,
      subject: 'One more case',
      description: 'The menu is in the wrong language',
      channel: 'portal',
      reporter: { name: 'Eve', email: 'eve@shop.example' },
    })
    const shrunk = await world.makeCustomer('ombori-production')
    const shrunkToken = await world.enrolmentToken(shrunk)
    for (const machine of ['s1', 's2', 's3', 's4']) await enrolledDevice(world.url, shrunkToken, machine)
    await world.ok('PATCH', `/customers/${shrunk.customerId}`, { planId: 'ombori-free' })
    await world.ok('PUT', '/products/monitor', {
      name: 'Monitor',
      releases: [
        { version: '7.0.0', releasedOn: '2021-03-01' },
        { version: '8.0.0', releasedOn: '2026-03-01' },
      ],
      endOfLife: { on: '2036-01-31', supportedUntil: '2036-06-30', alternative: 'Monitor Cloud' },
    })
    const known = await world.ok('POST', '/tickets', {
      customerId: place.customerId,
      level: 2,
      subject: 'Dark screen at the till',
      description: 'It is dark',
      channel: 'phone',
      reporter: { name: 'Eve', email: 'eve@shop.example' },
    })
    const excluded = await world.makeCustomer('opservices-pro')
    const beyondPlan = await world.ok('POST', '/tickets', {
      customerId: excluded.customerId,
      level: 3,
      subject: 'Antivirus asks for a licence',
      description: 'A window is shown',
      channel: 'portal',
      reporter: { name: 'Eve', email: 'eve@shop.example' },
    })
    await world.ok('POST', `/tickets/${beyondPlan.id}/scope`, { reason: 'Antivirus', offer: 'billable', estimate: '1 h, 90 EUR' })
    const part = await world.ok('POST', '/tickets', {
      customerId: place.customerId,
      level: 3,
      subject: 'Screen at the till is dark again',
      description: 'It is dark',
      channel: 'phone',
      reporter: { name: 'Eve', email: 'eve@shop.example' },
    })
    await world.ok('POST', `/tickets/${part.id}/merge`, { intoTicketId: known.id })
    await world.ok('POST', `/tickets/${known.id}/links`, { kind: 'related', ticketId: beyondPlan.id })
    const defect = await world.ok('POST', '/defects', {
      class: 'crash',
      title: 'The spooler crashes',
      impact: 'No receipts',
      ticketId: known.id,
    })
    await world.ok('PATCH', `/defects/${defect.id}`, { estimateOn: '2036-01-31', severity: 2 })
    const major = await world.ok('POST', '/majors', { title: 'Screens are dark', ticketIds: [known.id, beyondPlan.id] })
    const [waiting] = (await world.ok<{ items: { id: string }[] }>('GET', '/devices?state=waiting')).items
    const desk = await makeDeskScreens(world, { customerId: place.customerId, ticketId: known.id })
    openScreens = desk.open
    screens = [
      ...desk.staff,
      { name: 'fleet', path: '/', heading: /Fleet/ },
      { name: 'nothing found', path: '/?q=nowhere', heading: /Fleet/ },
      { name: 'device', path: `/devices/${device.id}`, heading: /kiosk-m1/ },
      { name: 'waiting device', path: `/devices/${waiting?.id ?? ''}`, heading: /kiosk-f4/ },
      { name: 'tickets', path: '/tickets', heading: /Tickets/ },
      { name: 'ticket of the monitoring', path: `/tickets/${ticket.id}`, heading: /scanner/ },
      { name: 'ticket with flags', path: `/tickets/${flagged.id}`, heading: /Dark screen/ },
      { name: 'ticket with relations', path: `/tickets/${known.id}`, heading: /Dark screen at the till/ },
      { name: 'merged ticket', path: `/tickets/${part.id}`, heading: /dark again/ },
      { name: 'ticket beyond its plan', path: `/tickets/${beyondPlan.id}`, heading: /Antivirus/ },
      { name: 'defects', path: '/defects', heading: /Defects/ },
      { name: 'defect', path: `/defects/${defect.id}`, heading: /spooler/ },
      { name: 'major incidents', path: '/major', heading: /Major incidents/ },
      { name: 'major incident', path: `/major/${major.id}`, heading: /Screens are dark/ },
      { name: 'add device', path: '/add-device', heading: /Add device/ },
      { name: 'waiting for a device', path: `/add-device?token=${token.id}`, heading: /Add device/ },
      { name: 'customers', path: '/customers', heading: /Customers/ },
      { name: 'customer', path: `/customers/${full.customerId}`, heading: /Corner shop/ },
      { name: 'terms', path: `/customers/${beyond.customerId}/terms`, heading: /In force/ },
      { name: 'serving time', path: `/customers/${beyond.customerId}/serving`, heading: /Opening hours served/ },
      { name: 'statement', path: `/customers/${beyond.customerId}/statement`, heading: /Corner shop:/ },
      { name: 'uptime of a customer', path: `/customers/${beyond.customerId}/uptime`, heading: /Corner shop/ },
      { name: 'customer after a downgrade', path: `/customers/${shrunk.customerId}`, heading: /Corner shop/ },
      { name: 'covered devices', path: `/customers/${shrunk.customerId}/covered-devices`, heading: /stay covered/ },
      { name: 'nothing to choose', path: `/customers/${beyond.customerId}/covered-devices`, heading: /Nothing to choose/ },
      { name: 'case that waits for approval', path: `/tickets/${asked.id}`, heading: /One more case/ },
      { name: 'plan', path: '/plans/ombori-production', heading: /Production/ },
      { name: 'products', path: '/products', heading: /Products/ },
      { name: 'uptime', path: '/uptime', heading: /Uptime/ },
      { name: 'plans', path: '/plans', heading: /Plans/ },
      { name: 'partners', path: '/partners', heading: /Partners/ },
      { name: 'profiles', path: '/profiles', heading: /Profiles/ },
      { name: 'profile', path: '/profiles/till', heading: /Till/ },
      { name: 'rules', path: '/rules', heading: /Rules/ },
      { name: 'planned work', path: '/maintenance', heading: /Maintenance/ },
      { name: 'people', path: '/people', heading: /People/ },
      { name: 'account', path: '/account', heading: /Your account/ },
      { name: 'no such page', path: '/nowhere', heading: /./ },
    ]
    const { page, context } = await rig.open()
    await setUpInBrowser(page, world)
    await context.close()
  })
  afterAll(async () => {
    device?.kill()
    await rig?.stop()
  })

  it.each(LOOKS)('$name', { timeout: 180_000 }, async ({ options }) => {
    // The checker is put into the page as a script, which the policy of the server rightly forbids.
    const { page, context, faults } = await rig.open({ ...options, bypassCSP: true })
    const found: string[] = []
    const check = async (name: string): Promise<void> => {
      for (const fault of await faultsOf(page)) found.push(`${name}: ${fault}`)
    }
    await page.goto('/')
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await check('login')
    await logIn(page)
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor()
    for (const screen of screens) {
      await page.goto(screen.path)
      await page.getByRole('heading', { name: screen.heading }).first().waitFor()
      await page.waitForFunction(() => document.querySelector('[role=status] .mantine-Loader-root') === null)
      await check(screen.name)
    }
    for (const screen of openScreens) {
      await page.goto(screen.path)
      await page.getByRole('heading', { name: screen.heading }).first().waitFor()
      await check(screen.name)
    }
    await page.goto('/tickets')
    await page.getByRole('button', { name: 'New ticket' }).click()
    await page.getByRole('dialog').waitFor()
    await check('new ticket')
    await page.goto('/tickets')
    await page.getByRole('button', { name: 'Change many' }).click()
    await page
      .getByLabel(/^Choose KK-/)
      .first()
      .check()
    await check('change many tickets')
    await page.goto(screens.find(screen => screen.name === 'ticket with relations')?.path ?? '')
    await page.getByRole('button', { name: 'Link', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Merge into another ticket' }).click()
    await page.getByRole('dialog').waitFor()
    await page.locator('[role=menu]').waitFor({ state: 'detached' })
    await check('merge')
    await page.goto('/products')
    await page.getByRole('button', { name: 'Monitor', exact: true }).click()
    await page.getByRole('dialog').waitFor()
    await check('change product')
    await page.goto('/people')
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    await page.getByRole('dialog').waitFor()
    await check('invite')
    await page.goto('/account')
    await page.getByRole('button', { name: 'Use an authenticator' }).click()
    await page.getByRole('dialog').waitFor()
    await check('authenticator')
    await page.goto('/forgotten')
    await page.getByRole('heading', { name: 'Forgotten password' }).waitFor()
    await check('forgotten password')
    await page.goto('/welcome#kot_nothing')
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    await check('link that does not work')
    expect(found).toEqual([])
    expect(faults).toEqual([])
    await context.close()
  })
})
