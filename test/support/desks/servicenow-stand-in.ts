/** ServiceNow's Table API as far as it is used: journals without ids in the answer, closing that needs its fields. */
import { bodyOf, type DeskModel, type ModelTicket, type StandIn } from './desk-model.ts'

const AUTH = `Basic ${Buffer.from('kioskeeper:secret').toString('base64')}`
const utc = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')

/** Makes it. */
export function serviceNowStandIn(model: DeskModel): StandIn {
  const record = (ticket: ModelTicket) => ({
    sys_id: ticket.id,
    number: ticket.key,
    short_description: ticket.subject,
    description: ticket.description,
    state: ticket.state,
    priority: ticket.priority,
    assigned_to: '',
    assignment_group: 'kiosks',
    correlation_id: ticket.reference ?? '',
    sys_created_by: ticket.by === 'us' ? 'kioskeeper' : 'anna',
    sys_updated_on: utc(ticket.updatedAtMs),
  })
  const journal = (query: string) => {
    const ticket = model.tickets.get(/element_id=(\w+)/.exec(query)?.[1] ?? '')
    return (ticket?.comments ?? []).map(comment => ({
      sys_id: comment.id,
      element: comment.isPublic ? 'comments' : 'work_notes',
      value: comment.text,
      sys_created_on: utc(comment.atMs),
      sys_created_by: comment.by === 'us' ? 'kioskeeper' : 'anna',
    }))
  }
  const list = (query: string): ModelTicket[] => {
    const all = [...model.tickets.values()]
    const correlation = /^correlation_id=(.+)$/.exec(query)?.[1]
    if (correlation !== undefined) return all.filter(ticket => ticket.reference === correlation)
    const since = /sys_updated_on>=([^^]+)/.exec(query)?.[1]
    return since === undefined ? all.slice(0, 1) : all.filter(ticket => utc(ticket.updatedAtMs) >= since)
  }
  return {
    handle(request) {
      const { method, path, query, headers } = request
      if (headers['authorization'] !== AUTH) return { status: 401, body: { error: { message: 'User Not Authenticated' } } }
      if (path === '/api/now/attachment/file') {
        model.tickets.get(query['table_sys_id'] ?? '')?.files.push(query['file_name'] ?? '')
        return { status: 201, body: { result: {} } }
      }
      if (path === '/api/now/table/sys_choice')
        return { status: 200, body: { result: ['1', '2', '3', '6', '7'].map(value => ({ value, label: `State ${value}` })) } }
      if (path === '/api/now/table/sys_journal_field') return { status: 200, body: { result: journal(query['sysparm_query'] ?? '') } }
      const body = bodyOf(request)
      if (path === '/api/now/table/incident' && method === 'POST') {
        const ticket = model.create({
          subject: body('short_description') ?? '',
          description: body('description') ?? '',
          reference: body('correlation_id'),
          by: 'us',
        })
        return { status: 201, body: { result: record(ticket) } }
      }
      if (path === '/api/now/table/incident') return { status: 200, body: { result: list(query['sysparm_query'] ?? '').map(record) } }
      const ticket = model.tickets.get(path.split('/').at(-1) ?? '')
      if (!ticket) return { status: 404, body: { error: { message: 'No Record found' } } }
      if (method === 'PATCH') {
        const isClosing = body('state') === '6' || body('state') === '7'
        if (isClosing && (!body('close_code') || !body('close_notes')))
          return { status: 403, body: { error: { message: 'Data Policy Exception' } } }
        if (body('comments') !== null) model.comment(ticket.id, { text: body('comments') ?? '', isPublic: true, by: 'us' })
        if (body('state') !== null) model.setState(ticket.id, body('state') ?? '', 'us')
        if (body('urgency') !== null) model.change(ticket.id, { priority: body('urgency') ?? '' }, 'us')
      }
      return { status: 200, body: { result: record(ticket) } }
    },
    hook(ticket, _comment, secret) {
      const { sys_id, number, state, correlation_id, sys_updated_on } = record(ticket)
      const body = { sys_id, number, state, correlation_id, sys_updated_on, sys_mod_count: String(ticket.changes), sys_updated_by: 'anna' }
      return { raw: Buffer.from(JSON.stringify(body)), headers: { 'x-kioskeeper-secret': secret } }
    },
  }
}
