/** Tickets that belong to one, under a heading each. */
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { TiedTicket } from '../../../shared/api/tickets/relation-api.ts'
import { StatusTag } from '../tickets/ticket-tags.tsx'

export type TiedItem = { ticket: TiedTicket; note?: string | undefined; onRemove?: (() => void) | undefined }

/** A heading with what stands under it; nothing when there is nothing. */
export function TiedGroup({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="tied-group">
      <h3>{name}</h3>
      {children}
    </div>
  )
}

/** Each with its status and subject; removable where there is a way. */
export function TiedList({ name, items }: { name: string; items: readonly TiedItem[] }) {
  if (items.length === 0) return null
  return (
    <TiedGroup name={name}>
      <ul className="tied-list">
        {items.map(({ ticket, note, onRemove }) => (
          <li key={ticket.id}>
            <div>
              <Link href={`/tickets/${ticket.id}`}>
                <span className="mono">{ticket.reference}</span>
              </Link>{' '}
              <StatusTag status={ticket.status} />
              <div className="tied-subject">{ticket.subject}</div>
              {note && <div className="quiet">{note}</div>}
            </div>
            {onRemove && (
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Unlink ${ticket.reference}`} onClick={onRemove}>
                <IconX size={14} aria-hidden />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
    </TiedGroup>
  )
}
