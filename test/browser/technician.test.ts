/** A technician with a phone and nothing but the link in the mail: accepts without a network, sets a time, is there, is done. */
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Visit } from '../../shared/api/visits/visit-api.ts'
import { startConsole, type ConsoleRig } from './console-rig.ts'

describe('a technician on site', () => {
  let rig: ConsoleRig
  let visit: Visit
  beforeAll(async () => {
    rig = await startConsole()
    const { world } = rig
    const place = await world.makeCustomer('ombori-production')
    await world.ok('POST', `/customers/${place.customerId}/contacts`, { name: 'Carl', email: 'carl@shop.example', phone: '+46 70 123' })
    const partner = await world.ok('POST', '/partners', { name: 'North', email: 'north@partner.example', regions: [], skills: ['display'] })
    const ticket = await world.ok('POST', '/tickets', {
      customerId: place.customerId,
      level: 2,
      subject: 'The display is dark',
      description: 'Since today.',
      channel: 'form',
      reporter: { name: 'Carl', email: 'carl@shop.example' },
    })
    visit = await world.ok<Visit>('POST', `/tickets/${ticket.id}/dispatch`, { partnerId: partner.id })
  })
  afterAll(() => rig.stop())

  it('goes from the offer to done on a phone, and what is not sent yet is kept', async () => {
    const { page, context, faults } = await rig.open({ viewport: { width: 390, height: 844 } })
    const path = new URL(visit.link ?? '').pathname
    await page.goto(path)
    await page.getByRole('heading', { name: 'The display is dark' }).waitFor()
    await page.getByText('+46 70 123').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    const serious = (await new AxeBuilder({ page }).analyze()).violations.filter(
      ({ impact }) => impact === 'serious' || impact === 'critical',
    )
    expect(serious.map(violation => violation.id)).toEqual([])

    await context.setOffline(true)
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.getByText('Not sent yet').waitFor()
    await context.setOffline(false)
    await page.getByText('Yours: set a time').waitFor()
    await page.getByText('Not sent yet').waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Set a time' }).click()
    await page.getByRole('button', { name: 'Set the time' }).click()
    await page.getByText('A time is set', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'I am here' }).click()
    await page.getByText('You are there').waitFor()
    await page.getByRole('button', { name: 'Done …' }).click()
    await page.getByLabel('Parts used, one a line').fill('HDMI cable')
    await page.getByLabel('Minutes worked').fill('25')
    await page.getByRole('button', { name: 'Done', exact: true }).click()
    await page.getByText('Done. Thank you').waitFor()
    const after = await rig.world.ok<Visit>('GET', `/visits/${visit.id}`)
    expect(after).toMatchObject({ state: 'done', minutes: 25, parts: [{ name: 'HDMI cable' }] })
    expect(faults).toEqual([])
  })

  it('is told when the link does not work', async () => {
    const { page } = await rig.open({ viewport: { width: 390, height: 844 } })
    await page.goto('/job/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    expect(await page.getByRole('button', { name: 'Accept' }).count()).toBe(0)
  })
})
