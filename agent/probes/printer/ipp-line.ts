/** Carries IPP over HTTP on one line that stays open, by hand over a socket: the HTTP library would cost more memory than all printers are worth. */
import { connect, type Socket } from 'node:net'
import { tls } from '../../platform/builtin.ts'

export type IppAddress = { socketPath: string } | { host: string; port: number; isSecure: boolean }
export type IppAnswer =
  | { ok: true; body: Buffer }
  /** `refused` nobody listens, `silent` no or no whole answer in time, `denied` an HTTP status that is no answer. */
  | { ok: false; reason: 'refused' | 'silent' | 'denied'; text: string }

const TIME_LIMIT_MS = 5_000
const MAX_HEAD_BYTES = 16 * 1024
const MAX_BODY_BYTES = 1024 * 1024
const HEAD_END = Buffer.from('\r\n\r\n')

type Parsed = { status: number; body: Buffer; keepsOpen: boolean }

/** A chunked body from `at`; null = more bytes are needed, a text = broken. */
function parseChunks(bytes: Buffer, from: number): Buffer | null | string {
  const chunks: Buffer[] = []
  let at = from
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return null
    const size = /^([0-9a-f]{1,7})\s*(;.*)?$/i.exec(bytes.toString('latin1', at, Math.min(lineEnd, at + 64)))?.[1]
    if (size === undefined) return 'its chunks are broken'
    const length = parseInt(size, 16)
    at = lineEnd + 2
    if (bytes.length < at + length + 2) return null
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(at, at + length))
    at += length + 2
  }
}

/** One HTTP answer; null = more bytes are needed, a text = it is none. `hasEnded`: no more will come. */
export function parseHttp(bytes: Buffer, hasEnded: boolean): Parsed | null | string {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd === -1) return bytes.length > MAX_HEAD_BYTES ? 'its head is too long' : null
  const head = bytes.toString('latin1', 0, headEnd)
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1])
  if (!status) return 'it does not speak HTTP'
  const bodyAt = headEnd + HEAD_END.length
  if (status === 100) return parseHttp(bytes.subarray(bodyAt), hasEnded)
  const header = (name: string) => new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, 'im').exec(head)?.[1]?.trim().toLowerCase()
  const keepsOpen = header('connection') !== 'close' && !head.startsWith('HTTP/1.0')
  if (header('transfer-encoding') === 'chunked') {
    const body = parseChunks(bytes, bodyAt)
    return typeof body === 'string' || body === null ? body : { status, body, keepsOpen }
  }
  const announced = header('content-length')
  if (announced === undefined) return hasEnded ? { status, body: bytes.subarray(bodyAt), keepsOpen: false } : null
  const length = Number(announced)
  if (!Number.isSafeInteger(length) || length < 0 || length > MAX_BODY_BYTES) return 'its length is nonsense'
  return bytes.length < bodyAt + length ? null : { status, body: bytes.subarray(bodyAt, bodyAt + length), keepsOpen }
}

export type IppLine = {
  /** Posts one request to `path`. Never rejects, always ends within the time limit. One at a time. */
  post(path: string, body: Buffer): Promise<IppAnswer>
  close(): void
}

/** A line to one printer or print service; opened when first used, and again when the other side closed it in between. */
export function makeIppLine(address: IppAddress, timeLimitMs = TIME_LIMIT_MS): IppLine {
  let line: Socket | null = null
  const host = 'socketPath' in address ? 'localhost' : `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`

  function connectTo(): Socket {
    if ('socketPath' in address) return connect(address.socketPath)
    if (!address.isSecure) return connect(address.port, address.host)
    // printers vouch for themselves, and nothing but their state is asked: an unknown certificate is no reason to be blind
    return tls().connect({ port: address.port, host: address.host, rejectUnauthorized: false })
  }

  function dial(): Socket {
    const socket = connectTo()
    // a fault while the line rests belongs to no request
    socket.on('error', () => {})
    return socket
  }

  function exchange(socket: Socket, request: Buffer): Promise<{ answer: IppAnswer; gotBytes: boolean }> {
    return new Promise(resolve => {
      let held = Buffer.alloc(0)
      const finish = (answer: IppAnswer, keepsOpen = false) => {
        clearTimeout(timer)
        socket.off('data', onData)
        socket.off('end', onEnd)
        socket.off('close', onEnd)
        socket.off('error', onError)
        if (!keepsOpen) socket.destroy()
        resolve({ answer, gotBytes: held.length > 0 })
      }
      const fail = (reason: 'refused' | 'silent' | 'denied', text: string) => finish({ ok: false, reason, text })
      const look = (hasEnded: boolean) => {
        const parsed = parseHttp(held, hasEnded)
        if (typeof parsed === 'string') fail('denied', parsed)
        else if (parsed === null) {
          if (hasEnded) fail('silent', 'the line was closed before the answer')
        } else if (parsed.status !== 200) fail('denied', `HTTP status ${parsed.status}`)
        else finish({ ok: true, body: parsed.body }, parsed.keepsOpen)
      }
      const onData = (chunk: Buffer) => {
        held = Buffer.concat([held, chunk])
        if (held.length > MAX_HEAD_BYTES + 2 * MAX_BODY_BYTES) fail('denied', 'the answer is too long')
        else look(false)
      }
      const onEnd = () => look(true)
      const onError = (error: NodeJS.ErrnoException) => {
        const isRefused = /^(ECONNREFUSED|ENOENT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EACCES)$/.test(error.code ?? '')
        fail(isRefused ? 'refused' : 'silent', error.code ?? error.message)
      }
      const timer = setTimeout(() => fail('silent', `no answer within ${timeLimitMs / 1000} s`), timeLimitMs)
      socket.on('data', onData)
      socket.on('end', onEnd)
      socket.on('close', onEnd)
      socket.on('error', onError)
      socket.write(request)
    })
  }

  return {
    async post(path, body) {
      const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/ipp\r\nContent-Length: ${body.length}\r\nUser-Agent: kioskeeper-agent\r\n\r\n`
      const request = Buffer.concat([Buffer.from(head, 'latin1'), body])
      const isKept = line?.destroyed === false
      const run = async (socket: Socket) => {
        line = socket
        return exchange(socket, request)
      }
      const first = await run(isKept && line ? line : dial())
      // a line kept open may have been closed by the other side in the meantime: that is no fault of the printer
      const result = !first.answer.ok && isKept && !first.gotBytes ? await run(dial()) : first
      return result.answer
    },
    close() {
      line?.destroy()
      line = null
    },
  }
}
