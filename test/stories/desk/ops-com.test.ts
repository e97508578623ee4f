/** OPS-COM at night: only what stops work is handled, at once; and a defect of ours that the customer hears of through its ticket alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Defect, DefectLetterAnswer } from '../../../shared/api/defects/defect-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { everyWord, lettersTo } from '../../support/letters.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'

const PAM = 'pam@parking.example'
/** Saturday, 23:10 in Toronto: five hours behind UTC. */
const SATURDAY_NIGHT = '2026-11-22T04:10:00Z'

describe('an OPS-COM customer', () => {
  let nowMs = Date.parse(SATURDAY_NIGHT)
  let world: World
  let customerId = ''
  let token = ''
  beforeAll(async () => {
    world = await makeWorld({ KIOSKEEPER_MAIL_FROM: 'desk@kiosk.example' }, () => nowMs)
    const customer = { name: 'Parking', planId: 'ops-com-premium', timeZone: 'America/Toronto', language: 'pt' }
    customerId = (await world.ok('POST', '/customers', customer)).id
    await world.ok('POST', `/customers/${customerId}/contacts`, { name: 'Pam', email: PAM })
    await world.ok('PUT', '/products/parking', { name: 'Parking', releases: [{ version: '5.2', releasedOn: '2026-11-20' }] })
    token = (await world.ok<{ id: string; token: string }>('POST', '/tokens', { name: 'portal', role: 'customer', customerId })).token
  })
  afterAll(() => world.stop())

  const at = (time: string): number => Date.parse(time)
  const register = (subject: string, level: number): Promise<Ticket> =>
    world.ok<Ticket>('POST', '/tickets', {
      customerId,
      level,
      subject,
      description: 'The gate does not open.',
      channel: 'email',
      reporter: { name: 'Pam', email: PAM },
    })
  const read = (id: string) => world.ok<Ticket>('GET', `/tickets/${id}`)

  it.each([
    ['Saturday night', SATURDAY_NIGHT],
    ['Sunday noon', '2026-11-22T17:00:00Z'],
    ['a minute before opening', '2026-11-23T13:59:00Z'],
    ['in hours', '2026-11-23T15:00:00Z'],
    ['a minute before closing', '2026-11-23T21:59:00Z'],
    ['the hour that comes twice', '2027-11-07T05:30:00Z'],
  ])('is owed triage in 15 min and a notice in 1 h for what stops work, %s', async (_when, time) => {
    nowMs = at(time)
    const { id, clocks, flags } = await register('Outage', 1)
    const due = (minutes: number): string => new Date(nowMs + minutes * 60_000).toISOString()
    expect([clocks.response.dueAt, clocks.update.dueAt]).toEqual([due(15), due(60)])
    const isAfterHours = flags.includes('after-hours')
    expect(clocks.update.why.includes('the notice names an estimated time of resolution')).toBe(isAfterHours)
    nowMs += 10 * 60_000
    await world.ok('POST', `/tickets/${id}/messages`, { visibility: 'public', body: 'We are on it; it is mended by noon.' })
    nowMs += 5 * 60_000
    const answered = (await read(id)).clocks
    expect([answered.response.state, answered.response.usedMinutes, answered.update.state]).toEqual(['met', 10, 'running'])
    await world.ok('POST', `/tickets/${id}/transitions`, { to: 'resolved' })
  })

  it('is overdue a second after either, and the desk hears of it', async () => {
    nowMs = at(SATURDAY_NIGHT)
    const { id, reference } = await register('Outage nobody answers', 1)
    nowMs += 15 * 60_000
    expect((await read(id)).clocks.response.state).toBe('running')
    nowMs += 1000
    await until('overdue', async () => (await read(id)).clocks.response.state === 'breached')
    await until('the desk told', async () =>
      (await lettersTo(world.mailbox, 'desk@kioskeeper.example')).find(mail => mail.subject?.startsWith(`[${reference}] Overdue`)),
    )
    nowMs = at(SATURDAY_NIGHT) + 60 * 60_000 + 1000
    await until('the notice overdue', async () => (await read(id)).clocks.update.state === 'breached')
    await world.ok('POST', `/tickets/${id}/transitions`, { to: 'resolved' })
  })

  it('has the rest measured and never overdue after hours; raised to critical it is owed both from then', async () => {
    nowMs = at(SATURDAY_NIGHT)
    const minor = await register('A report is slow', 3)
    expect(minor).toMatchObject({ flags: ['after-hours'], clocks: { response: { state: 'best-effort', dueAt: null } } })
    nowMs += 20 * 60_000
    const raised = await world.ok<Ticket>('PATCH', `/tickets/${minor.id}`, { level: 1 })
    expect([raised.clocks.response.dueAt, raised.clocks.update.dueAt]).toEqual([
      new Date(nowMs + 15 * 60_000).toISOString(),
      new Date(nowMs + 60 * 60_000).toISOString(),
    ])
    await world.ok('POST', `/tickets/${minor.id}/transitions`, { to: 'resolved' })
  })

  it('hears the estimate and the fix of a defect through its ticket, and nothing else of it', async () => {
    nowMs = at('2026-11-23T15:00:00Z')
    const ticket = await register('Permits vanish', 2)
    const defect = await world.ok<Defect>('POST', '/defects', {
      class: 'block',
      title: 'SECRET-TITLE race in permits',
      impact: 'SECRET-IMPACT three clients',
      severity: 2,
      ticketId: ticket.id,
    })
    await world.ok('POST', `/defects/${defect.id}/comments`, { text: 'SECRET-COMMENT' })
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'internal', body: 'SECRET-NOTE' })
    await world.ok('PATCH', `/defects/${defect.id}`, { status: 'confirmed', estimateOn: '2026-12-01' })
    const send = (what: string) => world.ok<DefectLetterAnswer>('POST', `/defects/${defect.id}/letter`, { what })
    expect((await send('estimate')).told).toEqual([ticket.id])
    nowMs = at('2026-11-30T15:00:00Z')
    await world.ok('PATCH', `/defects/${defect.id}`, { status: 'fixed', fixedIn: { productId: 'parking', version: '5.2' } })
    expect((await send('fix')).told).toEqual([ticket.id])
    const mine = await until('both letters', async () => {
      const mails = (await lettersTo(world.mailbox, PAM)).filter(mail => mail.subject?.startsWith(`[${ticket.reference}] Mensagem`))
      return mails.length === 2 && mails
    })
    expect(mine[0]?.text).toMatch(/1 de dezembro de 2026|01\/12\/2026|2026-12-01/)

    const paths = [
      `/tickets/${ticket.id}`,
      `/tickets/${ticket.id}/timeline`,
      `/tickets/${ticket.id}/attachments`,
      `/tickets/${ticket.id}/scope`,
      `/tickets?customerId=${customerId}&q=permits`,
      `/customers/${customerId}/statement`,
      `/customers/${customerId}/usage`,
    ]
    for (const path of paths) {
      const answer = await world.api('GET', path, undefined, token)
      expect([path, answer.status]).toEqual([path, 200])
      expect(JSON.stringify(answer.body), path).not.toMatch(/SECRET|DEF-|defect/i)
    }
    for (const path of ['/defects', `/defects/${defect.id}`, `/tickets/${ticket.id}/relations`])
      expect([403, 404]).toContain((await world.api('GET', path, undefined, token)).status)
    const csv = await fetch(`${world.url}/api/v1/customers/${customerId}/statement.csv`, { headers: { authorization: `Bearer ${token}` } })
    expect(await csv.text()).not.toContain('SECRET')
    const said = await everyWord(world.mailbox, PAM)
    for (const words of ['SECRET', defect.reference]) expect(said.split('\n').filter(line => line.includes(words))).toEqual([])
  })
})
