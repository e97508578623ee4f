/** Small pictures of the screen: what is masked in them, what they are like, and whether they changed. */
import type { Zone } from '../../../shared/profile.ts'
import { encodePng, type Picture } from './png.ts'

const HASH_COLUMNS = 9
const HASH_ROWS = 8
/** A pixel differs when a colour of it does by more; a browser's picture has no noise, but edges move a little. */
const PIXEL_DIFFERS = 32
/** Of all pixels; less is a blinking cursor. */
const SHARE_DIFFERS = 0.005
const HASH_DIFFERS = 2
/** Two programs draw the same picture a little differently. */
const HASH_UNLIKE = 16
const GRID_COLUMNS = 16
const GRID_ROWS = 9
const CELL_DIFFERS = 24
const SHARE_UNLIKE = 0.08

/** Share of the picture that its most frequent colour covers, 0 to 1, and that colour as `#rrggbb`; hidden pixels do not count. Colours closer than an eye tells apart count as one. */
export function mainColor({ width, height, pixels, channels, hiddenPixels }: Picture): { share: number; color: string } {
  // hidden pixels are black
  const counts = new Map<number, number>([[0, -hiddenPixels]])
  let [color, run] = [0, 0]
  for (let at = 0; at < pixels.length; at += channels) {
    const next = (((pixels[at] ?? 0) >> 3) << 10) | (((pixels[at + 1] ?? 0) >> 3) << 5) | ((pixels[at + 2] ?? 0) >> 3)
    if (next !== color) {
      counts.set(color, (counts.get(color) ?? 0) + run)
      color = next
      run = 0
    }
    run++
  }
  counts.set(color, (counts.get(color) ?? 0) + run)
  const [mainest, most] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))
  const parts = [mainest >> 10, (mainest >> 5) & 31, mainest & 31].map(part => (part * 255) / 31)
  const name = `#${parts.map(part => Math.round(part).toString(16).padStart(2, '0')).join('')}`
  return { share: most / Math.max(1, width * height - hiddenPixels), color: name }
}

/** Blackens zones (percent of the picture) in a picture, in place. A pixel that a zone only touches is black too. */
export function maskZones(picture: Picture, zones: readonly Zone[]): Picture {
  if (zones.length === 0) return picture
  const { width, height, channels, pixels } = picture
  const [perX, perY] = [width / 100, height / 100]
  const hidden = new Uint8Array(width * height)
  for (const zone of zones) {
    const left = Math.max(0, Math.floor(zone.x * perX))
    const right = Math.min(width, Math.ceil((zone.x + zone.width) * perX))
    const bottom = Math.min(height, Math.ceil((zone.y + zone.height) * perY))
    if (right <= left || zone.width === 0 || zone.height === 0) continue
    for (let y = Math.max(0, Math.floor(zone.y * perY)); y < bottom; y++) hidden.fill(1, y * width + left, y * width + right)
  }
  hidden.forEach((isHidden, pixel) => {
    if (isHidden === 0) return
    picture.hiddenPixels++
    pixels.fill(0, pixel * channels, pixel * channels + 3)
  })
  return picture
}

/** The part of a picture that a zone touches; null when that is none of it. */
export function cropPicture({ width, height, channels, pixels }: Picture, zone: Zone): Picture | null {
  const [left, top] = [Math.floor((zone.x * width) / 100), Math.floor((zone.y * height) / 100)]
  const partWidth = Math.min(width, Math.ceil(((zone.x + zone.width) * width) / 100)) - left
  const partHeight = Math.min(height, Math.ceil(((zone.y + zone.height) * height) / 100)) - top
  if (partWidth < 1 || partHeight < 1) return null
  const part = new Uint8Array(partWidth * partHeight * channels)
  for (let y = 0; y < partHeight; y++) {
    const from = ((top + y) * width + left) * channels
    part.set(pixels.subarray(from, from + partWidth * channels), y * partWidth * channels)
  }
  return { width: partWidth, height: partHeight, channels, pixels: part, hiddenPixels: 0 }
}

/** Mean brightness of each cell of a grid over the picture, 0 to 255, row by row. */
function cells({ width, height, channels, pixels }: Picture, columns: number, rows: number): Float64Array {
  const sums = new Float64Array(columns * rows)
  const counts = new Uint32Array(columns * rows)
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels
      const cell = row + Math.floor((x * columns) / width)
      sums[cell] = (sums[cell] ?? 0) + 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0)
      counts[cell] = (counts[cell] ?? 0) + 1
    }
  }
  return sums.map((sum, cell) => sum / (counts[cell] || 1))
}

/** Perceptual hash of 64 bits (dHash): is each cell clearly brighter than the one to its right? Alike pictures have alike hashes, whatever their size. */
export function hashPicture(picture: Picture): bigint {
  const brightness = cells(picture, HASH_COLUMNS, HASH_ROWS)
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
  if (before === after) return false
  if (before.width !== after.width || before.height !== after.height || before.channels !== after.channels) return true
  if (hashDistance(hashPicture(before), hashPicture(after)) > HASH_DIFFERS) return true
  let count = 0
  for (let at = 0; at < after.pixels.length; at += after.channels) {
    const differs = (channel: number) => Math.abs((before.pixels[at + channel] ?? 0) - (after.pixels[at + channel] ?? 0)) > PIXEL_DIFFERS
    if (differs(0) || differs(1) || differs(2)) count++
  }
  return count > SHARE_DIFFERS * after.width * after.height
}

/** Do two pictures of any size show the same, but for details? False when a part of the screen as large as a dialog differs. */
export function isAlike(one: Picture, other: Picture): boolean {
  if (one === other) return true
  if (hashDistance(hashPicture(one), hashPicture(other)) > HASH_UNLIKE) return false
  const [before, after] = [cells(one, GRID_COLUMNS, GRID_ROWS), cells(other, GRID_COLUMNS, GRID_ROWS)]
  const count = after.filter((brightness, cell) => Math.abs(brightness - (before[cell] ?? 0)) > CELL_DIFFERS).length
  return count <= SHARE_UNLIKE * after.length
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
  return { width: halfWidth, height: halfHeight, channels, pixels: half, hiddenPixels: 0 }
}

/** The picture as PNG of at most `maxBytes`: what is too large loses shades, then size. */
export function packPicture(picture: Picture, maxBytes: number): Buffer {
  const png = encodePng(picture)
  if (png.length <= maxBytes) return png
  const coarse = encodePng({ ...picture, pixels: picture.pixels.map(value => value & 0xf0) })
  if (coarse.length <= maxBytes || picture.width < 16) return coarse
  return packPicture(halve(picture), maxBytes)
}
