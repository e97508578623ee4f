/** Addresses of another customer's things, opened by somebody who is logged in: a page that says it is not there, and nothing of it on the line. */
import type { Page, Response } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { joinInBrowser, setUpInBrowser, startConsole, type ConsoleRig } from '../browser/console-rig.ts'
import type { ScriptedDevice } from '../support/scripted-device.ts'
import { furnish, type Things } from './furnished.ts'
import { ALPHA, BRAVO, NORTH, SOUTH } from './two-customers.ts'

/** What a page says of a thing that is not there, or not for whoever asks. */
const NOT_HERE = /there is no such|not yours to see|cannot be shown|not found|may not do this|not one of yours|Report a fault/i
const STAFF_PAGES: [string, string][] = [
  ['/devices/', 'device'],
  ['/tickets/', 'ticket'],
  ['/defects/', 'ownDefect'],
  ['/major/', 'ownMajor'],
  ['/customers/', 'customer'],
  ['/servicedesks/', 'desk'],
  ['/knowledge/', 'article'],
]

describe('pages', () => {
  let rig: ConsoleRig
  let a: Things
  let b: Things
  const devices: ScriptedDevice[] = []
  beforeAll(async () => {
    rig = await startConsole({ KIOSKEEPER_MAIL_FROM: 'desk@kiosk.example' })
    const { page, context } = await rig.open()
    await setUpInBrowser(page, rig.world)
    await context.close()
    const make = async (mark: string, partner: string): Promise<Things> => {
      const { ids, device } = await furnish(rig.world, mark, partner)
      devices.push(device)
      return ids
    }
    a = await make(ALPHA, NORTH)
    b = await make(BRAVO, SOUTH)
  })
  afterAll(async () => {
    for (const device of devices) device.kill()
    await rig.stop()
  })

  const expectNothing = async (page: Page, path: string, hidden: readonly string[]): Promise<void> => {
    const answers: Promise<string>[] = []
    const listen = (response: Response): void => {
      if (response.url().includes('/api/v1/') && !response.url().endsWith('/events')) answers.push(response.text().catch(() => ''))
    }
    page.on('response', listen)
    await page.goto(path)
    await page.getByText(NOT_HERE).first().waitFor()
    page.off('response', listen)
    const all = [await page.content(), await page.title(), ...(await Promise.all(answers))].join('\n').toLowerCase()
    expect(
      hidden.filter(mark => all.includes(mark.toLowerCase())),
      path,
    ).toEqual([])
  }

  it.each([
    {
      who: 'a customer',
      person: () => ({ role: 'customer', customerIds: [b['customer']] }),
      paths: [
        ['/devices/', 'device'],
        ['/tickets/', 'ticket'],
        ['/tickets/', 'merged'],
        ['/report/', 'device'],
      ] as [string, string][],
      hidden: [ALPHA, NORTH],
    },
    {
      who: 'a partner',
      person: () => ({ role: 'partner', partnerId: b['partner'] }),
      paths: [['/jobs/', 'visit']] as [string, string][],
      hidden: [ALPHA, NORTH],
    },
    {
      who: 'staff of one customer',
      person: () => ({ role: 'manager', customerIds: [b['customer']] }),
      paths: STAFF_PAGES,
      hidden: [ALPHA],
    },
  ])('of another are not there for $who', async ({ who, person, paths, hidden }) => {
    const { page, context, faults } = await rig.open()
    await joinInBrowser(page, rig.world, { email: `${who.replaceAll(' ', '.')}@new.example`, name: 'Bea', ...person() })
    for (const [path, id] of paths) await expectNothing(page, `${path}${a[id]}`, hidden)
    await context.close()
    expect(faults).toEqual([])
  })
})
