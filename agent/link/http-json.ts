/** One small JSON request to the server, over node:http(s) directly: fetch would bring a second HTTP library into memory. */
import { http, https } from '../platform/builtin.ts'

const TIME_LIMIT_MS = 15_000
const MAX_ANSWER_BYTES = 256 * 1024

export type HttpAnswer =
  | { ok: true; status: number; body: unknown; retryAfterSeconds: number | null; dateMs: number | null }
  | { ok: false; code: string; text: string }

const CERTIFICATE_CODES = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
])

/** Is this address of the machine itself? Only there may a secret travel in plain text. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** Is this the code of a certificate nobody vouches for? */
export function isUnknownAuthority(code: string): boolean {
  return CERTIFICATE_CODES.has(code)
}

/** What went wrong on the way to the server, and what to do about it, in words. */
export function explainNetworkFault(code: string, detail: string, url: string): string {
  if (isUnknownAuthority(code)) {
    return `The server's certificate is not known to this machine (${code}). Use the install command shown in the console (it carries the fingerprint), or give its authority with --ca-file FILE.`
  }
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name in ${url} cannot be resolved. Is the address right, and does this machine have a name server?`
    case 'ECONNREFUSED':
      return `Nothing answers at ${url}. Is the server running, and is the port right?`
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${url} cannot be reached from this machine (${code}). Is a firewall in between?`
    case 'CERT_HAS_EXPIRED':
      return `The server's certificate has expired, or the clock of this machine is wrong (it says ${new Date().toISOString()}).`
    case 'CERT_NOT_YET_VALID':
      return `The server's certificate is not valid yet: the clock of this machine is wrong (it says ${new Date().toISOString()}).`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `The server's certificate is not made for the name in ${url}.`
    default:
      return `The request to ${url} failed: ${detail || code}`
  }
}

/** Sends one request; `ok` means the server answered, with whatever status. Certificates are always checked, against `caPem` when given. */
export function sendJson(
  url: URL,
  options: { method: 'GET' | 'POST'; body?: object; caPem: string | null; timeLimitMs?: number },
): Promise<HttpAnswer> {
  return new Promise(resolve => {
    const text = options.body === undefined ? null : Buffer.from(JSON.stringify(options.body))
    const timeLimitMs = options.timeLimitMs ?? TIME_LIMIT_MS
    const send = url.protocol === 'https:' ? https().request : http().request
    const request = send(url, {
      method: options.method,
      agent: false,
      headers: {
        accept: 'application/json, application/problem+json',
        'user-agent': 'kioskeeper-agent',
        ...(text && { 'content-type': 'application/json', 'content-length': text.byteLength }),
      },
      ...(options.caPem !== null && { ca: options.caPem }),
    })
    const fail = (code: string, detail: string) => {
      clearTimeout(timer)
      resolve({ ok: false, code, text: explainNetworkFault(code, detail, url.origin) })
      request.destroy()
    }
    const timer = setTimeout(() => fail('ETIMEDOUT', `no answer within ${timeLimitMs / 1000} s`), timeLimitMs)
    request.on('error', (error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }) => {
      // several addresses tried: the first one's fault stands for all
      const first = error.errors?.[0] ?? error
      fail(first.code ?? 'FAILED', first.message)
    })
    request.on('response', response => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength
        if (bytes > MAX_ANSWER_BYTES) fail('TOO_LARGE', 'the answer is too large')
        else chunks.push(chunk)
      })
      response.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'FAILED', error.message))
      response.on('end', () => {
        clearTimeout(timer)
        let body: unknown = null
        try {
          body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
        } catch {
          body = null
        }
        const retryAfter = Number(response.headers['retry-after'])
        const dateMs = Date.parse(response.headers.date ?? '')
        resolve({
          ok: true,
          status: response.statusCode ?? 0,
          body,
          retryAfterSeconds: retryAfter > 0 ? retryAfter : null,
          dateMs: Number.isFinite(dateMs) ? dateMs : null,
        })
      })
    })
    request.end(text)
  })
}
