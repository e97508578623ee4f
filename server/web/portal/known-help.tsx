/** What is known about a fault, before it is reported: often that is all it takes. */
import { Button, Group, Paper, Text, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import type { Article } from '../../../shared/api/knowledge/article-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import { MarkdownText } from '../components/markdown-text.tsx'
import { callApi, queryText } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'

const SHOWN = 3
const TYPING_MS = 300
/** Fewer letters find anything. */
const MIN_LETTERS = 4

/** Public articles about what fails on the device and what is being written; nothing while nothing is known. */
export function KnownHelp({ deviceId, words }: { deviceId: string; words: string }) {
  const [, go] = useLocation()
  const [typed] = useDebouncedValue(words.trim(), TYPING_MS)
  const q = typed.length < MIN_LETTERS ? '' : typed.slice(0, 200)
  const found = useQuery({
    queryKey: [...keys.articles, 'help', deviceId, q],
    enabled: deviceId !== '' || q !== '',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      callApi<Page<Article>>('GET', `/articles${queryText({ ...(deviceId !== '' && { deviceId }), q, limit: SHOWN })}`, { signal }),
  })
  const helped = useMutation({
    mutationFn: (id: string) => callApi<Article>('POST', `/articles/${id}/helped`, { body: {} }),
    onSuccess: () => {
      showDone('Good to hear. Nothing was reported.')
      go('/')
    },
  })
  const articles = deviceId === '' && q === '' ? [] : (found.data?.items ?? [])
  if (articles.length === 0) return null
  return (
    <Paper p="sm" className="known-help" component="section" aria-label="This may help at once">
      <Title order={2} size="h5" mb={4}>
        This may help at once
      </Title>
      {articles.map(article => (
        <details key={article.id}>
          <summary>{article.title}</summary>
          <MarkdownText source={article.body} />
          <Group justify="space-between" gap="xs" mt={6}>
            <Text size="sm" c="dimmed">
              Still wrong? Go on below.
            </Text>
            <Button size="xs" variant="light" loading={helped.isPending} onClick={() => helped.mutate(article.id)}>
              It helped: nothing to report
            </Button>
          </Group>
        </details>
      ))}
    </Paper>
  )
}
