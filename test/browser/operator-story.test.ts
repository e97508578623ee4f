/** What an operator does on the first day, in a real browser against a real server and real MQTT devices. */
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolledDevice, type ScriptedDevice } from '../support/scripted-device.ts'
import { until } from '../support/until.ts'
import { logIn, setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'

/**
 * What one loads before the fleet can be read, gzipped: measured 216 KB of script (React and Mantine are 130 of it) and
 * 38 KB of styles. The budget leaves room for small things and fails when a page's code slips into the start.
 */
const SCRIPT_BUDGET_KB = 235
const STYLE_BUDGET_KB = 42

describe('an operator at the console', () => {
  let rig: ConsoleRig
  let page: Page
  let faults: string[]
  let device: ScriptedDevice

  const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name })

  beforeAll(async () => {
    rig = await startConsole()
    const opened = await rig.open()
    page = opened.page
    faults = opened.faults
  })
  afterAll(async () => {
    device?.kill()
    await rig?.stop()
  })

  it('makes the first administrator by the one-time link and is led to the next step', async () => {
    await setUpInBrowser(page, rig.world)
    await page.getByRole('heading', { name: 'Welcome to Kioskeeper' }).waitFor()
    expect(page.url()).not.toContain('#')
    await page.goto('/setup#anything')
    await page.getByRole('heading', { name: 'Set-up is done' }).waitFor()
  })

  it('logs out, is told of a wrong password, and logs in at the address asked for', async () => {
    await page.goto('/plans')
    await page.getByRole('heading', { name: 'Plans', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Maria Lind' }).click()
    await page.getByRole('menuitem', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await logIn(page, 'not the password')
    await page.getByText('Login failed').waitFor()
    await logIn(page)
    await page.getByRole('heading', { name: 'Plans', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/plans')
  })

  it('adds a customer, a site and a device in one go; the page turns green by itself', async () => {
    await page.goto('/')
    await page.getByRole('link', { name: 'Add a customer and a device' }).click()
    await page.getByLabel('Name', { exact: false }).first().fill('Corner shop')
    await page.getByRole('combobox', { name: 'Support plan' }).fill('Ombori Free')
    await page.getByRole('option', { name: 'Ombori Free' }).click()
    await page.getByLabel('Name of the site').fill('High street')
    await page.getByRole('button', { name: 'Show the command' }).click()
    const command = await page.locator('pre').innerText()
    expect(command).toContain('--pinnedpubkey')
    await page.getByRole('img', { name: 'The command as a QR code' }).waitFor()
    await page.getByText('Nothing has used the command yet').waitFor()
    const token = /ket_[0-9a-z]+/.exec(command)?.[0] ?? ''
    device = await enrolledDevice(rig.world.url, token, 'm1')
    await page.getByText('Enrolled, connecting for the first time').waitFor()
    await device.connect()
    await device.birth()
    await page.getByRole('heading', { name: 'The device is online' }).waitFor()
  })

  it('sees a killed device go offline without touching the page', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Fleet' }).click()
    await rowOf('kiosk-m1').getByText('Online').waitFor()
    await page.locator('[data-live=live]').last().waitFor()
    const killedAtMs = Date.now()
    device.kill()
    await rowOf('kiosk-m1').getByText('Offline').waitFor({ timeout: 5000 })
    expect(Date.now() - killedAtMs).toBeLessThan(5000)
    await page
      .getByRole('button', { name: /Not serving/ })
      .getByText('1', { exact: true })
      .waitFor()
  })

  it('sees devices beyond the plan waiting, with why', async () => {
    const [customer] = (await rig.world.ok<{ items: { id: string }[] }>('GET', '/customers')).items
    const [site] = (await rig.world.ok<{ items: { id: string }[] }>('GET', `/customers/${customer?.id}/sites`)).items
    const token = await rig.world.enrolmentToken({ customerId: customer?.id ?? '', siteId: site?.id ?? '' })
    for (const machine of ['m2', 'm3']) await enrolledDevice(rig.world.url, token, machine)
    await expect(enrolledDevice(rig.world.url, token, 'm4')).rejects.toThrow('device-limit-reached')
    await rowOf('kiosk-m4').getByText('The plan is full').waitFor()
    await page.goto(`/customers/${customer?.id}`)
    await page.getByText('All used').waitFor()
  })

  it('finds a device with the keyboard alone', async () => {
    await page.goto('/')
    await rowOf('kiosk-m3').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('kiosk-m3')
    await until('one row', async () => (await page.locator('[data-index]').count()) === 1)
    await page.keyboard.press('ArrowDown')
    await until('the row has the focus', () => page.evaluate(() => document.activeElement?.getAttribute('data-index') === '0'))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'kiosk-m3', level: 1 }).waitFor()
    await page.keyboard.press('Control+K')
    await page.getByPlaceholder('Device, ticket, customer or page').fill('kiosk-m1')
    await page.getByRole('button', { name: /kiosk-m1/ }).click()
    await page.getByRole('heading', { name: 'kiosk-m1', level: 1 }).waitFor()
    expect(page.url()).toContain(device.id)
  })

  it('watches a process: makes a profile and gives it to the device', async () => {
    await page.goto('/profiles/new')
    await page.getByLabel('Name').first().fill('Till kiosk')
    await page.getByRole('button', { name: 'Watch a process' }).click()
    const process = page.getByRole('group', { name: 'Process 1' })
    await process.getByLabel('Name').fill('till')
    await process.getByLabel('Command line contains').fill('/opt/till/main')
    await page.getByRole('button', { name: 'Make the profile' }).click()
    await page.getByRole('heading', { name: 'Till kiosk', level: 1 }).waitFor()
    await page.goto(`/devices/${device.id}`)
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByRole('dialog').getByRole('combobox', { name: 'Profile' }).click()
    await page.getByRole('option', { name: 'Till kiosk' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'Till kiosk' }).first().waitFor()
    expect((await rig.world.device(device.id)).profileId).toBe('till-kiosk')
  })

  it('loads little before the fleet can be read', async () => {
    const bytes = { js: 0, css: 0 }
    const loading: Promise<unknown>[] = []
    page.on('response', response => {
      const kind = /\.(js|css)$/.exec(new URL(response.url()).pathname)?.[1] as 'js' | 'css' | undefined
      if (kind) loading.push(response.body().then(body => (bytes[kind] += gzipSync(body).length)))
    })
    await page.goto('/')
    await rowOf('kiosk-m3').waitFor()
    await Promise.all(loading)
    expect(Math.round(bytes.js / 1024)).toBeLessThan(SCRIPT_BUDGET_KB)
    expect(Math.round(bytes.css / 1024)).toBeLessThan(STYLE_BUDGET_KB)
    expect(bytes.js).toBeGreaterThan(100_000)
  })

  it('never broke a page nor the content policy on the way', () => {
    expect(faults).toEqual([])
  })
})
