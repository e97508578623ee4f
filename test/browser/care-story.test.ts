/** After hours and afterwards in a browser: a rota is made, a call taken from bed, the customer says how it was, a visitor chats from a shop's own site. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChatWidget } from '../../shared/api/chat/chat-api.ts'
import type { OnCallAlert } from '../../shared/api/on-call/on-call-api.ts'
import type { Ticket, TicketTimelineItem } from '../../shared/api/tickets/ticket-api.ts'
import { until } from '../support/until.ts'
import { setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'

describe('care', () => {
  let rig: ConsoleRig
  let page: Page
  let shop: Server
  let customerId: string
  let ticketId: string
  /** The customer has service hours at no time of the week but one minute: everything is after hours. */
  const overrides = { hours: { mon: [['03:00', '03:01']] } }
  const linkIn = (path: string) =>
    until('the mail with the link', () => {
      const found = rig.world.mailbox.mails.flatMap(
        mail => new RegExp(`(/${path}/[\\w-]{20,})`).exec(mail.text.replaceAll('=\r\n', ''))?.[1] ?? [],
      )
      return Promise.resolve(found[0])
    })
  const serious = async (on: Page) => {
    const { violations } = await new AxeBuilder({ page: on }).analyze()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  }
  beforeAll(async () => {
    rig = await startConsole()
    const customer = await rig.world.ok('POST', '/customers', {
      name: 'Night shop',
      planId: 'ops-com-premium',
      timeZone: 'America/Toronto',
      overrides,
    })
    customerId = customer.id
    page = (await rig.open()).page
    await setUpInBrowser(page, rig.world)
  })
  afterAll(async () => {
    shop?.close()
    await rig.stop()
  })

  it('a manager makes a rota and sees who it is now', async () => {
    await page.goto('/on-call')
    await page.getByText('Nobody is on call').waitFor()
    await page.getByRole('button', { name: 'New rota' }).first().click()
    await page.getByLabel('Name of the rota').fill('Nights')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Ada')
    await page.getByLabel('E-mail').fill('ada@desk.example')
    await page.getByRole('button', { name: 'Somebody takes over' }).click()
    expect(await serious(page)).toEqual([])
    await page.getByRole('button', { name: 'Keep' }).click()
    const card = page.getByRole('region', { name: 'Nights' })
    await card.getByText('Ada').first().waitFor()
    expect(await serious(page)).toEqual([])
  })

  it('a critical ticket calls her, and she takes it by the link on her phone', async () => {
    const report = {
      level: 1,
      subject: 'All is dark',
      description: 'D',
      channel: 'email',
      reporter: { name: 'Eve', email: 'eve@shop.example' },
    }
    ticketId = (await rig.world.ok('POST', '/tickets', { ...report, customerId })).id
    const { page: phone } = await rig.open({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
    await phone.goto(await linkIn('on-call/call'))
    await phone.getByRole('heading', { name: 'All is dark' }).waitFor()
    expect(await serious(phone)).toEqual([])
    await phone.getByRole('button', { name: 'I take it' }).click()
    await phone.getByText('It is yours').waitFor()
    const [alert] = (await rig.world.ok<{ items: OnCallAlert[] }>('GET', '/on-call/alerts')).items
    expect(alert).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'Ada' })
    await page.goto(`/tickets/${ticketId}`)
    await page.getByRole('region', { name: 'On call' }).getByText('Taken').waitFor()
    await page.goto('/on-call')
    await page.getByRole('table', { name: 'Calls' }).getByText('All is dark').waitFor()
  })

  it('the customer says how it was with one click, and adds a word', async () => {
    await rig.world.ok('POST', `/tickets/${ticketId}/transitions`, { to: 'resolved' })
    const { page: phone } = await rig.open({ viewport: { width: 390, height: 844 } })
    await phone.goto(await linkIn('how-was-it'))
    await phone.getByRole('heading', { name: 'How did we do?' }).waitFor()
    expect(await serious(phone)).toEqual([])
    await phone.getByRole('button', { name: 'Good', exact: true }).click()
    await phone.getByLabel('Anything to add?').fill('In the middle of the night!')
    await phone.getByRole('button', { name: 'Send' }).click()
    await phone.getByText('Thank you, we read it.').waitFor()
    await page.goto(`/tickets/${ticketId}`)
    await page.getByText('In the middle of the night!').waitFor()
    await page.goto(`/customers/${customerId}`)
    await page.getByRole('table', { name: 'Satisfaction by month' }).getByText('100 %').waitFor()
    expect(await serious(page)).toEqual([])
  })

  it('a visitor chats from the shop’s own site, live with the desk', async () => {
    const place = await rig.world.makeCustomer('ombori-enterprise')
    shop = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(
        `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1><script src="${rig.world.url}/chat.js" data-key="${key}" defer></script></html>`,
      )
    })
    await new Promise<void>(resolve => shop.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
    await page.goto(`/customers/${place.customerId}`)
    const card = page.getByRole('region', { name: 'Chat' })
    await card.locator('input:visible').first().fill(origin)
    await page.keyboard.press('Enter')
    await card.getByRole('button', { name: 'Switch it on' }).click()
    await card.getByText('Put this before the end of the page').waitFor()
    const { key } = await rig.world.ok<ChatWidget>('GET', `/customers/${place.customerId}/chat`)
    const { page: visitor, faults } = await rig.open({ viewport: { width: 390, height: 844 } })
    await visitor.goto(origin)
    await visitor.getByRole('button', { name: 'Support' }).click()
    const chat = visitor.frameLocator('iframe')
    await chat.getByText('We are here and answer as soon as we can.').waitFor()
    await chat.getByLabel('Your name').fill('Vera')
    await chat.getByLabel('What is wrong?').fill('The kiosk ate my money')
    await chat.getByRole('button', { name: 'Send' }).click()
    await chat.getByRole('list', { name: 'Conversation' }).getByText('The kiosk ate my money').waitFor()
    const found = await until('the ticket', async () => {
      const { items } = await rig.world.ok<{ items: Ticket[] }>('GET', `/tickets?customerId=${place.customerId}`)
      return items[0]
    })
    expect(found.channel).toBe('chat')
    await page.goto(`/tickets/${found.id}`)
    await page.getByRole('textbox', { name: 'Message to the customer' }).fill('Which kiosk was it?')
    await page.getByRole('button', { name: 'Send' }).click()
    await chat.getByText('Which kiosk was it?').waitFor()
    await chat.getByLabel('Your message').fill('The left one')
    await chat.getByLabel('Your message').press('Enter')
    await page.getByText('The left one').waitFor()
    const { items } = await rig.world.ok<{ items: TicketTimelineItem[] }>('GET', `/tickets/${found.id}/timeline`)
    expect(items.filter(line => line.kind === 'message').map(line => line.author.kind)).toEqual(['customer', 'person'])
    await visitor.reload()
    await visitor.getByRole('button', { name: 'Support' }).click()
    await chat.getByText('The left one').waitFor()
    expect(faults).toEqual([])
    const { page: whole } = await rig.open({ colorScheme: 'dark' })
    await whole.goto(`/chat/${key}`)
    await whole.getByLabel('Your name').waitFor()
    expect(await serious(whole)).toEqual([])
  })
})
