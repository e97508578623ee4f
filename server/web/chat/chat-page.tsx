/** The chat of a customer's visitors, in a frame of their site or on a page of its own. No login: one conversation by its secret. */
import { Button, Group, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { getHotkeyHandler, useDocumentTitle } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { ChatDoor, Conversation } from '../../../shared/api/chat/chat-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { forgetConversation, keepConversation, readConversation } from './kept-conversation.ts'
import './chat.css'

const ASK_AGAIN_MS = 30_000

function Opening({ chatKey, door, onOpened }: { chatKey: string; door: ChatDoor; onOpened: (token: string) => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [text, setText] = useState('')
  const open = useMutation({
    mutationFn: () =>
      callApi<{ token: string; conversation: Conversation }>('POST', `/chat/${chatKey}/conversations`, {
        body: { name: name.trim(), text: text.trim(), ...(email.trim() === '' ? {} : { email: email.trim() }) },
      }),
    onSuccess: ({ token, conversation }) => {
      client.setQueryData(['conversation', token], conversation)
      keepConversation(chatKey, token)
      onOpened(token)
    },
    meta: { isShownInPlace: true },
  })
  return (
    <main className="chat">
      <div className="chat-head">
        <Title order={1} size="h4">
          {door.customer}: support
        </Title>
        <Text size="sm" c="dimmed">
          {door.words}
        </Text>
      </div>
      {door.isInPlan && (
        <form
          style={{ padding: 16, overflowY: 'auto' }}
          onSubmit={event => {
            event.preventDefault()
            open.mutate()
          }}
        >
          <Stack gap="sm">
            <ProblemAlert error={open.error} />
            <TextInput label="Your name" required maxLength={120} value={name} onChange={event => setName(event.currentTarget.value)} />
            <TextInput
              label="E-mail"
              type="email"
              description="So that the answer reaches you if you leave"
              value={email}
              onChange={event => setEmail(event.currentTarget.value)}
            />
            <Textarea
              label="What is wrong?"
              required
              autosize
              minRows={4}
              maxRows={10}
              maxLength={4_000}
              value={text}
              onChange={event => setText(event.currentTarget.value)}
            />
            <Button type="submit" loading={open.isPending} disabled={name.trim() === '' || text.trim() === ''}>
              Send
            </Button>
          </Stack>
        </form>
      )}
    </main>
  )
}

function Talking({ token, onEnded }: { token: string; onEnded: () => void }) {
  const client = useQueryClient()
  const [text, setText] = useState('')
  const end = useRef<HTMLLIElement>(null)
  const query = useQuery({
    queryKey: ['conversation', token],
    queryFn: ({ signal }) => callApi<Conversation>('GET', `/conversations/${token}`, { signal }),
    refetchInterval: ASK_AGAIN_MS,
    retry: false,
    meta: { isShownInPlace: true },
  })
  useEffect(() => {
    const source = new EventSource(`/api/v1/conversations/${token}/events`)
    source.addEventListener('changed', () => void client.invalidateQueries({ queryKey: ['conversation', token] }))
    return () => source.close()
  }, [token, client])
  const write = useMutation({
    mutationFn: (words: string) => callApi<Conversation>('POST', `/conversations/${token}/messages`, { body: { text: words } }),
    onSuccess: after => {
      client.setQueryData(['conversation', token], after)
      setText('')
    },
    meta: { isShownInPlace: true },
  })
  const count = query.data?.messages.length ?? 0
  useEffect(() => {
    // What it answers (a promise in newer browsers) is no way to clean up.
    end.current?.scrollIntoView({ block: 'end' })
  }, [count])
  if (query.isPending) return <PageLoader />
  const talk = query.data
  if (!talk || query.isError)
    return (
      <main className="chat">
        <div className="chat-head">
          <Title order={1} size="h4">
            This conversation has ended
          </Title>
        </div>
        <div style={{ padding: 16 }}>
          <Button onClick={onEnded}>Begin a new one</Button>
        </div>
      </main>
    )
  const send = (): void => {
    if (text.trim() !== '' && !write.isPending) write.mutate(text.trim())
  }
  return (
    <main className="chat">
      <div className="chat-head">
        <Group justify="space-between" wrap="nowrap">
          <Title order={1} size="h4">
            Support
          </Title>
          <Text size="sm" c="dimmed" className="mono">
            {talk.reference}
          </Text>
        </Group>
        <Text size="sm" c="dimmed">
          {talk.isOver ? 'This was marked as solved. Write again if it is not.' : talk.words}
        </Text>
      </div>
      <ol className="chat-words" aria-label="Conversation" aria-live="polite" tabIndex={0}>
        {talk.messages.map(message => (
          <li key={message.id} className="chat-word" data-from={message.from}>
            <Text size="xs" c="dimmed">
              {message.from === 'you' ? 'You' : message.name}
            </Text>
            {message.text}
          </li>
        ))}
        <li ref={end} aria-hidden />
      </ol>
      <form
        className="chat-foot"
        onSubmit={event => {
          event.preventDefault()
          send()
        }}
      >
        <ProblemAlert error={write.error} />
        <Group align="end" wrap="nowrap" gap="xs">
          <Textarea
            aria-label="Your message"
            placeholder="Write"
            autosize
            minRows={1}
            maxRows={5}
            maxLength={4_000}
            style={{ flex: 1 }}
            value={text}
            onChange={event => setText(event.currentTarget.value)}
            onKeyDown={getHotkeyHandler([['Enter', send]])}
          />
          <Button type="submit" loading={write.isPending} disabled={text.trim() === ''}>
            Send
          </Button>
        </Group>
      </form>
    </main>
  )
}

/** `token` is the customer's public key of the address. */
export function ChatPage({ token: chatKey }: { token: string }) {
  useDocumentTitle('Support')
  const [token, setToken] = useState(() => readConversation(chatKey))
  const door = useQuery({
    queryKey: ['chat', chatKey],
    enabled: token === null,
    queryFn: ({ signal }) => callApi<ChatDoor>('GET', `/chat/${chatKey}`, { signal }),
    meta: { isShownInPlace: true },
  })
  if (token !== null)
    return (
      <Talking
        token={token}
        onEnded={() => {
          forgetConversation(chatKey)
          setToken(null)
        }}
      />
    )
  if (door.isPending) return <PageLoader />
  if (!door.data)
    return (
      <main className="chat">
        <div className="chat-head">
          <Title order={1} size="h4">
            There is no chat here
          </Title>
          <Text size="sm" c="dimmed">
            It may have been switched off. Please ask the shop how to reach support.
          </Text>
        </div>
      </main>
    )
  return <Opening chatKey={chatKey} door={door.data} onOpened={setToken} />
}
