/** Small pictures of the screen: what is masked in them, what they are like, and whether they changed. */
import type { Zone } from '../../shared/profile.ts'
import { encodePng, type Picture } from './png.ts'

const HASH_COLUMNS = 9
const HASH_ROWS = 8
/** A pixel differs when a colour of it does by more; a browser's picture has no noise, but edges move a little. */
const PIXEL_DIFFERS = 32
/** Of all pixels; less is a blinking cursor. */
const SHARE_DIFFERS = 0.005
const HASH_DIFFERS = 2

/** Share of the picture that its most frequent colour covers, 0 to 1, and that colour as `#rrggbb`. Colours closer than an eye tells apart count as one. */
export function mainColor(picture: Picture): { share: number; color: string } {
  const { pixels, channels } = picture
  const counts = new Map<number, number>()
  let [most, mostColor] = [0, 0]
  for (let at = 0; at < pixels.length; at += channels) {
    const color = (((pixels[at] ?? 0) >> 3) << 10) | (((pixels[at + 1] ?? 0) >> 3) << 5) | ((pixels[at + 2] ?? 0) >> 3)
    const count = (counts.get(color) ?? 0) + 1
    counts.set(color, count)
    if (count > most) [most, mostColor] = [count, color]
  }
  const parts = [mostColor >> 10, (mostColor >> 5) & 31, mostColor & 31].map(part => (part * 255) / 31)
  const color = `#${parts.map(part => Math.round(part).toString(16).padStart(2, '0')).join('')}`
  return { share: most / (picture.width * picture.height), color }
}

/** Blackens zones (percent of the whole screen) in a picture, in place. `part` is what the picture shows of the screen. A pixel that a zone only touches is black too. */
export function maskZones(picture: Picture, zones: readonly Zone[], part: Zone = { x: 0, y: 0, width: 100, height: 100 }): Picture {
  const { width, height, channels, pixels } = picture
  const [perX, perY] = [width / part.width, height / part.height]
  for (const zone of zones) {
    const left = Math.max(0, Math.floor((zone.x - part.x) * perX))
    const right = Math.min(width, Math.ceil((zone.x + zone.width - part.x) * perX))
    const bottom = Math.min(height, Math.ceil((zone.y + zone.height - part.y) * perY))
    if (right <= left) continue
    for (let y = Math.max(0, Math.floor((zone.y - part.y) * perY)); y < bottom; y++) {
      const [from, to] = [(y * width + left) * channels, (y * width + right) * channels]
      pixels.fill(0, from, to)
      if (channels === 4) for (let at = from + 3; at < to; at += 4) pixels[at] = 255
    }
  }
  return picture
}

/** Mean brightness of each cell of a grid over the picture. */
function cells({ width, height, channels, pixels }: Picture): Float64Array {
  const sums = new Float64Array(HASH_COLUMNS * HASH_ROWS)
  const counts = new Uint32Array(HASH_COLUMNS * HASH_ROWS)
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * HASH_ROWS) / height) * HASH_COLUMNS
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels
      const cell = row + Math.floor((x * HASH_COLUMNS) / width)
      sums[cell] = (sums[cell] ?? 0) + 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0)
      counts[cell] = (counts[cell] ?? 0) + 1
    }
  }
  return sums.map((sum, cell) => sum / (counts[cell] || 1))
}

/** Perceptual hash of 64 bits (dHash): is each cell clearly brighter than the one to its right? Alike pictures have alike hashes, whatever their size. */
export function hashPicture(picture: Picture): bigint {
  const brightness = cells(picture)
  let hash = 0n
  for (let row = 0; row < HASH_ROWS; row++)
    for (let column = 0; column < HASH_COLUMNS - 1; column++) {
      const at = row * HASH_COLUMNS + column
      // one step of brightness is rounding, not a picture
      hash = (hash << 1n) | ((brightness[at] ?? 0) > (brightness[at + 1] ?? 0) + 1 ? 1n : 0n)
    }
  return hash
}

/** In how many of the 64 bits two hashes differ. */
export function hashDistance(one: bigint, other: bigint): number {
  let distance = 0
  for (let rest = one ^ other; rest > 0n; rest &= rest - 1n) distance++
  return distance
}

/** Did a person see a change? More than a blinking cursor. */
export function isChanged(before: Picture, after: Picture): boolean {
  if (before.width !== after.width || before.height !== after.height || before.channels !== after.channels) return true
  if (hashDistance(hashPicture(before), hashPicture(after)) > HASH_DIFFERS) return true
  let count = 0
  for (let at = 0; at < after.pixels.length; at += after.channels) {
    const differs = (channel: number) => Math.abs((before.pixels[at + channel] ?? 0) - (after.pixels[at + channel] ?? 0)) > PIXEL_DIFFERS
    if (differs(0) || differs(1) || differs(2)) count++
  }
  return count > SHARE_DIFFERS * after.width * after.height
}

/** Half the size; each pixel is one of four. */
function halve({ width, height, channels, pixels }: Picture): Picture {
  const [halfWidth, halfHeight] = [Math.max(1, width >> 1), Math.max(1, height >> 1)]
  const half = new Uint8Array(halfWidth * halfHeight * channels)
  for (let y = 0; y < halfHeight; y++)
    for (let x = 0; x < halfWidth; x++) {
      const from = (2 * y * width + 2 * x) * channels
      half.set(pixels.subarray(from, from + channels), (y * halfWidth + x) * channels)
    }
  return { width: halfWidth, height: halfHeight, channels, pixels: half }
}

/** The picture as PNG of at most `maxBytes`: what is too large loses shades, then size. */
export function packPicture(picture: Picture, maxBytes: number): Buffer {
  const png = encodePng(picture)
  if (png.length <= maxBytes) return png
  const coarse = encodePng({ ...picture, pixels: picture.pixels.map(value => value & 0xf0) })
  if (coarse.length <= maxBytes || picture.width < 16) return coarse
  return packPicture(halve(picture), maxBytes)
}
