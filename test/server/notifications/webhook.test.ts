import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { isPublicAddress } from '../../../server/notifications/channels/public-address.ts'
import { makeWebhookChannel } from '../../../server/notifications/channels/webhook.ts'
import type { DeliveryItem } from '../../../server/notifications/delivery.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise<void>(done => void server.close(() => done()))
  }
})
async function receiver(
  answer: RequestListener,
): Promise<{ url: string; calls: { method: string; headers: IncomingHttpHeaders; body: string }[] }> {
  const calls: { method: string; headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      calls.push({ method: request.method ?? '', headers: request.headers, body: Buffer.concat(parts).toString('utf8') })
      answer(request, response)
    })
  })
  servers.push(server)
  await new Promise<void>(done => void server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, calls }
}
const nowMs = Date.UTC(2026, 10, 23, 10)
const item = (address: string, change: Partial<DeliveryItem> = {}): DeliveryItem => ({
  id: 'd1',
  dedupKey: 'k',
  address,
  subject: '',
  body: '{"type":"ticket-opened","text":"größer"}',
  ticketId: 't1',
  createdAtMs: nowMs,
  link: null,
  secret: 'hush',
  ...change,
})
const open = makeWebhookChannel({ allowPrivate: true, now: () => nowMs, timeLimitMs: 500 })
const guarded = makeWebhookChannel({ allowPrivate: false, now: () => nowMs, timeLimitMs: 2_000 })

describe('a webhook', () => {
  it('is a POST whose signature the receiver can check, with a delivery id', async () => {
    const { url, calls } = await receiver((_request, response) => void response.writeHead(204).end())
    expect(await open(item(url))).toEqual({ outcome: 'sent', reason: 'HTTP 204' })
    const [call] = calls
    const seconds = nowMs / 1000
    expect(call?.headers['kioskeeper-signature']).toBe(
      `t=${seconds},v1=${createHmac('sha256', 'hush').update(`${seconds}.${call?.body}`).digest('hex')}`,
    )
    expect([call?.method, call?.headers['kioskeeper-delivery'], call?.headers['content-type'], call?.body]).toEqual([
      'POST',
      'd1',
      'application/json',
      item(url).body,
    ])
  })
  it('is not signed where no secret was agreed', async () => {
    const { url, calls } = await receiver((_request, response) => void response.writeHead(200).end())
    await open(item(url, { secret: null }))
    expect(calls[0]?.headers['kioskeeper-signature']).toBe(undefined)
  })
  it.each([
    [200, 'sent'],
    [302, 'never'],
    [400, 'again'],
    [410, 'never'],
    [429, 'again'],
    [503, 'again'],
  ])('answered with %i: %s', async (status, outcome) => {
    const { url } = await receiver((_request, response) => void response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('x'))
    expect(await open(item(url))).toMatchObject({ outcome })
  })
  it('follows no redirect', async () => {
    const secret = await receiver((_request, response) => void response.end('secret'))
    const { url } = await receiver((_request, response) => void response.writeHead(307, { location: secret.url }).end())
    await open(item(url))
    expect(secret.calls).toEqual([])
  })
  it('does not wait for a receiver that never answers, nor for an answer that never ends', async () => {
    const silent = await receiver(() => undefined)
    expect(await open(item(silent.url))).toEqual({ outcome: 'again', reason: 'no answer within 500 ms' })
    const endless = await receiver((_request, response) => void response.writeHead(200).write('x'))
    expect(await open(item(endless.url))).toMatchObject({ outcome: 'sent' })
  })
  it('to nobody is tried again', async () => expect(await open(item('http://127.0.0.1:1/'))).toMatchObject({ outcome: 'again' }))
})

describe('the guard against our own network', () => {
  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://10.1.2.3/',
    'http://169.254.169.254/latest/meta-data',
    'http://192.168.0.1/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://0.0.0.0/',
  ])('refuses %s for good', async address => {
    expect(await guarded(item(address))).toMatchObject({
      outcome: 'never',
      reason: expect.stringContaining('is not a public address') as string,
    })
  })
  it.each(['ftp://example.org/', 'file:///etc/passwd', 'nonsense', ''])('takes no %j', async address => {
    expect(await guarded(item(address))).toEqual({ outcome: 'never', reason: 'not an http or https address' })
  })
  it('reaches nothing behind a private name', async () => {
    const { url, calls } = await receiver((_request, response) => void response.end())
    await guarded(item(url.replace('127.0.0.1', 'localhost')))
    expect(calls).toEqual([])
  })
  it.each([
    ['8.8.8.8', true],
    ['172.15.0.1', true],
    ['172.16.0.1', false],
    ['172.31.255.255', false],
    ['172.32.0.1', true],
    ['100.64.0.1', false],
    ['198.18.0.1', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['2606:4700::1111', true],
    ['2001:db8::1', false],
    ['2002:7f00:1::', false],
    ['64:ff9b::7f00:1', false],
    ['::ffff:8.8.8.8', false],
    ['ff02::1', false],
    ['nonsense', false],
  ])('%s is public: %s', (address, isPublic) => expect(isPublicAddress(address)).toBe(isPublic))
})
