/** Two people on one ticket: they see each other, nobody overwrites, nothing typed is lost, and two tickets become one. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ticket, TicketTimelineItem } from '../../shared/api/tickets/ticket-api.ts'
import { PERSON, setUpInBrowser, startConsole, type ConsoleRig } from './console-rig.ts'

const ANNA = 'Anna Berg'

describe('two people on one ticket', () => {
  let rig: ConsoleRig
  let maria: Page
  let anna: Page
  const faults: string[][] = []
  let one: Ticket
  let other: Ticket

  beforeAll(async () => {
    rig = await startConsole()
    const { world } = rig
    const { customerId } = await world.makeCustomer('ombori-enterprise')
    const register = (subject: string): Promise<Ticket> =>
      world.ok<Ticket>('POST', '/tickets', {
        customerId,
        level: 2,
        subject,
        description: 'Since this morning.',
        channel: 'form',
        reporter: { name: 'Carl', email: 'carl@shop.example' },
      })
    one = await register('Receipt printer jams every morning')
    other = await register('Receipt printer jams again')
    const first = await rig.open()
    const { token } = await world.ok<{ token: string }>('POST', '/tokens', { name: ANNA, role: 'desk' })
    const second = await rig.open({ extraHTTPHeaders: { authorization: `Bearer ${token}` } })
    ;[maria, anna] = [first.page, second.page]
    faults.push(first.faults, second.faults)
    await setUpInBrowser(maria, world)
  })
  afterAll(() => rig?.stop())

  it('sees that the other is there, and when she writes', async () => {
    await maria.goto(`/tickets/${one.id}`)
    await anna.goto(`/tickets/${one.id}`)
    await maria.getByText(`${ANNA} is looking at this ticket`).waitFor()
    await anna.getByText(`${PERSON.name} is looking at this ticket`).waitFor()
    await anna.getByLabel('Message to the customer').fill('We send somebody')
    await maria.getByText(`${ANNA} is writing`).waitFor()
    expect(await maria.getByText(`${ANNA} is looking`).count()).toBe(0)
  })

  it('does not resolve what the other has just changed, and says what that was', async () => {
    await maria.getByRole('button', { name: 'Move to' }).click()
    await maria.getByRole('menuitem', { name: 'Resolved' }).click()
    await maria.getByRole('dialog').waitFor()
    await anna.getByRole('button', { name: 'Send' }).click()
    await anna.getByRole('listitem').filter({ hasText: 'We send somebody' }).waitFor()
    await maria.getByLabel('What was done').fill('Restarted the printer')
    await maria.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click()
    const conflict = maria.getByRole('alert').filter({ hasText: 'has changed since' })
    await conflict.getByText('We send somebody').waitFor()
    expect((await rig.world.ok<Ticket>('GET', `/tickets/${one.id}`)).status).toBe('in-progress')
    expect(await maria.getByLabel('What was done').inputValue()).toBe('Restarted the printer')
    await conflict.getByRole('button', { name: 'Look at it first' }).click()
    await maria.getByRole('listitem').filter({ hasText: 'We send somebody' }).waitFor()
  })

  it('keeps a draft over a reload, and warns when the ticket has changed since it was begun', async () => {
    await maria.getByLabel('Message to the customer').fill('The technician comes at noon')
    await maria.reload()
    await maria.getByText('Kept from your last visit').waitFor()
    expect(await maria.getByLabel('Message to the customer').inputValue()).toBe('The technician comes at noon')
    await maria.getByLabel('Message to the customer').fill('The technician comes at one')
    await rig.world.ok('POST', `/tickets/${one.id}/messages`, { visibility: 'public', body: 'Any news?', author: { kind: 'customer' } })
    await maria.getByText('The ticket has changed since you began to write').waitFor()
    await maria.getByRole('button', { name: 'Send' }).click()
    await maria.getByRole('listitem').filter({ hasText: 'The technician comes at one' }).waitFor()
    await maria.reload()
    await maria.getByLabel('Message to the customer').waitFor()
    expect(await maria.getByLabel('Message to the customer').inputValue()).toBe('')
  })

  it('merges the duplicate with the keyboard; the other is told at once where it goes on, and undoes it', async () => {
    await anna.goto(`/tickets/${other.id}`)
    await maria.goto(`/tickets/${other.id}`)
    await maria.getByText('Words in common: receipt, printer, jams').waitFor()
    await maria.getByRole('button', { name: 'Merge', exact: true }).focus()
    await maria.keyboard.press('Enter')
    const dialog = maria.getByRole('dialog')
    await dialog.getByLabel('Why').fill('The same printer')
    await dialog.getByRole('button', { name: 'Merge' }).click()
    await anna.getByText(`Goes on in ${one.reference}`).waitFor()
    await anna.getByRole('link', { name: `Open ${one.reference}` }).waitFor()
    await rig.world.ok('POST', `/tickets/${other.id}/messages`, {
      visibility: 'public',
      body: 'It jams still',
      author: { kind: 'customer' },
    })
    const lines = await rig.world.ok<{ items: TicketTimelineItem[] }>('GET', `/tickets/${one.id}/timeline`)
    expect(lines.items.some(item => item.text === 'It jams still')).toBe(true)
    await anna.getByRole('button', { name: /Undo the merge/ }).click()
    await maria.getByRole('button', { name: 'Work on it' }).waitFor()
  })

  it('links a defect, tells the estimate, and leads a major incident to its end', async () => {
    await maria.goto(`/tickets/${one.id}`)
    await maria.getByRole('button', { name: 'Link', exact: true }).click()
    await maria.getByRole('menuitem', { name: 'Defect' }).click()
    await maria.getByLabel('Impact').fill('Receipts are cut')
    await maria.getByRole('button', { name: 'Keep defect' }).click()
    await maria.getByRole('link', { name: 'DF-000001' }).click()
    await maria.getByLabel('Fix expected').fill('2026-12-24')
    await maria.getByRole('button', { name: 'Keep', exact: true }).click()
    await maria.getByRole('button', { name: 'Tell the estimate to one customer' }).click()
    await maria.getByRole('button', { name: 'Write it on the ticket' }).click()
    await maria.getByText('heard the estimate 2026-12-24').waitFor()

    await maria.goto(`/tickets/${one.id}`)
    await maria.getByRole('button', { name: 'Link', exact: true }).click()
    await maria.getByRole('menuitem', { name: 'Major incident' }).click()
    await maria.getByRole('button', { name: 'Raise it' }).click()
    await maria.getByText('Next word to customers').waitFor()
    await maria.getByLabel('Message to all concerned').fill('It is over, thank you.')
    await maria.getByLabel('The last one: the incident is over').check()
    await maria.getByRole('button', { name: 'Send and end it' }).click()
    await maria.getByText('Ended', { exact: true }).first().waitFor()
    const lines = await rig.world.ok<{ items: TicketTimelineItem[] }>('GET', `/tickets/${one.id}/timeline`)
    const said = lines.items.filter(item => item.kind === 'message').map(item => item.text)
    expect(said.slice(0, 2)).toEqual(['It is over, thank you.', expect.stringContaining('December 24, 2026')])
  })

  it('never broke a page on the way', () => {
    expect(faults.flat()).toEqual([])
  })
})
