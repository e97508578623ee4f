/** Finds another ticket by its reference or words. */
import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Page } from '../../../shared/api/list.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi, queryText } from '../api/api-client.ts'

const SHOWN = 20
type Choice = Pick<Ticket, 'id' | 'reference' | 'subject'>

/** `customerId`: of one customer only. `first`: offered before anything is typed. */
export function TicketPicker({
  label,
  customerId,
  exceptId,
  first = [],
  value,
  onChange,
  error,
}: {
  label: string
  customerId?: string
  exceptId?: string
  first?: readonly Choice[]
  value: string | null
  onChange: (id: string | null) => void
  error?: string | undefined
}) {
  const [text, setText] = useState('')
  const [asked] = useDebouncedValue(text, 200)
  const found = useQuery({
    queryKey: ['tickets', 'pick', customerId ?? '', asked],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      callApi<Page<Ticket>>('GET', `/tickets${queryText({ customerId, q: asked.split(' · ')[0], limit: SHOWN })}`, { signal }),
  })
  const all = new Map([...first, ...(found.data?.items ?? [])].filter(one => one.id !== exceptId).map(one => [one.id, one]))
  return (
    <Select
      label={label}
      placeholder="KK-2026-000123, or words of its subject"
      searchable
      data-autofocus
      nothingFoundMessage="No such ticket"
      data={[...all.values()].map(one => ({ value: one.id, label: `${one.reference} · ${one.subject}` }))}
      filter={({ options }) => options}
      onSearchChange={setText}
      value={value}
      onChange={onChange}
      error={error}
    />
  )
}
