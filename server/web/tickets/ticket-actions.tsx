/** Moves of a ticket: one button for the usual next step, the rest in a menu. */
import { Button, Group, Menu, Modal, Stack, Textarea } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Ticket, TransitionInput } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi } from '../api/api-client.ts'
import { ChangeConflict } from '../ticket-relations/change-conflict.tsx'
import { MOVE_WORDS, movesFrom, STATUS_WORDS, type TicketStatus } from './ticket-words.ts'
import { useKeepTicket } from './use-keep-ticket.ts'

/** These ask for a word, because the next reader wants to know. */
const WITH_REASON: readonly TicketStatus[] = ['resolved', 'closed', 'waiting-customer', 'waiting-partner', 'waiting-information']

/** Buttons at the head of the ticket; `isSecond` when something else comes first. */
export function TicketActions({ ticket, isSecond }: { ticket: Ticket; isSecond: boolean }) {
  const keep = useKeepTicket()
  const [asked, setAsked] = useState<TicketStatus | null>(null)
  const [reason, setReason] = useState('')
  const move = useMutation({
    mutationFn: (body: TransitionInput) => callApi<Ticket>('POST', `/tickets/${ticket.id}/transitions`, { body }),
    onSuccess: after => {
      keep(after)
      setAsked(null)
      setReason('')
    },
    meta: { isShownInPlace: true },
  })
  const [usual, ...others] =
    ticket.status === 'in-progress'
      ? ['resolved' as const, ...movesFrom(ticket.status).filter(to => to !== 'resolved')]
      : movesFrom(ticket.status)
  const [readVersion, setReadVersion] = useState(ticket.version)
  const [tried, setTried] = useState<TransitionInput | null>(null)
  const send = (body: TransitionInput): void => {
    setTried(body)
    move.mutate(body)
  }
  const start = (to: TicketStatus): void => {
    move.reset()
    // What is decided is decided on what is shown now, however long the reason takes to write.
    setReadVersion(ticket.version)
    if (WITH_REASON.includes(to)) setAsked(to)
    else send({ to, version: ticket.version })
  }
  const conflict = (
    <ChangeConflict
      error={move.error}
      onAnyway={() => tried && move.mutate({ to: tried.to, ...(tried.reason === undefined ? {} : { reason: tried.reason }) })}
      onLook={() => {
        move.reset()
        setAsked(null)
      }}
    />
  )
  return (
    <>
      <Group gap="xs">
        {usual && (
          <Button variant={isSecond ? 'default' : 'filled'} onClick={() => start(usual)} loading={move.isPending && asked === null}>
            {ticket.status === 'resolved' || ticket.status === 'closed' ? 'Reopen' : MOVE_WORDS[usual]}
          </Button>
        )}
        {others.length > 0 && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
                Move to
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {others.map(to => (
                <Menu.Item key={to} onClick={() => start(to)}>
                  {STATUS_WORDS[to]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      {asked === null && move.error && <div style={{ flexBasis: '100%' }}>{conflict}</div>}
      <Modal opened={asked !== null} onClose={() => setAsked(null)} title={asked ? MOVE_WORDS[asked] : ''}>
        <form
          onSubmit={event => {
            event.preventDefault()
            if (asked) send({ to: asked, version: readVersion, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) })
          }}
        >
          <Stack gap="sm">
            {conflict}
            <Textarea
              label={asked === 'resolved' ? 'What was done' : 'Why'}
              description="Kept in the history"
              autosize
              minRows={3}
              data-autofocus
              value={reason}
              onChange={event => setReason(event.currentTarget.value)}
              maxLength={2000}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setAsked(null)}>
                Cancel
              </Button>
              <Button type="submit" loading={move.isPending}>
                {asked ? MOVE_WORDS[asked] : ''}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
