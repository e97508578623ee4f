/** What the fleet is narrowed to; kept in the address, so that a view can be sent to a colleague. */
import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import type { Device } from '../../../shared/api/devices/device-api.ts'

const NAMES = ['q', 'customerId', 'siteId', 'state', 'connection', 'verdict'] as const
export type FleetFilterName = (typeof NAMES)[number]
export type FleetFilters = Partial<Record<FleetFilterName, string>>

/** Filters of the address, and how to change them (null takes one away). */
export function useFleetFilters(): [FleetFilters, (change: Partial<Record<FleetFilterName, string | null>>) => void] {
  const [params, setParams] = useSearchParams()
  const filters = useMemo(() => {
    const found: FleetFilters = {}
    for (const name of NAMES) {
      const value = params.get(name)
      if (value) found[name] = value
    }
    return found
  }, [params])
  const change = (wanted: Partial<Record<FleetFilterName, string | null>>): void =>
    setParams(
      before => {
        const after = new URLSearchParams(before)
        for (const [name, value] of Object.entries(wanted)) {
          if (value) after.set(name, value)
          else after.delete(name)
        }
        return after
      },
      { replace: true },
    )
  return [filters, change]
}

/** Whether a device passes; `except` leaves one filter out, for the counts on that filter's own tiles. */
export function passes(device: Device, filters: FleetFilters, except?: FleetFilterName): boolean {
  for (const name of NAMES) {
    const wanted = filters[name]
    if (!wanted || name === except || name === 'q') continue
    if (device[name] !== wanted) return false
  }
  if (!filters.q) return true
  const text =
    `${device.name} ${device.hostname} ${device.siteName} ${device.customerName} ${device.model ?? ''} ${device.id} ${device.reasons.map(reason => reason.text).join(' ')}`.toLowerCase()
  return filters.q
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}
