/** GLPI through its legacy interface (9, 10 and 11), with the signed webhooks of 11. A state is its number. */
import {
  asHtml,
  at,
  callJson,
  cannot,
  digestOf,
  faultOf,
  hmacHex,
  isSameSecret,
  listAt,
  multipart,
  parseHook,
  referenceOf,
  safeId,
  textAt,
  titleWith,
  wordsOf,
} from './desk-json.ts'
import {
  DeskFault,
  type DeskAdapter,
  type DeskCall,
  type DeskFacts,
  type DeskKindSpec,
  type DeskRequest,
  type MadeTicket,
  type Snapshot,
} from '../desk-adapter.ts'
import type { TheirComment } from '../rules/sync-comments.ts'

const API = '/apirest.php'
/** The usual numbers; a desk that was changed says so in its own list, which the interface does not give. */
const STATES = [
  { id: '1', name: 'New' },
  { id: '2', name: 'Processing (assigned)' },
  { id: '3', name: 'Processing (planned)' },
  { id: '4', name: 'Pending' },
  { id: '5', name: 'Solved' },
  { id: '6', name: 'Closed' },
]
/** Its dates are in the zone of the server or the user, which it does not say: looked at from as far back as zones go. */
const ANY_ZONE_MS = 15 * 3_600_000
const PAGE = 200
const MOST_PAGES = 20

function toComment(row: unknown, prefix: '' | 's', syncUser: string | null): TheirComment {
  const flag = textAt(row, 'is_private')
  return {
    id: `${prefix}${safeId(textAt(row, 'id'))}`,
    text: wordsOf(textAt(row, 'content') ?? ''),
    // A solution has no flag: everybody on the ticket reads it.
    isPublic: prefix === 's' ? true : flag === '0' ? true : flag === '1' ? false : null,
    isOurs: syncUser !== null && textAt(row, 'users_id') === syncUser,
    author: null,
    atMs: null,
  }
}

function openGlpi(facts: DeskFacts, call: DeskCall): DeskAdapter {
  const { settings, secrets, now } = facts
  const appToken: Record<string, string> = secrets.appToken === undefined ? {} : { 'app-token': secrets.appToken }
  let session: string | null = null

  const login = async (): Promise<string> => {
    const answer = await callJson(call, {
      method: 'GET',
      path: `${API}/initSession`,
      headers: { authorization: `user_token ${secrets.token ?? ''}`, ...appToken },
      nowMs: now(),
    })
    const token = textAt(answer, 'session_token')
    if (token === null) throw cannot('Their desk gave no session')
    return token
  }
  /** A session that has ended is begun anew, once. */
  const inSession = async <Result>(work: (headers: Record<string, string>) => Promise<Result>): Promise<Result> => {
    const isFresh = session === null
    session ??= await login()
    try {
      return await work({ 'session-token': session, ...appToken })
    } catch (error) {
      if (!(error instanceof DeskFault) || error.trouble.status !== 401 || isFresh) throw error
      session = await login()
      return work({ 'session-token': session, ...appToken })
    }
  }
  const ask = (request: Omit<DeskRequest, 'body'> & { json?: unknown; absent?: readonly number[] }): Promise<unknown> =>
    inSession(headers => callJson(call, { ...request, path: `${API}${request.path}`, headers, nowMs: now() }))
  const made = (id: string | null): MadeTicket => {
    const externalId = safeId(id)
    return { externalId, key: externalId, url: `${facts.baseUrl.replace(/\/$/, '')}/front/ticket.form.php?id=${externalId}` }
  }
  const rows = async (path: string): Promise<unknown[]> => {
    const all: unknown[] = []
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const some = await ask({ method: 'GET', path, query: { range: `${page * PAGE}-${(page + 1) * PAGE - 1}` }, absent: [404] })
      const list = Array.isArray(some) ? some : []
      all.push(...list)
      if (list.length < PAGE) break
    }
    return all
  }

  return {
    async check() {
      const user = textAt(await ask({ method: 'GET', path: '/getFullSession' }), 'session', 'glpiID')
      const faults = user === null ? [{ path: 'body/secrets/token', message: 'belongs to no user that the desk names' }] : []
      return { faults, states: STATES, syncUser: user }
    },

    async create(ticket) {
      const urgency = settings.levels?.[`${ticket.level}`]
      const input = {
        name: titleWith(ticket.reference, ticket.subject),
        content: asHtml(ticket.description),
        externalid: ticket.reference,
        ...(urgency === undefined ? {} : { urgency: Number(urgency) }),
        ...(settings.categoryId === undefined ? {} : { itilcategories_id: settings.categoryId }),
        ...(settings.requesterId === undefined ? {} : { _users_id_requester: settings.requesterId }),
      }
      return made(textAt(await ask({ method: 'POST', path: '/Ticket', json: { input } }), 'id'))
    },

    async find(reference) {
      const found = await ask({
        method: 'GET',
        path: '/Ticket',
        query: { 'searchText[externalid]': reference, range: '0-49' },
        absent: [404],
      })
      const one = (Array.isArray(found) ? found : []).find(ticket => textAt(ticket, 'externalid') === reference)
      return one === undefined ? null : made(textAt(one, 'id'))
    },

    async comment(externalId, text) {
      const input = { itemtype: 'Ticket', items_id: Number(safeId(externalId)), content: asHtml(text), is_private: 0 }
      return textAt(await ask({ method: 'POST', path: '/ITILFollowup', json: { input } }), 'id')
    },

    async setState(externalId, state) {
      await ask({ method: 'PUT', path: `/Ticket/${safeId(externalId)}`, json: { input: { status: Number(state) } } })
      return null
    },

    async setLevel(externalId, level) {
      const urgency = settings.levels?.[`${level}`]
      if (urgency !== undefined)
        await ask({ method: 'PUT', path: `/Ticket/${safeId(externalId)}`, json: { input: { urgency: Number(urgency) } } })
    },

    async attach(externalId, file) {
      const input = { name: file.name, _filename: [file.name], itemtype: 'Ticket', items_id: Number(safeId(externalId)) }
      const form = multipart('filename[0]', file, { uploadManifest: JSON.stringify({ input }) })
      await inSession(async headers => {
        const answer = await call({
          method: 'POST',
          path: `${API}/Document`,
          headers: { ...headers, 'content-type': form.contentType },
          body: form.body,
        })
        if (answer.status >= 300) throw faultOf(answer, now())
      })
    },

    async read(externalId): Promise<Snapshot | null> {
      const id = safeId(externalId)
      const ticket = await ask({ method: 'GET', path: `/Ticket/${id}`, absent: [404] })
      if (ticket === null) return null
      const followups = (await rows(`/Ticket/${id}/ITILFollowup`)).map(row => toComment(row, '', facts.syncUser))
      const solutions = (await rows(`/Ticket/${id}/ITILSolution`)).map(row => toComment(row, 's', facts.syncUser))
      const state = textAt(ticket, 'status') ?? ''
      const subject = wordsOf(textAt(ticket, 'name') ?? '')
      const external = textAt(ticket, 'externalid')
      return {
        ...made(textAt(ticket, 'id')),
        subject,
        description: wordsOf(textAt(ticket, 'content') ?? ''),
        state,
        stateName: STATES.find(one => one.id === state)?.name ?? state,
        priority: textAt(ticket, 'priority'),
        assignee: null,
        reference: external === null ? null : referenceOf(`[${external}] `),
        isOurs: facts.syncUser !== null && textAt(ticket, 'users_id_recipient') === facts.syncUser,
        version: null,
        isInScope: settings.categoryId === undefined || textAt(ticket, 'itilcategories_id') === String(settings.categoryId),
        reporter: null,
        comments: [...followups, ...solutions],
      }
    },

    async changedSince(atMs) {
      const from = new Date(atMs - ANY_ZONE_MS).toISOString().slice(0, 19).replace('T', ' ')
      const found: string[] = []
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const answer = await ask({
          method: 'GET',
          path: '/search/Ticket',
          query: {
            'criteria[0][field]': '19',
            'criteria[0][searchtype]': 'morethan',
            'criteria[0][value]': from,
            'forcedisplay[0]': '2',
            range: `${page * PAGE}-${(page + 1) * PAGE - 1}`,
          },
        })
        const some = listAt(answer, 'data')
        found.push(...some.flatMap(row => textAt(row, '2') ?? []))
        if (some.length < PAGE) break
      }
      return found
    },
  }
}

/** The ticket a webhook is about: itself, or what the follow-up or solution hangs on. */
function ticketIn(body: unknown): string | null {
  const item = at(body, 'item')
  const parent = textAt(body, 'parent_item', 'id') ?? textAt(item, 'items_id') ?? textAt(item, 'tickets_id')
  return parent ?? textAt(item, 'id')
}

/** GLPI as a kind of desk. */
export const glpiDesk: DeskKindSpec = {
  kind: 'glpi',
  needs: { settings: [], secrets: ['token'] },
  open: openGlpi,
  readDelivery({ raw, headers, secret, settings }) {
    const given = headers['x-glpi-signature']
    // The time is a part of what is signed, and a retry may carry the first one: its age proves nothing.
    const timestamp = headers['x-glpi-timestamp'] ?? ''
    if (
      given === undefined
        ? settings.unsignedAllowed !== true
        : !isSameSecret(given.toLowerCase(), hmacHex('sha256', secret, raw, timestamp))
    )
      return { kind: 'refused', why: given === undefined ? 'The webhook is not signed.' : 'The signature is wrong.' }
    const id = ticketIn(parseHook(raw))
    if (id === null || !/^\d{1,20}$/.test(id)) return { kind: 'none' }
    return { kind: 'ticket', deliveryId: digestOf(raw, timestamp), externalId: id, ticket: null }
  },
  script: null,
}
