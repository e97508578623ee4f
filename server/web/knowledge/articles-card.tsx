/** What is known about a ticket's fault: to read, to put into the reply, and to say that it helped. */
import { Button, Group, Modal, Paper, Text, TextInput, Title, UnstyledButton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Article } from '../../../shared/api/knowledge/article-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { plainWords } from '../../../shared/markdown.ts'
import { MarkdownText } from '../components/markdown-text.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { addToReply } from '../replies/reply-store.ts'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { ticketArticlesQuery } from './knowledge-queries.ts'
import { LANGUAGE_NAMES } from '../../../shared/languages.ts'
import './knowledge.css'

function ArticleModal({
  article,
  ticket,
  mayWrite,
  onClose,
}: {
  article: Article
  ticket: Ticket
  mayWrite: boolean
  onClose: () => void
}) {
  const client = useQueryClient()
  const helped = useMutation({
    mutationFn: () => callApi<Article>('POST', `/articles/${article.id}/helped`, { body: { ticketId: ticket.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.articles })
      showDone('Noted: it helped on this ticket')
      onClose()
    },
  })
  const isPublic = article.visibility === 'public'
  return (
    <Modal opened onClose={onClose} title={article.title} size="lg">
      <MarkdownText source={article.body} />
      {mayWrite && (
        <Group mt="md" justify="flex-end">
          <Button variant="default" loading={helped.isPending} onClick={() => helped.mutate()}>
            It helped
          </Button>
          <Button
            onClick={() => {
              addToReply(ticket.id, plainWords(article.body), isPublic ? null : 'internal')
              onClose()
            }}
          >
            {isPublic ? 'Put into the reply' : 'Put into an internal note'}
          </Button>
        </Group>
      )}
    </Modal>
  )
}

/** Nothing where nothing is known, unless somebody may search or write. */
export function ArticlesCard({ ticket, mayWrite }: { ticket: Ticket; mayWrite: boolean }) {
  const [q, setQ] = useState('')
  const [asked] = useDebouncedValue(q, 250)
  const [open, setOpen] = useState<Article | null>(null)
  const found = useQuery(ticketArticlesQuery(ticket.id, asked.trim()))
  const items = found.data?.items ?? []
  if (items.length === 0 && !mayWrite && q === '') return null
  return (
    <Paper p="md" component="section" aria-label="What is known about it">
      <Title order={2} size="h4" mb="xs">
        What is known about it
      </Title>
      <ProblemAlert error={found.error} again={found.refetch} />
      {items.map(article => (
        <UnstyledButton key={article.id} className="article-hit" onClick={() => setOpen(article)}>
          <Text component="span" size="sm" c="var(--ink-link)" display="block">
            {article.title}
          </Text>
          <span className="article-facts">
            <Tag tone={article.visibility === 'internal' ? 'warn' : 'plain'}>
              {article.visibility === 'internal' ? 'internal' : 'public'}
            </Tag>
            <Tag>{LANGUAGE_NAMES[article.language]}</Tag>
            {article.helped > 0 && (
              <Text component="span" size="xs" c="dimmed">
                helped {article.helped} times
              </Text>
            )}
          </span>
        </UnstyledButton>
      ))}
      {items.length === 0 && !found.isPending && (
        <Text size="sm" c="dimmed" mb={4}>
          {q === '' ? 'Nothing is written about this fault yet.' : 'Nothing is written about that.'}{' '}
          {mayWrite && <Link href="/knowledge/new">Write it down</Link>}
        </Text>
      )}
      <TextInput
        size="xs"
        mt={6}
        aria-label="Search all articles"
        placeholder="Search all articles"
        value={q}
        onChange={event => setQ(event.currentTarget.value)}
      />
      {open && <ArticleModal article={open} ticket={ticket} mayWrite={mayWrite} onClose={() => setOpen(null)} />}
    </Paper>
  )
}
