/** Columns and order of the fleet, as TanStack Table knows them. */
import { createColumnHelper, createSortedRowModel, rowSortingFeature, tableFeatures, type SortingState } from '@tanstack/react-table'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import { CONNECTION_ORDER, VERDICT_ORDER } from '../components/truth-words.ts'

/** Version 9: what is not registered here is ignored without a word. */
export const fleetFeatures = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })
const helper = createColumnHelper<typeof fleetFeatures, Device>()

const byName = (one: Device, other: Device): number => one.name.localeCompare(other.name, undefined, { numeric: true })
/** Waiting devices stand behind those that are broken and before those that work. */
const severity = (device: Device): number => {
  if (device.state === 'waiting') return 1.5
  return VERDICT_ORDER.indexOf(device.verdict)
}
/** Ascending comparisons only: the table turns them round itself. */
const by = (compare: (one: Device, other: Device) => number) => (one: { original: Device }, other: { original: Device }) =>
  compare(one.original, other.original) || byName(one.original, other.original)

export const fleetColumns = helper.columns([
  helper.accessor('name', { header: 'Device', sortFn: by(byName) }),
  helper.accessor('verdict', { header: 'Verdict', sortFn: by((one, other) => severity(one) - severity(other)) }),
  helper.accessor('connection', {
    header: 'Connection',
    sortFn: by((one, other) => CONNECTION_ORDER.indexOf(one.connection) - CONNECTION_ORDER.indexOf(other.connection)),
  }),
  helper.accessor('siteName', {
    id: 'site',
    header: 'Site',
    sortFn: by((one, other) => one.siteName.localeCompare(other.siteName) || one.customerName.localeCompare(other.customerName)),
  }),
  helper.accessor('lastSeenAt', {
    id: 'seen',
    header: 'Last seen',
    sortFn: by((one, other) => (one.lastSeenAt ?? '').localeCompare(other.lastSeenAt ?? '')),
  }),
  helper.accessor('agentVersion', {
    id: 'agent',
    header: 'Agent',
    sortFn: by((one, other) => one.agentVersion.localeCompare(other.agentVersion, undefined, { numeric: true })),
  }),
])

/** Worst first: what a person should look at is at the top. */
export const WORST_FIRST: SortingState = [{ id: 'verdict', desc: false }]
