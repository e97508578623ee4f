/** Who watches a ticket besides its people; contacts of the customer can be added. */
import { ActionIcon, Select } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { Relations, Watcher } from '../../../shared/api/tickets/relation-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi } from '../api/api-client.ts'
import { contactsQuery } from '../api/catalog-queries.ts'
import { TiedGroup } from './tied-list.tsx'

const KINDS: Record<Watcher['kind'], string> = {
  staff: 'colleague, hears everything',
  contact: 'contact, hears what the customer hears',
  reporter: 'reported what was merged here',
}

/** Nothing when nobody watches and nobody can be added. */
export function WatcherList({
  ticket,
  watchers,
  mayWrite,
  onDone,
}: {
  ticket: Ticket
  watchers: readonly Watcher[]
  mayWrite: boolean
  onDone: (relations: Relations) => void
}) {
  const contacts = useQuery({ ...contactsQuery(ticket.customerId), enabled: mayWrite })
  const change = useMutation({
    mutationFn: (what: { contactId: string } | { watcherId: string }) =>
      'contactId' in what
        ? callApi<Relations>('POST', `/tickets/${ticket.id}/watchers`, { body: what })
        : callApi<Relations>('DELETE', `/tickets/${ticket.id}/watchers/${what.watcherId}`),
    onSuccess: onDone,
    meta: { isShownInPlace: true },
  })
  const known = new Set([...watchers.map(watcher => watcher.email), ticket.reporter?.email?.toLowerCase()])
  const free = (contacts.data ?? []).filter(contact => !known.has(contact.email.toLowerCase()))
  if (watchers.length === 0 && free.length === 0) return null
  return (
    <TiedGroup name="Watchers">
      <ul className="tied-list">
        {watchers.map(watcher => (
          <li key={watcher.id}>
            <div>
              {watcher.name} <div className="quiet">{KINDS[watcher.kind]}</div>
            </div>
            {mayWrite && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={`${watcher.name} watches no longer`}
                onClick={() => change.mutate({ watcherId: watcher.id })}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {mayWrite && free.length > 0 && (
        <Select
          size="xs"
          mt={4}
          aria-label="Add a contact who watches"
          placeholder="Add a contact of the customer"
          searchable
          data={free.map(({ id, name }) => ({ value: id, label: name }))}
          value={null}
          onChange={contactId => contactId && change.mutate({ contactId })}
        />
      )}
      <ProblemAlert error={change.error} />
    </TiedGroup>
  )
}
