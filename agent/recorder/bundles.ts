/** Evidence that waits for the server: one folder a bundle, bounded in number and size, whole or not there. */
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, readFileSync, rmSync, type ReadStream } from 'node:fs'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { EvidencePart } from '../../shared/messages.ts'
import type { Stamp } from '../link/spool-types.ts'
import { listNames } from '../probes/read-file.ts'

const MAX_BUNDLES = 20
const MAX_BYTES = 20 * 1024 * 1024
const BUNDLE_ID = /^[0-9a-hjkmnp-tv-z]{26}$/

export type Bundle = {
  id: string
  /** '' for a picture without a fault. */
  signal: string
  component: string
  text: string
  /** When it was taken. */
  stamp: Stamp
  /** Null until the minute after the failure is in it. */
  isWhole: boolean
  parts: EvidencePart[]
  /** When the server was last told, wall clock. */
  announcedAtMs: number | null
}
export type NewPart = Pick<EvidencePart, 'name' | 'kind'> & { bytes: Buffer }
export type BundleStore = {
  /** Oldest first. */
  list(): Bundle[]
  find(id: string): Bundle | null
  /** Writes a bundle with more parts, synced; older ones go when there are too many. Throws when the disk does not take it. */
  save(bundle: Bundle, parts?: readonly NewPart[]): Bundle
  /** Bytes of a part from an offset on. */
  open(id: string, part: string, offset: number): ReadStream
  drop(id: string): void
}

/** Opens the bundles of one data folder. */
export function openBundles(folder: string, limits = { bundles: MAX_BUNDLES, bytes: MAX_BYTES }): BundleStore {
  const pathOf = (id: string, file: string) => join(folder, id, file)

  function find(id: string): Bundle | null {
    if (!BUNDLE_ID.test(id)) return null
    try {
      return JSON.parse(readFileSync(pathOf(id, 'bundle.json'), 'utf8')) as Bundle
    } catch {
      return null
    }
  }

  /** Ids sort by time. A folder without its description was cut off while it was made. */
  function list(): Bundle[] {
    const bundles: Bundle[] = []
    for (const id of listNames(folder)
      .filter(name => BUNDLE_ID.test(name))
      .toSorted()) {
      const bundle = find(id)
      if (bundle) bundles.push(bundle)
      else drop(id)
    }
    return bundles
  }

  function drop(id: string): void {
    if (BUNDLE_ID.test(id)) rmSync(join(folder, id), { recursive: true, force: true })
  }

  /** Pictures without a fault go first: the next one replaces them anyway. */
  function trim(newest: string): void {
    const kept = list()
    const order = kept
      .filter(bundle => bundle.id !== newest)
      .toSorted((one, other) => Number(one.signal !== '') - Number(other.signal !== ''))
    let bytes = kept.flatMap(bundle => bundle.parts).reduce((sum, part) => sum + part.bytes, 0)
    let count = kept.length
    for (const bundle of order) {
      if (count <= limits.bundles && bytes <= limits.bytes) return
      drop(bundle.id)
      count--
      bytes -= bundle.parts.reduce((sum, part) => sum + part.bytes, 0)
    }
  }

  return {
    list,
    find,
    save(bundle, parts = []) {
      mkdirSync(join(folder, bundle.id), { recursive: true, mode: 0o700 })
      for (const part of parts) writeFileAtomic.sync(pathOf(bundle.id, part.name), part.bytes, { mode: 0o600 })
      const added = parts.map(({ name, kind, bytes }) => ({
        name,
        kind,
        bytes: bytes.byteLength,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      }))
      const saved = { ...bundle, parts: [...bundle.parts, ...added] }
      writeFileAtomic.sync(pathOf(bundle.id, 'bundle.json'), JSON.stringify(saved), { mode: 0o600 })
      trim(bundle.id)
      return saved
    },
    open: (id, part, offset) => createReadStream(pathOf(id, part), { start: offset }),
    drop,
  }
}
