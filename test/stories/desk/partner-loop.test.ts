/** A jammed printer that no remedy mends: one partner says no, the next comes, and only a device that is well ends the visit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Email } from 'postal-mime'
import type { Statement } from '../../../shared/api/contracts/statement-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import type { Job, JobLive, Visit } from '../../../shared/api/visits/visit-api.ts'
import { everyWord, headerOf, lettersTo } from '../../support/letters.ts'
import { enrolledDevice, type ScriptedDevice } from '../../support/scripted-device.ts'
import { until } from '../../support/until.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Page<Item> = { items: Item[] }
const ADA = 'ada@butiken.example'
const [NORTH, SOUTH] = ['north@partner.example', 'south@partner.example']
/** A Monday; Stockholm is an hour ahead of UTC. */
const at = (time: string): number => Date.parse(`2026-11-16T${time}Z`)

describe('a fault that only hands on site can mend', () => {
  let nowMs = at('09:00:00')
  let world: World
  let device: ScriptedDevice
  let customerId = ''
  let ticket: Ticket
  const tokens: Record<string, string> = {}

  beforeAll(async () => {
    world = await makeWorld({ KIOSKEEPER_MAIL_FROM: 'Kioskeeper <desk@kiosk.example>' }, () => nowMs)
    // The clock leaps here: silence of the device is another story.
    await world.ok('PUT', '/rules/agent.offline', {
      signal: 'agent.offline',
      enabled: false,
      level: 2,
      holdSeconds: 180,
      clearSeconds: 60,
      fixedBy: 'onsite',
      remedies: [],
      ladderSeconds: 0,
    })
    const customer = await world.ok('POST', '/customers', {
      name: 'Butiken',
      planId: 'ombori-production',
      timeZone: 'Europe/Stockholm',
      language: 'sv',
      overrides: { waitingPartnerPauses: true, levels: { 2: { resolution: { kind: 'minutes', minutes: 480 } } } },
    })
    customerId = customer.id
    await world.ok('POST', `/customers/${customerId}/contacts`, { name: 'Ada', email: ADA, phone: '+46 70 1' })
    const site = await world.ok('POST', `/customers/${customerId}/sites`, {
      name: 'Storgatan',
      address: 'Storgatan 1, Umeå',
      timeZone: 'Europe/Stockholm',
      region: 'norr',
      openingHours: { hours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map(day => [day, [['10:00', '18:00']]])) },
    })
    for (const [order, [name, email]] of [
      ['North Field', NORTH],
      ['South Field', SOUTH],
    ].entries())
      await world.ok('POST', '/partners', { name, email, regions: ['norr'], skills: ['printer'], order })
    device = await enrolledDevice(world.url, await world.enrolmentToken({ customerId, siteId: site.id }), 'printer-kiosk')
    await device.connect()
    await device.birth()
  })
  afterAll(async () => {
    device.kill()
    await world.stop()
  })

  const job = async <Body>(method: string, token: string | undefined, path = '', body?: unknown) => {
    const response = await fetch(`${world.url}/api/v1/jobs/${token ?? ''}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Body & { type?: string; detail?: string } }
  }
  const move = (token: string | undefined, body: unknown) => job<Job>('POST', token, '/transitions', body)
  const read = () => world.ok<Ticket>('GET', `/tickets/${ticket.id}`)
  const visits = async () => (await world.ok<Page<Visit>>('GET', `/visits?ticketId=${ticket.id}`)).items
  const letter = (what: string, to: string, isIt: (mail: Email) => boolean): Promise<Email> =>
    until(what, async () => (await lettersTo(world.mailbox, to)).find(isIt))
  const offerTo = async (address: string): Promise<string> => {
    const offer = await letter(`the offer to ${address}`, address, mail => mail.subject?.includes('Visit asked for') ?? false)
    expect(offer.text).toContain('Storgatan 1, Umeå')
    expect(offer.text).toMatch(/Answer by: Mon 16 Nov 1[0-9]:\d\d \(Europe\/Stockholm\)/)
    return /\/job\/([\w-]{43})/.exec(offer.text ?? '')?.[1] ?? ''
  }

  it('is offered to the first partner when the remedies are exhausted', async () => {
    await device.publish(
      'evt',
      device.envelope('evt', {
        signal: 'printer.jam',
        state: 'failing',
        text: 'The cutter is jammed',
        remedies: [1, 2].map(() => ({ id: 'restart-queue', outcome: 'did-not-help', at: new Date(nowMs).toISOString(), tookMs: 900 })),
        exhausted: true,
      }),
    )
    await until('the incident', async () => (await world.ok<Page<{ id: string }>>('GET', `/incidents?deviceId=${device.id}`)).items[0])
    nowMs = at('09:01:00')
    ticket = await until('the ticket', async () => (await world.ok<Page<Ticket>>('GET', `/tickets?deviceId=${device.id}`)).items[0])
    expect(ticket).toMatchObject({ source: 'monitoring', status: 'waiting-partner', level: 2 })
    expect(ticket.clocks.response.dueAt).toBe('2026-11-16T10:01:00.000Z')
    tokens['north'] = await offerTo(NORTH)
    expect(await lettersTo(world.mailbox, SOUTH)).toEqual([])
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'internal', body: 'SECRET-NOTE of the desk' })
  })

  it('goes to the second when the first declines, whose link then does nothing more', async () => {
    nowMs = at('09:11:00')
    expect((await move(tokens['north'], { to: 'declined', reason: 'REASON-OF-NORTH' })).status).toBe(200)
    tokens['south'] = await offerTo(SOUTH)
    expect(tokens['south']).not.toBe(tokens['north'])
    nowMs = at('09:21:00')
    expect((await move(tokens['south'], { to: 'accepted' })).body).toMatchObject({ state: 'accepted', partner: 'South Field' })
    for (const to of ['accepted', 'scheduled', 'on-site', 'done'])
      expect((await move(tokens['north'], { to, at: new Date(at('12:00:00')).toISOString() })).status).toBe(409)
    const stale = await job<Job>('GET', tokens['north'])
    expect(JSON.stringify(stale.body)).not.toContain('South Field')
    expect(
      (await visits()).map(visit => [visit.state, visit.reason]).toSorted((one, other) => (one[0] ?? '').localeCompare(other[0] ?? '')),
    ).toEqual([
      ['accepted', null],
      ['declined', 'REASON-OF-NORTH'],
    ])
  })

  it('has a time inside the opening hours alone, told to both in their words', async () => {
    const closed = await move(tokens['south'], { to: 'scheduled', at: '2026-11-16T18:30:00+01:00' })
    expect(closed).toMatchObject({
      status: 400,
      body: { detail: 'The place is closed then; it opens Tue 17 Nov 10:00 (Europe/Stockholm).' },
    })
    expect((await move(tokens['south'], { to: 'scheduled', at: '2026-11-16T11:30:00+01:00' })).status).toBe(200)
    const entry = await letter('the calendar entry', SOUTH, mail => mail.attachments.some(part => part.mimeType === 'text/calendar'))
    expect(entry.text).toContain('Appointment: Mon 16 Nov 11:30 (Europe/Stockholm)')
    const content = entry.attachments.find(part => part.mimeType === 'text/calendar')?.content ?? ''
    const calendar = typeof content === 'string' ? content : new TextDecoder().decode(content)
    expect(calendar).toContain('DTSTART:20261116T103000Z')
    expect(calendar).toMatch(/METHOD:REQUEST/)
    const told = await letter('the time in Swedish', ADA, mail => mail.text?.includes('11:30') ?? false)
    expect(told.subject).toBe(`[${ticket.reference}] Besök: ${ticket.subject}`)
    expect(told.text).toMatch(/South Field kommer måndag 16 november 2026 kl\. 11:30 \(Europe\/Stockholm\)\./)
    expect(told.text).not.toMatch(/comes on|takes the visit|Ticket:|Level:/)
  })

  it('is not done while the printer still fails', async () => {
    nowMs = at('09:31:00')
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'public', body: 'En tekniker är på väg.' })
    nowMs = at('10:35:00')
    expect((await move(tokens['south'], { to: 'on-site' })).status).toBe(200)
    nowMs = at('10:40:00')
    const early = await move(tokens['south'], { to: 'done', minutes: 5 })
    expect(early).toMatchObject({
      status: 409,
      body: {
        type: '/problems/signal-still-failing',
        detail: 'Still failing: printer.jam since 2026-11-16T09:00:00.000Z (The cutter is jammed).',
      },
    })
    expect((await job<JobLive>('GET', tokens['south'], '/live')).body).toMatchObject({
      isWell: false,
      failing: [{ signal: 'printer.jam' }],
    })
    expect((await read()).status).toBe('waiting-partner')
  })

  it('ends with the device well, and everybody is told in their words and threads', async () => {
    nowMs = at('10:50:00')
    await device.event('printer.jam', 'ok', 'The cutter moves again')
    await until('green', async () => (await job<JobLive>('GET', tokens['south'], '/live')).body.isWell)
    nowMs = at('10:50:20')
    const done = await move(tokens['south'], { to: 'done', minutes: 16, parts: [{ name: 'cutter', quantity: 1, serial: 'C-7' }] })
    expect(done).toMatchObject({ status: 200, body: { state: 'done', allowed: [] } })
    expect(await read()).toMatchObject({ status: 'resolved', resolvedBy: 'person' })
    expect((await visits()).find(visit => visit.state === 'done')).toMatchObject({
      minutes: 16,
      parts: [{ name: 'cutter', quantity: 1, serial: 'C-7' }],
    })
    const told = await letter('resolved, in Swedish', ADA, mail => mail.subject?.includes('Löst') ?? false)
    expect(told.subject).toBe(`[${ticket.reference}] Löst: ${ticket.subject}`)
    expect(told.text).toContain(`Ärende: ${ticket.reference}`)
    const mine = await lettersTo(world.mailbox, ADA)
    const root = headerOf(told, 'references')
    expect(root).toMatch(/^<ticket-[0-9a-f]{40}@kiosk\.example>$/)
    expect(new Set(mine.map(mail => headerOf(mail, 'references')))).toEqual(new Set([root]))
    expect(new Set(mine.map(mail => headerOf(mail, 'in-reply-to')))).toEqual(new Set([root]))
    expect(new Set(mine.map(mail => mail.messageId)).size).toBe(mine.length)
  })

  it('has clocks and a statement that are right to the minute', async () => {
    const { response, update, resolution } = (await read()).clocks
    expect([response.state, response.usedMinutes]).toEqual(['met', 30])
    expect([update.state, update.usedMinutes]).toEqual(['met', 79.333])
    // All of it waited for the partner, and the plan of this customer does not count that.
    expect([resolution?.state, resolution?.usedMinutes]).toEqual(['met', 0])
    expect(await world.ok<Statement>('GET', `/customers/${customerId}/statement?month=2026-11`)).toMatchObject({
      from: '2026-10-31T23:00:00.000Z',
      to: '2026-11-30T23:00:00.000Z',
      devices: { deviceDays: 0 },
      cases: { used: 0, beyond: [] },
    })
  })

  it('tells nobody what is not theirs', async () => {
    const said = async (words: string, to?: string) => (await everyWord(world.mailbox, to)).split('\n').filter(line => line.includes(words))
    expect(await said('SECRET-NOTE')).toEqual([])
    for (const address of [ADA, SOUTH]) expect(await said('REASON-OF-NORTH', address), address).toEqual([])
    expect(await said('North Field', SOUTH)).toEqual([])
    for (const token of ['/job/', tokens['south'] ?? '']) expect(await said(token, ADA)).toEqual([])
    expect(await said(tokens['north'] ?? '', SOUTH)).toEqual([])
    // The first partner heard of the offer alone.
    expect((await lettersTo(world.mailbox, NORTH)).filter(mail => !/Visit asked for|New ticket/.test(mail.subject ?? ''))).toEqual([])
  })
})
