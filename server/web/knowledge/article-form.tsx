/** Writes an article: words on the left, what people will see on the right. */
import {
  Button,
  Group,
  MultiSelect,
  Paper,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Article, ArticleInput } from '../../../shared/api/knowledge/article-api.ts'
import type { Rule } from '../../../shared/api/incidents/rule-api.ts'
import { MarkdownText } from '../components/markdown-text.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { faultsByField } from '../components/use-fields.ts'
import { callApi, readAll } from '../api/api-client.ts'
import { customersQuery, productsQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { articleQuery } from './knowledge-queries.ts'
import type { Language } from '../../../shared/languages.ts'
import { LANGUAGE_CHOICES } from './language-words.ts'

const EMPTY: ArticleInput = { title: '', body: '', signals: [], visibility: 'internal', language: 'en', products: [], customers: [] }

/** What of an article a person writes. */
function inputOf(article: Article): ArticleInput {
  const { title, body, signals, products, visibility, language, customers, family } = article
  return { title, body, signals, products, visibility, language, customers, family }
}

/** `article` null: a new one. */
export function ArticleForm({
  article,
  onKept,
  onCancel,
}: {
  article: Article | null
  onKept: (article: Article) => void
  onCancel: () => void
}) {
  const client = useQueryClient()
  const [input, setInput] = useState<ArticleInput>(article ? inputOf(article) : EMPTY)
  const set = (change: Partial<ArticleInput>): void => setInput(before => ({ ...before, ...change }))
  const rules = useQuery({ queryKey: keys.rules, queryFn: ({ signal }) => readAll<Rule>('/rules', {}, signal) })
  const customers = useQuery(customersQuery)
  const products = useQuery(productsQuery)
  const keep = useMutation({
    mutationFn: () => callApi<Article>(article ? 'PATCH' : 'POST', article ? `/articles/${article.id}` : '/articles', { body: input }),
    onSuccess: kept => {
      client.setQueryData(articleQuery(kept.id).queryKey, kept)
      void client.invalidateQueries({ queryKey: keys.articles })
      showDone('The article is kept')
      onKept(kept)
    },
    meta: { isShownInPlace: true },
  })
  const faults = faultsByField(keep.error)
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        keep.mutate()
      }}
    >
      <ProblemAlert error={keep.error} />
      <div className="article-columns">
        <Paper p="md">
          <Stack gap="sm">
            <TextInput
              label="Title"
              description="As somebody would say it who does not know why"
              placeholder="The printer is out of paper"
              required
              maxLength={200}
              value={input.title}
              error={faults['title']}
              onChange={event => set({ title: event.currentTarget.value })}
            />
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
              <div>
                <Text size="sm" fw={600} mb={4}>
                  For whom
                </Text>
                <SegmentedControl
                  fullWidth
                  aria-label="For whom"
                  value={input.visibility}
                  onChange={value => set({ visibility: value })}
                  data={[
                    { value: 'internal', label: 'Desk only' },
                    { value: 'public', label: 'Customers too' },
                  ]}
                />
              </div>
              <Select
                label="Language"
                data={LANGUAGE_CHOICES}
                allowDeselect={false}
                value={input.language}
                onChange={value => set({ language: value as Language })}
              />
            </SimpleGrid>
            <TagsInput
              label="Signals"
              description="The faults it is about; it is offered on their tickets"
              data={(rules.data ?? []).map(rule => rule.signal)}
              value={input.signals}
              error={faults['signals']}
              onChange={signals => set({ signals })}
            />
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
              <MultiSelect
                label="Customers"
                placeholder={(input.customers ?? []).length === 0 ? 'Everybody' : ''}
                searchable
                data={(customers.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
                value={input.customers ?? []}
                error={faults['customers']}
                onChange={chosen => set({ customers: chosen })}
              />
              <MultiSelect
                label="Products"
                placeholder={(input.products ?? []).length === 0 ? 'Whatever it is' : ''}
                searchable
                data={(products.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
                value={input.products ?? []}
                onChange={chosen => set({ products: chosen })}
              />
            </SimpleGrid>
            <Textarea
              label="Text"
              description="Markdown: 1. for steps, **bold**, > for a warning, [words](https://address)"
              required
              autosize
              minRows={12}
              maxRows={30}
              maxLength={20_000}
              value={input.body}
              error={faults['body']}
              onChange={event => set({ body: event.currentTarget.value })}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onCancel}>
                Cancel
              </Button>
              <Button type="submit" loading={keep.isPending} disabled={input.title.trim() === '' || input.body.trim() === ''}>
                Keep
              </Button>
            </Group>
          </Stack>
        </Paper>
        <Paper p="md" component="section" aria-label="Preview">
          <Text size="xs" c="dimmed" mb={6}>
            Preview
          </Text>
          <Title order={2} size="h4" mb="xs">
            {input.title || 'Title'}
          </Title>
          {input.body.trim() === '' ? (
            <Text size="sm" c="dimmed">
              What you write appears here as people see it.
            </Text>
          ) : (
            <MarkdownText source={input.body} />
          )}
        </Paper>
      </div>
    </form>
  )
}
