/** Reads the rows that changed and nothing else. */
import type { QueryClient } from '@tanstack/react-query'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { patchFleet, type FleetPages } from './fleet-query.ts'

/** Ids in one request. */
const CHUNK = 150
/** Above this many at once the whole list is read anew: cheaper than asking for each. */
const RELOAD_ABOVE = 1500
/** Between two reads, so that a storm of changes costs a steady trickle. */
const PAUSE_MS = 700

/** Makes the patcher: `changed` notes ids, one reader at a time works them off. */
export function makeFleetPatcher(client: QueryClient): { changed(ids: readonly string[]): void; stop(): void } {
  const pending = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isWorking = false
  let isStopped = false

  const plan = (afterMs: number): void => {
    if (!isStopped) timer ??= setTimeout(() => void work(), afterMs)
  }
  const work = async (): Promise<void> => {
    timer = undefined
    if (isWorking || pending.size === 0) return
    if (client.getQueryData(keys.fleet) === undefined && client.isFetching({ queryKey: keys.fleet }) === 0) {
      pending.clear()
      return
    }
    // A page that is being read would overwrite the patch.
    if (client.isFetching({ queryKey: keys.fleet }) > 0) {
      plan(PAUSE_MS)
      return
    }
    isWorking = true
    const ids = [...pending]
    pending.clear()
    try {
      if (ids.length > RELOAD_ABOVE) await client.invalidateQueries({ queryKey: keys.fleet })
      else {
        const rows: Device[] = []
        for (let start = 0; start < ids.length; start += CHUNK) {
          const page = await callApi<Page<Device>>('GET', `/devices?limit=500&ids=${ids.slice(start, start + CHUNK).join(',')}`)
          rows.push(...page.items)
        }
        client.setQueryData<FleetPages>(keys.fleet, data => (data ? patchFleet(data, ids, rows) : data))
      }
    } catch {
      // The list stays as it was; these rows are asked for again.
      for (const id of ids) pending.add(id)
    }
    isWorking = false
    if (pending.size > 0) plan(PAUSE_MS)
  }
  return {
    changed: ids => {
      for (const id of ids) pending.add(id)
      if (pending.size > 0) plan(0)
    },
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
