/** On a customer's page: whether their visitors can chat, on which sites, and what to put there. */
import { Button, Code, CopyButton, Group, Paper, TagsInput, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ChatWidget } from '../../../shared/api/chat/chat-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useMay, useSession } from '../session/use-session.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'

function Settings({ customerId, widget, mayChange }: { customerId: string; widget: ChatWidget; mayChange: boolean }) {
  const client = useQueryClient()
  const [origins, setOrigins] = useState<string[]>(widget.origins)
  const done = (after: ChatWidget | null, words: string): void => {
    if (after) client.setQueryData(keys.customerChat(customerId), after)
    void client.invalidateQueries({ queryKey: keys.customerChat(customerId) })
    showDone(words)
  }
  const put = useMutation({
    mutationFn: () => callApi<ChatWidget>('PUT', `/customers/${customerId}/chat`, { body: { origins } }),
    onSuccess: after => done(after, 'The chat is on'),
    meta: { isShownInPlace: true },
  })
  const off = useMutation({
    mutationFn: () => callApi('DELETE', `/customers/${customerId}/chat`),
    onSuccess: () => done(null, 'The chat is off'),
    meta: { isShownInPlace: true },
  })
  const snippet = `<script src="${window.location.origin}/chat.js" data-key="${widget.key ?? ''}" defer></script>`
  return (
    <>
      <ProblemAlert error={put.error ?? off.error} />
      {!widget.isInPlan && (
        <Text size="sm" mb="xs">
          The plan of this customer has no chat: visitors are told how to reach you instead.
        </Text>
      )}
      <TagsInput
        label="Sites that may show it"
        description="https://shop.example, without a path; the page of its own works everywhere"
        disabled={!mayChange}
        value={origins}
        onChange={setOrigins}
        mb="sm"
      />
      {widget.key && (
        <>
          <Text size="sm" fw={600}>
            Put this before the end of the page
          </Text>
          <Code block>{snippet}</Code>
          <Group gap="xs" mt="xs">
            <CopyButton value={snippet}>
              {({ copied, copy }) => (
                <Button size="xs" variant="default" onClick={copy}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
            <Button component="a" href={`/chat/${widget.key}`} target="_blank" size="xs" variant="default">
              Open its page
            </Button>
          </Group>
        </>
      )}
      {mayChange && (
        <Group mt="sm">
          <Button size="xs" loading={put.isPending} onClick={() => put.mutate()}>
            {widget.key ? 'Keep' : 'Switch it on'}
          </Button>
          {widget.key && (
            <Button size="xs" variant="subtle" color="red" loading={off.isPending} onClick={() => off.mutate()}>
              Switch it off
            </Button>
          )}
        </Group>
      )}
    </>
  )
}

/** For staff. */
export function ChatCard({ customerId }: { customerId: string }) {
  const { data: me } = useSession()
  const isStaff = me !== undefined && me !== null && me.role !== 'customer' && me.role !== 'partner'
  const mayChange = useMay('manage')
  const widget = useQuery({
    queryKey: keys.customerChat(customerId),
    enabled: isStaff,
    queryFn: ({ signal }) => callApi<ChatWidget>('GET', `/customers/${customerId}/chat`, { signal }),
  })
  if (!isStaff || !widget.data) return null
  return (
    <Paper p="md" component="section" aria-label="Chat">
      <Group gap="xs" mb="xs">
        <Title order={2} size="h4">
          Chat
        </Title>
        <Tag tone={widget.data.key ? 'good' : 'plain'}>{widget.data.key ? 'On' : 'Off'}</Tag>
      </Group>
      <Settings key={widget.data.key ?? ''} customerId={customerId} widget={widget.data} mayChange={mayChange} />
    </Paper>
  )
}
