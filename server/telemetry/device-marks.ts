/** What ingest keeps in memory of each device between groups: who it is, its session, and what of each epoch is stored. */
import { addReceived, isReceived, NOTHING_RECEIVED, type Received } from './rules/dedup.ts'
import type { Tx } from '../database/database.ts'
import { KEPT_EPOCHS, readLinkFacts, readMarks } from './store/ingest-store.ts'
import type { IngestMarkRow } from '../database/tables/schema.ts'

/** Devices kept in memory; beyond it everything is read anew. */
const MAX_DEVICES = 50_000

export type DeviceLink = {
  id: string
  deviceNo: number
  customerId: string
  sessionId: string | null
  bootId: string | null
  clockOffsetMs: number | null
  epochs: Map<string, Received>
}

/**
 * The memory follows the transaction: changes of a group become true with `confirm` after its commit;
 * after a failed one `forget` drops every device of the group, so that the store is asked again.
 */
export function makeLinkMemory() {
  const links = new Map<string, DeviceLink>()
  let touched = new Set<string>()
  let changed = new Map<string, { link: DeviceLink; epoch: string }>()
  let fresh = new Set<string>()
  let confirmed: { deviceId: string; epoch: string; mark: number }[] = []

  return {
    /** Reads devices that are not in memory yet. */
    async load(tx: Tx, deviceIds: readonly string[]): Promise<void> {
      if (links.size > MAX_DEVICES) links.clear()
      for (const id of deviceIds) touched.add(id)
      const missing = [...touched].filter(id => !links.has(id))
      if (missing.length === 0) return
      for (const fact of await readLinkFacts(tx, missing)) {
        links.set(fact.id, {
          id: fact.id,
          deviceNo: fact.device_no,
          customerId: fact.customer_id,
          sessionId: fact.session_id,
          bootId: fact.boot_id,
          clockOffsetMs: fact.clock_offset_ms,
          epochs: new Map(),
        })
      }
      for (const row of await readMarks(tx, missing))
        links.get(row.device_id)?.epochs.set(row.epoch, { mark: row.mark, ranges: JSON.parse(row.ranges) as [number, number][] })
    },

    link: (deviceId: string): DeviceLink | undefined => links.get(deviceId),

    /** Notes a sequence; false when it is stored already. */
    isNew(link: DeviceLink, epoch: string, sequence: number): boolean {
      const known = link.epochs.get(epoch)
      if (known && isReceived(known, sequence)) return false
      if (!known) fresh.add(link.id)
      link.epochs.set(epoch, addReceived(known ?? NOTHING_RECEIVED, sequence))
      changed.set(`${link.id} ${epoch}`, { link, epoch })
      return true
    },

    /** Rows of what changed in this group. */
    changedMarks: (nowMs: number): IngestMarkRow[] =>
      [...changed.values()].map(({ link, epoch }) => {
        const received = link.epochs.get(epoch) ?? NOTHING_RECEIVED
        return { device_id: link.id, epoch, mark: received.mark, ranges: JSON.stringify(received.ranges), seen_at: nowMs }
      }),

    /** Devices that began a new epoch in this group and now have more than are kept. */
    overfullDevices: (): string[] => [...fresh].filter(id => (links.get(id)?.epochs.size ?? 0) > KEPT_EPOCHS),

    confirm(): void {
      confirmed = [...changed.values()].map(({ link, epoch }) => ({ deviceId: link.id, epoch, mark: link.epochs.get(epoch)?.mark ?? 0 }))
      touched = new Set()
      changed = new Map()
      fresh = new Set()
    },

    confirmedMarks: (): readonly { deviceId: string; epoch: string; mark: number }[] => confirmed,

    forget(): void {
      for (const id of touched) links.delete(id)
      touched = new Set()
      changed = new Map()
      fresh = new Set()
    },
  }
}
