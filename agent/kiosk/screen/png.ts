/** Decodes and encodes the small pictures of a screen: PNG, 8 bits, RGB or RGBA, not interlaced. Everything else is refused. */
import { constants, crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const MAX_SIDE = 512
const RGB = 2
const RGBA = 6

/** Pixels row by row, `channels` bytes each: red, green, blue, and perhaps opacity. `hiddenPixels` were made black. */
export type Picture = { width: number; height: number; channels: 3 | 4; pixels: Uint8Array; hiddenPixels: number }

type Header = { width: number; height: number; channels: 3 | 4 }

function readHeader(data: Buffer): Header | null {
  if (data.length !== 13) return null
  const [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)]
  const [depth, color, compression, filter, interlace] = data.subarray(8)
  const isKnown = depth === 8 && (color === RGB || color === RGBA) && compression === 0 && filter === 0 && interlace === 0
  if (!isKnown || width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return null
  return { width, height, channels: color === RGB ? 3 : 4 }
}

/** The header and the packed rows. Checksums are not looked at: the picture came over a local connection, and is only judged by its colours. */
function readChunks(file: Buffer): { header: Header; packed: Buffer } | null {
  if (!file.subarray(0, 8).equals(SIGNATURE)) return null
  let header: Header | null = null
  const packed: Buffer[] = []
  for (let at = 8; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    const data = file.subarray(at + 8, at + 8 + length)
    if (data.length !== length) return null
    if (type === 'IHDR') header ??= readHeader(data)
    if (type === 'IDAT') packed.push(data)
    if (type === 'IEND' || header === null) break
    at += 12 + length
  }
  return header && packed.length > 0 ? { header, packed: Buffer.concat(packed) } : null
}

function paeth(left: number, up: number, upLeft: number): number {
  const guess = left + up - upLeft
  const [byLeft, byUp, byUpLeft] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)]
  if (byLeft <= byUp && byLeft <= byUpLeft) return left
  return byUp <= byUpLeft ? up : upLeft
}

/** Undoes the filter of one row in place, from PNG's specification; `before` is the row above it, undone. False when there is no such filter. */
function unfilterRow(filter: number, row: Uint8Array, before: Uint8Array, channels: number): boolean {
  // one loop a filter: the agent's engine compiles nothing, so what is decided once must not be decided for each byte
  if (filter === 1) for (let x = channels; x < row.length; x++) row[x] = (row[x] ?? 0) + (row[x - channels] ?? 0)
  else if (filter === 2) for (let x = 0; x < row.length; x++) row[x] = (row[x] ?? 0) + (before[x] ?? 0)
  else if (filter === 3)
    for (let x = 0; x < row.length; x++) row[x] = (row[x] ?? 0) + (((x < channels ? 0 : (row[x - channels] ?? 0)) + (before[x] ?? 0)) >> 1)
  else if (filter === 4)
    for (let x = 0; x < row.length; x++) {
      const [left, upLeft] = x < channels ? [0, 0] : [row[x - channels] ?? 0, before[x - channels] ?? 0]
      row[x] = (row[x] ?? 0) + paeth(left, before[x] ?? 0, upLeft)
    }
  return filter <= 4
}

/** Undoes the filter of each row. */
function unfilter(rows: Buffer, { width, height, channels }: Header): Uint8Array | null {
  const stride = width * channels
  const pixels = new Uint8Array(stride * height)
  let before = new Uint8Array(stride)
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1)
    const row = pixels.subarray(y * stride, (y + 1) * stride)
    row.set(rows.subarray(start + 1, start + 1 + stride))
    if (!unfilterRow(rows[start] ?? 0, row, before, channels)) return null
    before = row
  }
  return pixels
}

/** The picture, or null when it is none of this kind, is damaged, or has a side over 512. Never throws. */
export function decodePng(file: Buffer): Picture | null {
  const chunks = readChunks(file)
  if (!chunks) return null
  const { header, packed } = chunks
  const wantedBytes = (header.width * header.channels + 1) * header.height
  try {
    // a few bytes can unpack to gigabytes
    const rows = inflateSync(packed, { maxOutputLength: wantedBytes, finishFlush: constants.Z_SYNC_FLUSH })
    const pixels = rows.length === wantedBytes ? unfilter(rows, header) : null
    return pixels && { ...header, pixels, hiddenPixels: 0 }
  } catch {
    return null
  }
}

function chunk(type: string, data: Uint8Array): Buffer {
  const framed = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), data, Buffer.alloc(4)])
  framed.writeUInt32BE(data.length, 0)
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), framed.length - 4)
  return framed
}

/** A picture as a PNG file; opacity is left out. */
export function encodePng({ width, height, channels, pixels }: Picture): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, RGB, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  const stride = 3 * width + 1
  const rows = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    // each pixel minus its left neighbour: areas of one colour become zeros
    rows[y * stride] = 1
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels
      for (let channel = 0; channel < 3; channel++) {
        const left = x > 0 ? (pixels[at - channels + channel] ?? 0) : 0
        rows[y * stride + 1 + 3 * x + channel] = (pixels[at + channel] ?? 0) - left
      }
    }
  }
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}
