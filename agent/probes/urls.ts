/** Watched addresses, asked from the device itself: which step failed (DNS, TCP, TLS, HTTP, text), how long it took, how long the certificate lasts. */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { http, https } from '../platform/builtin.ts'
import { DAY_MS } from '../../shared/units.ts'

export type UrlStep = 'dns' | 'tcp' | 'tls' | 'http' | 'text'
export type UrlResult = {
  name: string
  failedStep: UrlStep | null
  detail: string
  status: number | null
  tookMs: number
  /** Whole days until the certificate ends; null without TLS or when it could not be seen. */
  certificateDays: number | null
}

const TIME_LIMIT_MS = 10_000
const MAX_BODY_BYTES = 1024 * 1024
const MAX_REDIRECTS = 5

/** The step an error of Node's network layers belongs to. */
export function stepOfError(error: NodeJS.ErrnoException): UrlStep {
  const code = error.code ?? ''
  if (/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL|EBADNAME|ECANCELLED)/.test(code) || error.syscall === 'getaddrinfo') return 'dns'
  if (/^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|EPROTO|HOSTNAME_MISMATCH)/.test(code)) return 'tls'
  if (code.startsWith('HPE_')) return 'http'
  return 'tcp'
}

type Answer = { status: number; location: string | null; body: string; certificateDays: number | null }

/** One GET without redirects. Rejects with an Error that has `step`. */
function get(url: URL, wantsBody: boolean, nowMs: number, deadlineMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let step: UrlStep = 'dns'
    let certificateDays: number | null = null
    const fail = (at: UrlStep, message: string) => reject(Object.assign(new Error(message), { step: at }))
    const send = url.protocol === 'https:' ? https().request : http().request
    const request = send(url, { agent: false, headers: { 'user-agent': 'kioskeeper-agent', accept: '*/*' }, timeout: deadlineMs })
    const timer = setTimeout(() => {
      fail(step, `no answer within ${Math.round(deadlineMs / 1000)} s`)
      request.destroy()
    }, deadlineMs)
    const finish = (answer: Answer) => {
      clearTimeout(timer)
      resolve(answer)
      request.destroy()
    }
    request.on('socket', socket => {
      socket.once('lookup', (error: Error | null) => {
        if (!error) step = 'tcp'
      })
      socket.once('connect', () => {
        step = url.protocol === 'https:' ? 'tls' : 'http'
      })
      socket.once('secureConnect', () => {
        step = 'http'
        const validTo = Date.parse((socket as TLSSocket).getPeerCertificate().valid_to ?? '')
        if (Number.isFinite(validTo)) certificateDays = Math.floor((validTo - nowMs) / DAY_MS)
      })
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      // a reset after the handshake is the web server's, not the network's
      fail(step === 'http' ? 'http' : stepOfError(error), error.message || error.code || 'connection failed')
    })
    request.on('response', (response: IncomingMessage) => {
      const status = response.statusCode ?? 0
      const location = response.headers.location ?? null
      if (!wantsBody || (location !== null && status >= 300 && status < 400)) {
        finish({ status, location, body: '', certificateDays })
        return
      }
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.byteLength
        if (bytes >= MAX_BODY_BYTES) finish({ status, location, body: Buffer.concat(chunks).toString('utf8'), certificateDays })
      })
      response.on('end', () => finish({ status, location, body: Buffer.concat(chunks).toString('utf8'), certificateDays }))
    })
    request.end()
  })
}

/** Asks one watched address. Follows redirects; a status of 400 or more, and a page without the expected text, count as failed. */
export async function checkUrl(
  watched: { name: string; url: string; expectText?: string | undefined },
  nowMs: number,
  timeLimitMs = TIME_LIMIT_MS,
): Promise<UrlResult> {
  const startedAt = performance.now()
  const tookMs = () => Math.round(performance.now() - startedAt)
  let certificateDays: number | null = null
  let status: number | null = null
  const failed = (failedStep: UrlStep, detail: string): UrlResult => ({
    name: watched.name,
    failedStep,
    detail,
    status,
    tookMs: tookMs(),
    certificateDays,
  })
  try {
    let url = new URL(watched.url)
    for (let hop = 0; ; hop++) {
      const answer = await get(url, watched.expectText !== undefined, nowMs, Math.max(1, timeLimitMs - tookMs()))
      status = answer.status
      // the certificate that matters is the one of the address a person typed
      if (hop === 0) certificateDays = answer.certificateDays
      if (answer.location !== null && answer.status >= 300 && answer.status < 400) {
        if (hop >= MAX_REDIRECTS) return failed('http', `more than ${MAX_REDIRECTS} redirects`)
        url = new URL(answer.location, url)
        if (url.protocol !== 'http:' && url.protocol !== 'https:') return failed('http', 'redirects to something that is not a web address')
        continue
      }
      if (answer.status >= 400) return failed('http', `HTTP status ${answer.status}`)
      if (watched.expectText !== undefined && !answer.body.includes(watched.expectText))
        return failed('text', 'the page does not hold the expected text')
      return { name: watched.name, failedStep: null, detail: `HTTP status ${answer.status}`, status, tookMs: tookMs(), certificateDays }
    }
  } catch (error) {
    return failed((error as { step?: UrlStep }).step ?? 'http', (error as Error).message)
  }
}
