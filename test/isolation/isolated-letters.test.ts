/** Every kind of letter the house writes, in the story of two customers at once: who gets it, and that no word in it is another's or the desk's own. */
import { createServer, type Server } from 'node:http'
import { readdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storeLocation } from '../../server/config.ts'
import { LETTER_KINDS } from '../../server/tickets/rules/staff-letter.ts'
import { openStore } from '../../server/database/database.ts'
import { until } from '../support/until.ts'
import { INTERNAL, mailOf, NOTE, type Things } from './furnished.ts'
import { ALPHA, BRAVO, makeTwoCustomers, NORTH, SOUTH, type TwoCustomers } from './two-customers.ts'

const MINUTE_MS = 60_000
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
/** No letter of the house: a text the desk is offered. */
const DRAFTS = ['status-update']

type Told = { to: string; channel: string; kind: string; text: string }
let two: TwoCustomers
let hooks: Server
const told: Told[] = []
const hooked: { path: string; text: string }[] = []

/** Text of a raw mail, whichever way its parts are written. */
function readable(raw: string): string {
  const quoted = raw
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
  const encoded = [...raw.matchAll(/\r\n\r\n([A-Za-z0-9+/=\r\n]{16,})/g)].map(([, block = '']) =>
    Buffer.from(block, 'base64').toString('utf8'),
  )
  return [quoted, ...encoded].join('\n')
}

/** What happens to one of the two; `mark` is in its words. */
async function story(things: Things, mark: string): Promise<void> {
  const ok = (method: string, path: string, body?: unknown) => two.world.ok<Record<string, unknown> & { id: string }>(method, path, body)
  const as = async (who: string, method: string, path: string, body?: unknown): Promise<void> => {
    const seen = await two.call(things[`${who}Token`] ?? '', method, `/api/v1${path}`, { body })
    expect(seen.status, `${method} ${path}: ${seen.text}`).toBeLessThan(300)
  }
  const always = Object.fromEntries(DAYS.map(day => [day, [['00:00', '24:00']]]))
  const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`
  await ok('PATCH', `/partners/${things['partner']}`, { webhookUrl: `${url}/partner-of-${mark}` })
  await ok('PATCH', `/customers/${things['customer']}`, {
    webhookUrl: `${url}/${mark}`,
    overrides: {
      hours: always,
      cases: { perMonth: 1, beyond: 'approval', payPerIncident: false },
      requiredFields: ['softwareVersion'],
      withholdUntilComplete: true,
      tellEscalations: true,
      autoCloseAfterDays: 5,
    },
  })
  const report = {
    customerId: things['customer'],
    level: 1,
    subject: `${mark} beyond`,
    description: mark,
    channel: 'portal',
    reporter: { name: mark, email: mailOf(mark, 'carl') },
  }
  await ok('POST', '/tickets', { ...report, subject: `${mark} incomplete` })
  const beyond = await ok('POST', '/tickets', { ...report, softwareVersion: '8.1' })
  await ok('POST', `/tickets/${beyond.id}/approve`, { reason: `${INTERNAL} ${mark} reason` })
  await ok('POST', `/tickets/${beyond.id}/messages`, { visibility: 'public', body: `${mark} we look at it` })
  await ok('POST', `/tickets/${beyond.id}/messages`, { visibility: 'internal', body: `${INTERNAL} ${mark} we do not yet` })
  await ok('POST', `/tickets/${things['machineTicket']}/messages`, { visibility: 'public', body: `${mark} we look at it` })
  await ok('POST', `/tickets/${things['merged']}/messages`, { visibility: 'public', body: `${mark} and here` })
  await ok('PATCH', `/tickets/${things['mailTicket']}`, { line: 2, reason: `${INTERNAL} ${mark} why` })
  await as('customer', 'POST', `/tickets/${things['resolved']}/messages`, { visibility: 'public', body: `${mark} it is back` })
  await ok('POST', `/tickets/${things['mailTicket']}/transitions`, { to: 'resolved', reason: `${mark} mended` })
  await ok('POST', `/tickets/${things['mailTicket']}/transitions`, { to: 'closed', reason: `${mark} done` })
  const visit = await ok('POST', `/tickets/${things['child']}/dispatch`, { partnerId: things['partner'] })
  await as('partner', 'POST', `/visits/${visit.id}/job/transitions`, { to: 'declined', reason: `${NOTE} ${mark} no car` })
  await ok('POST', `/tickets/${things['child']}/messages`, { visibility: 'public', body: `${mark} which one?`, asks: true })
  await ok('POST', `/defects/${things['ownDefect']}/letter`, { what: 'estimate' })
  await ok('POST', `/tickets/${things['resolved']}/transitions`, { to: 'resolved', reason: `${mark} mended again` })
  await ok('POST', `/tickets/${things['resolved']}/transitions`, { to: 'in-progress', reason: `${mark} it is not` })
  await two.call(null, 'POST', '/api/v1/session/forgotten', { body: { email: mailOf(mark, 'pia') } })
}

beforeAll(async () => {
  hooks = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      hooked.push({ path: request.url ?? '', text: `${JSON.stringify(request.headers)} ${Buffer.concat(chunks).toString('utf8')}` })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>(done => hooks.listen(0, '127.0.0.1', done))
  two = await makeTwoCustomers()
  await story(two.a, ALPHA)
  await story(two.b, BRAVO)
  const shared = two.a['sharedMajor']
  await two.world.ok('POST', `/majors/${shared}/messages`, { body: 'It will take until the evening.' })
  await two.world.ok('POST', `/majors/${shared}/end`, { body: 'It is over.' })
  for (const device of two.devices) await device.event('display.disconnected', 'ok', 'It is back')
  const store = await openStore(storeLocation(two.world.server.settings))
  const written = async (): Promise<Told[]> =>
    (await store.db.selectFrom('outbox').selectAll().execute()).map(row => ({
      to: row.address,
      channel: row.channel,
      kind: row.dedup_key.split(':')[0] ?? '',
      text: `${row.subject}\n${row.body}\n${row.calendar ?? ''}`,
    }))
  // Time goes on in small steps while the house looks at its clocks, as fast as each kind of letter wants.
  for (const [kind, minutes] of [
    ['ticket-recovered', 0],
    ['clock-warning', 1],
    ['clock-breached', 2],
    ['clock-escalated', 2],
    ['update-reminder', 2],
    ['close-reminder', 30],
  ] as const)
    await until(`${kind} to both`, async () => {
      two.pass(minutes * MINUTE_MS)
      const of = (await written()).filter(one => one.kind === kind)
      return [ALPHA, BRAVO].every(mark => of.some(one => one.text.includes(mark)))
    })
  await until(
    'every letter to be out',
    async () => (await store.db.selectFrom('outbox').select('id').where('state', 'in', ['pending', 'sending']).execute()).length === 0,
  )
  told.push(...(await written()))
  await store.close()
})
afterAll(async () => {
  await two.stop()
  hooks.close()
})

/** What each side must not read. Whoever is on call is of the desk. */
const SIDES = [
  {
    name: 'A',
    is: (to: string) => to.endsWith(`@${ALPHA.toLowerCase()}.example`) || to.endsWith(`/${ALPHA}`),
    hidden: [BRAVO, SOUTH, INTERNAL, NOTE],
  },
  {
    name: 'B',
    is: (to: string) => to.endsWith(`@${BRAVO.toLowerCase()}.example`) || to.endsWith(`/${BRAVO}`),
    hidden: [ALPHA, NORTH, INTERNAL, NOTE],
  },
  {
    name: 'the partner of A',
    is: (to: string) => to.endsWith(`@${NORTH.toLowerCase()}.example`) || to.endsWith(`/partner-of-${ALPHA}`),
    hidden: [BRAVO, SOUTH, INTERNAL],
  },
  {
    name: 'the partner of B',
    is: (to: string) => to.endsWith(`@${SOUTH.toLowerCase()}.example`) || to.endsWith(`/partner-of-${BRAVO}`),
    hidden: [ALPHA, NORTH, INTERNAL],
  },
]
const marksIn = (text: string, hidden: readonly string[]): string[] =>
  hidden.filter(mark => text.toLowerCase().includes(mark.toLowerCase()))

describe('letters', () => {
  it.each(LETTER_KINDS.map(kind => ({ kind })))('of the kind $kind were written for both', ({ kind }) => {
    const of = told.filter(one => one.kind === kind)
    for (const mark of [ALPHA, BRAVO])
      expect(
        of.some(one => one.text.includes(mark)),
        mark,
      ).toBe(true)
  })
  it('have no template that this story does not know', () => {
    const folder = join(import.meta.dirname, '../../server/catalogue/templates/en')
    const names = readdirSync(folder).map(name => name.replace('.liquid', ''))
    expect(names.filter(name => !DRAFTS.includes(name) && !told.some(one => one.kind === name))).toEqual([])
  })
  it.each(SIDES)('to $name carry no word of others', ({ is, hidden }) => {
    const mine = told.filter(one => is(one.to))
    expect(mine.length).toBeGreaterThan(2)
    for (const { to, kind, text } of mine) {
      const marks = to.startsWith('ada@') ? hidden.filter(mark => mark !== INTERNAL && mark !== NOTE) : hidden
      expect(marksIn(text, marks), `${kind} to ${to}: ${text}`).toEqual([])
    }
  })
  it.each(SIDES)('to $name arrive so, files and headers too', ({ is, hidden }) => {
    const mails = two.world.mailbox.mails.filter(mail => mail.to.some(is))
    const calls = hooked.filter(({ path }) => is(path))
    expect(mails.length).toBeGreaterThan(1)
    expect(calls.length).toBeGreaterThan(0)
    for (const mail of mails) {
      expect(mail.to.every(is), mail.to.join()).toBe(true)
      const marks = mail.to.some(to => to.startsWith('ada@')) ? hidden.filter(mark => mark !== INTERNAL && mark !== NOTE) : hidden
      expect(marksIn(readable(mail.text), marks), mail.text).toEqual([])
    }
    for (const { path, text } of calls) expect(marksIn(text, hidden), `${path}: ${text}`).toEqual([])
  })
  it('go to nobody who is of neither side nor of the desk', () => {
    const others = new Set(told.map(one => one.to).filter(to => !SIDES.some(side => side.is(to))))
    expect([...others].filter(to => to !== 'desk@kioskeeper.example' && !to.includes('stranger@nowhere.example'))).toEqual([])
  })
})
