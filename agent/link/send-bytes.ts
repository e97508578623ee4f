/** Bytes to a one-time address of the server: asks how many are there, and sends the rest. Over node:http(s) directly, as the other requests. */
import type { ReadStream } from 'node:fs'
import { http, https } from '../platform/builtin.ts'
import { isLoopback } from './http-json.ts'

/** No byte and no answer for this long: the line is dead. */
const SILENT_MS = 30_000

export type UploadAnswer = { status: number; offset: number | null } | { status: 0; fault: string }

/** May evidence be sent to this address? Over TLS, or within this machine. */
export function isUploadUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
}

/** One request; status 0 when nobody answered. With a body it is a PATCH from `offset` on, without one a HEAD. */
export function uploadRequest(url: string, caPem: string | null, send?: { offset: number; body: ReadStream }): Promise<UploadAnswer> {
  return new Promise(resolve => {
    const target = new URL(url)
    const start = target.protocol === 'https:' ? https().request : http().request
    const headers = send && { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(send.offset) }
    const request = start(target, {
      method: send ? 'PATCH' : 'HEAD',
      agent: false,
      timeout: SILENT_MS,
      headers: { 'user-agent': 'kioskeeper-agent', ...headers },
      ...(caPem !== null && { ca: caPem }),
    })
    const fail = (fault: string) => {
      send?.body.destroy()
      request.destroy()
      resolve({ status: 0, fault })
    }
    request.on('timeout', () => fail('no answer'))
    request.on('error', error => fail(error.message))
    request.on('response', response => {
      const said = response.headers['upload-offset']
      const offset = typeof said === 'string' && /^\d{1,10}$/.test(said) ? Number(said) : null
      response.on('error', error => fail(error.message))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, offset }))
      response.resume()
    })
    if (!send) {
      request.end()
      return
    }
    send.body.on('error', error => fail(error.message))
    send.body.pipe(request)
  })
}
