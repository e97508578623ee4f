/** What is known: articles about faults, for the desk and for customers, and the macros of the desk. */
import { Button, Group, Paper, Select, SegmentedControl, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconBook, IconPlus, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { Article } from '../../../shared/api/knowledge/article-api.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useMay, useSession } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { articlesQuery } from './knowledge-queries.ts'
import { LANGUAGE_NAMES } from '../../../shared/languages.ts'
import { LANGUAGE_CHOICES } from './language-words.ts'
import { MacrosList } from './macros-list.tsx'
import './knowledge.css'

function Row({ article, isStaff }: { article: Article; isStaff: boolean }) {
  return (
    <li className="article-row">
      <div>
        <Link href={`/knowledge/${article.id}`}>
          <b>{article.title}</b>
        </Link>
        {isStaff && (
          <Text size="xs" c="dimmed" className="mono">
            {article.signals.join(', ') || 'no signal'}
          </Text>
        )}
      </div>
      <div className="article-facts">
        {article.helped > 0 && (
          <span className="quiet article-helped">helped {article.helped === 1 ? 'once' : `${article.helped} times`}</span>
        )}
        {article.customers.length > 0 && isStaff && (
          <Tag>{article.customers.length === 1 ? 'one customer' : `${article.customers.length} customers`}</Tag>
        )}
        {isStaff && <Tag tone={article.visibility === 'internal' ? 'warn' : 'plain'}>{article.visibility}</Tag>}
        <Tag>{LANGUAGE_NAMES[article.language]}</Tag>
      </div>
    </li>
  )
}

function ArticlesList({ isStaff, mayWrite }: { isStaff: boolean; mayWrite: boolean }) {
  const [q, setQ] = useState('')
  const [visibility, setVisibility] = useState('')
  const [language, setLanguage] = useState<string | null>(null)
  const [asked] = useDebouncedValue(q, 250)
  const articles = useQuery(articlesQuery({ q: asked, visibility, language: language ?? '' }))
  if (articles.isPending) return <PageLoader />
  const all = articles.data ?? []
  const isFiltered = asked !== '' || visibility !== '' || language !== null
  return (
    <>
      <Group mb="md" gap="sm">
        <TextInput
          aria-label="Search articles"
          placeholder="Search: printer, dark, no contact"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
          style={{ flex: '1 1 220px', maxWidth: 340 }}
        />
        {isStaff && (
          <SegmentedControl
            size="xs"
            aria-label="For whom"
            value={visibility}
            onChange={setVisibility}
            data={[
              { value: '', label: 'All' },
              { value: 'public', label: 'Public' },
              { value: 'internal', label: 'Internal' },
            ]}
          />
        )}
        <Select
          size="xs"
          aria-label="Language"
          placeholder="Every language"
          clearable
          clearButtonProps={{ 'aria-label': 'Every language' }}
          data={LANGUAGE_CHOICES}
          value={language}
          onChange={setLanguage}
          w={160}
        />
      </Group>
      <ProblemAlert error={articles.error} again={articles.refetch} />
      {all.length === 0 && !articles.isError && (
        <NothingHere
          icon={<IconBook />}
          title={isFiltered ? 'Nothing is written about that' : 'No articles yet'}
          action={
            mayWrite && (
              <Button component={Link} href="/knowledge/new">
                Write an article
              </Button>
            )
          }
        >
          {isFiltered
            ? 'Try fewer words, or another language.'
            : 'What helped once helps again: write it down with the signal it is about.'}
        </NothingHere>
      )}
      {all.length > 0 && (
        <Paper>
          <ul className="article-list" aria-label="Articles">
            {all.map(article => (
              <Row key={article.id} article={article} isStaff={isStaff} />
            ))}
          </ul>
        </Paper>
      )}
    </>
  )
}

/** Articles, and for staff the macros beside them. */
export function KnowledgePage({ part }: { part: 'articles' | 'macros' }) {
  const [, go] = useLocation()
  const { data: me } = useSession()
  const mayWrite = useMay('desk')
  const isStaff = me !== undefined && me !== null && me.role !== 'customer' && me.role !== 'partner'
  return (
    <div className="page page-narrow">
      <PageHead
        title={part === 'macros' ? 'Macros' : 'Knowledge'}
        note={
          part === 'macros'
            ? 'A text and changes of a ticket in one click, in the language of the customer.'
            : 'What is known about a fault. Public articles are offered to customers before they write to you.'
        }
        actions={
          mayWrite &&
          part === 'articles' && (
            <Button component={Link} href="/knowledge/new" leftSection={<IconPlus size={17} aria-hidden />}>
              New article
            </Button>
          )
        }
      />
      {isStaff && (
        <SegmentedControl
          size="sm"
          mb="md"
          aria-label="Articles or macros"
          value={part}
          onChange={value => go(value === 'macros' ? '/knowledge/macros' : '/knowledge')}
          data={[
            { value: 'articles', label: 'Articles' },
            { value: 'macros', label: 'Macros' },
          ]}
        />
      )}
      {part === 'macros' && isStaff ? <MacrosList mayWrite={mayWrite} /> : <ArticlesList isStaff={isStaff} mayWrite={mayWrite} />}
    </div>
  )
}
