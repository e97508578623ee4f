/** Takes over a ticket that a call answered with. */
import { useQueryClient } from '@tanstack/react-query'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { keys } from '../api/query-keys.ts'

/** The page shows it at once; queue and history are read anew. */
export function useKeepTicket(): (ticket: Ticket) => void {
  const client = useQueryClient()
  return ticket => {
    client.setQueryData(keys.ticket(ticket.id), ticket)
    void client.invalidateQueries({ queryKey: keys.ticketTimeline(ticket.id) })
    void client.invalidateQueries({ queryKey: keys.ticketClockEvents(ticket.id) })
    void client.invalidateQueries({ queryKey: keys.ticketQueues })
    void client.invalidateQueries({ queryKey: keys.ticketFiles(ticket.id) })
  }
}
