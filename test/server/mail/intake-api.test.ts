/** Who may see mails and files: strangers' mail is for staff who see everybody, a file is for those who see its ticket. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Attachment, IntakeItem } from '../../../shared/api/mail/intake-api.ts'
import { makeAccounts } from '../../../server/accounts/accounts.ts'
import { openStore } from '../../../server/database/database.ts'
import { storeLocation } from '../../../server/config.ts'
import { rawMail, withFiles } from '../../support/raw-mail.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

type Page<Item> = { items: Item[]; total: number }

describe('mail over HTTP', () => {
  let world: World
  const tokens: Record<string, string> = {}
  const ids: Record<string, string> = {}
  const hand = async (raw: Buffer, token = ADMIN_TOKEN) => {
    const response = await fetch(`${world.url}/api/v1/intake/mail`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'message/rfc822' },
      body: new Uint8Array(raw),
    })
    return { status: response.status, body: (await response.json()) as { ticketId: string; mailId: string; outcome: string } }
  }
  const status = async (method: string, path: string, token: string | undefined, body?: unknown) =>
    (
      await fetch(`${world.url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    ).status

  beforeAll(async () => {
    world = await makeWorld({ KIOSKEEPER_MAIL_FROM: 'desk@kiosk.example' })
    for (const name of ['mine', 'other']) {
      const { customerId } = await world.makeCustomer('ombori-enterprise')
      await world.ok('POST', `/customers/${customerId}/contacts`, { name, email: `${name}@shop.example` })
      ids[name] = customerId
    }
    const partner = await world.ok('POST', '/partners', { name: 'North', email: 'n@partner.example', regions: [], skills: [] })
    const store = await openStore(storeLocation(world.server.settings))
    const accounts = makeAccounts({ db: store.db, now: Date.now, adminToken: null })
    const token = async (role: 'desk' | 'viewer' | 'customer' | 'partner', customerId: string | null = null) =>
      (await accounts.createToken({ name: role, role, customerId, partnerId: role === 'partner' ? partner.id : null, createdBy: null }))
        .token
    tokens['desk'] = await token('desk')
    tokens['limited desk'] = await token('desk', ids['mine'])
    tokens['viewer'] = await token('viewer')
    tokens['customer'] = await token('customer', ids['mine'])
    tokens['other customer'] = await token('customer', ids['other'])
    tokens['partner'] = await token('partner')
    await store.close()
    const mine = await hand(
      rawMail({ from: 'mine@shop.example', mime: withFiles('See', [['ä "x".txt', 'text/plain', Buffer.from('hi')]]) }),
    )
    ids['ticket'] = mine.body.ticketId
    ids['mail'] = mine.body.mailId
    ids['strange mail'] = (await hand(rawMail({ from: 'stranger@shop.example' }))).body.mailId
    const files = await world.ok<Page<Attachment>>('GET', `/tickets/${ids['ticket']}/attachments`)
    ids['file'] = files.items[0]?.id ?? ''
    ids['item'] = (await world.ok<Page<IntakeItem>>('GET', '/intake')).items[0]?.id ?? ''
  })
  afterAll(() => world.stop())

  it.each([
    ['desk', 200, 200, 200, 200],
    ['limited desk', 403, 200, 403, 200],
    ['viewer', 200, 200, 200, 200],
    ['customer', 403, 403, 403, 200],
    ['other customer', 403, 403, 403, 404],
    ['partner', 403, 403, 403, 404],
  ] as const)('%s: intake %i, mail of the customer %i, mail of a stranger %i, file %i', async (who, intake, mail, strange, file) => {
    const token = tokens[who]
    const seen = await Promise.all([
      status('GET', '/intake', token),
      status('GET', `/mails/${ids['mail']}`, token),
      status('GET', `/mails/${ids['strange mail']}`, token),
      status('GET', `/attachments/${ids['file']}`, token),
      status('GET', `/tickets/${ids['ticket']}/attachments`, token),
    ])
    expect(seen).toEqual([intake, mail, strange, file, file])
  })
  it.each([
    ['viewer', 'may look and not decide'],
    ['limited desk', 'does not see whose it could be'],
    ['customer', 'is not of the desk'],
  ])('%s cannot assign, dismiss or hand over: %s', async (who, _why) => {
    const token = tokens[who] ?? ''
    expect([
      await status('POST', `/intake/${ids['item']}/assign`, token, { customerId: ids['mine'] }),
      await status('POST', `/intake/${ids['item']}/dismiss`, token),
      (await hand(rawMail(), token)).status,
    ]).toEqual([403, 403, 403])
  })
  it.each([
    ['/attachments/nothing', 404],
    ['/mails/nothing', 404],
    ['/tickets/nothing/attachments', 404],
    ['/intake?state=nonsense', 400],
    ['/intake?cursor=nonsense', 400],
  ])('GET %s: %i', async (path, code) => expect(await status('GET', path, ADMIN_TOKEN)).toBe(code))

  it('a file name cannot add a header', async () => {
    const response = await fetch(`${world.url}/api/v1/attachments/${ids['file']}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''[\w.%-]+$/)
    expect(await response.text()).toBe('hi')
  })
  it('assigns a mail once, with an answer that names the ticket', async () => {
    const made = await world.ok<{ ticketId: string }>('POST', `/intake/${ids['item']}/assign`, { customerId: ids['mine'] })
    expect(await world.ok('GET', `/tickets/${made.ticketId}`)).toMatchObject({ customerId: ids['mine'], channel: 'email' })
    expect(await status('POST', `/intake/${ids['item']}/assign`, ADMIN_TOKEN, { customerId: ids['mine'] })).toBe(409)
    expect(await (await fetch(`${world.url}/metrics`)).text()).toContain('kioskeeper_mails_total{outcome="ticket"} 1')
  })
  it('takes a language of the customer, and no other word', async () => {
    expect(await world.ok('PATCH', `/customers/${ids['mine']}`, { language: 'pt' })).toMatchObject({ language: 'pt' })
    expect(await status('PATCH', `/customers/${ids['mine']}`, ADMIN_TOKEN, { language: 'xx' })).toBe(400)
  })
})
