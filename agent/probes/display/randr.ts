/** Reads the modes in use from an X server: the few requests of its protocol that are needed (RandR, DPMS), no library, no child process. */
import { connect, type Socket } from 'node:net'
import type { CurrentMode } from './current-mode.ts'

export type RandrAnswer = { modes: CurrentMode[]; isAsleep: boolean | null }

const COOKIE_NAME = 'MIT-MAGIC-COOKIE-1'
const TIME_LIMIT_MS = 2_000
const MAX_ANSWER_BYTES = 1024 * 1024
const MAX_OUTPUTS = 32
const SETUP_HEAD_BYTES = 8
const REPLY_BYTES = 32
const QUERY_EXTENSION = 98
const RANDR = { queryVersion: 0, getOutputInfo: 9, getCrtcInfo: 20, getScreenResourcesCurrent: 25 }
const DPMS_INFO = 7
const CONNECTED = 0
const DEGREES: Record<number, CurrentMode['rotation']> = { 1: 0, 2: 90, 4: 180, 8: 270 }
const ROTATION_BITS = 0x0f

const pad = (length: number) => (length + 3) & ~3

/** Set-up of a connection, little-endian, with the cookie when there is one. */
function setupRequest(cookie: Uint8Array | null): Buffer {
  const name = cookie ? COOKIE_NAME : ''
  const request = Buffer.alloc(12 + pad(name.length) + pad(cookie?.length ?? 0))
  request.write('l', 0, 'latin1')
  request.writeUInt16LE(11, 2)
  request.writeUInt16LE(name.length, 6)
  request.writeUInt16LE(cookie?.length ?? 0, 8)
  request.write(name, 12, 'latin1')
  if (cookie) request.set(cookie, 12 + pad(name.length))
  return request
}

/** A request: its number, a second byte (the minor number of an extension), then words of 32 bits. */
function request(major: number, minor: number, words: number[]): Buffer {
  const bytes = Buffer.alloc(4 + words.length * 4)
  bytes[0] = major
  bytes[1] = minor
  bytes.writeUInt16LE(1 + words.length, 2)
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 4 + index * 4)
  return bytes
}

function extensionRequest(name: string): Buffer {
  const bytes = Buffer.alloc(8 + pad(name.length))
  bytes[0] = QUERY_EXTENSION
  bytes.writeUInt16LE(bytes.length / 4, 2)
  bytes.writeUInt16LE(name.length, 4)
  bytes.write(name, 8, 'latin1')
  return bytes
}

/** Bytes of a socket, asked for in order. Every wait ends: with the bytes, the end of the line, or its destruction by the time limit. */
function makeReader(socket: Socket) {
  let held = Buffer.alloc(0)
  let total = 0
  let end: Error | null = null
  let wake = () => {}
  socket.on('data', chunk => {
    total += chunk.length
    if (total > MAX_ANSWER_BYTES) socket.destroy(new Error('the X server says too much'))
    held = Buffer.concat([held, chunk as Buffer])
    wake()
  })
  const finish = (error: Error) => {
    end ??= error
    wake()
  }
  socket.on('error', finish)
  socket.on('close', () => finish(new Error('the X server closed the line')))
  return async (length: number): Promise<Buffer> => {
    if (length > MAX_ANSWER_BYTES) throw new Error('the X server announces too much')
    while (held.length < length) {
      if (end) throw end
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    const bytes = held.subarray(0, length)
    held = held.subarray(length)
    return bytes
  }
}

type Line = { ask(bytes: Buffer): Promise<Buffer>; root: number }

/** Opens the line; throws with the server's reason when it is refused. */
async function open(socket: Socket, cookie: Uint8Array | null): Promise<Line> {
  const read = makeReader(socket)
  socket.write(setupRequest(cookie))
  const head = await read(SETUP_HEAD_BYTES)
  const body = await read(head.readUInt16LE(6) * 4)
  if (head[0] !== 1) throw new Error(`the X server refuses: ${body.toString('latin1', 0, head[1] ?? 0).trim()}`)
  const formats = body.readUInt8(21)
  const root = body.readUInt32LE(32 + pad(body.readUInt16LE(16)) + formats * 8)
  async function ask(bytes: Buffer): Promise<Buffer> {
    socket.write(bytes)
    for (;;) {
      const reply = await read(REPLY_BYTES)
      if (reply[0] === 0) throw new Error(`the X server answers with error ${reply[1]}`)
      // anything else is an event nobody asked for
      if (reply[0] === 1) return Buffer.concat([reply, await read(reply.readUInt32LE(4) * 4)])
    }
  }
  return { ask, root }
}

async function extension(line: Line, name: string): Promise<number | null> {
  const reply = await line.ask(extensionRequest(name))
  return reply[8] === 1 ? reply.readUInt8(9) : null
}

async function readOutput(line: Line, major: number, output: number, stamp: number): Promise<CurrentMode | null> {
  const info = await line.ask(request(major, RANDR.getOutputInfo, [output, stamp]))
  const crtc = info.readUInt32LE(12)
  const [crtcs, modes, clones, nameLength] = [26, 28, 32, 34].map(at => info.readUInt16LE(at)) as [number, number, number, number]
  if (info.readUInt8(24) !== CONNECTED || crtc === 0) return null
  const nameAt = 36 + (crtcs + modes + clones) * 4
  const connector = info.toString('latin1', nameAt, nameAt + Math.min(nameLength, 64))
  const state = await line.ask(request(major, RANDR.getCrtcInfo, [crtc, stamp]))
  const [width, height] = [state.readUInt16LE(16), state.readUInt16LE(18)]
  if (width === 0 || height === 0) return null
  const rotation = DEGREES[state.readUInt16LE(24) & ROTATION_BITS] ?? null
  return { connector, width, height, x: state.readInt16LE(12), y: state.readInt16LE(14), rotation }
}

async function readModes(line: Line): Promise<RandrAnswer> {
  const randr = await extension(line, 'RANDR')
  if (randr === null) throw new Error('the X server has no RandR')
  await line.ask(request(randr, RANDR.queryVersion, [1, 5]))
  const resources = await line.ask(request(randr, RANDR.getScreenResourcesCurrent, [line.root]))
  const stamp = resources.readUInt32LE(12)
  const [crtcs, outputs] = [resources.readUInt16LE(16), resources.readUInt16LE(18)]
  const modes: CurrentMode[] = []
  for (let index = 0; index < Math.min(outputs, MAX_OUTPUTS); index++) {
    const mode = await readOutput(line, randr, resources.readUInt32LE(32 + (crtcs + index) * 4), stamp)
    if (mode) modes.push(mode)
  }
  const dpms = await extension(line, 'DPMS')
  if (dpms === null) return { modes, isAsleep: null }
  const power = await line.ask(request(dpms, DPMS_INFO, []))
  return { modes, isAsleep: power.readUInt8(10) === 1 && power.readUInt16LE(8) !== 0 }
}

/** Asks the X server of a display (`:0` = 0). Rejects with the reason within `timeLimitMs`; nonsense bytes are a reason too. */
export async function askRandr(
  display: number,
  cookie: Uint8Array | null,
  timeLimitMs = TIME_LIMIT_MS,
  path = `/tmp/.X11-unix/X${display}`,
): Promise<RandrAnswer> {
  const socket = connect(path)
  const timer = setTimeout(() => socket.destroy(new Error('the X server does not answer')), timeLimitMs)
  try {
    return await readModes(await open(socket, cookie))
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
