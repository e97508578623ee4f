/** Letters in four languages, what they ask for, and reminders before a ticket closes by itself. */
import { describe, expect, it } from 'vitest'
import { writeLocalLetter } from '../../../server/tickets/customer-letters.ts'
import { LANGUAGES } from '../../../shared/languages.ts'
import { readFacts } from '../../../server/customers/rules/report-fields.ts'
import { eachStore } from '../../support/stores.ts'
import { AGENT, makeRig } from '../../support/ticketing-rig.ts'

const KINDS = [
  'ticket-opened',
  'message',
  'ticket-resolved',
  'ticket-closed',
  'ticket-reopened',
  'information-missing',
  'close-reminder',
  'visit',
  'ticket-escalated',
  'ticket-approved',
] as const
const DAY_MS = 86_400_000
const facts = {
  ticket: { reference: 'KK-2026-000001', subject: 'Till', level: 2 },
  levelName: 'Major',
  customerName: 'Shop',
  timeZone: 'Europe/Stockholm',
  text: 'Words.',
  why: ['A rule.'],
  dueAtMs: Date.parse('2026-11-16T15:30:00Z'),
  closesAtMs: Date.parse('2026-12-28T09:00:00Z'),
  missing: ['softwareVersion', 'email-or-phone'],
}

describe.each(LANGUAGES)('letters in %s', language => {
  it.each(KINDS)('%s: a subject with the reference, no hole in the text', kind => {
    const letter = writeLocalLetter(language, { ...facts, kind })
    expect(letter?.subject).toMatch(/^\[KK-2026-000001\] .+: Till$/)
    expect(letter?.body).not.toMatch(/\{\{|\{%|undefined|null|NaN/)
    expect(letter?.body).toContain('KK-2026-000001')
  })
  it('tell when the first answer is due in the time of the customer, and say so where nothing is owed', () => {
    expect(writeLocalLetter(language, { ...facts, kind: 'ticket-opened' })?.body).toMatch(/(16:30|4:30\sPM) \(Europe\/Stockholm\)/)
    expect(writeLocalLetter(language, { ...facts, kind: 'ticket-opened', dueAtMs: null })?.body).not.toContain('Europe/Stockholm')
  })
  it.each(['accepted', 'scheduled', 'on-site', 'done'] as const)(
    'say of a visit that is %s who comes, and when, in the time of the place',
    step => {
      const visit = { step, partner: 'North Field', atMs: Date.parse('2026-11-16T10:30:00Z'), timeZone: 'Europe/Stockholm' }
      const body = writeLocalLetter(language, { ...facts, timeZone: 'UTC', kind: 'visit', visit })?.body ?? ''
      expect(body).toContain('North Field')
      expect(/11:30.*\(Europe\/Stockholm\)/.test(body)).toBe(step === 'scheduled')
    },
  )
  it('ask for facts in the words they are read by', () => {
    const body = writeLocalLetter(language, { ...facts, kind: 'information-missing' })?.body ?? ''
    const filled = body.replaceAll(/^- (.*):$/gm, '- $1: told')
    expect(readFacts(filled)).toMatchObject({ softwareVersion: 'told', phone: 'told' })
  })
  it('run nothing of what people write', () => {
    const hostile = '{{ "x" | append: "PWNED" }}{% for i in (1..100000000) %}x{% endfor %}\r\nBcc: evil@example.org'
    const letter = writeLocalLetter(language, { ...facts, kind: 'message', text: hostile, ticket: { ...facts.ticket, subject: hostile } })
    expect(letter?.body).toContain(hostile)
    expect(letter?.subject).not.toMatch(/[\r\n]/)
  })
})

it('what has no template is told in English by the desk', () =>
  expect(writeLocalLetter('sv', { ...facts, kind: 'clock-breached' })).toBe(null))

eachStore('a ticket that waits for the customer', open => {
  const told = async (rig: Awaited<ReturnType<typeof makeRig>>, kind: string) =>
    (await rig.outbox()).filter(row => row.dedup_key.startsWith(`${kind}:`)).map(row => [row.address, row.created_at] as const)

  it('reminds at half of the time and seven days before it closes, each once, and closes', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'op5-premium' })
    await rig.contact(customerId, 'carl@example.com')
    const versions = { softwareVersion: '9', platformVersion: 'Debian' }
    const ticket = await rig.ticketing.register(rig.report(customerId, versions), AGENT)
    await rig.ticketing.write(ticket.id, { visibility: 'public', body: 'Which till?', asks: true }, AGENT)
    const askedMs = rig.time.nowMs
    await rig.pass(50 * DAY_MS, DAY_MS / 4)
    const days = (await told(rig, 'close-reminder')).map(([address, atMs]) => [address, (atMs - askedMs) / DAY_MS])
    expect(days.toSorted((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
      ['carl@example.com', 21],
      ['carl@example.com', 35],
    ])
    expect((await rig.ticketing.read(ticket.id)).status).toBe('closed')
  })

  it('is not reminded after an answer; after another question the time begins anew', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'op5-premium' })
    const ticket = await rig.ticketing.register(rig.report(customerId, { softwareVersion: '9', platformVersion: 'Debian' }), AGENT)
    const ask = () => rig.ticketing.write(ticket.id, { visibility: 'public', body: 'Which?', asks: true }, AGENT)
    await ask()
    await rig.pass(20 * DAY_MS)
    await rig.ticketing.write(ticket.id, { visibility: 'public', body: 'That one.' }, { author_kind: 'customer', author_name: 'Carl' })
    await rig.pass(10 * DAY_MS)
    expect(await told(rig, 'close-reminder')).toEqual([])
    await ask()
    const askedMs = rig.time.nowMs
    await rig.pass(22 * DAY_MS, DAY_MS)
    expect((await told(rig, 'close-reminder')).map(([, atMs]) => (atMs - askedMs) / DAY_MS)).toEqual([21])
  })

  it('for missing facts is asked once in words, and closes like any other question', async () => {
    const rig = await makeRig(await open())
    const customerId = await rig.customer({ planId: 'op5-premium' })
    const ticket = await rig.ticketing.register(rig.report(customerId), AGENT)
    expect(ticket.status).toBe('waiting-information')
    const [letter, ...more] = (await rig.outbox()).filter(row => row.dedup_key.startsWith('information-missing:'))
    expect(more).toEqual([])
    expect(letter?.body).toContain('- Software version:\n- Platform version:')
    await rig.pass(43 * DAY_MS, DAY_MS)
    expect((await rig.ticketing.read(ticket.id)).status).toBe('closed')
  })
})
