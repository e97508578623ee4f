/**
 * Webhooks: a signed POST. The name is resolved once and that very address is connected to, so that a name cannot point
 * elsewhere between check and use; redirects are not followed.
 */
import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Outcome, Send } from '../delivery.ts'
import { isPublicAddress } from './public-address.ts'

const TIME_LIMIT_MS = 10_000

/** `t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY` with the agreed secret. */
export function signature(secret: string, atMs: number, body: string): string {
  const seconds = Math.floor(atMs / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

class NotAllowed extends Error {}

/** The one address to connect to. Throws NotAllowed when any address of the name is not public. */
async function resolve(url: URL, allowPrivate: boolean): Promise<{ address: string; family: number }> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  const found = family === 0 ? await lookup(host, { all: true }) : [{ address: host, family }]
  const [first] = found
  if (!first) throw new Error(`${host} has no address`)
  if (!allowPrivate && !found.every(each => isPublicAddress(each.address))) throw new NotAllowed(`${host} is not a public address`)
  return first
}

function post(
  url: URL,
  target: { address: string; family: number },
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((done, failed) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const call = send(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        agent: false,
        signal,
        lookup: (_host, options, answer) => {
          if (options.all) answer(null, [target])
          else answer(null, target.address, target.family)
        },
      },
      response => {
        done(response.statusCode ?? 0)
        // Only the status matters; a body without end must not keep the connection.
        response.destroy()
      },
    )
    call.on('error', failed)
    call.end(body)
  })
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return { outcome: 'sent', reason: `HTTP ${status}` }
  if (status >= 300 && status < 400) return { outcome: 'never', reason: `HTTP ${status}: redirects are not followed` }
  return status === 410 ? { outcome: 'never', reason: 'HTTP 410: the receiver is gone' } : { outcome: 'again', reason: `HTTP ${status}` }
}

/**
 * Makes the webhook channel. `allowPrivate` lets it reach private and loopback addresses; `timeLimitMs` is for name, connection
 * and answer together.
 */
export function makeWebhookChannel(options: { allowPrivate: boolean; timeLimitMs?: number; now?: () => number }): Send {
  const { allowPrivate, timeLimitMs = TIME_LIMIT_MS, now = Date.now } = options
  return async item => {
    const url = URL.parse(item.address)
    if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return { outcome: 'never', reason: 'not an http or https address' }
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'kioskeeper',
      'kioskeeper-delivery': item.id,
      ...(item.secret === null ? {} : { 'kioskeeper-signature': signature(item.secret, now(), item.body) }),
    }
    const limit = AbortSignal.timeout(timeLimitMs)
    const late = new Promise<never>((_done, failed) => {
      limit.addEventListener('abort', () => failed(new Error(`no answer within ${timeLimitMs} ms`)), { once: true })
    })
    try {
      const work = resolve(url, allowPrivate).then(target => post(url, target, headers, item.body, limit))
      return outcomeOf(await Promise.race([work, late]))
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).slice(0, 500)
      return { outcome: error instanceof NotAllowed ? 'never' : 'again', reason }
    }
  }
}
