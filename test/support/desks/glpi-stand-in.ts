/** GLPI's legacy interface as far as it is used: sessions that end, HTML that comes back encoded, webhooks as of version 11. */
import { createHmac, randomUUID } from 'node:crypto'
import { bodyOf, type DeskModel, type ModelTicket, type StandIn } from './desk-model.ts'

/** Makes it. `sessions` are those that live: clear it and every one has ended. */
export function glpiStandIn(model: DeskModel, now: () => number, sessions = new Set<string>()): StandIn {
  const encoded = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const asTheyWrite = (text: string): string => encoded(`<p>${encoded(text)}</p>`)
  const words = (html: string): string =>
    html
      .replaceAll('<br />', '\n')
      .replaceAll(/<\/?p>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
  const shown = (ticket: ModelTicket) => ({
    id: Number(ticket.id),
    name: encoded(ticket.subject),
    content: asTheyWrite(ticket.description),
    status: Number(ticket.state),
    priority: 3,
    externalid: ticket.reference,
    users_id_recipient: ticket.by === 'us' ? 12 : 5,
    itilcategories_id: 0,
    date_mod: new Date(ticket.updatedAtMs).toISOString().slice(0, 19).replace('T', ' '),
  })
  return {
    handle(request) {
      const { method, headers, query } = request
      const path = request.path.replace('/apirest.php', '')
      if (path === '/initSession') {
        if (headers['authorization'] !== 'user_token gt' || headers['app-token'] !== 'ga')
          return { status: 401, body: ['ERROR_GLPI_LOGIN_USER_TOKEN', 'bad'] }
        const session_token = randomUUID()
        sessions.add(session_token)
        return { status: 200, body: { session_token } }
      }
      if (!sessions.has(headers['session-token'] ?? ''))
        return { status: 401, body: ['ERROR_SESSION_TOKEN_INVALID', 'session_token semble invalide'] }
      if (path === '/getFullSession') return { status: 200, body: { session: { glpiID: 12 } } }
      if (path === '/Document') {
        const id = /"items_id":(\d+)/.exec(request.text)?.[1] ?? ''
        model.tickets.get(id)?.files.push(/"name":"([^"]+)"/.exec(request.text)?.[1] ?? '')
        return { status: 201, body: { id: 1 } }
      }
      const body = bodyOf(request)
      const input = (name: string): string | null => body('input', name)
      if (path === '/search/Ticket') {
        const from = query['criteria[0][value]'] ?? ''
        const found = [...model.tickets.values()].filter(ticket => shown(ticket).date_mod > from)
        const [first, last] = (query['range'] ?? '0-0').split('-').map(Number) as [number, number]
        return { status: 200, body: { data: found.slice(first, last + 1).map(ticket => ({ '2': Number(ticket.id) })) } }
      }
      if (path === '/Ticket' && method === 'POST') {
        const ticket = model.create({
          subject: input('name') ?? '',
          description: words(input('content') ?? ''),
          reference: input('externalid') ?? '',
          by: 'us',
        })
        return { status: 201, body: { id: Number(ticket.id), message: '' } }
      }
      if (path === '/Ticket')
        return {
          status: 200,
          body: [...model.tickets.values()].filter(ticket => ticket.reference?.includes(query['searchText[externalid]'] ?? '')).map(shown),
        }
      if (path === '/ITILFollowup') {
        const comment = model.comment(input('items_id') ?? '', {
          text: words(input('content') ?? ''),
          isPublic: input('is_private') === '0',
          by: 'us',
        })
        return { status: 201, body: { id: Number(comment.id), message: '' } }
      }
      const [, id, rest] = /^\/Ticket\/(\d+)(?:\/(\w+))?$/.exec(path) ?? []
      const ticket = model.tickets.get(id ?? '')
      if (!ticket) return { status: 404, body: ['ERROR_ITEM_NOT_FOUND', 'Élément introuvable'] }
      if (rest === 'ITILSolution') return { status: 200, body: [] }
      if (rest === 'ITILFollowup')
        return {
          status: 200,
          body: ticket.comments.map(comment => ({
            id: Number(comment.id),
            content: asTheyWrite(comment.text),
            is_private: comment.isPublic ? 0 : 1,
            users_id: comment.by === 'us' ? 12 : 5,
          })),
        }
      if (method === 'PUT') {
        if (input('status') !== null) model.setState(ticket.id, input('status') ?? '', 'us')
        if (input('urgency') !== null) model.change(ticket.id, { priority: input('urgency') ?? '' }, 'us')
        return { status: 200, body: [{ [ticket.id]: true }] }
      }
      return { status: 200, body: shown(ticket) }
    },
    hook(ticket, comment, secret) {
      const item =
        comment === null
          ? { ...shown(ticket), itemtype: 'Ticket' }
          : { id: Number(comment.id), items_id: Number(ticket.id), itemtype: 'ITILFollowup' }
      const raw = Buffer.from(JSON.stringify({ event: comment === null ? 'update' : 'new', item, n: ticket.changes }))
      const timestamp = String(Math.floor(now() / 1000))
      return {
        raw,
        headers: {
          'x-glpi-timestamp': timestamp,
          'x-glpi-signature': createHmac('sha256', secret).update(raw).update(timestamp).digest('hex'),
        },
      }
    },
  }
}
