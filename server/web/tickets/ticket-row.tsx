/** One ticket of the queue. */
import { Checkbox } from '@mantine/core'
import { Link } from 'wouter'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { Ago } from '../components/ago.tsx'
import { DueText } from './due-text.tsx'
import { FlagTags, LevelTag, SourceMark, StatusTag } from './ticket-tags.tsx'

/** Due, level, what, whose, status. The whole row is the link; with `choice` a box stands before it. */
export function TicketRow({
  ticket,
  customer,
  isMine,
  choice,
}: {
  ticket: Ticket
  customer: { name: string; timeZone: string } | undefined
  isMine: boolean
  choice?: { isChosen: boolean; onToggle: () => void } | undefined
}) {
  return (
    <li className={choice ? 'ticket-choice' : undefined}>
      {choice && <Checkbox aria-label={`Choose ${ticket.reference}`} checked={choice.isChosen} onChange={choice.onToggle} />}
      <Link href={`/tickets/${ticket.id}`} className="ticket-row">
        <span className="ticket-due">
          <DueText ticket={ticket} timeZone={customer?.timeZone} />
        </span>
        <span>
          <LevelTag level={ticket.level} name={ticket.levelName} />
        </span>
        <span className="ticket-what">
          <span className="ticket-subject">
            <SourceMark source={ticket.source} />
            <b className="clip" title={ticket.subject}>
              {ticket.subject}
            </b>
            {ticket.occurrences > 1 && <span className="quiet">×{ticket.occurrences}</span>}
          </span>
          <span className="ticket-about quiet">
            <span className="mono">{ticket.reference}</span>
            <span className="clip">{customer?.name ?? ''}</span>
            <FlagTags flags={ticket.flags} />
          </span>
        </span>
        <span className="ticket-status">
          <StatusTag status={ticket.status} />
          <span className="quiet">{isMine ? 'You' : ticket.assignee ? 'Assigned' : 'Unassigned'}</span>
        </span>
        <span className="ticket-age quiet">
          <Ago at={ticket.createdAt} />
        </span>
      </Link>
    </li>
  )
}
