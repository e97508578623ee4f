/** Bytes -> checked message. Hostile bytes give a reason, never an exception, and never more memory than the limits. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { Compile, type Validator } from 'typebox/compile'
import { METRIC_NAME, UP_SCHEMAS, type UpMessage } from './messages.ts'
import { MAX_UNZIPPED_BYTES, UP_KINDS, type UpKind } from './topics.ts'

const MAX_DEPTH = 8
const MAX_KEYS = 20_000
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])
const GZIP_ABOVE_BYTES = 1024

export type DecodeFault = 'too-large' | 'not-gzip' | 'not-json' | 'too-deep' | 'too-many-keys' | 'forbidden-key' | 'schema'
export type Decoded = { ok: true; value: UpMessage } | { ok: false; fault: DecodeFault; detail: string }

const validators = new Map<UpKind, Validator>()
function validatorOf(kind: UpKind): Validator {
  let validator = validators.get(kind)
  if (!validator) {
    validator = Compile(UP_SCHEMAS[kind])
    validators.set(kind, validator)
  }
  return validator
}

/** Depth, key count and forbidden names of a parsed document; null when within limits. */
export function shapeFault(value: unknown): 'too-deep' | 'too-many-keys' | 'forbidden-key' | null {
  let keys = 0
  const stack: { value: unknown; depth: number }[] = [{ value, depth: 1 }]
  for (let item = stack.pop(); item; item = stack.pop()) {
    if (typeof item.value !== 'object' || item.value === null) continue
    if (item.depth > MAX_DEPTH) return 'too-deep'
    const names = Object.keys(item.value)
    keys += names.length
    if (keys > MAX_KEYS) return 'too-many-keys'
    for (const name of names) {
      if (FORBIDDEN_KEYS.has(name)) return 'forbidden-key'
      const child = (item.value as Record<string, unknown>)[name]
      if (typeof child === 'object' && child !== null) stack.push({ value: child, depth: item.depth + 1 })
    }
  }
  return null
}

function metricFault(message: UpMessage): string | null {
  if (message.kind !== 'met') return null
  for (const sample of message.message.d.samples) {
    for (const name in sample.m) {
      if (!METRIC_NAME.test(name)) return `d/samples: metric name ${JSON.stringify(name.slice(0, 80))} is not allowed`
    }
  }
  return null
}

/** Decodes and checks one published payload of a topic kind. */
export function decodeUp(kind: UpKind, payload: Uint8Array): Decoded {
  if (payload.byteLength > UP_KINDS[kind].maxBytes) return { ok: false, fault: 'too-large', detail: `${payload.byteLength} bytes` }
  let bytes: Uint8Array = payload
  if (payload[0] === 0x1f && payload[1] === 0x8b) {
    try {
      bytes = gunzipSync(payload, { maxOutputLength: MAX_UNZIPPED_BYTES })
    } catch (error) {
      const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      return { ok: false, fault: tooLarge ? 'too-large' : 'not-gzip', detail: tooLarge ? 'over 1 MiB unzipped' : 'broken gzip' }
    }
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return { ok: false, fault: 'not-json', detail: 'not a JSON document' }
  }
  const shape = shapeFault(parsed)
  if (shape) return { ok: false, fault: shape, detail: shape }
  const validator = validatorOf(kind)
  if (!validator.Check(parsed)) {
    const [first] = validator.Errors(parsed)
    return { ok: false, fault: 'schema', detail: `${first?.instancePath || '/'} ${first?.message ?? 'does not match'}`.slice(0, 300) }
  }
  const value = { kind, message: parsed } as UpMessage
  const metric = metricFault(value)
  return metric ? { ok: false, fault: 'schema', detail: metric } : { ok: true, value }
}

/** Bytes of a message: plain JSON, gzip above 1 KB (the first byte tells: `{` or 1f 8b). */
export function encodeMessage(message: object): Buffer {
  const json = Buffer.from(JSON.stringify(message))
  return json.byteLength > GZIP_ABOVE_BYTES ? gzipSync(json, { level: 6 }) : json
}
