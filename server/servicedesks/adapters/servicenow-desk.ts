/** ServiceNow: the Table API of incidents, journals for comments, a Business Rule as webhook. A state is its number. */
import { at, callJson, cannot, digestOf, faultOf, isSameSecret, parseHook, referenceOf, safeId, textAt } from './desk-json.ts'
import type { DeskAdapter, DeskCall, DeskFacts, DeskKindSpec, DeskRequest, MadeTicket, Snapshot } from '../desk-adapter.ts'
import { serviceNowScript } from './servicenow-script.ts'

const TABLE = '/api/now/table/incident'
const US = 'Kioskeeper'
const FIELDS =
  'sys_id,number,short_description,description,state,urgency,impact,priority,assigned_to,assignment_group,correlation_id,sys_created_by,sys_updated_on,caller_id'
const ON_HOLD = '3'
const DONE = new Set(['6', '7'])
const MOST = '500'

/** UTC as its queries and answers write it. */
const toUtc = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
function fromUtc(text: string | null): number | null {
  const ms = Date.parse(`${(text ?? '').replace(' ', 'T')}Z`)
  return Number.isNaN(ms) ? null : ms
}

function openServiceNow(facts: DeskFacts, call: DeskCall): DeskAdapter {
  const { settings, secrets, now } = facts
  const authorization = `Basic ${Buffer.from(`${secrets.user ?? ''}:${secrets.password ?? ''}`).toString('base64')}`
  const us = secrets.user ?? ''
  const ask = async (request: Omit<DeskRequest, 'body'> & { json?: unknown; absent?: readonly number[] }): Promise<unknown> =>
    at(await callJson(call, { ...request, headers: { authorization }, nowMs: now() }), 'result')
  const lines = async (path: string, query: Record<string, string>): Promise<unknown[]> => {
    const result = await ask({
      method: 'GET',
      path,
      query: { sysparm_exclude_ref_link: 'true', sysparm_display_value: 'false', sysparm_limit: MOST, ...query },
    })
    return Array.isArray(result) ? result : []
  }
  const change = async (externalId: string, json: object): Promise<void> => {
    await ask({ method: 'PATCH', path: `${TABLE}/${safeId(externalId)}`, json })
  }
  const made = (result: unknown): MadeTicket => {
    const externalId = safeId(textAt(result, 'sys_id'))
    const base = facts.baseUrl.replace(/\/$/, '')
    return { externalId, key: textAt(result, 'number') ?? '', url: `${base}/nav_to.do?uri=incident.do?sys_id=${externalId}` }
  }
  const levelFields = (level: 1 | 2 | 3 | 4): object => {
    const [impact, urgency] = (settings.levels?.[`${level}`] ?? '').split(':')
    return impact && urgency ? { impact, urgency } : {}
  }

  return {
    async check() {
      await lines(TABLE, { sysparm_fields: 'sys_id', sysparm_limit: '1' })
      const choices = await lines('/api/now/table/sys_choice', {
        sysparm_query: 'name=incident^element=state^inactive=false^language=en',
        sysparm_fields: 'value,label',
      })
      return {
        faults: [],
        states: choices.map(one => ({ id: textAt(one, 'value') ?? '', name: textAt(one, 'label') ?? '' })),
        syncUser: us,
      }
    },

    async create(ticket) {
      return made(
        await ask({
          method: 'POST',
          path: TABLE,
          json: {
            short_description: ticket.subject.slice(0, 160),
            description: ticket.description,
            correlation_id: ticket.reference,
            correlation_display: US,
            ...(settings.callerId === undefined ? {} : { caller_id: settings.callerId }),
            ...(settings.assignmentGroup === undefined ? {} : { assignment_group: settings.assignmentGroup }),
            ...levelFields(ticket.level),
          },
        }),
      )
    },

    async find(reference) {
      const [found] = await lines(TABLE, {
        sysparm_query: `correlation_id=${reference}`,
        sysparm_fields: 'sys_id,number',
        sysparm_limit: '1',
      })
      return found === undefined ? null : made(found)
    },

    async comment(externalId, text) {
      await change(externalId, { comments: text })
      return null
    },

    async setState(externalId, state) {
      await change(externalId, {
        state,
        ...(DONE.has(state) ? { close_code: settings.closeCode ?? 'Solution provided', close_notes: `Resolved by ${US}` } : {}),
        ...(state === ON_HOLD ? { hold_reason: settings.holdReason ?? '1' } : {}),
      })
      return null
    },

    async setLevel(externalId, level) {
      const json = levelFields(level)
      if (Object.keys(json).length > 0) await change(externalId, json)
    },

    async attach(externalId, file) {
      const answer = await call({
        method: 'POST',
        path: '/api/now/attachment/file',
        query: { table_name: 'incident', table_sys_id: safeId(externalId), file_name: file.name },
        headers: { authorization, accept: 'application/json', 'content-type': file.contentType },
        body: file.bytes,
      })
      if (answer.status >= 300) throw faultOf(answer, now())
    },

    async read(externalId): Promise<Snapshot | null> {
      const id = safeId(externalId)
      const one = await ask({
        method: 'GET',
        path: `${TABLE}/${id}`,
        query: { sysparm_fields: FIELDS, sysparm_exclude_ref_link: 'true', sysparm_display_value: 'false' },
        absent: [404],
      })
      if (one === null || one === undefined) return null
      const journal = await lines('/api/now/table/sys_journal_field', {
        sysparm_query: `element_id=${id}^elementINcomments,work_notes^ORDERBYsys_created_on`,
        sysparm_fields: 'sys_id,element,value,sys_created_on,sys_created_by',
      })
      const result = made(one)
      const correlation = textAt(one, 'correlation_id')
      const group = textAt(one, 'assignment_group')
      return {
        ...result,
        subject: textAt(one, 'short_description') ?? '',
        description: textAt(one, 'description') ?? '',
        state: textAt(one, 'state') ?? '',
        stateName: textAt(one, 'state') ?? '',
        priority: textAt(one, 'priority'),
        assignee: textAt(one, 'assigned_to') || null,
        reference: correlation === null ? null : referenceOf(`[${correlation}] `),
        isOurs: textAt(one, 'sys_created_by') === us,
        version: null,
        isInScope: settings.assignmentGroup === undefined || group === settings.assignmentGroup,
        reporter: { name: textAt(one, 'sys_created_by') ?? 'Client servicedesk', email: null },
        comments: journal.map(entry => {
          const element = textAt(entry, 'element')
          const author = textAt(entry, 'sys_created_by')
          return {
            id: safeId(textAt(entry, 'sys_id')),
            text: textAt(entry, 'value') ?? '',
            isPublic: element === 'comments' ? true : element === 'work_notes' ? false : null,
            isOurs: author === us,
            author,
            atMs: fromUtc(textAt(entry, 'sys_created_on')),
          }
        }),
      }
    },

    async changedSince(atMs) {
      const mine = settings.assignmentGroup === undefined ? `correlation_display=${US}` : `assignment_group=${settings.assignmentGroup}`
      if (/[\^\n]/.test(mine)) throw cannot('The assignment group is not usable in a query')
      const found = await lines(TABLE, {
        sysparm_query: `sys_updated_on>=${toUtc(atMs)}^${mine}^ORDERBYsys_updated_on`,
        sysparm_fields: 'sys_id',
      })
      return found.flatMap(one => textAt(one, 'sys_id') ?? [])
    },
  }
}

/** ServiceNow as a kind of desk. It signs nothing: the Business Rule sends the secret in a header. */
export const serviceNowDesk: DeskKindSpec = {
  kind: 'servicenow',
  needs: { settings: [], secrets: ['user', 'password'] },
  open: openServiceNow,
  readDelivery({ raw, headers, secret, settings }) {
    const given = headers['x-kioskeeper-secret']
    if (given === undefined ? settings.unsignedAllowed !== true : !isSameSecret(given, secret))
      return { kind: 'refused', why: given === undefined ? 'The header x-kioskeeper-secret is missing.' : 'The secret is wrong.' }
    const body = parseHook(raw)
    const id = textAt(body, 'sys_id')
    if (id === null || !/^[0-9a-f]{32}$/.test(id)) return { kind: 'none' }
    const count = textAt(body, 'sys_mod_count')
    return { kind: 'ticket', deliveryId: count === null ? digestOf(raw) : `${id}:${count}`, externalId: id, ticket: null }
  },
  script: serviceNowScript,
}
