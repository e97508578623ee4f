/** What helps writing: an update drafted from the device, and macros. */
import { Button, Menu, Text, TextInput } from '@mantine/core'
import { IconBolt, IconSparkles } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { Link } from 'wouter'
import type { Macro, UpdateDraft } from '../../../shared/api/knowledge/macro-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { macrosQuery } from '../knowledge/knowledge-queries.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { callApi } from '../api/api-client.ts'
import { RunMacroModal } from './run-macro-modal.tsx'
import { addToReply, useReply } from './reply-store.ts'

/** From here on a list is searched, not scrolled. */
const MANY = 8

function MacroMenu({ onChoose }: { onChoose: (macro: Macro) => void }) {
  const [q, setQ] = useState('')
  const macros = useQuery(macrosQuery)
  const all = macros.data ?? []
  const shown = all.filter(macro => macro.name.toLowerCase().includes(q.toLowerCase()))
  return (
    <Menu position="bottom-start" width={280} onClose={() => setQ('')}>
      <Menu.Target>
        <Button variant="default" size="compact-sm" leftSection={<IconBolt size={15} aria-hidden />}>
          Macro
        </Button>
      </Menu.Target>
      <Menu.Dropdown style={{ maxHeight: 320, overflowY: 'auto' }}>
        {all.length > MANY && (
          <TextInput
            size="xs"
            m={4}
            aria-label="Search macros"
            placeholder="Search"
            value={q}
            onChange={event => setQ(event.currentTarget.value)}
          />
        )}
        {shown.map(macro => (
          <Menu.Item key={macro.id} onClick={() => onChoose(macro)}>
            {macro.name}
          </Menu.Item>
        ))}
        {shown.length === 0 && (
          <Menu.Item component={Link} href="/knowledge/macros">
            {all.length === 0 ? 'No macros yet: make one' : 'None has that name'}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

/** Buttons above the reply. */
export function ReplyTools({ ticket, attach }: { ticket: Ticket; attach: ReactNode }) {
  const { body } = useReply(ticket.id)
  const [macro, setMacro] = useState<Macro | null>(null)
  const draft = useMutation({
    mutationFn: () => callApi<UpdateDraft>('POST', `/tickets/${ticket.id}/draft`),
    onSuccess: answer => addToReply(ticket.id, answer.text, 'public'),
    meta: { isShownInPlace: true },
  })
  return (
    <>
      <div className="reply-tools">
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconSparkles size={15} aria-hidden />}
          loading={draft.isPending}
          onClick={() => draft.mutate()}
        >
          Draft an update
        </Button>
        <MacroMenu onChoose={setMacro} />
        {attach}
      </div>
      {draft.data && body !== '' && (
        <Text size="xs" c="dimmed" role="status">
          Drafted from {draft.data.used.join('; ')}. Read it before you send it.
        </Text>
      )}
      <ProblemAlert error={draft.error} />
      {macro && <RunMacroModal ticket={ticket} macro={macro} onClose={() => setMacro(null)} />}
    </>
  )
}
