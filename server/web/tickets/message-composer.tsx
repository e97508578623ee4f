/** Writes to the customer, or a note for colleagues. */
import { Button, Checkbox, Group, SegmentedControl, Text, Textarea } from '@mantine/core'
import { getHotkeyHandler } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { MessageInput, Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { callApi } from '../api/api-client.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { noteTyping } from '../ticket-relations/typing.ts'
import { changeReply, clearReply, useReply } from '../replies/reply-store.ts'
import { AttachButton, useWaitingFiles, WaitingFiles } from '../attachments/waiting-files.tsx'
import { ReplyTools } from '../replies/reply-tools.tsx'
import { useKeepTicket } from './use-keep-ticket.ts'

/** Public answers meet the response clock; an internal note never leaves the desk, and looks different while it is typed. */
export function MessageComposer({ ticket }: { ticket: Ticket }) {
  const keep = useKeepTicket()
  const { visibility, body, asks, files } = useReply(ticket.id)
  const waiting = useWaitingFiles(ticket.id)
  const [kept] = useState(body)
  const wasKept = kept !== '' && body === kept
  /** What was shown when these words were begun. */
  const [begunOn, setBegunOn] = useState<number | null>(null)
  const isPublic = visibility === 'public'
  const write = useMutation({
    mutationFn: (message: MessageInput) =>
      callApi<{ id: string; ticket: Ticket }>('POST', `/tickets/${ticket.id}/messages`, { body: message }),
    onSuccess: answer => {
      keep(answer.ticket)
      clearReply(ticket.id)
      waiting.add.reset()
      setBegunOn(null)
    },
    meta: { isShownInPlace: true },
  })
  const send = (): void => {
    if (body.trim() !== '' && !write.isPending)
      write.mutate({
        visibility,
        body: body.trim(),
        ...(isPublic && asks ? { asks: true } : {}),
        ...(files.length > 0 ? { attachments: files.map(file => file.id) } : {}),
      })
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
      <Group justify="space-between" mb={8} gap="xs">
        <SegmentedControl
          size="xs"
          aria-label="Who sees it"
          value={visibility}
          onChange={chosen => changeReply(ticket.id, { visibility: chosen })}
          data={[
            { value: 'public', label: 'To the customer' },
            { value: 'internal', label: 'Internal note' },
          ]}
        />
        <ReplyTools ticket={ticket} attach={<AttachButton waiting={waiting} />} />
      </Group>
      <Textarea
        aria-label={isPublic ? 'Message to the customer' : 'Internal note'}
        placeholder={isPublic ? 'Write to the customer' : 'Note for colleagues'}
        autosize
        minRows={3}
        maxRows={16}
        value={body}
        onChange={event => {
          const text = event.currentTarget.value
          changeReply(ticket.id, { body: text })
          setBegunOn(before => (text.trim() === '' ? null : (before ?? ticket.version)))
          noteTyping(ticket.id)
        }}
        onPaste={event => {
          if (event.clipboardData.files.length === 0) return
          event.preventDefault()
          waiting.add.mutate([...event.clipboardData.files])
        }}
        onKeyDown={getHotkeyHandler([['mod+Enter', send]])}
      />
      <WaitingFiles waiting={waiting} />
      <Group justify="space-between" mt={8} gap="xs">
        <Group gap="md">
          {isPublic && (
            <Checkbox
              size="sm"
              label="Asks the customer: wait for the answer"
              checked={asks}
              onChange={event => changeReply(ticket.id, { asks: event.currentTarget.checked })}
            />
          )}
          <Text size="xs" c="dimmed">
            {effect}
          </Text>
        </Group>
        <Button type="submit" size="sm" loading={write.isPending} disabled={body.trim() === '' || waiting.add.isPending}>
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
