/** JSON to and from desks: refusals become faults, and nothing of an answer is taken for granted. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { readRetryAfter } from '../rules/sync-retry.ts'
import { DeskFault, type DeskAnswer, type DeskCall, type DeskRequest } from '../desk-adapter.ts'

/** The sentence in a refusal, where desks put it. */
function messageIn(text: string): string | null {
  try {
    const body: unknown = JSON.parse(text)
    const places = [['error', 'message'], ['errorMessage'], ['errorMessages', 0], ['message'], ['error'], [1]] as const
    return places.map(path => textAt(body, ...path)).find(found => found !== null) ?? null
  } catch {
    return null
  }
}

/** What an answer says, for people: its sentence or its first words, never a whole page. */
function saidIn(answer: DeskAnswer): string {
  const words = (messageIn(answer.text) ?? answer.text)
    .replaceAll(/<[^>]{0,500}>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return words === '' ? '' : `: ${words.slice(0, 300)}`
}

/** The fault an answer is, with how long it asks us to wait. */
export function faultOf(answer: DeskAnswer, nowMs: number): DeskFault {
  return new DeskFault({
    status: answer.status,
    retryAfterMs: readRetryAfter(answer.headers['retry-after'], nowMs),
    reason: `HTTP ${answer.status}${saidIn(answer)}`,
  })
}
/** A refusal of our own, when a desk cannot do what is asked: a person has to look. */
export function cannot(reason: string): DeskFault {
  return new DeskFault({ status: 422, retryAfterMs: null, reason })
}

/** The body of an answer, null when there is none. Throws DeskFault for what is no JSON. */
export function readJson(answer: DeskAnswer): unknown {
  if (answer.text.trim() === '') return null
  try {
    return JSON.parse(answer.text)
  } catch {
    throw new DeskFault({ status: null, retryAfterMs: null, reason: `HTTP ${answer.status} without JSON${saidIn(answer)}` })
  }
}

/** Sends and reads JSON. Gives null for the statuses in `absent`; throws DeskFault for every other that is not 2xx. */
export async function callJson(
  call: DeskCall,
  request: Omit<DeskRequest, 'body'> & { json?: unknown; absent?: readonly number[]; nowMs: number },
): Promise<unknown> {
  const { json, absent = [], nowMs, headers = {}, ...rest } = request
  const answer = await call({
    ...rest,
    headers: { accept: 'application/json', ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  if (absent.includes(answer.status)) return null
  if (answer.status < 200 || answer.status >= 300) throw faultOf(answer, nowMs)
  return readJson(answer)
}

/** What lies at a path, undefined when there is no such thing. Only own fields count. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined
    here = (here as Record<string | number, unknown>)[part]
  }
  return here
}
/** Text at a path; numbers become text, everything else is null. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string | null {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : null
}
/** List at a path, empty when there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}
/** An id that may stand in an address; throws DeskFault for anything else: an answer must not lead us elsewhere. */
export function safeId(value: string | null): string {
  if (value !== null && /^[A-Za-z0-9_-]{1,64}$/.test(value)) return value
  throw new DeskFault({ status: null, retryAfterMs: null, reason: 'The answer has no id that can be used' })
}
/** Instant of a text with offset; null when it is none. */
export function instantAt(value: unknown, ...path: readonly (string | number)[]): number | null {
  const ms = Date.parse(textAt(value, ...path) ?? '')
  return Number.isNaN(ms) ? null : ms
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }
function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    const code = decimal === undefined ? (hex === undefined ? null : Number.parseInt(hex, 16)) : Number(decimal)
    if (code !== null) return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : ''
    return ENTITIES[(name ?? '').toLowerCase()] ?? whole
  })
}
/** Words of HTML that may come entity-encoded as a whole: decoded once, tags away, decoded again. Plain text, never HTML. */
export function wordsOf(html: string): string {
  const plain = !/<\/?[a-z]/i.test(html) && /&lt;\/?[a-z]/i.test(html) ? decodeEntities(html) : html
  const withoutTags = plain
    .replaceAll(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/gi, '')
    .replaceAll(/<br\s*\/?>|<\/(?:p|div|li|tr|h[1-6])>/gi, '\n')
    .replaceAll(/<\/?[a-z!][^<>]*>/gi, '')
  return decodeEntities(withoutTags)
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}
/** Plain text as HTML that shows it. */
export function asHtml(text: string): string {
  const shown = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br />')
  return `<p>${shown}</p>`
}

/** HMAC as hex over parts in a row. */
export function hmacHex(algorithm: 'sha1' | 'sha256', secret: string, ...parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac(algorithm, secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest('hex')
}
/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
/** A name for a delivery that has none: its own bytes. */
export function digestOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}
/** JSON of a webhook, or undefined when it is none. */
export function parseHook(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch {
    return undefined
  }
}

/** `[KK-2026-000001] Words`: how our reference travels in a title. */
export function titleWith(reference: string, subject: string): string {
  return `[${reference}] ${subject}`.slice(0, 250)
}
/** Our reference at the start of a title, or null. */
export function referenceOf(title: string): string | null {
  return /^\[([A-Z]{2}-\d{4}-\d{6,12})\] /.exec(title)?.[1] ?? null
}
/** Body of a form with one file in it. */
export function multipart(
  name: string,
  file: { name: string; contentType: string; bytes: Uint8Array },
  fields: Record<string, string> = {},
) {
  const boundary = `kioskeeper-${digestOf(file.bytes).slice(0, 32)}`
  const safeName = file.name.replaceAll(/["\r\n\\]/g, '_')
  const parts: Uint8Array[] = Object.entries(fields).map(([key, value]) =>
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`),
  )
  parts.push(
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="${name}"; filename="${safeName}"\r\ncontent-type: ${file.contentType}\r\n\r\n`,
    ),
    file.bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  )
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(parts) }
}
