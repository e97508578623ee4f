/** Jira Service Management Cloud. A state is a status id: names are per project and translated. */
import {
  cannot,
  at,
  callJson,
  digestOf,
  faultOf,
  hmacHex,
  instantAt,
  isSameSecret,
  listAt,
  multipart,
  parseHook,
  readJson,
  referenceOf,
  safeId,
  textAt,
  titleWith,
} from './desk-json.ts'
import type { DeskAdapter, DeskCall, DeskFacts, DeskKindSpec, DeskRequest, MadeTicket, OutTicket, Snapshot } from '../desk-adapter.ts'
import type { TheirComment } from '../rules/sync-comments.ts'

const PAGE = 100
const MOST_PAGES = 20

function openJira(facts: DeskFacts, call: DeskCall): DeskAdapter {
  const { settings, secrets, now } = facts
  const authorization = `Basic ${Buffer.from(`${secrets.user ?? ''}:${secrets.token ?? ''}`).toString('base64')}`
  const ask = (request: Omit<DeskRequest, 'body'> & { json?: unknown; absent?: readonly number[] }): Promise<unknown> =>
    callJson(call, { ...request, headers: { authorization, ...request.headers }, nowMs: now() })
  const urlOf = (key: string): string => new URL(`browse/${encodeURIComponent(key)}`, `${facts.baseUrl.replace(/\/$/, '')}/`).href
  const made = (id: string | null, key: string | null): MadeTicket => ({
    externalId: safeId(id),
    key: key ?? '',
    url: key === null ? null : urlOf(key),
  })

  const fill = (text: string, ticket: OutTicket): string =>
    text.replaceAll(/\{(subject|description|reference)\}/g, (_whole, name: 'subject' | 'description' | 'reference') => ticket[name])

  const search = async (jql: string): Promise<unknown[]> => {
    const issues: unknown[] = []
    let token: string | null = null
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query: Record<string, string> = {
        jql,
        fields: 'summary',
        maxResults: String(PAGE),
        ...(token === null ? {} : { nextPageToken: token }),
      }
      const answer = await ask({ method: 'GET', path: '/rest/api/3/search/jql', query })
      issues.push(...listAt(answer, 'issues'))
      token = textAt(answer, 'nextPageToken')
      if (token === null) break
    }
    return issues
  }

  const readComments = async (externalId: string): Promise<TheirComment[]> => {
    const comments: TheirComment[] = []
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await ask({
        method: 'GET',
        path: `/rest/servicedeskapi/request/${externalId}/comment`,
        query: { public: 'true', internal: 'true', start: String(comments.length), limit: String(PAGE) },
      })
      const values = listAt(answer, 'values')
      comments.push(
        ...values.map((value): TheirComment => {
          const flag = at(value, 'public')
          return {
            id: safeId(textAt(value, 'id')),
            text: textAt(value, 'body') ?? '',
            isPublic: typeof flag === 'boolean' ? flag : null,
            isOurs: facts.syncUser !== null && textAt(value, 'author', 'accountId') === facts.syncUser,
            author: textAt(value, 'author', 'displayName'),
            atMs: instantAt(value, 'created', 'iso8601'),
          }
        }),
      )
      if (values.length === 0 || at(answer, 'isLastPage') !== false) break
    }
    return comments
  }

  return {
    async check() {
      const me = textAt(await ask({ method: 'GET', path: '/rest/api/3/myself' }), 'accountId')
      const type = `/rest/servicedeskapi/servicedesk/${encodeURIComponent(settings.serviceDeskId ?? '')}/requesttype/${encodeURIComponent(settings.requestTypeId ?? '')}`
      const fields = await ask({ method: 'GET', path: `${type}/field` })
      const mapped = new Set(['summary', 'description', ...Object.keys(settings.requestFields ?? {})])
      const faults = listAt(fields, 'requestTypeFields')
        .filter(field => at(field, 'required') === true && !mapped.has(textAt(field, 'fieldId') ?? ''))
        .map(field => ({
          path: `body/settings/requestFields/${textAt(field, 'fieldId') ?? ''}`,
          message: `the request type requires “${textAt(field, 'name') ?? ''}”: say what it is to hold`,
        }))
      const types = await ask({ method: 'GET', path: `/rest/api/3/project/${encodeURIComponent(settings.projectKey ?? '')}/statuses` })
      const states = (Array.isArray(types) ? types : [])
        .flatMap(one => listAt(one, 'statuses'))
        .map(status => ({ id: textAt(status, 'id') ?? '', name: textAt(status, 'name') ?? '' }))
      return { faults, states: [...new Map(states.map(state => [state.id, state])).values()], syncUser: me }
    },

    async create(ticket) {
      const more = Object.fromEntries(Object.entries(settings.requestFields ?? {}).map(([id, text]) => [id, fill(text, ticket)]))
      const level = settings.levels?.[`${ticket.level}`]
      const answer = await ask({
        method: 'POST',
        path: '/rest/servicedeskapi/request',
        json: {
          serviceDeskId: settings.serviceDeskId,
          requestTypeId: settings.requestTypeId,
          requestFieldValues: { summary: titleWith(ticket.reference, ticket.subject), description: ticket.description, ...more },
          ...(settings.customer === undefined ? {} : { raiseOnBehalfOf: settings.customer }),
        },
      })
      const result = made(textAt(answer, 'issueId'), textAt(answer, 'issueKey'))
      // A request type may not show the priority; that it could not be set must not make the ticket twice.
      if (level !== undefined) await this.setLevel(result.externalId, ticket.level).catch(() => undefined)
      return result
    },

    async find(reference) {
      const issues = await search(`project = "${settings.projectKey ?? ''}" AND summary ~ "\\"${reference}\\""`)
      const found = issues.find(issue => referenceOf(textAt(issue, 'fields', 'summary') ?? '') === reference)
      return found === undefined ? null : made(textAt(found, 'id'), textAt(found, 'key'))
    },

    async comment(externalId, text) {
      const answer = await ask({
        method: 'POST',
        path: `/rest/servicedeskapi/request/${safeId(externalId)}/comment`,
        json: { body: text, public: true },
      })
      return textAt(answer, 'id')
    },

    async setState(externalId, state) {
      const path = `/rest/api/3/issue/${safeId(externalId)}/transitions`
      const transitions = listAt(await ask({ method: 'GET', path }), 'transitions')
      const way = transitions.find(transition => textAt(transition, 'to', 'id') === state)
      const reachable = transitions.map(
        transition => `${textAt(transition, 'to', 'name') ?? '?'} (${textAt(transition, 'to', 'id') ?? '?'})`,
      )
      if (way === undefined)
        throw cannot(`Their workflow has no transition to status ${state} from here; there are: ${reachable.join(', ') || 'none'}`)
      await ask({ method: 'POST', path, json: { transition: { id: textAt(way, 'id') } } })
      return null
    },

    async setLevel(externalId, level) {
      const id = settings.levels?.[`${level}`]
      if (id !== undefined)
        await ask({ method: 'PUT', path: `/rest/api/3/issue/${safeId(externalId)}`, json: { fields: { priority: { id } } } })
    },

    async attach(externalId, file) {
      const form = multipart('file', file)
      const answer = await call({
        method: 'POST',
        path: `/rest/servicedeskapi/servicedesk/${encodeURIComponent(settings.serviceDeskId ?? '')}/attachTemporaryFile`,
        headers: { authorization, accept: 'application/json', 'content-type': form.contentType, 'x-atlassian-token': 'no-check' },
        body: form.body,
      })
      if (answer.status >= 300) throw faultOf(answer, now())
      const id = textAt(readJson(answer), 'temporaryAttachments', 0, 'temporaryAttachmentId')
      if (id === null) throw cannot('Their desk did not take the file')
      await ask({
        method: 'POST',
        path: `/rest/servicedeskapi/request/${safeId(externalId)}/attachment`,
        json: { temporaryAttachmentIds: [id], public: true },
      })
    },

    async read(externalId): Promise<Snapshot | null> {
      const id = safeId(externalId)
      const issue = await ask({
        method: 'GET',
        path: `/rest/api/2/issue/${id}`,
        query: { fields: 'summary,description,status,priority,assignee,creator,reporter,project' },
        absent: [404],
      })
      if (issue === null) return null
      const fields = at(issue, 'fields')
      const key = textAt(issue, 'key') ?? ''
      const subject = textAt(fields, 'summary') ?? ''
      const reporter = textAt(fields, 'reporter', 'displayName')
      return {
        externalId: id,
        key,
        url: urlOf(key),
        subject,
        description: textAt(fields, 'description') ?? '',
        state: textAt(fields, 'status', 'id') ?? '',
        stateName: textAt(fields, 'status', 'name') ?? '',
        priority: textAt(fields, 'priority', 'name'),
        assignee: textAt(fields, 'assignee', 'displayName'),
        reference: referenceOf(subject),
        isOurs: facts.syncUser !== null && textAt(fields, 'creator', 'accountId') === facts.syncUser,
        version: null,
        isInScope: textAt(fields, 'project', 'key') === settings.projectKey,
        reporter: reporter === null ? null : { name: reporter, email: textAt(fields, 'reporter', 'emailAddress') },
        comments: await readComments(id),
      }
    },

    async changedSince(atMs) {
      // Minutes back from now: an instant in JQL would be read in the zone of the user.
      const back = Math.ceil((now() - atMs) / 60_000) + 1
      const issues = await search(`project = "${settings.projectKey ?? ''}" AND updated >= "-${back}m" ORDER BY updated ASC`)
      return issues.flatMap(issue => textAt(issue, 'id') ?? [])
    },
  }
}

/** Jira Service Management Cloud as a kind of desk. */
export const jiraDesk: DeskKindSpec = {
  kind: 'jira',
  needs: { settings: ['serviceDeskId', 'requestTypeId', 'projectKey'], secrets: ['user', 'token'] },
  open: openJira,
  readDelivery({ raw, headers, secret, settings }) {
    const given = headers['x-hub-signature']
    if (given === undefined ? settings.unsignedAllowed !== true : !isSameSecret(given, `sha256=${hmacHex('sha256', secret, raw)}`))
      return { kind: 'refused', why: given === undefined ? 'The webhook is not signed.' : 'The signature is wrong.' }
    const body = parseHook(raw)
    const id = textAt(body, 'issue', 'id')
    if (id === null || !/^\d{1,20}$/.test(id)) return { kind: 'none' }
    return { kind: 'ticket', deliveryId: headers['x-atlassian-webhook-identifier'] ?? digestOf(raw), externalId: id, ticket: null }
  },
  script: null,
}
