/** Builds an EDID from its fields, for tests: 128 bytes with a right checksum, and extension blocks. */

export type EdidFields = {
  maker: string
  productCode: number
  serialNumber: number
  week: number
  year: number
  version: [number, number]
  widthCm: number
  heightCm: number
  isDigital: boolean
  /** Tag of a display descriptor (0xfc name, 0xff serial, 0xfe text) and its text. */
  texts: [number, string][]
  timing: {
    width: number
    height: number
    clockKhz: number
    blankX: number
    blankY: number
    widthMm: number
    heightMm: number
    isInterlaced?: boolean
  } | null
  extensions: number
}

export const FULL_HD = { width: 1920, height: 1080, clockKhz: 148_500, blankX: 280, blankY: 45, widthMm: 527, heightMm: 296 }
const USUAL: EdidFields = {
  maker: 'IVM',
  productCode: 0x6615,
  serialNumber: 4711,
  week: 28,
  year: 2020,
  version: [1, 4],
  widthCm: 53,
  heightCm: 30,
  isDigital: true,
  texts: [
    [0xfc, 'Front Screen'],
    [0xff, 'SN-0815'],
  ],
  timing: FULL_HD,
  extensions: 0,
}

function checksum(block: Uint8Array): void {
  block[127] = (256 - (block.subarray(0, 127).reduce((sum, byte) => sum + byte, 0) & 0xff)) & 0xff
}

function writeTiming(block: Uint8Array, at: number, timing: NonNullable<EdidFields['timing']>): void {
  const { width, height, clockKhz, blankX, blankY, widthMm, heightMm } = timing
  const lines = timing.isInterlaced ? height / 2 : height
  const clock = Math.round(clockKhz / 10)
  block.set([clock & 0xff, clock >> 8], at)
  block.set([width & 0xff, blankX & 0xff, ((width >> 8) << 4) | (blankX >> 8)], at + 2)
  block.set([lines & 0xff, blankY & 0xff, ((lines >> 8) << 4) | (blankY >> 8)], at + 5)
  block.set([widthMm & 0xff, heightMm & 0xff, ((widthMm >> 8) << 4) | (heightMm >> 8)], at + 12)
  block[at + 17] = timing.isInterlaced ? 0x80 : 0
}

/** An EDID with these fields; what is left out is a usual desktop display. */
export function buildEdid(given: Partial<EdidFields> = {}): Uint8Array {
  const fields = { ...USUAL, ...given }
  const block = new Uint8Array(128)
  block.set([0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00])
  const letters = fields.maker.split('').reduce((word, letter) => (word << 5) | (letter.charCodeAt(0) - 0x40), 0)
  const view = new DataView(block.buffer)
  view.setUint16(8, letters)
  view.setUint16(10, fields.productCode, true)
  view.setUint32(12, fields.serialNumber, true)
  block.set([fields.week, fields.year - 1990, ...fields.version, fields.isDigital ? 0x80 : 0, fields.widthCm, fields.heightCm], 16)
  let at = 54
  if (fields.timing) {
    writeTiming(block, at, fields.timing)
    at += 18
  }
  for (const [tag, text] of fields.texts) {
    block.set([0, 0, 0, tag, 0, ...Buffer.from(`${text}\n`.padEnd(13).slice(0, 13), 'latin1')], at)
    at += 18
  }
  block[126] = fields.extensions
  checksum(block)
  const extension = new Uint8Array(128)
  extension.set([0x02, 0x03])
  checksum(extension)
  return Buffer.concat([block, ...Array.from({ length: fields.extensions }, () => extension)])
}
