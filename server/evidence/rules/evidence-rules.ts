/** Evidence sent as files: what is taken, what the bytes are, which incident it belongs to, and what is let go. */

export const EVIDENCE_KEEP_MS = 90 * 86_400_000
/** Finished bytes kept of one device; the oldest go first. */
export const DEVICE_EVIDENCE_BYTES = 200 * 1024 * 1024
/** An upload address lives this long; asked again, the device gets a new one. */
export const UPLOAD_LIFE_MS = 24 * 3_600_000
const OPEN_BYTES = 64 * 1024 * 1024
const OPEN_UPLOADS = 40
/** Device time is corrected, and a signal is noticed a moment before or after its event: how far apart they may lie. */
const SLACK_MS = 2 * 60_000
const MAX_SIDE = 16_384
const UNKNOWN_TYPE = 'application/octet-stream'

/** Why a device may not announce one more bundle, or null. `open` is what it has announced and not yet sent. */
export function refuseAnnouncement(open: { uploads: number; bytes: number }, bytes: number): string | null {
  if (open.uploads >= OPEN_UPLOADS) return `${OPEN_UPLOADS} bundles of this device wait for their upload already`
  if (open.bytes + bytes > OPEN_BYTES) return 'the bundles that wait for their upload are too large together'
  return null
}

const startsWith = (bytes: Uint8Array, ...start: number[]): boolean => start.every((byte, index) => bytes[index] === byte)
const isSide = (side: number): boolean => side >= 1 && side <= MAX_SIDE

function isPng(head: Uint8Array, tail: Uint8Array): boolean {
  if (!startsWith(head, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52)) return false
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length < 33 || !isSide(view.getUint32(16)) || !isSide(view.getUint32(20))) return false
  return startsWith(tail.subarray(-12), 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82)
}

/** Walks the segments up to the one that names the size of the picture. */
function isJpeg(head: Uint8Array, tail: Uint8Array): boolean {
  if (!startsWith(head, 0xff, 0xd8, 0xff) || !startsWith(tail.subarray(-2), 0xff, 0xd9)) return false
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  for (let at = 2; at + 9 < head.length && view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return isSide(view.getUint16(at + 5)) && isSide(view.getUint16(at + 7))
    at += 2 + view.getUint16(at + 2)
  }
  return false
}

/**
 * Content type of a finished file by its own bytes: `head` its first 64 KiB or all of it, `tail` its last bytes. What is not what its
 * kind says gets the type that no browser shows. Nothing is unpacked here.
 */
export function contentTypeOf(kind: 'screenshot' | 'log' | 'metrics' | 'state', head: Uint8Array, tail: Uint8Array): string {
  if (kind !== 'screenshot') return startsWith(head, 0x1f, 0x8b, 8) ? 'application/gzip' : UNKNOWN_TYPE
  if (isPng(head, tail)) return 'image/png'
  return isJpeg(head, tail) ? 'image/jpeg' : UNKNOWN_TYPE
}

export type Episode = { id: string; startedAtMs: number; endedAtMs: number | null }

/** The episode evidence of this instant belongs to: one that covers it, else the nearest within two minutes; null when there is none. */
export function episodeOf<Item extends Episode>(episodes: readonly Item[], atMs: number): Item | null {
  const distance = ({ startedAtMs, endedAtMs }: Episode): number =>
    Math.max(0, startedAtMs - atMs, endedAtMs === null ? 0 : atMs - endedAtMs)
  const near = episodes.filter(episode => distance(episode) <= SLACK_MS)
  near.sort((one, other) => distance(one) - distance(other) || other.startedAtMs - one.startedAtMs)
  return near[0] ?? null
}

/** Of one device's files, oldest first: those that must go so that the rest fits. */
export function overfull<File extends { bytes: number }>(files: readonly File[], limitBytes = DEVICE_EVIDENCE_BYTES): File[] {
  let left = files.reduce((sum, file) => sum + file.bytes, 0)
  return files.filter(file => {
    if (left <= limitBytes) return false
    left -= file.bytes
    return true
  })
}
