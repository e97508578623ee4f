/** Whatever one customer, its partner and the house do about it, another customer's complete view stays the same to the byte, and its streams are silent. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawMail } from '../support/raw-mail.ts'
import { ADMIN_TOKEN } from '../support/world.ts'
import { sendBytes, type Things } from './furnished.ts'
import { ALPHA, makeTwoCustomers, type TwoCustomers } from './two-customers.ts'

let two: TwoCustomers
beforeAll(async () => {
  two = await makeTwoCustomers()
})
afterAll(() => two.stop())

type Act = (things: Things, count: number) => Promise<{ status: number } | undefined>
const api =
  (method: string, path: (things: Things) => string, body?: (things: Things, count: number) => unknown, as = 'house'): Act =>
  (things, count) =>
    two.call(as === 'house' ? ADMIN_TOKEN : (things[`${as}Token`] ?? ''), method, `/api/v1${path(things)}`, {
      body: body?.(things, count),
    })
const ticket = (more: string) => (things: Things) => `/tickets/${things['ticket']}${more}`
const say = (visibility: 'public' | 'internal') => () => ({ visibility, body: `${ALPHA} again` })
const move = (to: string) => () => ({ to, reason: `${ALPHA} reason` })

/** What can happen around A. A refusal is an act too. */
const ACTS: Record<string, Act> = {
  'the customer writes': api('POST', ticket('/messages'), say('public'), 'customer'),
  'the desk answers': api('POST', ticket('/messages'), say('public')),
  'the desk notes': api('POST', ticket('/messages'), say('internal')),
  'the customer reports': api(
    'POST',
    () => '/tickets',
    ({ customer, device }, count) => ({
      customerId: customer,
      level: (count % 4) + 1,
      subject: `${ALPHA} report ${count}`,
      description: ALPHA,
      channel: 'portal',
      deviceId: device,
      reporter: { name: ALPHA, email: 'carl@alpha-secret.example' },
    }),
    'customer',
  ),
  'it is taken up': api('POST', ticket('/transitions'), move('in-progress')),
  'it is resolved': api('POST', ticket('/transitions'), move('resolved')),
  'it gets another level': api('PATCH', ticket(''), (_, count) => ({ level: (count % 4) + 1 })),
  'it is tied': api('POST', ticket('/links'), ({ mailTicket }) => ({ kind: 'related', ticketId: mailTicket })),
  'it goes to a partner': api('POST', ticket('/dispatch'), ({ partner }) => ({ partnerId: partner })),
  'a site is made': api(
    'POST',
    ({ customer }) => `/customers/${customer}/sites`,
    (_, count) => ({ name: `${ALPHA} ${count}` }),
  ),
  'a contact is named': api(
    'POST',
    ({ customer }) => `/customers/${customer}/contacts`,
    (_, count) => ({
      name: ALPHA,
      email: `n${count}@alpha-secret.example`,
    }),
  ),
  'the plan is changed': api(
    'PATCH',
    ({ customer }) => `/customers/${customer}`,
    (_, count) => ({
      planId: count % 2 === 0 ? 'ombori-pilot' : 'ombori-enterprise',
    }),
  ),
  'the device is renamed': api(
    'PATCH',
    ({ device }) => `/devices/${device}`,
    (_, count) => ({ name: `${ALPHA} ${count}` }),
  ),
  'a rule is set': api(
    'PUT',
    ({ customer }) => `/rules/page.unreachable?scope=customer:${customer}`,
    () => ({
      enabled: true,
      level: 1,
      holdSeconds: 0,
      clearSeconds: 0,
      fixedBy: 'remote',
      remedies: [],
      ladderSeconds: 0,
    }),
  ),
  'an article is written': api(
    'POST',
    () => '/articles',
    ({ customer }, count) => ({
      title: `${ALPHA} ${count}`,
      body: ALPHA,
      signals: ['display.disconnected'],
      visibility: 'public',
      language: 'en',
      customers: [customer],
    }),
  ),
  'a defect is found': api(
    'POST',
    () => '/defects',
    ({ ticket: ticketId }, count) => ({
      class: 'crash',
      title: `${ALPHA} ${count}`,
      impact: ALPHA,
      ticketId,
    }),
  ),
  'a defect is spoken of': api(
    'POST',
    ({ ownDefect }) => `/defects/${ownDefect}/comments`,
    () => ({ text: ALPHA }),
  ),
  'its defect is told': api(
    'POST',
    ({ ownDefect }) => `/defects/${ownDefect}/letter`,
    () => ({ what: 'estimate' }),
  ),
  'its major incident is told': api(
    'POST',
    ({ ownMajor }) => `/majors/${ownMajor}/messages`,
    () => ({ body: 'We are on it.' }),
  ),
  'work is planned': api(
    'POST',
    () => '/maintenance-windows',
    ({ customer }) => ({
      scope: { customerId: customer },
      from: '2099-01-01T00:00:00Z',
      to: '2099-01-01T01:00:00Z',
      reason: ALPHA,
    }),
  ),
  'training is used': api(
    'POST',
    ({ customer, entitlement }) => `/customers/${customer}/entitlements/${entitlement}/uses`,
    () => ({
      amount: 0.25,
      note: ALPHA,
    }),
  ),
  'a visitor writes': api(
    'POST',
    ({ conversation }) => `/conversations/${conversation}/messages`,
    () => ({ text: ALPHA }),
  ),
  'somebody is at the ticket': api('PUT', ticket('/presence'), () => ({ writing: true })),
  'an answer is given': api(
    'POST',
    ({ satisfaction }) => `/satisfaction/${satisfaction}`,
    () => ({ score: 'bad' }),
  ),
  'a person is invited': api(
    'POST',
    () => '/people',
    ({ customer }, count) => ({
      email: `p${count}@alpha-secret.example`,
      name: ALPHA,
      role: 'customer',
      customerIds: [customer],
    }),
  ),
  'a mail comes': () =>
    sendBytes(
      `${two.world.url}/api/v1/intake/mail`,
      rawMail({ from: `${ALPHA} <carl@alpha-secret.example>`, subject: `${ALPHA} mail` }),
      ADMIN_TOKEN,
      'message/rfc822',
    ),
  'the device fails': async (_, count) => {
    await two.device?.event(count % 2 === 0 ? 'page.unreachable' : 'app.frozen', 'failing', `${ALPHA} fails`)
    return undefined
  },
  'the device is well': async () => {
    await two.device?.event('page.unreachable', 'ok', `${ALPHA} is well`)
    return undefined
  },
}

const WATCHERS = ['customerToken', 'partnerToken', 'managerToken'] as const
async function completeView(): Promise<Record<string, Record<string, string>>> {
  const views: Record<string, Record<string, string>> = {}
  for (const who of WATCHERS) {
    const view = await two.view(two.b, two.b[who] ?? '')
    for (const path of ['counts', 'similar?customerId=', 'duplicates?subject=screen+is+dark&customerId='])
      view[path] = (await two.call(two.b[who] ?? '', 'GET', `/api/v1/tickets/${path}${path.endsWith('=') ? two.b['customer'] : ''}`)).text
    for (const path of [
      'customers',
      'devices',
      'tickets',
      'incidents',
      'visits',
      'jobs',
      'articles',
      'partners',
      'defects',
      'majors',
      'outbox',
      'on-call',
      'on-call/alerts',
      'people',
      'rules',
      'servicedesk-links',
      'maintenance-windows',
      'intake',
      'plans',
      'catalogue/export',
      'callers?q=carl',
    ])
      view[path] = (await two.call(two.b[who] ?? '', 'GET', `/api/v1/${path}`)).text
    views[who] = view
  }
  return views
}

describe('a customer', () => {
  it('hears and sees nothing of what happens around another', async () => {
    let count = 0
    const done = new Map<string, number>()
    const perform = async (name: string): Promise<void> => {
      const answer = await ACTS[name]?.(two.a, (count += 1))
      const status = answer?.status ?? 200
      done.set(name, Math.min(status, done.get(name) ?? status))
    }
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(Object.keys(ACTS), { minLength: 6, maxLength: 12 }), async acts => {
        const [before, silent] = [await completeView(), await two.heard()]
        for (const name of acts) await perform(name)
        expect(await two.heard()).toEqual(silent)
        expect(await completeView()).toEqual(before)
      }),
      { numRuns: 5, endOnFailure: true },
    )
    // What chance has left out.
    const [before, silent] = [await completeView(), await two.heard()]
    for (const name of Object.keys(ACTS)) if (!done.has(name)) await perform(name)
    expect(await two.heard()).toEqual(silent)
    expect(await completeView()).toEqual(before)
    // what an earlier act has ruled out (a ticket taken up twice, a visit of a resolved one) is refused; everything else has happened
    expect([...done].filter(([, status]) => status >= 300 && status !== 409)).toEqual([])
    expect([...done].filter(([, status]) => status === 409).length).toBeLessThan(6)
  })

  it('is not told by the numbers of the house, which name no customer', async () => {
    const { text } = await two.call(null, 'GET', '/metrics')
    const found = two.marks.filter(mark => text.toLowerCase().includes(mark.toLowerCase()))
    expect(found.map(two.nameOf)).toEqual([])
    expect(text).toContain('kioskeeper_tickets_open')
  })
})
