/** The past as rules are tried on it: events of one signal, and the tickets that stood then. */
import type { Database } from '../../database/database.ts'
import { inChunks } from '../../database/row-lock.ts'

export type PastEventRow = {
  device_id: string
  component: string | null
  state: string | null
  text: string
  at: number
  received_at: number
}

/** Events of a signal since `fromMs` in the order they came, the newest `limit` of them. Contact is a signal of its own: told by the connection. */
export async function readPastEvents(db: Database, query: { signal: string; fromMs: number; limit: number }): Promise<PastEventRow[]> {
  const isContact = query.signal === 'agent.offline'
  let rows = db
    .selectFrom('timeline')
    .select(['device_id', 'component', 'state', 'text', 'at', 'received_at'])
    .where('received_at', '>=', query.fromMs)
    .where('kind', '=', isContact ? 'connection' : 'event')
  if (!isContact) rows = rows.where('signal', '=', query.signal)
  const newest = await rows.orderBy('received_at', 'desc').orderBy('id', 'desc').limit(query.limit).execute()
  return newest.toReversed()
}

export type TicketPastRow = {
  id: string
  reference: string
  customer_id: string
  device_id: string | null
  signal: string | null
  component: string | null
  created_at: number
  resolved_at: number | null
  acted: boolean
}

/** Tickets of the monitoring that stood at some time since `fromMs`, with whether a person ever did something about them. */
export async function readPastTickets(db: Database, query: { signal?: string; fromMs: number }): Promise<TicketPastRow[]> {
  let rows = db
    .selectFrom('tickets')
    .select([
      'id',
      'reference',
      'customer_id',
      'device_id',
      'signal',
      'component',
      'created_at',
      'resolved_at',
      'assignee_user_id',
      'resolved_by',
    ])
    .where('source', '=', 'monitoring')
    .where(({ eb, or }) => or([eb('resolved_at', 'is', null), eb('resolved_at', '>=', query.fromMs)]))
  if (query.signal !== undefined) rows = rows.where('signal', '=', query.signal)
  const tickets = await rows.execute()
  const touched = new Set<string>()
  await inChunks(
    tickets.map(ticket => ticket.id),
    async chunk => {
      const found = await db
        .selectFrom('ticket_events')
        .select('ticket_id')
        .distinct()
        .where('ticket_id', 'in', chunk)
        .where('author_kind', 'in', ['person', 'partner'])
        .execute()
      for (const { ticket_id } of found) touched.add(ticket_id)
    },
  )
  return tickets.map(({ assignee_user_id, resolved_by, ...ticket }) => ({
    ...ticket,
    acted: touched.has(ticket.id) || assignee_user_id !== null || resolved_by === 'person',
  }))
}
