/** Opmantek Standard: which priority counts, and the fifth case of a month. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Statement } from '../../../shared/api/contracts/statement-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { headerOf, lettersTo } from '../../support/letters.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'

const GRACE = 'grace@carrier.example'

describe('an Opmantek Standard customer', () => {
  // A Monday, ten o'clock in Brisbane, which is ten hours ahead of UTC.
  let nowMs = Date.parse('2026-11-16T00:00:00Z')
  let world: World
  let customerId = ''
  beforeAll(async () => {
    world = await makeWorld({ KIOSKEEPER_MAIL_FROM: 'desk@kiosk.example' }, () => nowMs)
    const customer = { name: 'Carrier', planId: 'opmantek-standard', timeZone: 'Australia/Brisbane', language: 'de' }
    customerId = (await world.ok('POST', '/customers', customer)).id
    await world.ok('POST', `/customers/${customerId}/contacts`, { name: 'Grace', email: GRACE, phone: '+61 7 1' })
  })
  afterAll(() => world.stop())

  const register = (subject: string, more: object = {}): Promise<Ticket> =>
    world.ok<Ticket>('POST', '/tickets', {
      customerId,
      level: 1,
      subject,
      description: 'No devices are polled.',
      channel: 'portal',
      reporter: { name: 'Grace', email: GRACE, phone: '+61 7 1', organisation: 'Carrier' },
      softwareVersion: 'NMIS 9.5',
      impact: 'Nobody sees outages.',
      ...more,
    })

  it('has no priority 1 for staging: it counts as the plan says, with the reason', async () => {
    const ticket = await register('Staging is down', { environment: 'staging' })
    expect(ticket).toMatchObject({ level: 4, levelName: 'Minor', flags: ['level-not-eligible'] })
    expect(ticket.why.join(' ')).toMatch(/level 1.*staging/i)
    // The next business day, 17:00 in Brisbane.
    expect(ticket.clocks.response.dueAt).toBe('2026-11-17T07:00:00.000Z')
  })

  it('is lowered while the customer has no staff, and raised again when it has', async () => {
    const ticket = await register('Production is down', { customerStaffAvailable: false })
    expect(ticket).toMatchObject({ level: 2, flags: ['level-lowered-no-staff'] })
    expect(ticket.why).toContain('The customer has no staff at hand: level 1 became 2.')
    expect(ticket.clocks.response.dueAt).toBe('2026-11-16T06:00:00.000Z')
    nowMs += 60 * 60_000
    const raised = await world.ok<Ticket>('PATCH', `/tickets/${ticket.id}`, { level: 1, customerStaffAvailable: true })
    expect(raised).toMatchObject({ level: 1, flags: [] })
    // One of four hours is used.
    expect(raised.clocks.response.dueAt).toBe('2026-11-16T04:00:00.000Z')
  })

  it('keeps the fifth case without a clock until the desk approves it, and tells the customer in its language', async () => {
    await register('Third')
    await register('Fourth', { level: 3 })
    // Half an hour before the month ends in Brisbane; half an hour later it is December there, and November in UTC.
    nowMs = Date.parse('2026-11-30T13:30:00Z')
    const fifth = await register('Fifth', { level: 3 })
    expect(fifth).toMatchObject({ status: 'new', flags: ['case-quota-exceeded'], clocks: { response: { state: 'none', dueAt: null } } })
    expect(fifth.why.join(' ')).toContain('4 of 4 cases of this month were used before: waits for approval, no deadlines until then.')
    nowMs = Date.parse('2026-11-30T14:00:00Z')
    expect((await register('First of December', { level: 3 })).flags).toEqual([])
    nowMs = Date.parse('2026-12-01T01:00:00Z')
    const approved = await world.ok<Ticket>('POST', `/tickets/${fifth.id}/approve`, { reason: 'SECRET-REASON: a good customer' })
    expect(approved).toMatchObject({ approvedAt: '2026-12-01T01:00:00.000Z', clocks: { response: { state: 'running', usedMinutes: 0 } } })
    expect(approved.clocks.response.dueAt).toBe('2026-12-02T07:00:00.000Z')
    const told = await until('the approval', async () =>
      (await lettersTo(world.mailbox, GRACE)).find(mail => mail.subject === `[${fifth.reference}] Freigegeben: Fifth`),
    )
    expect(told.text).toContain('17:00 (Australia/Brisbane)')
    expect(headerOf(told, 'references')).toMatch(/^<ticket-/)
    expect(world.mailbox.mails.filter(mail => mail.text.includes('SECRET-REASON'))).toEqual([])
  })

  it('finds the case in the statement of November, and its approval in that of December', async () => {
    // What ended under the old terms is issued under them.
    await world.ok('PATCH', `/customers/${customerId}`, { overrides: { cases: 12 } })
    const statement = (month: string) => world.ok<Statement>('GET', `/customers/${customerId}/statement?month=${month}`)
    expect(await statement('2026-11')).toMatchObject({
      state: 'final',
      from: '2026-10-31T14:00:00.000Z',
      to: '2026-11-30T14:00:00.000Z',
      cases: { included: 4, used: 5, beyond: [{ subject: 'Fifth', registeredAt: '2026-11-30T13:30:00.000Z', approvedAt: null }] },
    })
    expect(await statement('2026-12')).toMatchObject({
      state: 'so-far',
      cases: { included: 12, used: 1, beyond: [{ subject: 'Fifth', handling: 'approval', approvedAt: '2026-12-01T01:00:00.000Z' }] },
    })
  })
})
