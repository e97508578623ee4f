/** Two people on one ticket: they see each other, nobody else does, and nobody overwrites what they have not seen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AttendanceAnswer } from '../../../shared/api/tickets/attendance-api.ts'
import type { Partner } from '../../../shared/api/customers/partner-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { until } from '../../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../../support/world.ts'

type Changed = { type: string; version: number; changes: { kind: string; text: string; author: { name: string | null } }[] }

let world: World
let now = Date.parse('2026-11-16T09:00:00Z')
let customerId = ''
const tokens = { anna: '', bert: '', viewer: '', customer: '', stranger: '', partner: '' }

beforeAll(async () => {
  world = await makeWorld({}, () => now)
  customerId = (await world.makeCustomer('ombori-production')).customerId
  const other = await world.makeCustomer('ombori-production')
  const partner = await world.ok<Partner>('POST', '/partners', { name: 'North', email: 'n@example.com', regions: [], skills: [] })
  const token = async (body: object): Promise<string> => (await world.ok<{ token: string }>('POST', '/tokens', body)).token
  tokens.anna = await token({ name: 'Anna', role: 'desk' })
  tokens.bert = await token({ name: 'Bert', role: 'desk' })
  tokens.viewer = await token({ name: 'Wall', role: 'viewer' })
  tokens.customer = await token({ name: 'portal', role: 'customer', customerId })
  tokens.stranger = await token({ name: 'other', role: 'customer', customerId: other.customerId })
  tokens.partner = await token({ name: 'North', role: 'partner', partnerId: partner.id })
})
afterAll(() => world.stop())

const register = (): Promise<Ticket> =>
  world.ok<Ticket>('POST', '/tickets', {
    customerId,
    level: 2,
    subject: 'Numbers are wrong',
    description: 'Since this morning.',
    channel: 'form',
    reporter: { name: 'Carl', email: 'carl@example.com' },
  })
const names = (answer: { body: AttendanceAnswer }): string[] =>
  answer.body.people.map(({ name, writing, isYou }) => `${name}${writing ? ' writes' : ''}${isYou ? ' (you)' : ''}`)

describe('presence', () => {
  it('shows who is there and who writes, until they go or are not heard of any more', async () => {
    const { id } = await register()
    const beat = (token: string, writing: boolean) => world.api<AttendanceAnswer>('PUT', `/tickets/${id}/presence`, { writing }, token)
    await beat(tokens.anna, true)
    expect(names(await beat(tokens.bert, false))).toEqual(['Anna writes', 'Bert (you)'])
    expect((await world.api('DELETE', `/tickets/${id}/presence`, undefined, tokens.anna)).status).toBe(204)
    expect(names(await world.api('GET', `/tickets/${id}/presence`, undefined, tokens.viewer))).toEqual(['Bert'])
    now += 41_000
    expect(names(await world.api('GET', `/tickets/${id}/presence`, undefined, tokens.viewer))).toEqual([])
  })

  it('is for staff alone', async () => {
    const { id } = await register()
    for (const token of [tokens.customer, tokens.stranger, tokens.partner])
      for (const [method, body] of [['GET'], ['PUT', { writing: true }], ['DELETE']] as const)
        expect((await world.api(method, `/tickets/${id}/presence`, body, token)).status).toBe(403)
    const limited = await world.ok<{ token: string }>('POST', '/tokens', { name: 'x', role: 'customer', customerId })
    expect((await world.api('PUT', `/tickets/${id}/presence`, { writing: true }, limited.token)).status).toBe(403)
    expect((await world.api('GET', '/tickets/nope/presence')).status).toBe(404)
  })

  it.each([{}, { writing: 'yes' }, { writing: true, name: 'Somebody else' }, []])('refuses %j', async body => {
    const { id } = await register()
    expect((await world.api('PUT', `/tickets/${id}/presence`, body)).status).toBe(400)
  })

  it('is told over the event stream to staff and to no customer', async () => {
    const { id } = await register()
    const heard = { staff: '', customer: '' }
    const ended = new AbortController()
    const follow = async (who: keyof typeof heard, token: string): Promise<void> => {
      const response = await fetch(`${world.url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` }, signal: ended.signal })
      const read = async (): Promise<void> => {
        for await (const chunk of response.body ?? []) heard[who] += Buffer.from(chunk as Uint8Array).toString()
      }
      read().catch(() => undefined)
    }
    await follow('staff', ADMIN_TOKEN)
    await follow('customer', tokens.customer)
    await world.api('PUT', `/tickets/${id}/presence`, { writing: true }, tokens.anna)
    await world.ok('POST', `/tickets/${id}/messages`, { visibility: 'public', body: 'On it.' })
    await until('the change at the customer', () => heard.customer.includes('event: ticket'))
    await until('the change at the staff', () => heard.staff.includes('event: ticket'))
    ended.abort()
    expect(heard.staff).toContain('event: attendance')
    expect(heard.customer).not.toContain('attendance')
  })
})

describe('a change that names its version', () => {
  it('is refused with what changed, and changes nothing; without a version it is as ever', async () => {
    const ticket = await register()
    const read = await world.api<Ticket>('GET', `/tickets/${ticket.id}`)
    expect(read.headers.get('etag')).toBe(`"${ticket.version}"`)
    await world.api('PATCH', `/tickets/${ticket.id}`, { level: 1, version: ticket.version }, tokens.anna)
    const late = await world.api<Changed>('PATCH', `/tickets/${ticket.id}`, { level: 4, version: ticket.version }, tokens.bert)
    expect([late.status, late.body.type, late.body.version]).toEqual([409, '/problems/ticket-changed', ticket.version + 1])
    expect(late.body.changes).toMatchObject([{ kind: 'level', author: { name: 'Anna' } }])
    const moved = await world.api<Changed>(
      'POST',
      `/tickets/${ticket.id}/transitions`,
      { to: 'resolved', version: ticket.version },
      tokens.bert,
    )
    expect([moved.status, moved.body.type]).toEqual([409, '/problems/ticket-changed'])
    expect(await world.ok<Ticket>('GET', `/tickets/${ticket.id}`)).toMatchObject({ level: 1, status: 'new' })
    expect((await world.api('PATCH', `/tickets/${ticket.id}`, { level: 3 }, tokens.bert)).status).toBe(200)
  })

  it('takes If-Match as well, and answers 412', async () => {
    const ticket = await register()
    const patch = async (ifMatch: string): Promise<number> =>
      (
        await fetch(`${world.url}/api/v1/tickets/${ticket.id}`, {
          method: 'PATCH',
          headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json', 'if-match': ifMatch },
          body: JSON.stringify({ level: 1 }),
        })
      ).status
    expect(await patch(`"${ticket.version}"`)).toBe(200)
    expect(await patch(`"${ticket.version}"`)).toBe(412)
    expect(await patch('*')).toBe(200)
    for (const wrong of ['7', '"x"', '"1", "2"', '""']) expect(await patch(wrong)).toBe(400)
  })

  it('counts a message as a change, and a clock that is nearly due as none', async () => {
    const ticket = await register()
    now += 50 * 60_000
    await until('the warning', async () =>
      (await world.ok<{ items: { kind: string }[] }>('GET', `/tickets/${ticket.id}/timeline`)).items.some(
        item => item.kind === 'clock-warning',
      ),
    )
    expect((await world.ok<Ticket>('GET', `/tickets/${ticket.id}`)).version).toBe(ticket.version)
    await world.ok('POST', `/tickets/${ticket.id}/messages`, { visibility: 'internal', body: 'Hm.' })
    expect((await world.ok<Ticket>('GET', `/tickets/${ticket.id}`)).version).toBe(ticket.version + 1)
  })
})
