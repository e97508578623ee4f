/** One article: read, or written with its preview beside it. */
import { Button, Group, Paper, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconThumbUp } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Article } from '../../../shared/api/knowledge/article-api.ts'
import { Ago } from '../components/ago.tsx'
import { MarkdownText } from '../components/markdown-text.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { callApi } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { ArticleForm } from './article-form.tsx'
import { articleQuery } from './knowledge-queries.ts'
import { LANGUAGE_NAMES } from '../../../shared/languages.ts'
import './knowledge.css'

const CRUMBS = [{ to: '/knowledge', name: 'Knowledge' }]

function Reading({ article, onEdit }: { article: Article; onEdit: () => void }) {
  const client = useQueryClient()
  const [, go] = useLocation()
  const mayWrite = useMay('desk')
  const helped = useMutation({
    mutationFn: () => callApi<Article>('POST', `/articles/${article.id}/helped`, { body: {} }),
    onSuccess: after => client.setQueryData(articleQuery(article.id).queryKey, after),
  })
  const retire = useMutation({
    mutationFn: () => callApi('DELETE', `/articles/${article.id}`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.articles })
      showDone('Taken from the shelf')
      go('/knowledge')
    },
  })
  const askRetire = (): void => {
    modals.openConfirmModal({
      title: 'Take the article away?',
      children: `"${article.title}" is offered to nobody any more.`,
      labels: { confirm: 'Take it away', cancel: 'Keep it' },
      confirmProps: { color: 'red' },
      onConfirm: () => retire.mutate(),
    })
  }
  return (
    <>
      <PageHead
        title={article.title}
        crumbs={CRUMBS}
        note={
          <Group gap={8}>
            {mayWrite && <Tag tone={article.visibility === 'internal' ? 'warn' : 'plain'}>{article.visibility}</Tag>}
            <Tag>{LANGUAGE_NAMES[article.language]}</Tag>
            <span>
              changed <Ago at={article.updatedAt} />
              {article.changedBy ? ` by ${article.changedBy}` : ''}
            </span>
            {mayWrite && <span className="mono">{article.signals.join(', ')}</span>}
          </Group>
        }
        actions={
          mayWrite && (
            <>
              <Button variant="default" onClick={askRetire} loading={retire.isPending}>
                Take away
              </Button>
              <Button onClick={onEdit}>Edit</Button>
            </>
          )
        }
      />
      <Paper p="lg">
        <MarkdownText source={article.body} headingLevel={2} />
        <Group mt="lg" gap="sm">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconThumbUp size={15} aria-hidden />}
            loading={helped.isPending}
            disabled={helped.isSuccess}
            onClick={() => helped.mutate()}
          >
            {helped.isSuccess ? 'Thank you' : 'This helped'}
          </Button>
          <Text size="sm" c="dimmed">
            {article.helped === 0 ? 'Nobody has said so yet.' : `It helped ${article.helped === 1 ? 'once' : `${article.helped} times`}.`}
          </Text>
        </Group>
      </Paper>
    </>
  )
}

/** `id` null: a new one. */
export function ArticlePage({ id }: { id: string | null }) {
  const [, go] = useLocation()
  const [isEditing, setIsEditing] = useState(id === null)
  const query = useQuery({ ...articleQuery(id ?? ''), enabled: id !== null })
  if (id !== null && query.isPending) return <PageLoader />
  if (id !== null && !query.data)
    return (
      <div className="page page-narrow">
        <PageHead title="Article" crumbs={CRUMBS} />
        <ProblemAlert error={query.error} again={query.refetch} />
      </div>
    )
  const article = query.data ?? null
  if (article && !isEditing)
    return (
      <div className="page page-narrow">
        <Reading article={article} onEdit={() => setIsEditing(true)} />
      </div>
    )
  return (
    <div className="page">
      <PageHead title={article ? `Edit: ${article.title}` : 'New article'} crumbs={CRUMBS} />
      <ArticleForm
        article={article}
        onCancel={() => (article ? setIsEditing(false) : go('/knowledge'))}
        onKept={kept => {
          setIsEditing(false)
          go(`/knowledge/${kept.id}`)
        }}
      />
    </div>
  )
}
