/** Articles and macros, as several screens ask for them. */
import { queryOptions } from '@tanstack/react-query'
import type { Article } from '../../../shared/api/knowledge/article-api.ts'
import type { Page } from '../../../shared/api/list.ts'
import type { Macro, MacroPreview, MacroVariable } from '../../../shared/api/knowledge/macro-api.ts'
import { callApi, queryText, readAll } from '../api/api-client.ts'
import { keys } from '../api/query-keys.ts'

export type ArticleFilter = { q: string; visibility: string; language: string }

export const articlesQuery = (filter: ArticleFilter) =>
  queryOptions({
    queryKey: [...keys.articles, filter],
    queryFn: ({ signal }) => readAll<Article>('/articles', filter, signal),
    placeholderData: before => before,
  })
export const articleQuery = (id: string) =>
  queryOptions({ queryKey: [...keys.articles, id], queryFn: ({ signal }) => callApi<Article>('GET', `/articles/${id}`, { signal }) })
/** What is known about the fault of a ticket; with words, what has them comes first. */
export const ticketArticlesQuery = (ticketId: string, q: string) =>
  queryOptions({
    queryKey: [...keys.articles, 'ticket', ticketId, q],
    queryFn: ({ signal }) => callApi<Page<Article>>('GET', `/articles${queryText({ ticketId, q, limit: 8 })}`, { signal }),
    placeholderData: before => before,
  })
export const macrosQuery = queryOptions({
  queryKey: keys.macros,
  queryFn: ({ signal }) => readAll<Macro>('/macros', {}, signal),
  staleTime: 60_000,
})
export const macroVariablesQuery = queryOptions({
  queryKey: [...keys.macros, 'variables'],
  queryFn: ({ signal }) => readAll<MacroVariable>('/macros/variables', {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
})
export const macroPreviewQuery = (ticketId: string, macroId: string) =>
  queryOptions({
    queryKey: [...keys.macros, macroId, ticketId],
    queryFn: ({ signal }) => callApi<MacroPreview>('GET', `/tickets/${ticketId}/macros/${macroId}`, { signal }),
    staleTime: 0,
    gcTime: 0,
  })
