/** People of a customer and of a partner, on the phones they have: a fault reported from the label on the kiosk, a job taken. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ticket } from '../../shared/api/tickets/ticket-api.ts'
import type { Visit } from '../../shared/api/visits/visit-api.ts'
import { enrolledDevice } from '../support/scripted-device.ts'
import { joinInBrowser, logIn, setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'
import { faultsOf } from './page-accessibility.ts'

const PHONE = { viewport: { width: 390, height: 844 }, bypassCSP: true } as const

/** Words that buttons which change something begin with. */
const CHANGES =
  /^(New|Add|Save|Plan work|Invite|Send|Keep note|Retire|Change|Take a picture|Mend|Resolve|Approve|Remove|Import|Make|Edit|Call off|Choose)\b/

describe('outside the desk', () => {
  let rig: ConsoleRig
  let place: { customerId: string; siteId: string }
  let deviceId: string
  let ticketId: string

  beforeAll(async () => {
    rig = await startConsole()
    const { world } = rig
    const { page, context } = await rig.open()
    await setUpInBrowser(page, world)
    await context.close()
    place = await world.makeCustomer('ombori-production')
    await world.ok('POST', `/customers/${place.customerId}/contacts`, { name: 'Carl', email: 'carl@shop.example', phone: '+46 70 123' })
    const device = await enrolledDevice(world.url, await world.enrolmentToken(place), 'till1')
    deviceId = device.id
    device.kill()
    await world.makeCustomer('ombori-pilot')
  })
  afterAll(() => rig.stop())

  const wellMade = async (page: Page): Promise<void> => expect(await faultsOf(page)).toEqual([])

  it('a customer scans the label, logs in there, sees the promise before sending and after', async () => {
    const { world } = rig
    const first = await rig.open(PHONE)
    const person = await joinInBrowser(first.page, world, {
      email: 'carla@shop.example',
      name: 'Carla Shop',
      role: 'customer',
      customerIds: [place.customerId],
    })
    await first.page.getByRole('heading', { name: 'Corner shop', level: 1 }).waitFor()
    await wellMade(first.page)
    await first.context.close()

    const { page, context, faults } = await rig.open(PHONE)
    await page.goto(`/report/${deviceId}`)
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await logIn(page, undefined, person.email)
    await page.getByRole('heading', { name: 'Report a fault' }).waitFor()
    await page.getByText('kiosk-till1, High street').first().waitFor()
    await page.getByLabel('What is wrong').fill('The screen stays black')
    // what is known is offered while they write, and they go on
    const known = page.getByRole('region', { name: 'This may help at once' })
    await known.locator('summary').first().click()
    await known.getByRole('button', { name: 'It helped: nothing to report' }).first().waitFor()
    await wellMade(page)
    await page.getByLabel('More about it').fill('Since this morning; the light is on.')
    const promise = page.getByRole('status').filter({ hasText: /First answer by|no time is promised/ })
    await promise.waitFor()
    await page.getByLabel('Nothing works: nobody can be served').check()
    await wellMade(page)
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('heading', { name: 'We have it' }).waitFor()
    await page.getByText(/Your number is/).waitFor()
    const { items } = await world.ok<{ items: Ticket[] }>('GET', `/tickets?customerId=${place.customerId}`)
    expect(items).toMatchObject([{ level: 1, deviceId, subject: 'The screen stays black', reporter: { email: 'carla@shop.example' } }])
    ticketId = items[0]?.id ?? ''
    await page.getByRole('link', { name: 'Open the ticket' }).click()
    await page.getByRole('heading', { name: 'The screen stays black' }).waitFor()
    await page.getByText(/First answer by \d\d:\d\d|First answer by \w+/).waitFor()
    await wellMade(page)
    await context.close()
    expect(faults).toEqual([])
  })

  it('talks with the desk, hears no word that is not meant for them, and says that it is not solved', async () => {
    const { world } = rig
    await world.ok('POST', `/tickets/${ticketId}/messages`, { visibility: 'internal', body: 'They unplugged it again' })
    await world.ok('POST', `/tickets/${ticketId}/messages`, { visibility: 'public', body: 'Is the plug in?', asks: true })
    const { page, context, faults } = await rig.open({ ...PHONE, colorScheme: 'dark' })
    await page.goto(`/tickets/${ticketId}`)
    await logIn(page, undefined, 'carla@shop.example')
    await page.getByText('Is the plug in?').waitFor()
    await page.getByText('Waits for you').first().waitFor()
    expect(await page.getByText('They unplugged it again').count()).toBe(0)
    await page.getByLabel('Your answer').fill('Yes, it is.')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'plug.txt', mimeType: 'text/plain', buffer: Buffer.from('the plug is in') })
    await page.getByRole('button', { name: 'Leave out plug.txt' }).waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('Being worked on').waitFor()
    await page.getByRole('link', { name: 'plug.txt' }).waitFor()
    await world.ok('POST', `/tickets/${ticketId}/transitions`, { to: 'resolved' })
    await page.getByText('We think it is solved.').waitFor()
    await page.getByRole('button', { name: 'Not solved?' }).click()
    await page.keyboard.type('Still black.')
    await page.getByRole('button', { name: 'Not solved: open it again' }).click()
    await page.getByText('Being worked on').waitFor()
    expect((await world.ok<Ticket>('GET', `/tickets/${ticketId}`)).occurrences).toBe(2)
    for (const [path, heading] of [
      ['/', 'Corner shop'],
      ['/devices', 'Devices'],
      [`/devices/${deviceId}`, 'kiosk-till1'],
      ['/tickets', 'Tickets'],
      [`/report/${deviceId}`, 'Report a fault'],
      ['/reports', 'Reports'],
      ['/reports/statement', 'Reports'],
      ['/reports/uptime', 'Reports'],
      ['/plan', 'Plan'],
      ['/account', 'Your account'],
      ['/customers', 'There is no such page'],
    ] as const) {
      await page.goto(path)
      await page.getByRole('heading', { name: heading, exact: true }).first().waitFor()
      await page.waitForFunction(() => document.querySelector('[role=status] .mantine-Loader-root') === null)
      await wellMade(page)
    }
    await context.close()
    expect(faults).toEqual([])
  })

  it('a partner takes a job and names a time; nothing else is there', async () => {
    const { world } = rig
    const partner = await world.ok('POST', '/partners', { name: 'North', email: 'north@partner.example', regions: [], skills: ['display'] })
    const visit = await world.ok<Visit>('POST', `/tickets/${ticketId}/dispatch`, { partnerId: partner.id })
    const { page, context, faults } = await rig.open(PHONE)
    await joinInBrowser(page, world, { email: 'tess@partner.example', name: 'Tess Tool', role: 'partner', partnerId: partner.id })
    await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor()
    await wellMade(page)
    await page.getByRole('link', { name: /The screen stays black/ }).click()
    await page.getByText('+46 70 123').waitFor()
    await wellMade(page)
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.getByText('Yours: set a time').waitFor()
    await page.getByRole('button', { name: 'Set a time' }).click()
    await page.getByRole('button', { name: 'Set the time' }).click()
    await page.getByText('A time is set', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Jobs' }).click()
    await page.getByText('Scheduled').waitFor()
    expect((await world.ok<Visit>('GET', `/visits/${visit.id}`)).state).toBe('scheduled')
    await page.goto('/tickets')
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
    await context.close()
    // The customer is told in words.
    const seen = await rig.open({ colorScheme: 'light', viewport: { width: 1440, height: 900 }, bypassCSP: true })
    await seen.page.goto(`/tickets/${ticketId}`)
    await logIn(seen.page, undefined, 'carla@shop.example')
    await seen.page.getByText(/A technician comes/).waitFor()
    await wellMade(seen.page)
    expect([...faults, ...seen.faults]).toEqual([])
  })

  it('a viewer is shown no button that would be refused', async () => {
    const { world } = rig
    const { page, faults } = await rig.open()
    const refused: string[] = []
    const shown: string[] = []
    page.on('response', response => {
      if (response.status() === 403) refused.push(response.url())
    })
    await joinInBrowser(page, world, { email: 'vera@kiosk.example', name: 'Vera', role: 'viewer' })
    for (const path of [
      '/',
      `/devices/${deviceId}`,
      '/tickets',
      `/tickets/${ticketId}`,
      '/customers',
      `/customers/${place.customerId}`,
      `/customers/${place.customerId}/terms`,
      '/maintenance',
      '/partners',
      '/profiles',
      '/rules',
      '/plans',
      '/plans/ombori-production',
      '/products',
      '/uptime',
    ]) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await page.waitForFunction(() => document.querySelector('[role=status] .mantine-Loader-root') === null)
      const names = await page.getByRole('main').locator('button:enabled').allInnerTexts()
      shown.push(...names.filter(name => CHANGES.test(name.trim())).map(name => `${path}: ${name}`))
    }
    expect(shown).toEqual([])
    expect(refused).toEqual([])
    expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0)
    expect(faults).toEqual([])
  })
})
