/** A manager links a client's desk in the browser, sees what it refused, and everybody can read and reach it all. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServicedeskLink } from '../../shared/api/servicedesks/servicedesk-api.ts'
import { makeDeskModel } from '../support/desks/desk-model.ts'
import { serviceNowStandIn } from '../support/desks/servicenow-stand-in.ts'
import { until } from '../support/until.ts'
import { logIn, setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'

const LOOKS: BrowserContextOptions[] = [
  { colorScheme: 'light' },
  { colorScheme: 'dark' },
  { colorScheme: 'light', viewport: { width: 390, height: 844 } },
]
const model = makeDeskModel(Date.now, '1', n => n.toString(16).padStart(32, '0'))
const standIn = serviceNowStandIn(model)
const refused = { word: '' }

/** What axe calls serious or critical, and whether the page is wider than the window. */
async function faultsOf(page: Page, where: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations
    .filter(one => one.impact === 'serious' || one.impact === 'critical')
    .map(one => `${where}: ${one.id}: ${one.nodes[0]?.html ?? ''}`)
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
  return isWide ? [...found, `${where} is wider than the screen`] : found
}

async function enter(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await logIn(page)
  await page.getByRole('heading', { level: 1, name: 'Service desks' }).waitFor()
}

describe('a client’s service desk in the console', () => {
  let rig: ConsoleRig
  let desk: Server

  beforeAll(async () => {
    desk = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const url = new URL(request.url ?? '', 'http://desk')
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
        const query = Object.fromEntries(url.searchParams)
        const isRefused = refused.word !== '' && text.includes(refused.word)
        const answer = isRefused
          ? { status: 403, body: { error: { message: 'Operation against file incident was aborted by Business Rule' } } }
          : standIn.handle({ method: request.method ?? '', path: url.pathname, query, headers, text })
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body ?? {}))
      })
    })
    await new Promise<void>(done => desk.listen(0, '127.0.0.1', done))
    rig = await startConsole()
    await rig.world.makeCustomer('ombori-enterprise')
    const { page, context } = await rig.open()
    await setUpInBrowser(page, rig.world)
    await context.close()
  })
  afterAll(async () => {
    await rig.stop()
    desk.closeAllConnections()
    desk.close()
  })

  it('is linked, tried, switched on, and says what it refused', async () => {
    const found: string[] = []
    const { page, faults } = await rig.open({ bypassCSP: true })
    await enter(page, '/servicedesks')
    await page.getByText('No service desk is linked').waitFor()
    found.push(...(await faultsOf(page, 'no links')))
    await page.getByRole('button', { name: 'Link a service desk' }).click()
    const form = page.getByRole('dialog')
    await form.getByRole('combobox', { name: 'Kind of desk' }).click()
    await page.getByRole('option', { name: 'ServiceNow' }).click()
    await form.getByRole('combobox', { name: 'Customer', exact: true }).click()
    await page.getByRole('option', { name: /Corner shop/ }).click()
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Corner shop’s ServiceNow')
    await form.getByRole('textbox', { name: 'Address' }).fill(`http://127.0.0.1:${(desk.address() as AddressInfo).port}`)
    await form.getByRole('textbox', { name: 'User', exact: true }).fill('kioskeeper')
    await form.getByRole('textbox', { name: 'Password' }).fill('wrong')
    found.push(...(await faultsOf(page, 'the form')))
    await form.getByRole('button', { name: 'Make the link' }).click()
    await page.getByRole('dialog').getByText('Shown only now').waitFor()
    expect(await page.getByRole('region', { name: 'Script' }).textContent()).toContain('sn_ws.RESTMessageV2')
    found.push(...(await faultsOf(page, 'the webhook')))
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByRole('link', { name: 'Corner shop’s ServiceNow' }).click()
    await page.getByRole('button', { name: 'Switch on' }).click()
    await page.getByText(/User Not Authenticated/).waitFor()
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Password' }).fill('secret')
    await page.getByRole('button', { name: 'Read their states' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Change' }).click()
    // State 8 is not one of theirs: it goes.
    await page.getByRole('button', { name: 'Remove state 8' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Switch on' }).click()
    await page.getByRole('button', { name: 'Switch off' }).waitFor()

    const [link] = (await rig.world.ok<{ items: ServicedeskLink[] }>('GET', '/servicedesk-links')).items
    const about = { customerId: link?.customerId, level: 2, channel: 'form', reporter: { name: 'Carl' } }
    const ticket = await rig.world.ok('POST', '/tickets', { ...about, subject: 'Screen is black', description: 'Since today.' })
    await until('the ticket over there', () => model.tickets.size === 1)
    refused.word = 'forbidden'
    await rig.world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'public', body: 'A forbidden word' })
    await page.getByText('A message of ours').waitFor({ timeout: 20_000 })
    found.push(...(await faultsOf(page, 'a refused change')))
    refused.word = ''
    await page.getByRole('button', { name: 'Retry' }).click()
    await until('the message over there', () => [...model.tickets.values()][0]?.comments.length === 1)
    await page.goto(`/tickets/${ticket.id}`)
    const number = page.getByRole('link', { name: [...model.tickets.values()][0]?.key ?? '?' })
    expect(await number.getAttribute('href')).toContain('/nav_to.do?uri=incident.do')
    expect([...found, ...faults]).toEqual([])
  })

  it('is sound in every look', async () => {
    const found: string[] = []
    for (const look of LOOKS) {
      const { page, context } = await rig.open({ ...look, bypassCSP: true })
      await enter(page, '/servicedesks')
      for (const open of ['/servicedesks', 'link'] as const) {
        if (open === 'link') await page.getByRole('link', { name: 'Corner shop’s ServiceNow' }).click()
        await page.getByRole('heading', { level: 1 }).waitFor()
        found.push(...(await faultsOf(page, `${open} ${JSON.stringify(look)}`)))
      }
      await page.getByRole('button', { name: 'Change' }).click()
      await page.getByRole('button', { name: 'Save' }).waitFor()
      found.push(...(await faultsOf(page, `form ${JSON.stringify(look)}`)))
      await context.close()
    }
    expect(found).toEqual([])
  })
})
