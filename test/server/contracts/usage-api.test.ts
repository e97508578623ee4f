import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CoverChoice, Usage } from '../../../shared/api/contracts/customer-api.ts'
import type { EntitlementBalance, EntitlementUse } from '../../../shared/api/contracts/entitlement-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { Statement } from '../../../shared/api/contracts/statement-api.ts'
import { runAgentCommand } from '../../agent/agent-process.ts'
import { postgresPlace } from '../../support/stores.ts'
import { until } from '../../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

type Problem = { type: string; detail: string; errors?: { path: string; message: string }[]; left?: number }

describe('usage over HTTP, on PostgreSQL', () => {
  let world: World
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kk-usage-'))
    world = await makeWorld({ KIOSKEEPER_DATABASE_URL: (await postgresPlace()).location })
  })
  afterAll(async () => {
    await world.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const tokenFor = async (body: object): Promise<string> =>
    (await world.ok<{ token: string }>('POST', '/tokens', { name: 'x', ...body })).token
  const customerOf = async (planId: string, overrides: object = {}): Promise<string> =>
    (await world.ok('POST', '/customers', { name: 'Corner shop', planId, timeZone: 'Europe/Stockholm', overrides })).id
  const enrol = (token: string, machine: string) =>
    world.api('POST', '/enrol', { token, machineId: machine, hostname: machine, platform: 'linux', agentVersion: '0.1.0' })

  it('admits exactly what the plan includes of fifty that ask at once', async () => {
    const place = await world.makeCustomer('ombori-free')
    const token = await world.enrolmentToken(place)
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => enrol(token, `m${index}`)))
    expect(Map.groupBy(answers, answer => answer.status).get(201)).toHaveLength(3)
    expect(Map.groupBy(answers, answer => answer.status).get(403)).toHaveLength(47)
    const usage = await world.ok<Usage>('GET', `/customers/${place.customerId}/usage`)
    expect(usage).toMatchObject({
      devices: { included: 3, covered: 3, additional: 0, waiting: 47 },
      reached: [{ limit: 'devices', percent: 100 }],
    })
    expect(usage.reached[0]?.sentence).toBe(
      '3 of 3 devices in the plan Free are covered. Every further device is refused and waits until a place is free.',
    )
  })

  it('tells the installer, at the real agent, that a device waits, enters, or is billed separately', async () => {
    const place = await world.makeCustomer('ombori-free')
    await world.ok('PATCH', `/customers/${place.customerId}`, { overrides: { devices: 1 } })
    const token = await world.enrolmentToken(place)
    const agent = (name: string) =>
      runAgentCommand(['enrol', '--server', world.url, '--token', token, '--data-dir', join(folder, name)], {
        environment: { KIOSKEEPER_AGENT_MACHINE_ID: name },
      })
    const first = await agent('one')
    expect([first.code, first.out]).toEqual([0, expect.stringMatching(/^Enrolled\. Device id: \w{26} \(state: active\)\n$/)])
    const second = await agent('two')
    expect(second.code).toBe(3)
    expect(second.err).toContain('Device limit reached: The plan includes 1 device and all places are taken.')
    expect(second.err).toContain('The plan includes 1 device, 1 is covered.')
    expect(second.err).toContain('To let it in: retire a device that is no longer used, or extend the plan.')
    await world.ok('PATCH', `/customers/${place.customerId}`, { planId: 'ombori-pilot' })
    const third = await agent('two')
    expect(third.code).toBe(0)
    expect(third.out).toMatch(/state: additional\)\nThis device is additional[^]*billed separately, per device and day/)
  }, 60_000)

  it('keeps statements, as JSON and for a spreadsheet, and shows them to their own customer only', async () => {
    const customerId = await customerOf('ombori-pilot', { devices: 1 })
    const other = await customerOf('ombori-free')
    const site = await world.ok('POST', `/customers/${customerId}/sites`, { name: 'High street' })
    const token = await world.enrolmentToken({ customerId, siteId: site.id })
    for (const machine of ['a', "=cmd|' /C calc'!A0"]) expect((await enrol(token, machine)).status).toBe(201)
    const { items } = await world.ok<Page<{ month: string; state: string }>>('GET', `/customers/${customerId}/statements`)
    expect(items).toMatchObject([{ state: 'so-far' }])
    const month = items[0]?.month ?? ''
    const statement = await world.ok<Statement>('GET', `/customers/${customerId}/statement?month=${month}`)
    expect(statement).toMatchObject({ month, state: 'so-far', devices: { included: 1, deviceDays: 1 } })
    const csv = await fetch(`${world.url}/api/v1/customers/${customerId}/statement.csv`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    })
    expect([csv.status, csv.headers.get('content-type'), csv.headers.get('content-disposition')]).toEqual([
      200,
      'text/csv; charset=utf-8; header=present',
      `attachment; filename="statement-${month}.csv"`,
    ])
    const bytes = Buffer.from(await csv.arrayBuffer())
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
    expect(bytes.toString('utf8')).toContain(`"'=cmd|' /C calc'!A0"`)

    const own = await tokenFor({ role: 'customer', customerId })
    const { id: partnerId } = await world.ok('POST', '/partners', { name: 'P', email: 'p@x.example', regions: [], skills: [] })
    const foreign = [await tokenFor({ role: 'customer', customerId: other }), await tokenFor({ role: 'partner', partnerId })]
    for (const path of ['statements', 'statement', 'statement.csv', 'entitlements', 'usage', 'covered-devices']) {
      const url = `${world.url}/api/v1/customers/${customerId}/${path}`
      const status = async (bearer: string): Promise<number> =>
        (await fetch(url, { headers: { authorization: `Bearer ${bearer}` } })).status
      expect(await status(own), path).toBe(200)
      for (const bearer of foreign) expect(await status(bearer), path).toBe(404)
    }
    expect((await world.api('GET', `/customers/${customerId}/statement?month=1999-01`)).status).toBe(404)
    expect((await world.api('GET', `/customers/${customerId}/statement?month=2026-13`)).status).toBe(400)
    expect((await world.api('GET', `/customers/${customerId}/statement?month[]=x`)).status).toBe(400)
  })

  it('keeps a ledger of entitlements with balances, and refuses with what is left', async () => {
    const customerId = await customerOf('opservices-premium', { entitlements: { consultancy: 4, 'on-site-visit': 2 } })
    const path = `/customers/${customerId}/entitlements`
    const list = async () => new Map((await world.ok<Page<EntitlementBalance>>('GET', path)).items.map(item => [item.id, item]))
    expect((await list()).get('on-site-visit')).toMatchObject({ amount: 2, used: 0, left: 2, addOn: true, isActive: true })
    expect((await list()).get('msp-support')).toMatchObject({ addOn: true, isActive: false })
    const ticket = await world.ok('POST', '/tickets', {
      customerId,
      level: 3,
      subject: 'Visit us',
      description: 'Please',
      channel: 'form',
      reporter: { name: 'Carl', email: 'carl@shop.example' },
    })
    const use = await world.ok<EntitlementUse>('POST', `${path}/consultancy/uses`, {
      amount: 2.25,
      note: 'Health check',
      ticketId: ticket.id,
    })
    expect(use).toMatchObject({ entitlementId: 'consultancy', amount: 2.25, ticketId: ticket.id, cancelledAt: null })
    const refused = await world.api<Problem>('POST', `${path}/consultancy/uses`, { amount: 2, note: 'Again' })
    expect(refused).toMatchObject({ status: 409, body: { type: '/problems/entitlement-exhausted', left: 1.75 } })
    expect(refused.body.detail).toContain('1.75 of 4 hours')
    expect(await world.api<Problem>('POST', `${path}/msp-support/uses`, { amount: 1, note: 'x' })).toMatchObject({
      status: 409,
      body: { type: '/problems/entitlement-not-bought', detail: expect.stringContaining('MSP support is bought separately') },
    })
    const viewer = await tokenFor({ role: 'viewer' })
    expect((await world.api('POST', `${path}/consultancy/uses`, { amount: 1, note: 'x' }, viewer)).status).toBe(403)
    expect((await world.api('DELETE', `${path}/consultancy/uses/${use.id}`)).status).toBe(204)
    expect((await world.api('DELETE', `${path}/on-site-visit/uses/${use.id}`)).status).toBe(404)
    expect((await list()).get('consultancy')).toMatchObject({ used: 0, left: 4 })
    const uses = await world.ok<Page<EntitlementUse>>('GET', `${path}/consultancy/uses`)
    expect(uses).toMatchObject({ total: 1, items: [{ id: use.id, cancelledAt: expect.any(String) }] })
  })

  it.each<{ why: string; entitlement: string; body: object; status: number; at?: string }>([
    { why: 'nothing', entitlement: 'consultancy', body: { amount: 0, note: 'x' }, status: 400, at: 'body/amount' },
    { why: 'a negative amount', entitlement: 'consultancy', body: { amount: -1, note: 'x' }, status: 400, at: 'body/amount' },
    { why: 'more than a number can be', entitlement: 'consultancy', body: { amount: 1e308, note: 'x' }, status: 400, at: 'body/amount' },
    { why: 'text', entitlement: 'consultancy', body: { amount: '1', note: 'x' }, status: 400, at: 'body/amount' },
    { why: 'no note', entitlement: 'consultancy', body: { amount: 1 }, status: 400 },
    { why: 'half a visit', entitlement: 'on-site-visit', body: { amount: 0.5, note: 'x' }, status: 400, at: 'body/amount' },
    {
      why: 'the future',
      entitlement: 'consultancy',
      body: { amount: 1, note: 'x', at: '2999-01-01T00:00:00Z' },
      status: 400,
      at: 'body/at',
    },
    {
      why: 'before the customer',
      entitlement: 'consultancy',
      body: { amount: 1, note: 'x', at: '1999-01-01T00:00:00Z' },
      status: 400,
      at: 'body/at',
    },
    {
      why: 'a day that is none',
      entitlement: 'consultancy',
      body: { amount: 1, note: 'x', at: '2026-13-40T00:00:00Z' },
      status: 400,
      at: 'body/at',
    },
    {
      why: 'a ticket of nobody',
      entitlement: 'consultancy',
      body: { amount: 1, note: 'x', ticketId: 'nobody' },
      status: 400,
      at: 'body/ticketId',
    },
    {
      why: 'a product where there is none',
      entitlement: 'consultancy',
      body: { amount: 1, note: 'x', product: 'NMIS' },
      status: 400,
      at: 'body/product',
    },
    { why: 'what the plan does not have', entitlement: 'sauna', body: { amount: 1, note: 'x' }, status: 404 },
    { why: 'an unknown field', entitlement: 'consultancy', body: { amount: 1, note: 'x', price: 0 }, status: 400 },
  ])('refuses a use with $why', async ({ entitlement, body, status, at }) => {
    const customerId = await customerOf('opservices-premium', { entitlements: { consultancy: 4, 'on-site-visit': 2 } })
    const answer = await world.api<Problem>('POST', `/customers/${customerId}/entitlements/${entitlement}/uses`, body)
    expect(answer.status).toBe(status)
    if (at !== undefined) expect(answer.body.errors?.map(error => error.path)).toContain(at)
  })

  it('refuses own terms for entitlements that the plan does not have, with the list of those it has', async () => {
    const input = { name: 'A', planId: 'ops-com-premium', timeZone: 'Europe/Stockholm', overrides: { entitlements: { traning: 5 } } }
    const made = await world.api<Problem>('POST', '/customers', input)
    expect(made).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'body/overrides/entitlements/traning', message: expect.stringContaining('training, extra-training') }] },
    })
    const customerId = await customerOf('ops-com-premium', { entitlements: { training: 5 } })
    const moved = await world.api<Problem>('PATCH', `/customers/${customerId}`, { planId: 'ombori-free' })
    expect(moved).toMatchObject({ status: 400, body: { errors: [{ message: 'is not an entitlement of the plan Free, which has none' }] } })
    await world.ok('PATCH', `/customers/${customerId}`, { planId: 'ombori-free', overrides: {} })
  })

  it('lets the desk choose after a downgrade, and names what is wrong with a choice', async () => {
    const place = await world.makeCustomer('ombori-production')
    const token = await world.enrolmentToken(place)
    for (const machine of ['a', 'b', 'c', 'd']) await enrol(token, machine)
    await world.ok('PATCH', `/customers/${place.customerId}`, { planId: 'ombori-free' })
    const path = `/customers/${place.customerId}/covered-devices`
    const choice = await world.ok<CoverChoice>('GET', path)
    expect(choice.items.map(item => [item.name, item.chosen])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
      ['d', false],
    ])
    const ids = choice.items.map(item => item.deviceId)
    expect(await world.api<Problem>('PUT', path, { deviceIds: ids })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'body/deviceIds', message: '4 devices are chosen and the plan includes 3' }] },
    })
    expect(await world.api<Problem>('PUT', path, { deviceIds: ['nonsense'] })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'body/deviceIds/0' }] },
    })
    expect(await world.ok<Usage>('PUT', path, { deviceIds: ids.slice(1) })).toMatchObject({ devices: { covered: 3 } })
    await until('the mail about the rest', () =>
      world.mailbox.mails.some(mail => mail.subject.includes('1 device is not covered any more')),
    )
  })
})
