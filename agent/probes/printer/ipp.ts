/** The Internet Printing Protocol on the wire: requests out, answers in. Pure on bytes; any bytes are safe and end soon. */

/** A range is `[low, high]`; a collection an object of lists; `null` a value that is unknown, unsupported or not there. */
export type IppValue = string | number | boolean | null | readonly [number, number] | IppCollection
export type IppCollection = { readonly [name: string]: readonly IppValue[] }
export type IppGroup = { tag: number; attributes: IppCollection }
export type IppMessage = { version: string; status: number; requestId: number; groups: IppGroup[] }
export type IppRequest = {
  operation: number
  requestId: number
  /** Of the printer; left out for questions to the print service itself. */
  printerUri?: string
  requested: readonly string[]
}

export const IPP_OPERATION = { getPrinterAttributes: 0x000b, cupsGetPrinters: 0x4002 } as const
export const IPP_GROUP = { operation: 0x01, printer: 0x04 } as const
/** Below this an answer is a success of some kind. */
export const IPP_FIRST_ERROR = 0x0100
export const IPP_NOT_FOUND = 0x0406

const END = 0x03
const FIRST_VALUE_TAG = 0x10
const TAG = {
  integer: 0x21,
  boolean: 0x22,
  enum: 0x23,
  date: 0x31,
  resolution: 0x32,
  range: 0x33,
  beginCollection: 0x34,
  textWithLanguage: 0x35,
  nameWithLanguage: 0x36,
  endCollection: 0x37,
  keyword: 0x44,
  uri: 0x45,
  charset: 0x47,
  language: 0x48,
  memberName: 0x4a,
} as const
const MAX_BYTES = 1024 * 1024
const MAX_VALUES = 20_000
const MAX_DEPTH = 8
const HEAD_BYTES = 8

function attribute(tag: number, name: string, value: string): Buffer {
  const bytes = Buffer.alloc(5 + Buffer.byteLength(name) + Buffer.byteLength(value))
  bytes[0] = tag
  let at = bytes.writeUInt16BE(Buffer.byteLength(name), 1)
  at += bytes.write(name, at)
  at = bytes.writeUInt16BE(Buffer.byteLength(value), at)
  bytes.write(value, at)
  return bytes
}

/** A request for attributes. */
export function encodeIpp({ operation, requestId, printerUri, requested }: IppRequest): Buffer {
  const head = Buffer.alloc(HEAD_BYTES + 1)
  // 1.1 is understood by every printer
  head.writeUInt16BE(0x0101, 0)
  head.writeUInt16BE(operation, 2)
  head.writeUInt32BE(requestId, 4)
  head[HEAD_BYTES] = IPP_GROUP.operation
  return Buffer.concat([
    head,
    attribute(TAG.charset, 'attributes-charset', 'utf-8'),
    attribute(TAG.language, 'attributes-natural-language', 'en'),
    ...(printerUri === undefined ? [] : [attribute(TAG.uri, 'printer-uri', printerUri)]),
    ...requested.map((name, index) => attribute(TAG.keyword, index === 0 ? 'requested-attributes' : '', name)),
    Buffer.of(END),
  ])
}

type Field = { tag: number; name: string; value: Buffer }

/** Reads tags, names and values in order; `null` at the end of the bytes, wherever they end. */
class FieldReader {
  readonly #bytes: Buffer
  #at: number
  #values = 0

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  #take(): Buffer | null {
    if (this.#at + 2 > this.#bytes.length) return null
    const start = this.#at + 2
    const end = start + this.#bytes.readUInt16BE(this.#at)
    if (end > this.#bytes.length) return null
    this.#at = end
    return this.#bytes.subarray(start, end)
  }

  /** The next group tag, or null when a value stands there or the bytes end. */
  groupTag(): number | null {
    const tag = this.#bytes[this.#at]
    if (tag === undefined || tag >= FIRST_VALUE_TAG) return null
    this.#at++
    return tag
  }

  next(): Field | null {
    const tag = this.#bytes[this.#at]
    if (tag === undefined || tag < FIRST_VALUE_TAG || ++this.#values > MAX_VALUES) return null
    this.#at++
    const name = this.#take()
    const value = name && this.#take()
    return value ? { tag, name: name.toString('utf8'), value } : null
  }
}

/** A text that comes with its language: length and language, length and text. */
function withoutLanguage(value: Buffer): string {
  if (value.length < 4) return ''
  const languageEnd = 2 + value.readUInt16BE(0)
  return languageEnd + 2 > value.length ? '' : value.toString('utf8', languageEnd + 2)
}

function plainValue({ tag, value }: Field): IppValue {
  if (tag < 0x20) return null
  switch (tag) {
    case TAG.integer:
    case TAG.enum:
      return value.length === 4 ? value.readInt32BE(0) : null
    case TAG.boolean:
      return value.length === 1 ? value[0] !== 0 : null
    case TAG.range:
    case TAG.resolution:
      return value.length >= 8 ? [value.readInt32BE(0), value.readInt32BE(4)] : null
    case TAG.date:
      return value.toString('hex')
    case TAG.textWithLanguage:
    case TAG.nameWithLanguage:
      return withoutLanguage(value)
    default:
      return value.toString('utf8')
  }
}

type Collected = Map<string, IppValue[]>
/** Without a prototype: a name out of foreign bytes may be anything, `__proto__` too. */
const toCollection = (collected: Collected): IppCollection => Object.assign(Object.create(null) as object, Object.fromEntries(collected))

/** Members up to the end of a collection; null when the bytes end before it or it is too deep. */
function readCollection(reader: FieldReader, depth: number): IppCollection | null {
  if (depth > MAX_DEPTH) return null
  const members: Collected = new Map()
  let values: IppValue[] | null = null
  for (;;) {
    const field = reader.next()
    if (!field) return null
    if (field.tag === TAG.endCollection) return toCollection(members)
    if (field.tag === TAG.memberName) {
      values = []
      members.set(field.value.toString('utf8'), values)
      continue
    }
    const value = field.tag === TAG.beginCollection ? readCollection(reader, depth + 1) : plainValue(field)
    if (value === null && field.tag === TAG.beginCollection) return null
    values?.push(value)
  }
}

/** Decodes an answer; null when the bytes are not one: too short, cut off, too large or too deep. */
export function decodeIpp(data: Uint8Array): IppMessage | null {
  if (data.length < HEAD_BYTES + 1 || data.length > MAX_BYTES) return null
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const message: IppMessage = {
    version: `${bytes[0]}.${bytes[1]}`,
    status: bytes.readUInt16BE(2),
    requestId: bytes.readUInt32BE(4),
    groups: [],
  }
  const reader = new FieldReader(bytes, HEAD_BYTES)
  for (;;) {
    const tag = reader.groupTag()
    if (tag === null) return null
    if (tag === END) return message
    const collected: Collected = new Map()
    let values: IppValue[] | null = null
    for (let field = reader.next(); field !== null; field = reader.next()) {
      if (field.name !== '') {
        values = []
        collected.set(field.name, values)
      }
      const value = field.tag === TAG.beginCollection ? readCollection(reader, 1) : plainValue(field)
      if (value === null && field.tag === TAG.beginCollection) return null
      values?.push(value)
    }
    message.groups.push({ tag, attributes: toCollection(collected) })
  }
}
