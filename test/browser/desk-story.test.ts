/** The desk at work: a fault becomes a ticket, an answer meets the promise, a lost session loses no words. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolledDevice, type ScriptedDevice } from '../support/scripted-device.ts'
import { logIn, setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'

type Listed<Item> = { items: Item[] }

describe('the desk at the console', () => {
  let rig: ConsoleRig
  let page: Page
  let faults: string[]
  let device: ScriptedDevice

  beforeAll(async () => {
    rig = await startConsole()
    const { world } = rig
    await world.ok('PUT', '/rules/process.missing', {
      signal: 'process.missing',
      enabled: true,
      level: 2,
      holdSeconds: 1,
      clearSeconds: 1,
      fixedBy: 'remote',
      remedies: [],
      ladderSeconds: 0,
    })
    const place = await world.makeCustomer('ombori-enterprise')
    device = await enrolledDevice(world.url, await world.enrolmentToken(place), 'm1')
    await device.connect()
    await device.birth()
    const opened = await rig.open()
    page = opened.page
    faults = opened.faults
    await setUpInBrowser(page, world)
  })
  afterAll(async () => {
    device?.kill()
    await rig?.stop()
  })

  it('sees the ticket of a fault arrive in the queue, with what is due', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Tickets' }).click()
    await page.getByText('Nothing to do').waitFor()
    await device.event('process.missing:till', 'failing', 'Process till is not running')
    const row = page.getByRole('listitem').filter({ hasText: 'KK-' })
    await row.waitFor()
    expect(await row.innerText()).toMatch(/in \d+ min[\s\S]*Response/)
    await row.getByRole('link').click()
    await page.getByRole('heading', { name: 'Promises' }).waitFor()
    await page
      .getByText(/1 h response.*Enterprise/)
      .first()
      .waitFor()
  })

  it('takes the ticket and answers; the answer meets the response and starts the update clock', async () => {
    await page.getByRole('button', { name: 'Take it' }).click()
    await page.getByText('Assigned to you').waitFor()
    await page.getByLabel('Message to the customer').fill('We see it and restart the till now.')
    await page.getByText('ends the response clock').waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('Met', { exact: true }).waitFor()
    await page.getByRole('listitem').filter({ hasText: 'We see it and restart the till now.' }).waitFor()
    const [ticket] = (
      await rig.world.ok<Listed<{ clocks: { response: { state: string }; update: { state: string } }; status: string }>>('GET', '/tickets')
    ).items
    expect(ticket).toMatchObject({ status: 'in-progress', clocks: { response: { state: 'met' }, update: { state: 'running' } } })
  })

  it('keeps what was typed when the session ends, and goes on after a new login', async () => {
    await page.getByText('Internal note', { exact: true }).click()
    await page.getByLabel('Internal note').last().fill('Third time this month: propose a swap.')
    await page.context().clearCookies()
    // A refresh in the background may find the end of the session first: then the dialog covers the button already.
    await page.getByRole('button', { name: 'Keep note' }).dispatchEvent('click')
    await page.getByRole('dialog', { name: 'Your session ended' }).waitFor()
    await logIn(page)
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Keep note' }).click()
    const note = page.getByRole('listitem').filter({ hasText: 'Third time this month' })
    await note.getByText('Internal', { exact: true }).waitFor()
    expect(await page.getByLabel('Internal note').last().inputValue()).toBe('')
  })

  it('resolves with a word, and the queue is empty again', async () => {
    await page.getByRole('button', { name: 'Resolve' }).click()
    await page.getByLabel('What was done').fill('Restarted the till.')
    await page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click()
    await page.getByRole('button', { name: 'Reopen' }).waitFor()
    await page.getByRole('navigation').getByRole('link', { name: 'Tickets' }).click()
    await page.getByText('Nothing to do').waitFor()
    await page.getByText('Done', { exact: true }).click()
    await page.getByRole('listitem').filter({ hasText: 'Resolved' }).waitFor()
    expect((await rig.world.ok<Listed<{ status: string }>>('GET', '/tickets')).items[0]?.status).toBe('resolved')
  })

  it('says when the server is gone and reads everything anew when it is back', async () => {
    await page.goto('/')
    await page.locator('[data-live=live]').last().waitFor()
    await rig.world.restart()
    await page.locator('[data-live=lost]').last().waitFor()
    await page.locator('[data-live=live]').last().waitFor()
    const row = page.getByRole('row').filter({ hasText: 'kiosk-m1' })
    await row.waitFor()
    expect(await row.count()).toBe(1)
  })

  it('never broke a page on the way', () => {
    expect(faults).toEqual([])
  })
})
