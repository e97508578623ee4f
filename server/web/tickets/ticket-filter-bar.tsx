/** Filters above the queue. */
import { Button, CloseButton, Group, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useRef } from 'react'
import type { Customer } from '../../../shared/api/contracts/customer-api.ts'
import { levelWord } from '../components/truth-words.ts'
import type { TicketFilterName, TicketFilters } from './ticket-filters.ts'
import { OPEN_STATUSES, STATUS_WORDS } from './ticket-words.ts'

const STATUSES = OPEN_STATUSES.map(value => ({ value, label: STATUS_WORDS[value] }))
const LEVELS = [1, 2, 3, 4].map(level => ({ value: String(level), label: `${level} ${levelWord(level)}` }))

/** Open or done, whose, search, status, level, customer, overdue. */
export function TicketFilterBar({
  filters,
  onChange,
  customers,
}: {
  filters: TicketFilters
  onChange: (change: Partial<Record<TicketFilterName, string | null>>) => void
  customers: readonly Customer[]
}) {
  const search = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => search.current?.focus()]])
  const isDone = filters.done === 'yes'
  return (
    <Group gap="xs" mb="md">
      <SegmentedControl
        size="sm"
        aria-label="Open or done"
        value={isDone ? 'yes' : 'no'}
        onChange={value => onChange({ done: value === 'yes' ? 'yes' : null, status: null, overdue: null })}
        data={[
          { value: 'no', label: 'Open' },
          { value: 'yes', label: 'Done' },
        ]}
      />
      <SegmentedControl
        size="sm"
        aria-label="Whose"
        value={filters.whose ?? 'all'}
        onChange={value => onChange({ whose: value === 'all' ? null : value })}
        data={[
          { value: 'all', label: 'All' },
          { value: 'mine', label: 'Mine' },
          { value: 'nobody', label: 'Unassigned' },
        ]}
      />
      <TextInput
        ref={search}
        className="ticket-search"
        placeholder="Search number, subject, reporter"
        aria-label="Search the tickets"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={filters.q ? <CloseButton size="sm" aria-label="Clear the search" onClick={() => onChange({ q: null })} /> : undefined}
        value={filters.q ?? ''}
        onChange={event => onChange({ q: event.currentTarget.value })}
      />
      {!isDone && (
        <Select
          w={170}
          placeholder="Any status"
          aria-label="Status"
          clearable
          clearButtonProps={{ 'aria-label': 'Any status' }}
          data={STATUSES}
          value={filters.status ?? null}
          onChange={status => onChange({ status })}
        />
      )}
      <Select
        w={124}
        placeholder="Any level"
        aria-label="Level"
        clearable
        clearButtonProps={{ 'aria-label': 'Any level' }}
        data={LEVELS}
        value={filters.level ?? null}
        onChange={level => onChange({ level })}
      />
      <Select
        w={170}
        placeholder="All customers"
        aria-label="Customer"
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'All customers' }}
        data={customers.map(({ id, name }) => ({ value: id, label: name }))}
        value={filters.customerId ?? null}
        onChange={customerId => onChange({ customerId })}
      />
      {!isDone && (
        <Button
          variant={filters.overdue ? 'filled' : 'default'}
          color="red"
          aria-pressed={Boolean(filters.overdue)}
          onClick={() => onChange({ overdue: filters.overdue ? null : 'yes' })}
        >
          Overdue
        </Button>
      )}
    </Group>
  )
}
