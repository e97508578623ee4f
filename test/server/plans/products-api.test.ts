import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceDetail } from '../../../shared/api/devices/device-api.ts'
import type { StoredProduct } from '../../../shared/api/plans/product-api.ts'
import { makeWorld, type World } from '../../support/world.ts'

type Ticket = { id: string; why: string[]; flags: string[]; productId: string | null; softwareVersion: string | null; status: string }
type Refusal = { type: string; errors: { path: string; message: string }[] }

describe('products over HTTP', () => {
  let world: World
  let place: { customerId: string; siteId: string }
  const today = Temporal.Now.plainDateISO('UTC')
  beforeAll(async () => {
    world = await makeWorld()
    place = await world.makeCustomer('op5-standard')
    await world.ok('PUT', '/products/monitor', {
      name: 'Monitor',
      releases: [
        { version: '6.0.0', releasedOn: '2020-01-15' },
        { version: '7.0.0', releasedOn: '2021-03-01' },
        { version: '8.0.0', releasedOn: today.subtract({ months: 2 }).toString() },
      ],
    })
  })
  afterAll(() => world.stop())

  it('are listed, read, replaced; unknown ones are not there, wrong ones named', async () => {
    expect((await world.ok<{ items: StoredProduct[] }>('GET', '/products')).items.map(product => product.id)).toEqual([
      'kioskeeper-agent',
      'monitor',
    ])
    const monitor = await world.ok<StoredProduct>('GET', '/products/monitor')
    expect(await world.ok<StoredProduct>('PUT', '/products/monitor', monitor)).toEqual(monitor)
    expect((await world.api('GET', '/products/nothing')).status).toBe(404)
    const wrong = await world.api<Refusal>('PUT', '/products/monitor', {
      ...monitor,
      releases: [{ version: 'x', releasedOn: '2026-02-30' }],
      colour: 1,
    })
    expect([wrong.status, wrong.body.errors.map(fault => fault.path)]).toEqual([400, ['body/colour', 'body/releases/0/version']])
    const late = await world.api<Refusal>('PUT', '/products/monitor', {
      ...monitor,
      endOfLife: { on: today.add({ months: 11 }).toString() },
    })
    expect([late.status, late.body.errors.map(fault => fault.path)]).toEqual([400, ['body/endOfLife/on', 'body/endOfLife/on']])
    expect(late.body.errors[0]?.message).toContain(`the earliest date is ${today.add({ months: 12 }).toString()}`)
  })

  const report = (more: object) => ({
    customerId: place.customerId,
    level: 2,
    subject: 'Checks do not run',
    description: 'Since noon',
    channel: 'portal',
    reporter: { name: 'Kim', email: 'kim@shop.example' },
    platformVersion: 'Debian 13',
    ...more,
  })
  it('a ticket about a version that is not supported says so, and no more when it is corrected', async () => {
    const ticket = await world.ok<Ticket>('POST', '/tickets', report({ productId: 'monitor', softwareVersion: 'v6.0.0' }))
    const sentence =
      'Monitor 6.0.0 is not supported any more, support ended on 2021-03-01: its major version 6 came out on 2020-01-15. The current release is 8.0.0.'
    expect([ticket.productId, ticket.why.includes(sentence), ticket.flags]).toEqual(['monitor', true, ['contact-not-named']])
    const corrected = await world.ok<Ticket>('PATCH', `/tickets/${ticket.id}`, { softwareVersion: '8.0.0' })
    expect(corrected.why).not.toContain(sentence)
    expect(corrected.why.length).toBe(ticket.why.length - 1)
    expect((await world.ok<Ticket>('PATCH', `/tickets/${ticket.id}`, { softwareVersion: '6.0.0' })).why).toContain(sentence)
  })
  it('a product may be named later; without one, or without a version, nothing is judged', async () => {
    const ticket = await world.ok<Ticket>('POST', '/tickets', report({ softwareVersion: '6.0.0' }))
    expect([ticket.productId, ticket.why.some(sentence => sentence.includes('not supported'))]).toEqual([null, false])
    expect((await world.ok<Ticket>('PATCH', `/tickets/${ticket.id}`, { productId: 'monitor' })).why.at(-1)).toContain(
      'Monitor 6.0.0 is not supported',
    )
    const bare = await world.ok<Ticket>('POST', '/tickets', report({ productId: 'monitor' }))
    expect(bare.why.some(sentence => sentence.includes('Monitor'))).toBe(false)
  })
  it('an unknown product is refused', async () => {
    const made = await world.api<Refusal>('POST', '/tickets', report({ productId: 'nothing', softwareVersion: '1' }))
    expect([made.status, made.body.errors]).toEqual([400, [{ path: 'body/productId', message: 'is not a product of the catalogue' }]])
    const ticket = await world.ok<Ticket>('POST', '/tickets', report({ softwareVersion: '1' }))
    expect((await world.api('PATCH', `/tickets/${ticket.id}`, { productId: 'nothing' })).status).toBe(400)
  })

  it("a device says whether its customer's plan supports its agent", async () => {
    const enrol = async (planId: string): Promise<string> => {
      const where = await world.makeCustomer(planId)
      const token = await world.enrolmentToken(where)
      const made = await world.ok<{ deviceId: string }>('POST', '/enrol', {
        token,
        machineId: randomUUID(),
        hostname: 'kiosk',
        platform: 'linux',
        agentVersion: '0.1.0',
      })
      return made.deviceId
    }
    const [strict, free] = [await enrol('op5-basic'), await enrol('ombori-pilot')]
    const supportOf = async (id: string) => (await world.ok<DeviceDetail>('GET', `/devices/${id}`)).agentSupport
    expect(await supportOf(strict)).toEqual({
      supported: true,
      until: null,
      why: 'Kioskeeper agent 0.1.0 is supported: it is the current release.',
    })
    const agent = await world.ok<StoredProduct>('GET', '/products/kioskeeper-agent')
    const releasedOn = today.subtract({ days: 3 }).toString()
    const first = { version: '0.1.0', releasedOn: today.subtract({ days: 30 }).toString() }
    await world.ok('PUT', '/products/kioskeeper-agent', { ...agent, releases: [first, { version: '0.2.0', releasedOn }] })
    expect(await supportOf(strict)).toEqual({
      supported: false,
      until: releasedOn,
      why: `Kioskeeper agent 0.1.0 is not supported any more, support ended on ${releasedOn}: only the current release is supported. The current release is 0.2.0.`,
    })
    expect(await supportOf(free)).toEqual({
      supported: true,
      until: null,
      why: 'Kioskeeper agent 0.1.0 is supported: the plan supports every version.',
    })
  })
})
