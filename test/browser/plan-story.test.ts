/** A manager writes plans and terms: sees what an edit does before it is saved, and what a customer used after. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolledDevice } from '../support/scripted-device.ts'
import { setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'

type Plan = { name: string; version: number; levels: Record<string, { response: { minutes: number } }> }

describe('a manager at the console', () => {
  let rig: ConsoleRig
  let page: Page
  let faults: string[]
  let customerId: string
  let trainedId: string

  const save = () => page.getByRole('button', { name: 'Save', exact: true })
  const isSaveOff = async (): Promise<boolean> => {
    await page.waitForFunction(() =>
      [...document.querySelectorAll('button')].some(button => button.textContent === 'Save' && button.disabled),
    )
    return save().isDisabled()
  }

  beforeAll(async () => {
    rig = await startConsole()
    const { world } = rig
    customerId = (await world.makeCustomer('ombori-production')).customerId
    trainedId = (await world.makeCustomer('opmantek-enterprise')).customerId
    for (const subject of ['Dark screen', 'No receipt'])
      await world.ok('POST', '/tickets', {
        customerId,
        level: 1,
        subject,
        description: 'Since this morning',
        channel: 'portal',
        reporter: { name: 'Eve', email: 'eve@shop.example' },
      })
    const opened = await rig.open()
    page = opened.page
    faults = opened.faults
    await setUpInBrowser(page, world)
  })
  afterAll(() => rig?.stop())

  it('shortens a response and is told how many tickets move before it is saved', async () => {
    await page.goto('/plans/ombori-production')
    await page.getByLabel('First response: how many').first().fill('20')
    await page.getByText('2 tickets move', { exact: true }).waitFor()
    expect(await save().isEnabled()).toBe(true)
  })

  it('cannot save hours that overlap or cannot be read: the fault stands at the day', async () => {
    const monday = page.getByRole('textbox', { name: 'Monday' }).first()
    const good = await monday.inputValue()
    await monday.fill('08:00-12:00, 11:00-13:00')
    await page.getByText('intervals overlap at 11:00').first().waitFor()
    expect(await isSaveOff()).toBe(true)
    await monday.fill('eight to six')
    await page.getByText('Write it as 08:00-18:00').waitFor()
    expect(await isSaveOff()).toBe(true)
    await monday.fill(good)
    await page.getByText('2 tickets move', { exact: true }).waitFor()
  })

  it('cannot save a band that ends before it begins', async () => {
    const levels = page.getByRole('region', { name: 'Levels' })
    const kind = levels.getByRole('combobox', { name: 'Status update' }).nth(3)
    await kind.click()
    await page.getByRole('option', { name: 'a band of business days' }).click()
    await levels.getByLabel('Status update: at the earliest').fill('5')
    await page.getByText('This cannot be saved yet').waitFor()
    expect(await isSaveOff()).toBe(true)
    expect(await kind.getAttribute('aria-invalid')).toBe('true')
    await kind.click()
    await page.getByRole('option', { name: 'when done' }).click()
    await page.getByText('2 tickets move', { exact: true }).waitFor()
  })

  it('saves a new version', async () => {
    await save().click()
    await page.getByText(/^Version 2\./).waitFor()
    const plan = await rig.world.ok<Plan>('GET', '/plans/ombori-production')
    expect([plan.version, plan.levels['1']?.response.minutes]).toEqual([2, 20])
  })

  it('copies a plan', async () => {
    await page.getByRole('button', { name: 'Copy as new plan' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Nordic')
    await page.getByRole('button', { name: 'Make the plan' }).click()
    await page.getByRole('heading', { name: /Nordic/, level: 1 }).waitFor()
    expect((await rig.world.ok<Plan>('GET', '/plans/ombori-nordic')).name).toBe('Nordic')
  })

  it('gives a customer a number of devices of their own, with a preview', async () => {
    await page.goto(`/customers/${customerId}/terms`)
    await page.getByText('Everything is as in the plan.').waitFor()
    await page.getByRole('textbox', { name: 'Devices' }).fill('7')
    await page.getByText('Nothing changes for anybody.').waitFor()
    await save().click()
    await page.getByRole('region', { name: 'In force' }).getByText('7 devices, more billed separately').waitFor()
    await page.getByText('What is marked own was agreed').waitFor()
    expect(await rig.world.ok('GET', `/customers/${customerId}`)).toMatchObject({ overrides: { devices: 7 } })
  })

  it('writes down the use of an entitlement and sees what is left', async () => {
    await page.goto(`/customers/${trainedId}`)
    await page.getByRole('button', { name: /Uses of Architecture workshop/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: /Used/ }).fill('0.25')
    await dialog.getByLabel('What for').fill('Network drawing')
    await dialog.getByRole('button', { name: 'Write it down' }).click()
    await dialog.getByText('0.75 of 1 hours left in the contract').waitFor()
    await page.keyboard.press('Escape')
    const { items } = await rig.world.ok<{ items: { id: string; left: number }[] }>('GET', `/customers/${trainedId}/entitlements`)
    expect(items.find(item => item.id === 'architecture-workshop')?.left).toBe(0.75)
  })

  it('finds it in the statement', async () => {
    await page.getByRole('tab', { name: 'Statement' }).click()
    const article = page.getByRole('article')
    await article.getByText('Network drawing').waitFor()
    expect(await article.innerText()).toContain('0.25 hours (Network drawing)')
  })

  it('takes on a case beyond the quota, with why, and sees how its clocks came about', async () => {
    const { world } = rig
    await world.ok('PATCH', `/customers/${customerId}`, { overrides: { cases: 0 } })
    const { id } = await world.ok('POST', '/tickets', {
      customerId,
      level: 2,
      subject: 'One more case',
      description: 'The menu is in the wrong language',
      channel: 'portal',
      reporter: { name: 'Eve', email: 'eve@shop.example' },
    })
    await page.goto(`/tickets/${id}`)
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('dialog').getByLabel('Why').fill('Agreed by phone')
    await page.getByRole('button', { name: 'Approve the case' }).click()
    await page.getByText('beyond the case quota').first().waitFor()
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor({ state: 'detached' })
    await page.getByText('How this came about').click()
    await page.getByText(/^Started: due/).waitFor()
    expect((await world.ok<{ approvedAt: string | null }>('GET', `/tickets/${id}`)).approvedAt).not.toBeNull()
  })

  it('chooses the devices that stay covered after a downgrade', async () => {
    const { world } = rig
    const place = await world.makeCustomer('ombori-production')
    const token = await world.enrolmentToken(place)
    for (const machine of ['s1', 's2', 's3', 's4']) await enrolledDevice(world.url, token, machine)
    await world.ok('PATCH', `/customers/${place.customerId}`, { planId: 'ombori-free' })
    await page.goto(`/customers/${place.customerId}`)
    await page.getByRole('link', { name: 'Choose the devices' }).click()
    await page.getByText('3 of 3 chosen').waitFor()
    await page.getByRole('checkbox', { name: 'kiosk-s4' }).check()
    await page.getByText('Take 1 away').waitFor()
    expect(await page.getByRole('button', { name: 'Cover these' }).isDisabled()).toBe(true)
    await page.getByRole('checkbox', { name: 'kiosk-s1' }).uncheck()
    await page.getByRole('button', { name: 'Cover these' }).click()
    await page.getByRole('heading', { name: 'Use of the plan' }).waitFor()
    const states = new Map((await world.devices()).map(device => [device.name, device.state]))
    expect([states.get('kiosk-s1'), states.get('kiosk-s4')]).toEqual(['uncovered', 'active'])
  })

  it('never broke a page on the way', () => {
    expect(faults).toEqual([])
  })
})
