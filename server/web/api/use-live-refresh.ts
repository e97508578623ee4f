/** Keeps the query cache in step with what the server tells. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { makeFleetPatcher } from '../fleet/fleet-patcher.ts'
import { followLiveEvents, onLiveChanges, useLiveState } from './live-events.ts'
import { isListOfTickets, isOfVisits, makeListRefresh } from './list-refresh.ts'
import { keys } from './query-keys.ts'

/** Follows the server's changes for as long as the console is open; after an interruption everything is read anew. */
export function useLiveRefresh(): void {
  const client = useQueryClient()
  const state = useLiveState()
  const wasLost = useRef(false)

  useEffect(() => followLiveEvents(), [])
  useEffect(() => {
    if (state === 'lost') wasLost.current = true
    else if (state === 'live' && wasLost.current) {
      wasLost.current = false
      void client.invalidateQueries()
    }
  }, [state, client])
  useEffect(() => {
    const patcher = makeFleetPatcher(client)
    const lists = makeListRefresh(() => void client.invalidateQueries({ predicate: isListOfTickets }))
    const unsubscribe = onLiveChanges(changes => {
      const deviceIds = changes.filter(change => change.kind === 'device').map(change => change.id)
      patcher.changed(deviceIds)
      for (const id of deviceIds) void client.invalidateQueries({ queryKey: keys.device(id) })
      if (deviceIds.length > 0) void client.invalidateQueries({ queryKey: ['enrolment-token'] })
      if (changes.some(change => change.kind === 'site')) void client.invalidateQueries({ queryKey: keys.outages })
      for (const { id } of changes.filter(change => change.kind === 'ticket')) void client.invalidateQueries({ queryKey: keys.ticket(id) })
      if (changes.some(change => change.kind === 'visit')) void client.invalidateQueries({ predicate: isOfVisits })
      if (changes.some(change => change.kind === 'ticket')) lists.changed()
      for (const change of changes)
        if (change.kind === 'attendance') void client.invalidateQueries({ queryKey: keys.attendance(change.id) })
      if (changes.some(change => change.kind === 'defect')) void client.invalidateQueries({ queryKey: keys.defects })
      // What is due next on a major incident follows from its tickets.
      if (changes.some(change => change.kind === 'major' || change.kind === 'ticket'))
        void client.invalidateQueries({ queryKey: keys.majors })
      for (const customerId of new Set(changes.map(change => change.customerId))) {
        void client.invalidateQueries({ queryKey: keys.usage(customerId) })
        if (changes.some(change => change.kind === 'site' && change.customerId === customerId))
          void client.invalidateQueries({ queryKey: keys.sites(customerId) })
      }
    })
    return () => {
      unsubscribe()
      patcher.stop()
      lists.stop()
    }
  }, [client])
}
