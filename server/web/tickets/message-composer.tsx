/** Writes to the customer, or a note for colleagues. */
import { Button, Checkbox, Group, SegmentedControl, Text, Textarea } from '@mantine/core'
import { getHotkeyHandler } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { MessageInput, Ticket } from '../../../shared/api/ticket-api.ts'
import { callApi } from '../wire/api-client.ts'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { noteTyping } from '../relations/typing.ts'
import { useDraft } from '../relations/use-draft.ts'
import { useSession } from '../session/use-session.ts'
import { useKeepTicket } from './use-keep-ticket.ts'

/** Public answers meet the response clock; an internal note never leaves the desk, and looks different while it is typed. */
export function MessageComposer({ ticket }: { ticket: Ticket }) {
  const keep = useKeepTicket()
  const [visibility, setVisibility] = useState<'public' | 'internal'>('public')
  const { data: me } = useSession()
  const { text: body, setText: setBody, wasKept } = useDraft(`${me?.id ?? ''}:${ticket.id}`)
  /** What was shown when these words were begun. */
  const [begunOn, setBegunOn] = useState<number | null>(null)
  const [asks, setAsks] = useState(false)
  const isPublic = visibility === 'public'
  const write = useMutation({
    mutationFn: (message: MessageInput) =>
      callApi<{ id: string; ticket: Ticket }>('POST', `/tickets/${ticket.id}/messages`, { body: message }),
    onSuccess: answer => {
      keep(answer.ticket)
      setBody('')
      setBegunOn(null)
      setAsks(false)
    },
    meta: { isShownInPlace: true },
  })
  const send = (): void => {
    if (body.trim() !== '' && !write.isPending) write.mutate({ visibility, body: body.trim(), ...(isPublic && asks ? { asks: true } : {}) })
  }
  const isOld = begunOn !== null && begunOn !== ticket.version && !write.isPending
  const effect = !isPublic
    ? 'Only colleagues see this.'
    : ticket.clocks.response.state === 'running' || ticket.clocks.response.state === 'breached'
      ? 'Goes to the customer and ends the response clock.'
      : 'Goes to the customer and restarts the update clock.'
  return (
    <form
      className="composer"
      data-visibility={visibility}
      onSubmit={event => {
        event.preventDefault()
        send()
      }}
    >
      <SegmentedControl
        size="xs"
        mb={8}
        aria-label="Who sees it"
        value={visibility}
        onChange={setVisibility}
        data={[
          { value: 'public', label: 'To the customer' },
          { value: 'internal', label: 'Internal note' },
        ]}
      />
      <Textarea
        aria-label={isPublic ? 'Message to the customer' : 'Internal note'}
        placeholder={isPublic ? 'Write to the customer' : 'Note for colleagues'}
        autosize
        minRows={3}
        maxRows={16}
        value={body}
        onChange={event => {
          const text = event.currentTarget.value
          setBody(text)
          setBegunOn(before => (text.trim() === '' ? null : (before ?? ticket.version)))
          noteTyping(ticket.id)
        }}
        onKeyDown={getHotkeyHandler([['mod+Enter', send]])}
      />
      <Group justify="space-between" mt={8} gap="xs">
        <Group gap="md">
          {isPublic && (
            <Checkbox
              size="sm"
              label="Asks the customer: wait for the answer"
              checked={asks}
              onChange={event => setAsks(event.currentTarget.checked)}
            />
          )}
          <Text size="xs" c="dimmed">
            {effect}
          </Text>
        </Group>
        <Button type="submit" size="sm" loading={write.isPending} disabled={body.trim() === ''}>
          {isPublic ? 'Send' : 'Keep note'}
        </Button>
      </Group>
      <Text size="xs" {...(isOld ? { fw: 550 } : { c: 'dimmed' })} mt={4} role="status">
        {isOld
          ? 'The ticket has changed since you began to write. Look at the history before you send.'
          : wasKept
            ? 'Kept from your last visit.'
            : ''}
      </Text>
      <ProblemAlert error={write.error} />
    </form>
  )
}
