/** The main menu: grouped, folded as one left it, with what waits; the jump box knows the same pages, and nobody sees what is not theirs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { joinInBrowser, setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'
import { handMail } from './knowhow-rig.ts'

describe('the menu', () => {
  let rig: ConsoleRig
  beforeAll(async () => {
    rig = await startConsole()
  })
  afterAll(() => rig?.stop())

  it('folds what is seldom opened, remembers it, and counts what waits', async () => {
    const { page, context, faults } = await rig.open()
    await setUpInBrowser(page, rig.world)
    await handMail(rig.world, { from: 'eva@nowhere.example', subject: 'Who are you?' })
    const menu = page.getByRole('navigation', { name: 'Pages' })
    expect(await menu.getByRole('link', { name: 'Plans' }).count()).toBe(0)
    await menu.getByRole('button', { name: 'Settings' }).press('Enter')
    await menu.getByRole('link', { name: 'People' }).waitFor()
    await menu.getByRole('button', { name: 'Estate' }).click()
    await menu.getByRole('link', { name: 'Customers' }).waitFor({ state: 'hidden' })
    await page.reload()
    await menu.getByRole('link', { name: 'Intake 1 waiting' }).waitFor()
    await menu.getByRole('link', { name: 'Plans' }).click()
    await page.getByRole('heading', { name: 'Plans', level: 1 }).waitFor()
    await menu.getByRole('button', { name: 'Settings' }).click()
    await menu.getByRole('link', { name: 'Rules' }).waitFor({ state: 'hidden' })
    // Where one is stays in sight.
    expect(await menu.getByRole('link', { name: 'Plans' }).getAttribute('aria-current')).toBe('page')
    expect(await menu.getByRole('link', { name: 'Customers' }).count()).toBe(0)
    expect(faults).toEqual([])
    await context.close()
  })

  it('shows a viewer neither in the menu nor in the jump box what only others may open', async () => {
    const { page, context } = await rig.open()
    await joinInBrowser(page, rig.world, { email: 'vic@desk.example', name: 'Vic', role: 'viewer' })
    const menu = page.getByRole('navigation', { name: 'Pages' })
    await menu.getByRole('button', { name: 'Settings' }).click()
    await menu.getByRole('link', { name: 'Service desks' }).waitFor()
    expect(await menu.getByRole('link', { name: 'People' }).count()).toBe(0)
    expect(await menu.getByRole('link', { name: 'Add device' }).count()).toBe(0)
    await page.keyboard.press('Control+k')
    const box = page.getByPlaceholder('Device, ticket, customer or page')
    await box.fill('call')
    await page.getByRole('dialog').getByText('On call').waitFor()
    expect(await page.getByRole('dialog').getByText('Log a call').count()).toBe(0)
    await box.fill('people')
    await page.getByText('Nothing found').waitFor()
    await context.close()
  })
})
