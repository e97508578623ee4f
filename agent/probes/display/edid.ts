/** What a display says about itself (EDID): maker, model, serial, age, size, best mode. Pure on bytes; any bytes are safe. */
import { makerName } from './pnp-makers.ts'

export type DisplayMode = { width: number; height: number; refreshHz: number; isInterlaced: boolean }
export type Edid = {
  /** Of the EDID itself: `1.4`. */
  version: string
  makerId: string
  /** Null for makers that are not common. */
  maker: string | null
  model: string | null
  productCode: number
  /** As a number in the header (0 = none) and as a text: makers fill one, both or none. */
  serialNumber: number | null
  serialText: string | null
  madeInWeek: number | null
  madeInYear: number | null
  /** Given instead of a date of manufacture. */
  modelYear: number | null
  /** Null where it has no size of its own: projectors, converters. */
  widthCm: number | null
  heightCm: number | null
  isDigital: boolean
  preferredMode: DisplayMode | null
  /** Blocks that are to follow, and whether this one and those that did follow are whole. */
  extensionCount: number
  isChecksumValid: boolean
}

const BLOCK_BYTES = 128
const HEADER = [0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]
const DESCRIPTORS_AT = [54, 72, 90, 108]
const DESCRIPTOR = { serial: 0xff, text: 0xfe, name: 0xfc }
const YEAR_BASE = 1990
/** Before this year there was no EDID. */
const EARLIEST_YEAR = 1993
const WEEK_MEANS_MODEL_YEAR = 0xff

/** Three letters of five bits each. */
function makerLetters(word: number): string {
  return [10, 5, 0].map(shift => String.fromCharCode(0x40 + ((word >> shift) & 0x1f))).join('')
}

/** Thirteen bytes that end with a line feed; control and foreign characters are left out. Null when nothing remains. */
function descriptorText(block: Uint8Array, at: number): string | null {
  const bytes = block.subarray(at + 5, at + 18)
  const end = bytes.findIndex(byte => byte === 0x0a || byte === 0x00)
  const text = String.fromCharCode(...bytes.subarray(0, end === -1 ? undefined : end))
    .replaceAll(/[^ -~]/g, '')
    .trimEnd()
  return text.trim() === '' ? null : text
}

const isTiming = (block: Uint8Array, at: number) => block[at] !== 0 || block[at + 1] !== 0

function textsOf(block: Uint8Array, tag: number): string[] {
  return DESCRIPTORS_AT.filter(at => !isTiming(block, at) && block[at + 3] === tag)
    .map(at => descriptorText(block, at))
    .filter(text => text !== null)
}

/** A detailed timing: its mode and the size of the picture in mm. */
function readTiming(view: DataView, at: number): { mode: DisplayMode; widthMm: number; heightMm: number } | null {
  const clockHz = view.getUint16(at, true) * 10_000
  const upper = (low: number, high: number, isHighNibble: boolean) =>
    view.getUint8(at + low) + ((isHighNibble ? view.getUint8(at + high) >> 4 : view.getUint8(at + high) & 0x0f) << 8)
  const width = upper(2, 4, true)
  const lines = upper(5, 7, true)
  const totalPixels = (width + upper(3, 4, false)) * (lines + upper(6, 7, false))
  if (width === 0 || lines === 0 || totalPixels === 0) return null
  const isInterlaced = (view.getUint8(at + 17) & 0x80) !== 0
  const refreshHz = Math.round((clockHz / totalPixels) * 100) / 100
  const mode = { width, height: isInterlaced ? lines * 2 : lines, refreshHz, isInterlaced }
  return { mode, widthMm: upper(12, 14, true), heightMm: upper(13, 14, false) }
}

function isWhole(block: Uint8Array): boolean {
  return block.length === BLOCK_BYTES && (block.reduce((sum, byte) => sum + byte, 0) & 0xff) === 0
}

function dates(week: number, yearByte: number): Pick<Edid, 'madeInWeek' | 'madeInYear' | 'modelYear'> {
  const year = YEAR_BASE + yearByte < EARLIEST_YEAR ? null : YEAR_BASE + yearByte
  if (week === WEEK_MEANS_MODEL_YEAR) return { madeInWeek: null, madeInYear: null, modelYear: year }
  return { madeInWeek: week >= 1 && week <= 54 ? week : null, madeInYear: year, modelYear: null }
}

/** Decodes an EDID; null when the bytes are none (too short, or without its header). */
export function decodeEdid(bytes: Uint8Array): Edid | null {
  if (bytes.length < BLOCK_BYTES || !HEADER.every((byte, index) => bytes[index] === byte)) return null
  const block = bytes.subarray(0, BLOCK_BYTES)
  const view = new DataView(block.buffer, block.byteOffset, BLOCK_BYTES)
  const byte = (at: number) => view.getUint8(at)
  const [major, minor] = [byte(18), byte(19)]
  const isPreferredFirst = major > 1 || minor >= 3 || (byte(24) & 0x02) !== 0
  const timing = isTiming(block, 54) ? readTiming(view, 54) : null
  // since 1.4 a single zero makes the pair an aspect ratio: the picture of the best mode has the size then
  const hasSize = byte(21) > 0 && byte(22) > 0
  const pictureCm = (mm: number | undefined) => (mm ? Math.round(mm / 10) : null)
  const makerId = makerLetters(view.getUint16(8))
  const extensionCount = byte(126)
  const extensions = Array.from({ length: Math.min(extensionCount, Math.floor(bytes.length / BLOCK_BYTES) - 1) }, (_, index) =>
    bytes.subarray((index + 1) * BLOCK_BYTES, (index + 2) * BLOCK_BYTES),
  )
  // a long name goes on in a second descriptor; panels of laptops have no name, but free texts: the maker of the panel and its type
  const model = (textsOf(block, DESCRIPTOR.name).join('').trim() || null) ?? (textsOf(block, DESCRIPTOR.text).join(' ').trim() || null)
  return {
    version: `${major}.${minor}`,
    makerId,
    maker: makerName(makerId),
    model,
    productCode: view.getUint16(10, true),
    serialNumber: view.getUint32(12, true) || null,
    serialText: textsOf(block, DESCRIPTOR.serial)[0]?.trim() ?? null,
    ...dates(byte(16), byte(17)),
    widthCm: hasSize ? byte(21) : pictureCm(timing?.widthMm),
    heightCm: hasSize ? byte(22) : pictureCm(timing?.heightMm),
    isDigital: (byte(20) & 0x80) !== 0,
    preferredMode: isPreferredFirst ? (timing?.mode ?? null) : null,
    extensionCount,
    isChecksumValid: isWhole(block) && extensions.every(isWhole),
  }
}
