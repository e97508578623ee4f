/** A desk of somebody's own making that keeps to the generic contract: signed calls, each once by its key. */
import { createHmac, randomUUID } from 'node:crypto'
import { bodyOf, type BodyReader, type DeskModel, type ModelTicket, type StandIn, type StandInAnswer } from './desk-model.ts'

const sign = (secret: string, seconds: number, text: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex')}`

/** Makes it. `secret` signs both ways. */
export function genericStandIn(model: DeskModel, now: () => number, secret: () => string): StandIn {
  const answered = new Map<string, StandInAnswer>()
  const shown = (ticket: ModelTicket) => ({
    id: ticket.id,
    key: ticket.key,
    subject: ticket.subject,
    description: ticket.description,
    state: ticket.state,
    reference: ticket.reference,
    byKioskeeper: ticket.by === 'us',
    version: ticket.changes,
    comments: ticket.comments.map(comment => ({
      id: comment.id,
      text: comment.text,
      public: comment.isPublic,
      byKioskeeper: comment.by === 'us',
      author: 'Anna',
    })),
  })
  const act = (body: BodyReader): StandInAnswer => {
    const id = body('ticketId') ?? ''
    switch (body('type')) {
      case 'hello':
        return { status: 200, body: { states: [] } }
      case 'create': {
        return {
          status: 201,
          body: shown(
            model.create({
              subject: body('ticket', 'subject') ?? '',
              description: body('ticket', 'description') ?? '',
              reference: body('ticket', 'reference'),
              by: 'us',
            }),
          ),
        }
      }
      case 'find':
        return {
          status: 200,
          body: { ticket: [...model.tickets.values()].filter(one => one.reference === body('reference')).map(shown)[0] ?? null },
        }
      case 'changes':
        return {
          status: 200,
          body: {
            tickets: [...model.tickets.values()].filter(one => one.updatedAtMs >= Date.parse(body('since') ?? '')).map(one => one.id),
          },
        }
    }
    const ticket = model.tickets.get(id)
    if (!ticket) return { status: 404, body: {} }
    if (body('type') === 'comment')
      return { status: 201, body: { id: model.comment(id, { text: body('comment', 'text') ?? '', isPublic: true, by: 'us' }).id } }
    if (body('type') === 'state') model.setState(id, body('state') ?? '', 'us')
    if (body('type') === 'level') model.change(id, { priority: body('level') ?? '' }, 'us')
    if (body('type') === 'file') ticket.files.push(body('file', 'name') ?? '')
    return { status: 200, body: { ticket: shown(ticket) } }
  }
  return {
    handle(request) {
      const given = request.headers['kioskeeper-signature'] ?? ''
      const seconds = Number(/^t=(\d+)/.exec(given)?.[1])
      if (given !== sign(secret(), seconds, request.text)) return { status: 401, body: {} }
      const key = request.headers['kioskeeper-delivery'] ?? randomUUID()
      const answer = answered.get(key) ?? act(bodyOf(request))
      answered.set(key, answer)
      return answer
    },
    hook(ticket, _comment, hookSecret) {
      const raw = JSON.stringify({ ticket: shown(ticket) })
      const seconds = Math.floor(now() / 1000)
      return {
        raw: Buffer.from(raw),
        headers: { 'kioskeeper-delivery': randomUUID(), 'kioskeeper-signature': sign(hookSecret, seconds, raw) },
      }
    },
  }
}
