/** The one way to the server: typed JSON calls whose refusals are ApiProblem. */
import type { ProblemSlug } from '../../../shared/api/problem-slugs.ts'
import type { Page } from '../../../shared/api/list.ts'

/** A slug of the server, or why there was no answer of its. */
type ProblemWord = ProblemSlug | 'unreachable' | 'unknown'

export type FieldFault = { path: string; message: string }

/** A refusal of the server (RFC 9457), or status 0 when it could not be reached at all. */
export class ApiProblem extends Error {
  readonly status: number
  /** Stable end of `type`, such as `contact-limit-reached`. */
  readonly slug: ProblemWord
  readonly title: string
  readonly faults: readonly FieldFault[]
  /** The whole problem document. */
  readonly extra: Readonly<Record<string, unknown>>

  constructor(facts: {
    status: number
    slug: ProblemWord
    title: string
    detail: string
    faults?: readonly FieldFault[]
    extra?: Readonly<Record<string, unknown>>
  }) {
    super(facts.detail)
    this.name = 'ApiProblem'
    this.status = facts.status
    this.slug = facts.slug
    this.title = facts.title
    this.faults = facts.faults ?? []
    this.extra = facts.extra ?? {}
  }
}

type ProblemBody = { type?: string; title?: string; detail?: string; errors?: FieldFault[] }

/** What a refusal says. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const body = (await response.json().catch(() => ({}))) as ProblemBody
  return new ApiProblem({
    status: response.status,
    slug: (body.type?.split('/').at(-1) ?? 'unknown') as ProblemWord,
    title: body.title ?? `The server answered ${response.status}`,
    detail: body.detail ?? response.statusText,
    faults: body.errors ?? [],
    extra: body,
  })
}

/** Calls `/api/v1{path}`; gives the JSON body (null for an empty one). Throws ApiProblem. */
export async function callApi<Answer>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: { body?: unknown; signal?: AbortSignal | undefined } = {},
): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: { accept: 'application/json', ...(options.body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    })
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new ApiProblem({
      status: 0,
      slug: 'unreachable',
      title: 'Server not reached',
      detail: 'The server does not answer. Check the network; the console tries again by itself.',
    })
  }
  if (!response.ok) throw await problemOf(response)
  if (response.status === 204) return null as Answer
  return (await response.json()) as Answer
}

/** `?a=1&b=2` of what is set; empty text when nothing is. */
export function queryText(query: Record<string, string | number | boolean | null | undefined>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value))
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** Every item of a list, page after page. */
export async function readAll<Item>(
  path: string,
  query: Record<string, string | number | boolean | undefined>,
  signal?: AbortSignal,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page: Page<Item> = await callApi('GET', `${path}${queryText({ ...query, limit: 500, cursor })}`, { signal })
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return items
}
