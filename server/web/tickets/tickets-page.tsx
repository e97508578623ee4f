/** The queue of the desk: what is due next comes first. */
import { Button, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconCheckbox, IconFilterOff, IconListCheck, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { customersQuery } from '../api/catalog-queries.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useMay, useSession } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { NewTicketModal } from './new-ticket-modal.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { TicketFilterBar } from './ticket-filter-bar.tsx'
import { useTicketFilters } from './ticket-filters.ts'
import { TicketRow } from './ticket-row.tsx'
import { useTicketQueue } from './use-ticket-queue.ts'
import './tickets.css'

/** A search is sent when the typing pauses. */
const TYPING_MS = 200

function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(chosen)
  if (!after.delete(id)) after.add(id)
  return after
}

/** Open tickets by due time, or those that are done. */
export function TicketsPage() {
  const { data: me } = useSession()
  const [filters, change] = useTicketFilters()
  const [isNew, setIsNew] = useState(false)
  /** Ids while many are changed at once; null = each by itself. */
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null)
  const mayWrite = useMay('desk')
  const isDone = filters.done === 'yes'
  const [settled] = useDebouncedValue(filters, TYPING_MS)
  const queue = useTicketQueue(settled, me?.id)
  const customers = useQuery(customersQuery)
  const customerById = useMemo(() => new Map(customers.data?.map(customer => [customer.id, customer])), [customers.data])
  const found = queue.tickets ?? []
  const isNarrowed = Object.keys(filters).some(name => name !== 'done')

  return (
    <div className="page">
      <PageHead
        title="Tickets"
        actions={
          mayWrite && (
            <>
              {found.length > 1 && chosen === null && (
                <Button variant="default" leftSection={<IconListCheck size={17} aria-hidden />} onClick={() => setChosen(new Set())}>
                  Change many
                </Button>
              )}
              <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setIsNew(true)}>
                New ticket
              </Button>
            </>
          )
        }
      />
      <TicketFilterBar filters={filters} onChange={change} customers={customers.data ?? []} />
      <ProblemAlert error={queue.error} again={queue.refetch} />
      {queue.isPending ? (
        <PageLoader />
      ) : found.length === 0 ? (
        <NothingHere
          icon={isNarrowed ? <IconFilterOff /> : <IconCheckbox />}
          title={isNarrowed ? 'No ticket matches' : isDone ? 'Nothing done yet' : 'Nothing to do'}
          action={
            isNarrowed ? (
              <Button
                variant="default"
                onClick={() => change({ q: null, status: null, level: null, customerId: null, whose: null, overdue: null })}
              >
                Clear all filters
              </Button>
            ) : undefined
          }
        >
          {isNarrowed ? undefined : 'A fault that outlasts its hold becomes a ticket here, with the time the plan promises.'}
        </NothingHere>
      ) : (
        <>
          {chosen !== null && <BulkBar shown={found} chosen={chosen} onChoose={setChosen} onEnd={() => setChosen(null)} />}
          <Text size="sm" c="dimmed" mb={6} aria-live="polite">
            {queue.total === 1 ? 'One ticket' : `${queue.total.toLocaleString('en')} tickets`}
            {isDone ? ', newest first' : ', due next first'}
          </Text>
          <ul className="ticket-list">
            {found.map(ticket => (
              <TicketRow
                key={ticket.id}
                ticket={ticket}
                customer={customerById.get(ticket.customerId)}
                isMine={ticket.assignee !== null && ticket.assignee === me?.id}
                choice={
                  chosen === null ? undefined : { isChosen: chosen.has(ticket.id), onToggle: () => setChosen(toggled(chosen, ticket.id)) }
                }
              />
            ))}
          </ul>
          {queue.hasNextPage && (
            <Button variant="default" mt="md" loading={queue.isFetchingNextPage} onClick={() => void queue.fetchNextPage()}>
              Show more ({(queue.total - found.length).toLocaleString('en')})
            </Button>
          )}
        </>
      )}
      {isNew && <NewTicketModal customers={customers.data ?? []} onClose={() => setIsNew(false)} />}
    </div>
  )
}
