/** Search and filters above the fleet. */
import { Button, CloseButton, Group, Kbd, Select, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useRef } from 'react'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import { STATE_WORDS, type DeviceState } from '../components/truth-words.ts'
import type { FleetFilterName, FleetFilters } from './fleet-filters.ts'

const STATES = (['active', 'additional', 'waiting', 'uncovered'] as const satisfies readonly DeviceState[]).map(value => ({
  value,
  label: STATE_WORDS[value],
}))

function choices(
  devices: readonly Device[],
  id: 'customerId' | 'siteId',
  name: 'customerName' | 'siteName',
  beside?: 'customerName',
): { value: string; label: string }[] {
  const found = new Map(devices.map(device => [device[id], beside ? `${device[name]} · ${device[beside]}` : device[name]]))
  return [...found].map(([value, label]) => ({ value, label })).toSorted((one, other) => one.label.localeCompare(other.label))
}

/** `/` comes here from anywhere on the page; arrow down goes on into the list, Enter opens its first row. */
export function FleetFilterBar({
  devices,
  filters,
  onChange,
  onDown,
  onEnter,
}: {
  devices: readonly Device[]
  filters: FleetFilters
  onChange: (change: Partial<Record<FleetFilterName, string | null>>) => void
  onDown: () => void
  onEnter: () => void
}) {
  const search = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => search.current?.focus()]])
  const customers = useMemo(() => choices(devices, 'customerId', 'customerName'), [devices])
  const ofCustomer = useMemo(
    () => (filters.customerId ? devices.filter(device => device.customerId === filters.customerId) : devices),
    [devices, filters.customerId],
  )
  const sites = useMemo(
    () => choices(ofCustomer, 'siteId', 'siteName', filters.customerId ? undefined : 'customerName'),
    [ofCustomer, filters.customerId],
  )
  const isNarrowed = Object.keys(filters).length > 0
  return (
    <Group gap="xs" mb="sm" className="fleet-filters">
      <TextInput
        ref={search}
        className="fleet-search"
        placeholder="Search name, site, host, fault"
        aria-label="Search the fleet"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          filters.q ? (
            <CloseButton size="sm" aria-label="Clear the search" onClick={() => onChange({ q: null })} />
          ) : (
            <Kbd size="xs" visibleFrom="sm">
              /
            </Kbd>
          )
        }
        value={filters.q ?? ''}
        onChange={event => onChange({ q: event.currentTarget.value })}
        onKeyDown={event => {
          if (event.key === 'ArrowDown') {
            event.preventDefault()
            onDown()
          } else if (event.key === 'Enter') onEnter()
          else if (event.key === 'Escape') {
            if (filters.q) onChange({ q: null })
            else event.currentTarget.blur()
          }
        }}
      />
      <Select
        className="fleet-select"
        placeholder="All customers"
        aria-label="Customer"
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'All customers' }}
        data={customers}
        value={filters.customerId ?? null}
        onChange={customerId => onChange({ customerId, siteId: null })}
      />
      <Select
        className="fleet-select"
        placeholder="All sites"
        aria-label="Site"
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'All sites' }}
        data={sites}
        value={filters.siteId ?? null}
        onChange={siteId => onChange({ siteId })}
        limit={200}
      />
      <Select
        className="fleet-select-small"
        placeholder="Any place in the plan"
        aria-label="Place in the plan"
        clearable
        clearButtonProps={{ 'aria-label': 'Any place in the plan' }}
        data={STATES}
        value={filters.state ?? null}
        onChange={state => onChange({ state })}
      />
      {isNarrowed && (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => onChange({ q: null, customerId: null, siteId: null, state: null, connection: null, verdict: null })}
        >
          Clear
        </Button>
      )}
    </Group>
  )
}
