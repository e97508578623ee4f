/** Zammad as far as it is used: the first article is the ticket's own, bodies may be HTML, pending states want a time. */
import { createHmac, randomUUID } from 'node:crypto'
import { bodyOf, type DeskModel, type ModelComment, type ModelTicket, type StandIn } from './desk-model.ts'

const STATES: Readonly<Record<string, [string, string]>> = {
  '1': ['neu', 'new'],
  '2': ['offen', 'open'],
  '3': ['warten auf Kunde', 'pending reminder'],
  '4': ['geschlossen', 'closed'],
  '8': ['gelöst', 'closed'],
}
const html = (text: string): string => `<div>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</div>`

/** Makes it. */
export function zammadStandIn(model: DeskModel): StandIn {
  const shown = (ticket: ModelTicket) => ({
    id: Number(ticket.id),
    number: `47${ticket.id}`,
    title: ticket.subject,
    state_id: Number(ticket.state),
    state: STATES[ticket.state]?.[0],
    priority: '2 normal',
    owner: '-',
    group: 'Kiosks',
    customer: 'anna@client.example',
    created_by_id: ticket.by === 'us' ? 42 : 7,
    updated_at: new Date(ticket.updatedAtMs).toISOString(),
  })
  const article = (comment: ModelComment) => ({
    id: Number(comment.id),
    body: comment.by === 'us' ? comment.text : html(comment.text),
    content_type: comment.by === 'us' ? 'text/plain' : 'text/html',
    internal: !comment.isPublic,
    created_by_id: comment.by === 'us' ? 42 : 7,
    created_by: 'anna@client.example',
    created_at: new Date(comment.atMs).toISOString(),
  })
  return {
    handle(request) {
      const { method, path, query, headers } = request
      if (headers['authorization'] !== 'Token token=zt') return { status: 401, body: { error: 'Invalid token' } }
      const body = bodyOf(request)
      if (path === '/api/v1/users/me') return { status: 200, body: { id: 42 } }
      if (path === '/api/v1/groups') return { status: 200, body: [{ id: 1, name: 'Kiosks' }] }
      if (path === '/api/v1/ticket_states')
        return { status: 200, body: Object.entries(STATES).map(([id, [name, state_type]]) => ({ id: Number(id), name, state_type })) }
      if (path === '/api/v1/tickets/search') {
        const all = [...model.tickets.values()]
        const title = /^title:"(.+)"$/.exec(query['query'] ?? '')?.[1]
        const from = Date.parse(/^updated_at:\[(\S+) TO/.exec(query['query'] ?? '')?.[1] ?? '')
        const found =
          title === undefined ? all.filter(ticket => ticket.updatedAtMs >= from) : all.filter(ticket => ticket.subject.includes(title))
        const page = Number(query['page']) - 1
        return { status: 200, body: found.slice(page * 100, (page + 1) * 100).map(shown) }
      }
      if (path === '/api/v1/tickets') {
        const ticket = model.create({ subject: body('title') ?? '', description: body('article', 'body') ?? '', by: 'us' })
        return { status: 201, body: shown(ticket) }
      }
      if (path === '/api/v1/ticket_articles') {
        const id = body('ticket_id') ?? ''
        const files = JSON.parse(body('attachments') ?? '[]') as { filename: string }[]
        model.tickets.get(id)?.files.push(...files.map(file => file.filename))
        const comment = model.comment(id, { text: body('body') ?? '', isPublic: body('internal') === 'false', by: 'us' })
        return { status: 201, body: article(comment) }
      }
      const ticket = model.tickets.get(path.split('/').at(-1) ?? '')
      if (!ticket) return { status: 404, body: { error: "Couldn't find Ticket" } }
      if (path.includes('/by_ticket/')) {
        const own = { id: 1_000_000 + Number(ticket.id), text: ticket.description, isPublic: true, by: ticket.by, atMs: 0 }
        return { status: 200, body: [{ ...own, id: String(own.id) }, ...ticket.comments].map(article) }
      }
      if (method === 'PUT') {
        const state = body('state_id')
        if (state !== null && STATES[state]?.[1].startsWith('pending') && body('pending_time') === null)
          return { status: 422, body: { error: 'Missing required value for field pending_time!' } }
        if (state !== null) model.setState(ticket.id, state, 'us')
        const priority = body('priority')
        if (priority !== null) model.change(ticket.id, { priority }, 'us')
      }
      return { status: 200, body: shown(ticket) }
    },
    hook(ticket, comment, secret) {
      const raw = Buffer.from(JSON.stringify({ ticket: shown(ticket), article: comment === null ? null : article(comment) }))
      return {
        raw,
        headers: { 'x-zammad-delivery': randomUUID(), 'x-hub-signature': `sha1=${createHmac('sha1', secret).update(raw).digest('hex')}` },
      }
    },
  }
}
