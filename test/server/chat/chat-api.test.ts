/** Chat over HTTP: without a login, live both ways, framed only where it may be; hostile bodies and who may switch it on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChatWidget, Conversation } from '../../../shared/api/chat/chat-api.ts'
import { makeCallers, type CallerName, type Callers } from '../../support/callers.ts'
import { makeWorld, type World } from '../../support/world.ts'

describe('chat over HTTP', () => {
  let world: World
  let callers: Callers
  let key: string
  const anybody = async <Body>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${world.url}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Body, headers: response.headers }
  }
  beforeAll(async () => {
    world = await makeWorld()
    callers = await makeCallers(world)
    key = (await world.ok<ChatWidget>('PUT', `/customers/${callers.mine}/chat`, { origins: ['https://shop.example'] })).key ?? ''
  })
  afterAll(() => world.stop())

  it.each<[CallerName, number, number, number]>([
    ['admin', 200, 200, 200],
    ['desk', 200, 200, 403],
    ['limited desk', 200, 404, 403],
    ['viewer', 200, 200, 403],
    ['customer', 403, 403, 403],
    ['partner', 403, 403, 403],
  ])('%s: sees it of mine %i, of another %i, switches it on %i', async (who, mine, other, put) => {
    expect(await callers.status(who, 'GET', `/customers/${callers.mine}/chat`)).toBe(mine)
    expect(await callers.status(who, 'GET', `/customers/${callers.other}/chat`)).toBe(other)
    expect(await callers.status(who, 'PUT', `/customers/${callers.mine}/chat`, { origins: ['https://shop.example'] })).toBe(put)
  })

  it('what is said on one side is heard on the other', async () => {
    const opened = await anybody<{ token: string; conversation: Conversation }>('POST', `/chat/${key}/conversations`, {
      name: '<b>Vera</b>',
      text: '<script>alert(1)</script>',
    })
    expect([opened.status, opened.headers.get('cache-control')]).toEqual([201, 'no-store'])
    const { token } = opened.body
    const stream = await fetch(`${world.url}/api/v1/conversations/${token}/events`)
    const reader = (stream.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    const hear = async (times: number): Promise<void> => {
      while (heard.split('event: changed').length - 1 < times) heard += (await reader.read()).value ?? ''
    }
    await hear(1)
    const [ticket] = (await world.ok<{ items: { id: string; channel: string; subject: string }[] }>('GET', '/tickets')).items
    expect(ticket).toMatchObject({ channel: 'chat', subject: '<script>alert(1)</script>' })
    await world.ok('POST', `/tickets/${ticket?.id}/messages`, { visibility: 'public', body: 'Hello' })
    await hear(2)
    await reader.cancel()
    const seen = await anybody<Conversation>('GET', `/conversations/${token}`)
    expect(seen.body.messages.map(message => message.text)).toEqual(['<script>alert(1)</script>', 'Hello'])
    expect((await anybody('GET', `/conversations/${token}x`)).status).toBe(404)
    expect((await fetch(`${world.url}/api/v1/conversations/${token}x/events`)).status).toBe(404)
  })

  it.each([
    ['no name', { name: '', text: 'x' }],
    ['no words', { name: 'V', text: '' }],
    ['words without end', { name: 'V', text: 'x'.repeat(4_001) }],
    ['an address that is none', { name: 'V', text: 'x', email: 'a b@c' }],
    ['another customer', { name: 'V', text: 'x', customerId: 'other' }],
  ])('%s is refused', async (_reason, body) => expect((await anybody('POST', `/chat/${key}/conversations`, body)).status).toBe(400))

  it('one address begins a few conversations a minute, not a flood', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 8; n += 1) statuses.push((await anybody('POST', `/chat/${key}/conversations`, { name: 'V', text: 'x' })).status)
    expect(statuses).toContain(429)
  })

  it('the script is small and may be embedded anywhere; the chat is framed by the customer’s sites alone', async () => {
    const script = await fetch(`${world.url}/chat.js`)
    const text = await script.text()
    expect(text.length).toBeLessThan(4_096)
    expect(script.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    const page = await fetch(`${world.url}/chat/${key}`)
    if (page.status === 200) {
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'self' https://shop.example")
      expect(page.headers.get('x-frame-options')).toBe(null)
      expect((await fetch(`${world.url}/chat/unknown`)).headers.get('content-security-policy')).toMatch(/frame-ancestors 'self'$/)
    }
    expect((await fetch(`${world.url}/`)).headers.get('x-frame-options')).toBe('SAMEORIGIN')
    for (const origins of [['javascript:alert(1)'], ['https://a.example; script-src *'], ['https://a.example/path']])
      expect((await world.api('PUT', `/customers/${callers.mine}/chat`, { origins })).status).toBe(400)
  })
})
