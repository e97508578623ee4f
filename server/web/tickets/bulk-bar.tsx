/** The same change of many tickets: take them, give them a level, resolve or close them. */
import { Alert, Button, List, Menu } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconChevronDown } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { BulkAnswer, BulkInput } from '../../../shared/api/tickets/relation-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { levelWord } from '../components/truth-words.ts'
import { useSession } from '../session/use-session.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'

/** As many as the server takes at once. */
const MAX_CHOSEN = 200

/** `shown`: all tickets of the list, `chosen`: ids. What one refuses is told and stays chosen. */
export function BulkBar({
  shown,
  chosen,
  onChoose,
  onEnd,
}: {
  shown: readonly Ticket[]
  chosen: ReadonlySet<string>
  onChoose: (ids: ReadonlySet<string>) => void
  onEnd: () => void
}) {
  const client = useQueryClient()
  const { data: me } = useSession()
  const change = useMutation({
    mutationFn: (what: Omit<BulkInput, 'ticketIds'>) =>
      callApi<BulkAnswer>('POST', '/tickets/bulk', { body: { ticketIds: [...chosen].slice(0, MAX_CHOSEN), ...what } }),
    onSuccess: answer => {
      void client.invalidateQueries({ queryKey: keys.tickets })
      onChoose(new Set(answer.refused.map(one => one.ticketId)))
      if (answer.done.length > 0) showDone(`${answer.done.length} ${answer.done.length === 1 ? 'ticket' : 'tickets'} changed`)
    },
    meta: { isShownInPlace: true },
  })
  const refused = change.data?.refused ?? []
  const nameOf = (id: string): string => shown.find(ticket => ticket.id === id)?.reference ?? id
  const isNone = chosen.size === 0
  const ask = (to: 'resolved' | 'closed'): void => {
    const word = to === 'resolved' ? 'Resolve' : 'Close'
    const count = chosen.size === 1 ? 'one ticket' : `${chosen.size} tickets`
    modals.openConfirmModal({
      title: `${word} ${count}?`,
      children: 'The customers are told, each about its own ticket.',
      labels: { confirm: `${word} ${count}`, cancel: 'Cancel' },
      onConfirm: () => change.mutate({ to }),
    })
  }
  return (
    <>
      <div className="bulk-bar" role="toolbar" aria-label="Change the chosen tickets">
        <b aria-live="polite">{isNone ? 'None chosen' : `${chosen.size} chosen`}</b>
        <Button
          size="xs"
          variant="default"
          onClick={() => onChoose(chosen.size === shown.length ? new Set() : new Set(shown.slice(0, MAX_CHOSEN).map(ticket => ticket.id)))}
        >
          {chosen.size === shown.length && !isNone ? 'Choose none' : 'Choose all'}
        </Button>
        <Button size="xs" disabled={isNone} loading={change.isPending} onClick={() => change.mutate({ assignee: me?.id ?? null })}>
          Take them
        </Button>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="xs" variant="default" disabled={isNone} rightSection={<IconChevronDown size={14} aria-hidden />}>
              Level
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {[1, 2, 3, 4].map(level => (
              <Menu.Item key={level} onClick={() => change.mutate({ level })}>
                {level} {levelWord(level)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Button size="xs" variant="default" disabled={isNone} onClick={() => ask('resolved')}>
          Resolve
        </Button>
        <Button size="xs" variant="default" disabled={isNone} onClick={() => ask('closed')}>
          Close
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onEnd}>
          Stop choosing
        </Button>
      </div>
      <ProblemAlert error={change.error} />
      {refused.length > 0 && (
        <Alert color="yellow" variant="outline" mb="sm" role="alert" title={`${refused.length} stay as they were`}>
          <List size="sm">
            {refused.slice(0, 8).map(one => (
              <List.Item key={one.ticketId}>
                <b>{nameOf(one.ticketId)}</b>: {one.detail}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  )
}
