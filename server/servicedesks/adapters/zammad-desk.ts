/** Zammad: tickets and their articles. A state is its id: names may be changed by whoever runs the desk. */
import {
  at,
  callJson,
  digestOf,
  hmacHex,
  instantAt,
  isSameSecret,
  listAt,
  parseHook,
  referenceOf,
  safeId,
  textAt,
  titleWith,
  wordsOf,
} from './desk-json.ts'
import type { DeskAdapter, DeskCall, DeskFacts, DeskKindSpec, DeskRequest, MadeTicket, Snapshot } from '../desk-adapter.ts'
import type { TheirComment } from '../rules/sync-comments.ts'
import { HOUR_MS } from '../../../shared/units.ts'

const PENDING_HOURS = 72
const PAGE = 100
const MOST_PAGES = 20

function toComment(article: unknown, syncUser: string | null): TheirComment {
  const internal = at(article, 'internal')
  const body = textAt(article, 'body') ?? ''
  return {
    id: safeId(textAt(article, 'id')),
    text: textAt(article, 'content_type') === 'text/html' ? wordsOf(body) : body,
    isPublic: typeof internal === 'boolean' ? !internal : null,
    isOurs: syncUser !== null && textAt(article, 'created_by_id') === syncUser,
    author: textAt(article, 'from') ?? textAt(article, 'created_by'),
    atMs: instantAt(article, 'created_at'),
  }
}

function openZammad(facts: DeskFacts, call: DeskCall): DeskAdapter {
  const { settings, secrets, now } = facts
  const authorization = `Token token=${secrets.token ?? ''}`
  const ask = (request: Omit<DeskRequest, 'body'> & { json?: unknown; absent?: readonly number[] }): Promise<unknown> =>
    callJson(call, { ...request, path: `/api/v1${request.path}`, headers: { authorization }, nowMs: now() })
  const made = (ticket: unknown): MadeTicket => {
    const externalId = safeId(textAt(ticket, 'id'))
    return { externalId, key: textAt(ticket, 'number') ?? '', url: `${facts.baseUrl.replace(/\/$/, '')}/#ticket/zoom/${externalId}` }
  }
  const rows = (answer: unknown): unknown[] => (Array.isArray(answer) ? answer : listAt(answer, 'tickets'))
  const search = async (query: string): Promise<unknown[]> => {
    const found: unknown[] = []
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const some = rows(
        await ask({
          method: 'GET',
          path: '/tickets/search',
          query: { query, expand: 'true', limit: String(PAGE), page: String(page), sort_by: 'updated_at', order_by: 'asc' },
        }),
      )
      found.push(...some)
      if (some.length < PAGE) break
    }
    return found
  }
  const states = async (): Promise<{ id: string; name: string; type: string }[]> =>
    rows(await ask({ method: 'GET', path: '/ticket_states', query: { expand: 'true' } })).map(state => ({
      id: textAt(state, 'id') ?? '',
      name: textAt(state, 'name') ?? '',
      type: textAt(state, 'state_type') ?? '',
    }))
  const article = (subject: string, body: string) => ({ subject, body, content_type: 'text/plain', type: 'note', internal: false })

  return {
    async check() {
      const me = textAt(await ask({ method: 'GET', path: '/users/me' }), 'id')
      const all = await states()
      const groups = rows(await ask({ method: 'GET', path: '/groups' })).map(group => textAt(group, 'name'))
      const faults = groups.includes(settings.group ?? '')
        ? []
        : [{ path: 'body/settings/group', message: 'is not a group our user may see there' }]
      return { faults, states: all.map(({ id, name }) => ({ id, name })), syncUser: me }
    },

    async create(ticket) {
      const title = titleWith(ticket.reference, ticket.subject)
      const priority = settings.levels?.[`${ticket.level}`]
      return made(
        await ask({
          method: 'POST',
          path: '/tickets',
          json: {
            title,
            group: settings.group,
            customer_id: `guess:${settings.customer ?? ''}`,
            ...(priority === undefined ? {} : { priority }),
            article: article(title, ticket.description),
          },
        }),
      )
    },

    async find(reference) {
      const found = (await search(`title:"${reference}"`)).find(ticket => referenceOf(textAt(ticket, 'title') ?? '') === reference)
      return found === undefined ? null : made(found)
    },

    async comment(externalId, text) {
      const answer = await ask({
        method: 'POST',
        path: '/ticket_articles',
        json: { ticket_id: Number(safeId(externalId)), ...article('Kioskeeper', text) },
      })
      return textAt(answer, 'id')
    },

    async setState(externalId, state) {
      const isPending = (await states()).find(one => one.id === state)?.type.startsWith('pending') ?? false
      const pendingTime = new Date(now() + (settings.pendingHours ?? PENDING_HOURS) * HOUR_MS).toISOString()
      const json = { state_id: Number(state), ...(isPending ? { pending_time: pendingTime } : {}) }
      await ask({ method: 'PUT', path: `/tickets/${safeId(externalId)}`, json })
      return null
    },

    async setLevel(externalId, level) {
      const priority = settings.levels?.[`${level}`]
      if (priority !== undefined) await ask({ method: 'PUT', path: `/tickets/${safeId(externalId)}`, json: { priority } })
    },

    async attach(externalId, file) {
      const data = Buffer.from(file.bytes).toString('base64')
      const json = {
        ticket_id: Number(safeId(externalId)),
        ...article('Kioskeeper', file.name),
        attachments: [{ filename: file.name, data, 'mime-type': file.contentType }],
      }
      await ask({ method: 'POST', path: '/ticket_articles', json })
    },

    async read(externalId): Promise<Snapshot | null> {
      const id = safeId(externalId)
      const ticket = await ask({ method: 'GET', path: `/tickets/${id}`, query: { expand: 'true' }, absent: [404] })
      if (ticket === null) return null
      const articles = rows(await ask({ method: 'GET', path: `/ticket_articles/by_ticket/${id}`, query: { expand: 'true' } }))
      // The first article is what the ticket says, not a word on it.
      const [first, ...others] = articles.map(one => toComment(one, facts.syncUser))
      const customer = textAt(ticket, 'customer')
      const subject = textAt(ticket, 'title') ?? ''
      return {
        ...made(ticket),
        subject,
        description: first?.text ?? '',
        state: textAt(ticket, 'state_id') ?? '',
        stateName: textAt(ticket, 'state') ?? '',
        priority: textAt(ticket, 'priority'),
        assignee: textAt(ticket, 'owner') === '-' ? null : textAt(ticket, 'owner'),
        reference: referenceOf(subject),
        isOurs: facts.syncUser !== null && textAt(ticket, 'created_by_id') === facts.syncUser,
        version: null,
        isInScope: textAt(ticket, 'group') === settings.group,
        reporter: customer === null ? null : { name: customer, email: customer.includes('@') ? customer : null },
        comments: others,
      }
    },

    async changedSince(atMs) {
      const from = new Date(atMs).toISOString()
      const group = (settings.group ?? '').replaceAll(/["\\]/g, '')
      return (await search(`updated_at:[${from} TO *] AND group.name:"${group}"`)).flatMap(ticket => textAt(ticket, 'id') ?? [])
    },
  }
}

/** Zammad as a kind of desk. */
export const zammadDesk: DeskKindSpec = {
  kind: 'zammad',
  needs: { settings: ['group', 'customer'], secrets: ['token'] },
  open: openZammad,
  readDelivery({ raw, headers, secret, settings }) {
    const given = headers['x-hub-signature']
    if (given === undefined ? settings.unsignedAllowed !== true : !isSameSecret(given, `sha1=${hmacHex('sha1', secret, raw)}`))
      return { kind: 'refused', why: given === undefined ? 'The webhook is not signed.' : 'The signature is wrong.' }
    const id = textAt(parseHook(raw), 'ticket', 'id')
    if (id === null || !/^\d{1,20}$/.test(id)) return { kind: 'none' }
    return { kind: 'ticket', deliveryId: headers['x-zammad-delivery'] ?? digestOf(raw), externalId: id, ticket: null }
  },
  script: null,
}
