/** Makes a small picture of a large one while it comes in: raw pixels of a screen as PPM or BMP, of which most are thrown away at once. */
import type { Picture } from './png.ts'

const MAX_SIDE = 16_384
const MAX_HEADER = 1_024

type Layout = {
  width: number
  height: number
  /** First byte of the pixels. */
  start: number
  rowBytes: number
  pixelBytes: 3 | 4
  /** Blue comes first. */
  isReversed: boolean
  isBottomUp: boolean
}
/** A small picture, and how large the screen is in pixels. */
export type ScreenSample = { picture: Picture; screenWidth: number; screenHeight: number }

function readBmp(head: Buffer): Layout | null {
  if (head.length < 54) return null
  const [width, height, bits, packing] = [head.readInt32LE(18), head.readInt32LE(22), head.readUInt16LE(28), head.readUInt32LE(30)]
  if ((bits !== 24 && bits !== 32) || (packing !== 0 && packing !== 3)) return null
  const rowBytes = Math.ceil((width * bits) / 32) * 4
  const pixelBytes = bits === 24 ? 3 : 4
  return { width, height: Math.abs(height), start: head.readUInt32LE(10), rowBytes, pixelBytes, isReversed: true, isBottomUp: height > 0 }
}

function readPpm(head: Buffer): Layout | null {
  const found = /^P6\s(?:#[^\n]*\n|\s)*(\d{1,5})\s(?:#[^\n]*\n|\s)*(\d{1,5})\s(?:#[^\n]*\n|\s)*255\s/.exec(head.toString('latin1'))
  if (!found) return null
  const [width, height] = [Number(found[1]), Number(found[2])]
  return { width, height, start: found[0].length, rowBytes: width * 3, pixelBytes: 3, isReversed: false, isBottomUp: false }
}

function readLayout(head: Buffer): Layout | null {
  const layout = head.toString('latin1', 0, 2) === 'BM' ? readBmp(head) : readPpm(head)
  return layout && layout.width >= 1 && layout.height >= 1 && layout.width <= MAX_SIDE && layout.height <= MAX_SIDE ? layout : null
}

/** Takes the bytes of one picture as they come; `end` answers it with no side longer than `maxSide`, null when they are no whole picture. */
export function makeScreenSampler(maxSide: number) {
  let head = Buffer.alloc(0)
  let layout: Layout | null = null
  let picture: Picture | null = null
  let row = Buffer.alloc(0)
  let [filled, rows] = [0, 0]

  function keepRow(from: Layout, to: Picture): void {
    const y = from.isBottomUp ? from.height - 1 - rows : rows
    // rows of the small picture whose middle falls into this one
    for (let smallY = Math.floor((y * to.height) / from.height); smallY < to.height; smallY++) {
      const middle = Math.floor(((smallY + 0.5) * from.height) / to.height)
      if (middle > y) return
      if (middle < y) continue
      for (let x = 0; x < to.width; x++) {
        const at = Math.floor(((x + 0.5) * from.width) / to.width) * from.pixelBytes
        const [first = 0, green = 0, last = 0] = [row[at], row[at + 1], row[at + 2]]
        to.pixels.set(from.isReversed ? [last, green, first] : [first, green, last], (smallY * to.width + x) * 3)
      }
    }
  }

  function takePixels(bytes: Buffer, from: Layout, to: Picture): void {
    for (let at = 0; at < bytes.length && rows < from.height;) {
      const count = Math.min(bytes.length - at, from.rowBytes - filled)
      bytes.copy(row, filled, at, at + count)
      at += count
      filled += count
      if (filled < from.rowBytes) return
      keepRow(from, to)
      filled = 0
      rows++
    }
  }

  return {
    take(bytes: Buffer): void {
      if (layout && picture) return takePixels(bytes, layout, picture)
      if (head.length >= MAX_HEADER) return
      head = Buffer.concat([head, bytes])
      if (head.length < 54) return
      layout = readLayout(head)
      if (!layout || layout.start > head.length) return void (layout = null)
      const scale = Math.min(1, maxSide / Math.max(layout.width, layout.height))
      const [width, height] = [Math.max(1, Math.round(layout.width * scale)), Math.max(1, Math.round(layout.height * scale))]
      picture = { width, height, channels: 3, pixels: new Uint8Array(width * height * 3), hiddenPixels: 0 }
      row = Buffer.alloc(layout.rowBytes)
      takePixels(head.subarray(layout.start), layout, picture)
    },
    end(): ScreenSample | null {
      return layout && picture && rows === layout.height ? { picture, screenWidth: layout.width, screenHeight: layout.height } : null
    },
  }
}
