/** The queue of the desk: what is due next comes first. */
import { Button, Text } from '@mantine/core'
import { IconCheckbox, IconFilterOff, IconListCheck, IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Page } from '../../../shared/api/list.ts'
import type { Ticket } from '../../../shared/api/ticket-api.ts'
import { callApi, queryText } from '../wire/api-client.ts'
import { customersQuery } from '../wire/catalog-queries.ts'
import { keys } from '../wire/query-keys.ts'
import { NothingHere } from '../parts/nothing-here.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { useMay, useSession } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { NewTicketModal } from './new-ticket-modal.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { byDue } from './ticket-due.ts'
import { TicketFilterBar } from './ticket-filter-bar.tsx'
import { ticketPasses, useTicketFilters } from './ticket-filters.ts'
import { TicketRow } from './ticket-row.tsx'
import { ticketQueueQuery } from './use-ticket-queue.ts'
import './tickets.css'

const SHOWN_STEP = 100
const DONE_LIMIT = 200

/** Newest tickets that are over, as the server finds them. */
function useDone(filters: { q?: string | undefined; customerId?: string | undefined; level?: string | undefined }, isWanted: boolean) {
  return useQuery({
    queryKey: keys.ticketsDone(filters),
    enabled: isWanted,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Ticket[]> => {
      const pages = await Promise.all(
        (['resolved', 'closed'] as const).map(status =>
          callApi<Page<Ticket>>('GET', `/tickets${queryText({ ...filters, status, limit: DONE_LIMIT })}`, { signal }),
        ),
      )
      return pages.flatMap(page => page.items).toSorted((one, other) => other.updatedAt.localeCompare(one.updatedAt))
    },
  })
}

function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(chosen)
  if (!after.delete(id)) after.add(id)
  return after
}

/** Open tickets by due time, or those that are done. */
export function TicketsPage() {
  const { data: me } = useSession()
  const [filters, change] = useTicketFilters()
  const [shownCount, setShownCount] = useState(SHOWN_STEP)
  const [isNew, setIsNew] = useState(false)
  /** Ids while many are changed at once; null = each by itself. */
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null)
  const mayWrite = useMay('desk')
  const isDone = filters.done === 'yes'
  const queue = useQuery(ticketQueueQuery)
  const done = useDone({ q: filters.q, customerId: filters.customerId, level: filters.level }, isDone)
  const customers = useQuery(customersQuery)
  const customerById = useMemo(() => new Map(customers.data?.map(customer => [customer.id, customer])), [customers.data])
  const source = isDone ? done : queue
  const all = useMemo(() => (isDone ? (done.data ?? []) : (queue.data ?? []).toSorted(byDue)), [isDone, done.data, queue.data])
  const found = all.filter(ticket => ticketPasses(ticket, filters, me?.id))
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
      <ProblemAlert error={source.error} again={source.refetch} />
      {source.isPending ? (
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
            {found.length === all.length ? `${all.length} tickets` : `${found.length} of ${all.length} tickets`}
            {isDone ? '' : ', due next first'}
          </Text>
          <ul className="ticket-list">
            {found.slice(0, shownCount).map(ticket => (
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
          {found.length > shownCount && (
            <Button variant="default" mt="md" onClick={() => setShownCount(count => count + SHOWN_STEP)}>
              Show more
            </Button>
          )}
        </>
      )}
      {isNew && <NewTicketModal customers={customers.data ?? []} onClose={() => setIsNew(false)} />}
    </div>
  )
}
