/** Jira Service Management Cloud as far as it is used, after its documentation; state names are translated, ids are not. */
import { createHmac, randomUUID } from 'node:crypto'
import { bodyOf, type BodyReader, type DeskModel, type ModelTicket, type StandIn, type StandInAnswer } from './desk-model.ts'

export const JIRA_STATES = { '1': 'Offen', '3': 'In Arbeit', '10': 'Wartet auf Kunde', '5': 'Erledigt', '6': 'Geschlossen' } as const
const AUTH = `Basic ${Buffer.from('bot@client.example:token').toString('base64')}`
const names: Readonly<Record<string, string>> = JIRA_STATES

/** Makes it. `required` are fields of the request type that must be filled. */
export function jiraStandIn(
  model: DeskModel,
  now: () => number,
  options: { required?: string[]; transitions?: (ticket: ModelTicket) => string[] } = {},
): StandIn {
  const found = (jql: string): ModelTicket[] => {
    const reference = /summary ~ "\\"(.+?)\\""/.exec(jql)?.[1]
    const minutes = /updated >= "-(\d+)m"/.exec(jql)?.[1]
    const all = [...model.tickets.values()]
    if (reference !== undefined) return all.filter(ticket => ticket.subject.includes(reference))
    return minutes === undefined ? [] : all.filter(ticket => ticket.updatedAtMs >= now() - Number(minutes) * 60_000)
  }
  const issue = (ticket: ModelTicket) => ({
    id: ticket.id,
    key: ticket.key,
    fields: {
      summary: ticket.subject,
      description: ticket.description,
      status: { id: ticket.state, name: names[ticket.state] },
      priority: { id: ticket.priority, name: 'Mittel' },
      assignee: null,
      creator: { accountId: ticket.by === 'us' ? 'acc-us' : 'acc-anna' },
      reporter: { accountId: 'acc-anna', displayName: 'Anna', emailAddress: 'anna@client.example' },
      project: { key: 'HELP' },
    },
  })
  const onTicket = (ticket: ModelTicket, rest: string, method: string, body: BodyReader): StandInAnswer => {
    if (rest === 'comment' && method === 'POST') {
      const { id } = model.comment(ticket.id, { text: body('body') ?? '', isPublic: body('public') === 'true', by: 'us' })
      return { status: 201, body: { id } }
    }
    if (rest === 'comment') {
      const values = ticket.comments.map(comment => ({
        id: comment.id,
        body: comment.text,
        public: comment.isPublic,
        author: { accountId: comment.by === 'us' ? 'acc-us' : 'acc-anna', displayName: 'Anna' },
        created: { iso8601: new Date(comment.atMs).toISOString() },
      }))
      return { status: 200, body: { values, isLastPage: true } }
    }
    if (rest === 'attachment') {
      ticket.files.push('file')
      return { status: 201, body: {} }
    }
    const ways = options.transitions?.(ticket) ?? Object.keys(names)
    if (rest === 'transitions' && method === 'GET')
      return { status: 200, body: { transitions: ways.map(id => ({ id: `t${id}`, to: { id, name: names[id] } })) } }
    if (rest === 'transitions') {
      model.setState(ticket.id, (body('transition', 'id') ?? '').slice(1), 'us')
      return { status: 204 }
    }
    if (method === 'PUT') {
      model.change(ticket.id, { priority: body('fields', 'priority', 'id') ?? '' }, 'us')
      return { status: 204 }
    }
    return { status: 200, body: issue(ticket) }
  }
  return {
    handle({ method, path, query, headers, ...request }) {
      if (headers['authorization'] !== AUTH) return { status: 401, body: { message: 'Client must be authenticated' } }
      const body = path.includes('attachTemporaryFile') ? () => null : bodyOf({ method, path, query, headers, ...request })
      if (path === '/rest/api/3/myself') return { status: 200, body: { accountId: 'acc-us' } }
      if (path.endsWith('/field'))
        return {
          status: 200,
          body: {
            requestTypeFields: ['summary', ...(options.required ?? [])].map(fieldId => ({ fieldId, name: fieldId, required: true })),
          },
        }
      if (path.endsWith('/statuses'))
        return { status: 200, body: [{ name: 'Anfrage', statuses: Object.entries(names).map(([id, name]) => ({ id, name })) }] }
      if (path === '/rest/api/3/search/jql') return { status: 200, body: { issues: found(query['jql'] ?? '').map(issue) } }
      if (path.endsWith('/attachTemporaryFile'))
        return { status: 201, body: { temporaryAttachments: [{ temporaryAttachmentId: 'tmp-1' }] } }
      if (path === '/rest/servicedeskapi/request') {
        for (const name of options.required ?? [])
          if (!body('requestFieldValues', name)) return { status: 400, body: { errorMessage: `${name} is required` } }
        const ticket = model.create({
          subject: body('requestFieldValues', 'summary') ?? '',
          description: body('requestFieldValues', 'description') ?? '',
          by: 'us',
        })
        return { status: 201, body: { issueId: ticket.id, issueKey: ticket.key } }
      }
      const [, id, rest] = /\/(?:request|issue)\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? []
      const ticket = model.tickets.get(id ?? '')
      return ticket ? onTicket(ticket, rest ?? '', method, body) : { status: 404, body: { errorMessages: ['Issue does not exist'] } }
    },
    hook(ticket, comment, secret) {
      const body = {
        timestamp: 0,
        webhookEvent: comment ? 'comment_created' : 'jira:issue_updated',
        issue: issue(ticket),
        n: ticket.changes,
      }
      const raw = Buffer.from(JSON.stringify(body))
      return {
        raw,
        headers: {
          'x-atlassian-webhook-identifier': randomUUID(),
          'x-hub-signature': `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`,
        },
      }
    },
  }
}
