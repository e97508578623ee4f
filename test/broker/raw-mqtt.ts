/** MQTT 3.1.1 by hand, so that tests can say exactly which bytes go out, right ones and wrong ones. */
import net from 'node:net'
import type { Duplex } from 'node:stream'

const bytesOf = (value: string | Buffer) => (typeof value === 'string' ? Buffer.from(value) : value)
const text = (value: string | Buffer) => {
  const bytes = bytesOf(value)
  return Buffer.concat([number(bytes.length), bytes])
}
const number = (value: number) => Buffer.from([(value >> 8) & 0xff, value & 0xff])

/** Fixed header and body. */
export function frame(firstByte: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length: number[] = []
  let left = body.length
  do {
    const digit = left % 128
    left = Math.floor(left / 128)
    length.push(left > 0 ? digit | 0x80 : digit)
  } while (left > 0)
  return Buffer.concat([Buffer.from([firstByte, ...length]), body])
}

export type ConnectOptions = {
  id: string | Buffer
  user?: string | Buffer
  password?: string
  keepalive?: number
  clean?: boolean
  level?: number
  name?: string
  flags?: number
  will?: { topic: string | Buffer; payload: string | Buffer; qos?: number; retain?: boolean }
}

export function connectPacket(o: ConnectOptions): Buffer {
  let flags = (o.clean ?? true) ? 2 : 0
  if (o.will) flags |= 4 | ((o.will.qos ?? 0) << 3) | (o.will.retain ? 0x20 : 0)
  if (o.password !== undefined) flags |= 0x40
  if (o.user !== undefined) flags |= 0x80
  const body = [text(o.name ?? 'MQTT'), Buffer.from([o.level ?? 4, o.flags ?? flags]), number(o.keepalive ?? 60)]
  if (o.level === 5) body.push(Buffer.from([0]))
  body.push(text(o.id))
  if (o.will) body.push(text(o.will.topic), text(o.will.payload))
  if (o.user !== undefined) body.push(text(o.user))
  if (o.password !== undefined) body.push(text(o.password))
  return frame(0x10, ...body)
}

export type PublishOptions = {
  topic: string | Buffer
  payload?: string | Buffer
  qos?: number
  id?: number
  retain?: boolean
  dup?: boolean
}

export function publishPacket(o: PublishOptions): Buffer {
  const qos = o.qos ?? 0
  const first = 0x30 | (o.dup ? 8 : 0) | (qos << 1) | (o.retain ? 1 : 0)
  return frame(first, text(o.topic), qos > 0 ? number(o.id ?? 1) : Buffer.alloc(0), bytesOf(o.payload ?? ''))
}

export function subscribePacket(id: number, filters: [string | Buffer, number][]): Buffer {
  return frame(0x82, number(id), ...filters.flatMap(([filter, qos]) => [text(filter), Buffer.from([qos])]))
}

export function unsubscribePacket(id: number, filters: string[]): Buffer {
  return frame(0xa2, number(id), ...filters.map(text))
}

export const pingPacket = frame(0xc0)
export const disconnectPacket = frame(0xe0)
export const pubackPacket = (id: number) => frame(0x40, number(id))

export type Answer = { type: number; flags: number; body: Buffer }
export const TYPE = { connack: 2, publish: 3, puback: 4, suback: 9, unsuback: 11, pingresp: 13 } as const

export type RawClient = {
  connection: Duplex
  answers: Answer[]
  /** Packet ids acknowledged so far, in order. */
  acked(): number[]
  send(...packets: Buffer[]): void
  /** Next answer of a type, or null when the connection ended first. */
  next(type: number): Promise<Answer | null>
  /** Resolves when the connection is gone. */
  closed: Promise<void>
  isClosed(): boolean
  destroy(): void
}

/** A client on any stream. */
export function rawClient(connection: Duplex): RawClient {
  const answers: Answer[] = []
  let unread: Answer[] = []
  let waiting: { type: number; resolve: (answer: Answer | null) => void }[] = []
  let rest = Buffer.alloc(0)
  let over = false
  const take = () => {
    waiting = waiting.filter(wanted => {
      const index = unread.findIndex(answer => answer.type === wanted.type)
      if (index < 0 && !over) return true
      wanted.resolve(index < 0 ? null : (unread.splice(index, 1)[0] ?? null))
      return false
    })
  }
  connection.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const parsed = splitFrame(rest)
      if (!parsed) break
      rest = rest.subarray(parsed.size)
      answers.push(parsed.answer)
      unread.push(parsed.answer)
    }
    take()
  })
  connection.on('error', () => undefined)
  connection.on('end', () => connection.destroy())
  const closed = new Promise<void>(resolve => {
    connection.once('close', () => {
      over = true
      take()
      resolve()
    })
  })
  return {
    connection,
    answers,
    acked: () => answers.filter(answer => answer.type === TYPE.puback).map(answer => answer.body.readUInt16BE(0)),
    send: (...packets) => void connection.write(Buffer.concat(packets)),
    next: type =>
      new Promise(resolve => {
        waiting.push({ type, resolve })
        take()
      }),
    closed,
    isClosed: () => over,
    destroy: () => {
      unread = []
      connection.destroy()
    },
  }
}

function splitFrame(bytes: Buffer): { answer: Answer; size: number } | null {
  let length = 0
  for (let index = 1; index < 5; index++) {
    const digit = bytes[index]
    if (digit === undefined) return null
    length += (digit & 0x7f) * 128 ** (index - 1)
    if (digit < 0x80) {
      const size = index + 1 + length
      if (bytes.length < size) return null
      const first = bytes[0] ?? 0
      return { answer: { type: first >> 4, flags: first & 0xf, body: Buffer.from(bytes.subarray(index + 1, size)) }, size }
    }
  }
  return null
}

/** A client on a new TCP connection. */
export function openTcp(port: number): Promise<RawClient> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(rawClient(socket))
    })
  })
}
