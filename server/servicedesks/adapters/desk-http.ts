/**
 * The way to a desk: only below the base address of its link, only to an address that is allowed (the name is resolved once and
 * that very address is connected to), no redirects, whole answers of a limited size in a limited time.
 */
import { lookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { DeskFault, type DeskAnswer, type DeskCall, type DeskRequest } from '../desk-adapter.ts'

const TIME_LIMIT_MS = 15_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

const noAnswer = (reason: string): DeskFault => new DeskFault({ status: null, retryAfterMs: null, reason })

/** The full address of a call. Throws DeskFault for one that would leave the base. */
export function addressOf(baseUrl: string, { path, query = {} }: Pick<DeskRequest, 'path' | 'query'>): URL {
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
  const url = path === '' ? new URL(baseUrl) : new URL(`.${path}`, base)
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname.replace(/\/$/, '')) || url.username !== '')
    throw new DeskFault({ status: 400, retryAfterMs: null, reason: 'The address would leave the desk of this link' })
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

async function resolve(url: URL, isAllowed: (address: string) => boolean): Promise<{ address: string; family: number }> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  const found = family === 0 ? await lookup(host, { all: true }) : [{ address: host, family }]
  const [first] = found
  if (!first) throw noAnswer(`${host} has no address`)
  if (!found.every(each => isAllowed(each.address)))
    throw new DeskFault({ status: 400, retryAfterMs: null, reason: `${host} is not a public address` })
  return first
}

async function readAnswer(response: IncomingMessage): Promise<DeskAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) {
      response.destroy()
      throw noAnswer(`The answer is larger than ${MAX_ANSWER_BYTES} bytes`)
    }
    chunks.push(chunk)
  }
  if (!response.complete) throw noAnswer('The answer broke off')
  const headers = Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
  return { status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString('utf8') }
}

/** Makes the way out. `isAllowed` says which addresses may be connected to. */
export function makeDeskHttp(options: { isAllowed(address: string): boolean; timeLimitMs?: number }) {
  const { isAllowed, timeLimitMs = TIME_LIMIT_MS } = options
  return (baseUrl: string): DeskCall =>
    async request => {
      const url = addressOf(baseUrl, request)
      const signal = AbortSignal.timeout(timeLimitMs)
      try {
        const target = await resolve(url, isAllowed)
        const send = url.protocol === 'https:' ? httpsRequest : httpRequest
        const response = await new Promise<IncomingMessage>((done, failed) => {
          const body = request.body === undefined ? Buffer.alloc(0) : Buffer.from(request.body)
          const call = send(
            url,
            {
              method: request.method,
              headers: { 'user-agent': 'kioskeeper', ...request.headers, 'content-length': String(body.length) },
              agent: false,
              signal,
              lookup: (_host, lookupOptions, answer) => {
                if (lookupOptions.all) answer(null, [target])
                else answer(null, target.address, target.family)
              },
            },
            done,
          )
          call.on('error', failed)
          call.end(body)
        })
        return await readAnswer(response)
      } catch (error) {
        if (error instanceof DeskFault) throw error
        throw noAnswer(
          signal.aborted ? `no answer within ${timeLimitMs} ms` : (error instanceof Error ? error.message : String(error)).slice(0, 300),
        )
      }
    }
}
