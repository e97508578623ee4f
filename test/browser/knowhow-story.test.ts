/** The desk at work: knowledge, drafts, macros, files, mails that wait, calls and visits, on every kind of screen without a serious fault. */
import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Article } from '../../shared/api/knowledge/article-api.ts'
import type { Ticket, TicketTimelineItem } from '../../shared/api/tickets/ticket-api.ts'
import type { Visit } from '../../shared/api/visits/visit-api.ts'
import { until } from '../support/until.ts'
import { logIn, setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'
import { handMail, makeDeskScene, PNG, type DeskScene } from './knowhow-rig.ts'

const LOOKS: [string, BrowserContextOptions][] = [
  ['light, 1440 px', { colorScheme: 'light' }],
  ['dark, 390 px', { colorScheme: 'dark', viewport: { width: 390, height: 844 } }],
]

describe('the desk', () => {
  let rig: ConsoleRig
  let scene: DeskScene
  let page: Page
  let faults: string[]
  const lines = async (ticketId: string) =>
    (await rig.world.ok<{ items: TicketTimelineItem[] }>('GET', `/tickets/${ticketId}/timeline`)).items
  beforeAll(async () => {
    rig = await startConsole()
    scene = await makeDeskScene(rig.world)
    const opened = await rig.open()
    page = opened.page
    faults = opened.faults
    await setUpInBrowser(page, rig.world)
  })
  afterAll(() => rig.stop())

  it('writes an article with its preview, and finds it on the ticket of its signal', async () => {
    await page.goto('/knowledge/new')
    await page.getByLabel('Title').fill('The cutter is jammed')
    await page.getByRole('combobox', { name: 'Signals' }).fill('printer.jam')
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: 'Text' }).fill('1. Open the **door**\n2. <img src=x onerror=alert(1)>')
    const preview = page.getByRole('region', { name: 'Preview' })
    await preview.getByText('door', { exact: true }).waitFor()
    await preview.getByText('<img src=x onerror=alert(1)>').waitFor()
    expect(await preview.locator('img').count()).toBe(0)
    await page.getByRole('button', { name: 'Keep' }).click()
    await page.getByRole('heading', { name: 'The cutter is jammed', level: 1 }).waitFor()
    await page.goto(`/tickets/${scene.ticketId}`)
    await page.getByRole('button', { name: /The cutter is jammed/ }).click()
    await page.getByRole('button', { name: 'It helped' }).click()
    await page.getByRole('button', { name: /The cutter is jammed.*helped 1 times/ }).waitFor()
  })

  it('what is internal becomes a note, what is public a reply; both survive a reload', async () => {
    await page.getByRole('button', { name: /The cutter is jammed/ }).click()
    await page.getByRole('button', { name: 'Put into an internal note' }).click()
    await page.getByLabel('Internal note', { exact: true }).last().waitFor()
    await page.reload()
    expect(await page.getByRole('textbox', { name: 'Internal note' }).inputValue()).toContain('1. Open the door')
    await page.getByRole('textbox', { name: 'Internal note' }).fill('')
    await page.getByText('To the customer', { exact: true }).click()
  })

  it('drafts an update from the device, adds a file and sends both', async () => {
    await page.getByRole('button', { name: 'Draft an update' }).click()
    await page.getByText('Drafted from').waitFor()
    const reply = page.getByRole('textbox', { name: 'Message to the customer' })
    expect(await reply.inputValue()).toMatch(/paper jam\. It has been so since/)
    await page.locator('input[type=file]').first().setInputFiles({ name: 'printer.png', mimeType: 'image/png', buffer: PNG })
    await page.getByRole('button', { name: 'Leave out printer.png' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Leave out printer.png' }).waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('button', { name: 'Show printer.png' }).click()
    const shown = page.getByRole('img', { name: 'printer.png' })
    await shown.waitFor()
    expect(await shown.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBe(16)
    await page.keyboard.press('Escape')
    expect((await lines(scene.ticketId)).filter(line => line.kind === 'message').length).toBe(1)
  })

  it('runs a macro in one click, and sees before what it does', async () => {
    await page.getByRole('button', { name: 'Macro' }).click()
    await page.getByRole('menuitem', { name: 'Ask for a photo' }).click()
    await page.getByText('The ticket waits for the answer of the customer.').waitFor()
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByText('Waiting for customer').first().waitFor()
    const ticket = await rig.world.ok<Ticket>('GET', `/tickets/${scene.ticketId}`)
    expect(ticket).toMatchObject({ status: 'waiting-customer' })
    expect(ticket.assignee).toBeTruthy()
  })

  it('makes a macro whose text is refused where it is wrong', async () => {
    await page.goto('/knowledge/macros')
    await page.getByRole('button', { name: 'New macro' }).click()
    await page.getByLabel('Name').fill('Thanks')
    await page.getByLabel('Text in English').fill('{{ nothing }}')
    await page.getByRole('button', { name: 'Keep' }).click()
    await page
      .getByText(/undefined variable: nothing/)
      .first()
      .waitFor()
    await page.getByLabel('Text in English').fill('Thank you. {{ reference }}')
    await page.getByRole('button', { name: 'Keep' }).click()
    await page.getByRole('button', { name: 'Thanks' }).waitFor()
    expect((await rig.world.ok<{ total: number }>('GET', '/macros')).total).toBe(2)
  })

  it('puts a mail that waits on a ticket, and drops another', async () => {
    await page.goto('/intake')
    await page.getByText('The screen in aisle 4 is dark').click()
    await page.getByText('Can you help?').waitFor()
    await page.getByRole('button', { name: 'Make ticket' }).click()
    await page.getByRole('heading', { name: 'The screen in aisle 4 is dark', level: 1 }).waitFor()
    await page.goto('/intake')
    await page.getByText('Offer', { exact: true }).click()
    await page.getByRole('button', { name: 'Drop: it is no report' }).click()
    await page.getByText('No mail waits').waitFor()
    expect((await rig.world.ok<{ total: number }>('GET', '/intake?state=dismissed')).total).toBe(1)
  })

  it('logs a call on the ticket that it is about', async () => {
    await page.goto('/intake/call')
    await page.getByLabel('Number, e-mail address or name').fill('070-123 45')
    await page.getByRole('button', { name: /Carl Contact/ }).click()
    await page.getByLabel('Subject').fill('Paper jam again')
    await page.getByRole('button', { name: 'Log the call there' }).click()
    await page.getByRole('heading', { name: 'kiosk-m1: paper jam', level: 1 }).waitFor()
    const call = (await lines(scene.ticketId)).find(line => line.kind === 'message')
    expect(call).toMatchObject({ text: 'Paper jam again', author: { kind: 'customer', name: 'Carl Contact' } })
  })

  it('a technician adds a photo without a network, and the desk sees it', async () => {
    const { page: phone, context } = await rig.open({ viewport: { width: 390, height: 844 } })
    await phone.goto(new URL(scene.visit.link ?? '').pathname)
    await phone.getByRole('button', { name: 'Accept' }).click()
    await phone.getByRole('button', { name: 'Add a photo' }).waitFor()
    await context.setOffline(true)
    await phone.locator('input[type=file]').setInputFiles({ name: 'before.png', mimeType: 'image/png', buffer: PNG })
    await phone.getByText('One photo waits on this phone').waitFor()
    await context.setOffline(false)
    await phone.getByRole('list', { name: 'Photos of this visit' }).waitFor()
    await phone.getByText('One photo waits on this phone').waitFor({ state: 'detached' })
    await page.goto(`/tickets/${scene.ticketId}`)
    await page.getByRole('button', { name: 'Show Photo 1 of the visit' }).waitFor()
    await page.goto('/visits')
    await page.getByText('one photo').waitFor()
    await page.getByText('Today', { exact: true }).click()
    await page.getByText('Nobody comes today').waitFor()
    expect((await rig.world.ok<Visit>('GET', `/visits/${scene.visit.id}`)).photos.length).toBe(1)
  })

  it.each(LOOKS)('nothing serious on its screens: %s', async (_look, options) => {
    await handMail(rig.world, { from: 'eve@nowhere.example', subject: 'Hello', body: 'x'.repeat(300) })
    const [article] = (await rig.world.ok<{ items: Article[] }>('GET', '/articles?q=cutter')).items
    const { page: other, faults: wrong } = await rig.open(options)
    await other.goto('/')
    await logIn(other)
    await other.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor()
    for (const [path, heading] of [
      ['/knowledge', 'Knowledge'],
      [`/knowledge/${article?.id ?? ''}`, 'The cutter is jammed'],
      ['/knowledge/new', 'New article'],
      ['/knowledge/macros', 'Macros'],
      ['/intake', 'Intake'],
      ['/intake/call', 'Log a call'],
      ['/visits', 'Visits'],
      [`/tickets/${scene.ticketId}`, 'kiosk-m1: paper jam'],
    ] as const) {
      await other.goto(path)
      await other.getByRole('heading', { name: heading, level: 1 }).waitFor()
      await until('loaded', async () => (await other.locator('.mantine-Loader-root').count()) === 0)
      if (path === '/intake') await other.getByText('Hello', { exact: true }).first().click()
      const { violations } = await new AxeBuilder({ page: other }).analyze()
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect({ path, serious: serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`) }).toEqual({ path, serious: [] })
      expect({ path, over: await other.evaluate(() => document.documentElement.scrollWidth - innerWidth) }).toEqual({ path, over: 0 })
    }
    expect(wrong).toEqual([])
  })

  it('and no page complained', () => expect(faults).toEqual([]))
})
