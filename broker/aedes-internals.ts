/**
 * The inner parts of aedes the guard needs, all in this file: aedes has no packet size limit and no hook between parser and client.
 * `missingParts` runs at every start, so that an update of aedes cannot remove the guard silently.
 */
import type { EventEmitter } from 'node:events'
import { Readable, type Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { WirePacket } from './packet-guard.ts'

type Bytes = { length: number; readUInt16BE(offset: number): number; toString(encoding: 'utf8', start: number, end: number): string }
type Parser = EventEmitter & {
  packet: WirePacket
  error: Error | null
  _list: Bytes
  _pos: number
  _states: string[]
  _parseLength: () => boolean
  _parsePayload: () => boolean
  _emitError: (error: Error) => void
  parse: (bytes: Buffer) => number
}

/** The four steps of the parser, looked up by name at run time: that is what lets the guard step in. */
const STEPS = ['_parseHeader', '_parseLength', '_parsePayload', '_newPacket']

const isParser = (value: unknown): value is Parser => typeof value === 'object' && value !== null

function parserOf(client: Client): Parser {
  const parser: unknown = Reflect.get(client, '_parser')
  if (!isParser(parser)) throw new Error('client._parser is gone')
  return parser
}

/** Names of the parts the guard relies on that this client object does not have; empty = the guard fits. */
export function missingParts(client: Client): string[] {
  const found: unknown = Reflect.get(client, '_parser')
  if (!isParser(found)) return ['client._parser']
  const parser: Partial<Parser> = found
  const missing: string[] = []
  for (const method of ['_parseLength', '_parsePayload', '_emitError', 'parse'] as const) {
    if (typeof parser[method] !== 'function') missing.push(`client._parser.${method}`)
  }
  if (parser._states?.join() !== STEPS.join()) missing.push('client._parser._states')
  if (typeof parser._list?.readUInt16BE !== 'function') missing.push('client._parser._list')
  if (typeof parser.packet !== 'object') missing.push('client._parser.packet')
  if (typeof parser.listenerCount !== 'function' || parser.listenerCount('packet') !== 1)
    missing.push('the packet listener of client._parser')
  return missing
}

export type ParserGuard = {
  /** Called at the fixed header, before the body is buffered; false refuses the packet. */
  header(command: string | undefined, length: number): boolean
  /** Called while a long PUBLISH is still arriving, once its topic is known; false refuses it. */
  incomplete(packet: { topic: string; qos: number; retain: boolean }, payloadBytes: number): boolean
  /** Called with every whole packet and the bytes the parser used of it; false keeps it from aedes. */
  packet(packet: WirePacket, consumed: number): boolean
  /** The parser found the bytes to be no MQTT. */
  broken(): void
  /** Parser or handlers threw: a bug, which must not end the process. */
  threw(error: unknown): void
}

/** Puts the guard between the socket's bytes and aedes. Errors inside parser and handlers end the connection, never the process. */
export function guardParser(client: Client, guard: ParserGuard): void {
  const parser = parserOf(client)
  const parseLength = parser._parseLength.bind(parser)
  const parsePayload = parser._parsePayload.bind(parser)
  const parse = parser.parse.bind(parser)
  const refuse = () => {
    parser._emitError(new Error('refused by the guard'))
    return false
  }

  parser._parseLength = () => {
    const known = parseLength()
    if (!known || parser.error) return known
    return guard.header(parser.packet.cmd, parser.packet.length) || refuse()
  }
  parser._parsePayload = () => {
    const { packet, _list: bytes } = parser
    if (packet.cmd === 'publish' && bytes.length < packet.length && bytes.length >= 2) {
      const topicEnd = 2 + bytes.readUInt16BE(0)
      if (bytes.length >= topicEnd) {
        const payloadBytes = packet.length - topicEnd - (packet.qos > 0 ? 2 : 0)
        const topic = bytes.toString('utf8', 2, topicEnd)
        if (!guard.incomplete({ topic, qos: packet.qos, retain: packet.retain }, payloadBytes)) return refuse()
      }
    }
    return parsePayload()
  }
  parser.parse = bytes => {
    try {
      return parse(bytes)
    } catch (error) {
      guard.threw(error)
      return 0
    }
  }
  const [take] = parser.listeners('packet')
  parser.removeAllListeners('packet')
  parser.on('packet', (packet: WirePacket) => {
    if (guard.packet(packet, parser._pos)) take?.call(parser, packet)
  })
  parser.prependListener('error', () => guard.broken())
}

/**
 * Makes `read(null)` give all that is buffered, as aedes expects: since Node 26 it gives one chunk only, and a packet spread over
 * two waiting chunks would never be finished (no further 'readable' comes while something is still buffered).
 */
export function readWhole(connection: Duplex): void {
  const readOnce = connection.read.bind(connection)
  connection.read = (size?: number | null) => {
    if (size !== null) return readOnce(size)
    const chunks: Buffer[] = []
    for (let chunk: unknown = readOnce(); Buffer.isBuffer(chunk); chunk = readOnce()) chunks.push(chunk)
    return chunks.length < 2 ? (chunks[0] ?? null) : Buffer.concat(chunks)
  }
}

/** The message router aedes asks for, routing nothing: what devices publish goes to the store, what they get is written to them directly. */
export function routeNothing() {
  const done = (_topic: unknown, _listener: unknown, callback?: () => void) => callback?.()
  return {
    on: done,
    removeListener: done,
    emit: (_packet: unknown, callback?: () => void) => callback?.(),
    close: (callback?: () => void) => callback?.(),
  }
}

/** The session store aedes asks for, keeping nothing: sessions are clean, nothing is retained, the server's own store is the truth. */
export function keepNothing() {
  const nothing = async () => undefined
  const none = () =>
    new Readable({
      objectMode: true,
      read() {
        this.push(null)
      },
    })
  return {
    setup: async () => undefined,
    cleanSubscriptions: nothing,
    removeSubscriptions: nothing,
    putWill: nothing,
    delWill: nothing,
    streamWill: none,
    outgoingStream: none,
    outgoingClearMessageId: nothing,
    createRetainedStreamCombi: none,
  }
}
