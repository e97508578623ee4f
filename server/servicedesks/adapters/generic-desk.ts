/**
 * Any desk that speaks plain JSON: one address takes signed calls of a few types and answers JSON; it tells us of changes with a
 * webhook signed the same way. A call repeated after a lost answer carries the same `kioskeeper-delivery`.
 */
import {
  at,
  callJson,
  cannot,
  digestOf,
  hmacHex,
  instantAt,
  isSameSecret,
  listAt,
  parseHook,
  referenceOf,
  safeId,
  textAt,
} from './desk-json.ts'
import type { DeskAdapter, DeskCall, DeskFacts, DeskKindSpec, MadeTicket, Snapshot } from '../desk-adapter.ts'

/** A ticket as the other side describes it: in answers to `read`, and in webhooks where nothing can be asked. */
function toSnapshot(ticket: unknown): Snapshot | null {
  const id = textAt(ticket, 'id')
  const state = textAt(ticket, 'state')
  if (id === null || !/^[A-Za-z0-9_-]{1,64}$/.test(id) || state === null) return null
  const reference = textAt(ticket, 'reference')
  const url = textAt(ticket, 'url')
  const reporter = textAt(ticket, 'reporter', 'name')
  const link = url === null ? null : URL.parse(url)
  return {
    externalId: id,
    key: textAt(ticket, 'key') ?? id,
    url: link && (link.protocol === 'https:' || link.protocol === 'http:') ? link.href : null,
    subject: textAt(ticket, 'subject') ?? '',
    description: textAt(ticket, 'description') ?? '',
    state,
    stateName: textAt(ticket, 'stateName') ?? state,
    priority: textAt(ticket, 'priority'),
    assignee: textAt(ticket, 'assignee'),
    reference: reference === null ? null : referenceOf(`[${reference}] `),
    isOurs: at(ticket, 'byKioskeeper') === true,
    isInScope: true,
    version: typeof at(ticket, 'version') === 'number' ? Number(at(ticket, 'version')) : null,
    reporter: reporter === null ? null : { name: reporter, email: textAt(ticket, 'reporter', 'email') },
    comments: listAt(ticket, 'comments').flatMap(comment => {
      const commentId = textAt(comment, 'id')
      const flag = at(comment, 'public')
      if (commentId === null || !/^[A-Za-z0-9_-]{1,64}$/.test(commentId)) return []
      return [
        {
          id: commentId,
          text: textAt(comment, 'text') ?? '',
          isPublic: typeof flag === 'boolean' ? flag : null,
          isOurs: at(comment, 'byKioskeeper') === true,
          author: textAt(comment, 'author'),
          atMs: instantAt(comment, 'at'),
        },
      ]
    }),
  }
}

function openGeneric(facts: DeskFacts, call: DeskCall): DeskAdapter {
  const { settings, now, webhookSecret } = facts
  const send = (type: string, key: string, data: object): Promise<unknown> => {
    const body = { type, ...data }
    const text = JSON.stringify(body)
    const seconds = Math.floor(now() / 1000)
    return callJson(call, {
      method: 'POST',
      path: '',
      json: body,
      headers: {
        'kioskeeper-delivery': key,
        'kioskeeper-signature': `t=${seconds},v1=${hmacHex('sha256', webhookSecret, `${seconds}.${text}`)}`,
      },
      absent: type === 'read' ? [404] : [],
      nowMs: now(),
    })
  }
  const made = (ticket: unknown): MadeTicket => {
    const id = safeId(textAt(ticket, 'id'))
    return { externalId: id, key: textAt(ticket, 'key') ?? id, url: toSnapshot({ state: '', ...(ticket as object) })?.url ?? null }
  }
  const canRead = settings.canRead !== false

  return {
    async check() {
      const answer = await send('hello', crypto.randomUUID(), {})
      const states = listAt(answer, 'states').map(state => ({ id: textAt(state, 'id') ?? '', name: textAt(state, 'name') ?? '' }))
      return { faults: [], states, syncUser: null }
    },
    create: async ticket => made(await send('create', `create:${ticket.reference}`, { ticket })),
    async find(reference) {
      // Who cannot answer questions makes one ticket of one reference, however often it is told.
      if (!canRead) return null
      const found = at(await send('find', crypto.randomUUID(), { reference }), 'ticket')
      return found === null || found === undefined ? null : made(found)
    },
    comment: async (externalId, text, key) =>
      textAt(await send('comment', `comment:${key}`, { ticketId: externalId, comment: { key, text, public: true } }), 'id'),
    async setState(externalId, state) {
      const answer = await send('state', crypto.randomUUID(), { ticketId: externalId, state })
      const version = at(answer, 'ticket', 'version')
      return typeof version === 'number' ? version : null
    },
    async setLevel(externalId, level) {
      await send('level', crypto.randomUUID(), { ticketId: externalId, level: settings.levels?.[`${level}`] ?? String(level) })
    },
    async attach(externalId, file) {
      const data = Buffer.from(file.bytes).toString('base64')
      await send('file', `file:${digestOf(externalId, file.bytes)}`, {
        ticketId: externalId,
        file: { name: file.name, contentType: file.contentType, data },
      })
    },
    read: canRead
      ? async externalId => {
          const answer = await send('read', crypto.randomUUID(), { ticketId: externalId })
          if (answer === null) return null
          const snapshot = toSnapshot(at(answer, 'ticket'))
          if (snapshot === null) throw cannot('The answer to read has no ticket with id and state')
          // What was asked for is how it is now, whatever was told before.
          return { ...snapshot, version: null }
        }
      : null,
    async changedSince(atMs) {
      if (!canRead) return []
      const answer = await send('changes', crypto.randomUUID(), { since: new Date(atMs).toISOString() })
      return listAt(answer, 'tickets').flatMap(id => (typeof id === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(id) ? [id] : []))
    },
  }
}

/** A desk of one's own making. */
export const genericDesk: DeskKindSpec = {
  kind: 'generic',
  needs: { settings: [], secrets: [] },
  open: openGeneric,
  readDelivery({ raw, headers, secret, settings }) {
    const given = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(headers['kioskeeper-signature'] ?? '')
    const isSigned = given !== null && isSameSecret(given[2] ?? '', hmacHex('sha256', secret, `${given[1] ?? ''}.`, raw))
    if (!isSigned && (headers['kioskeeper-signature'] !== undefined || settings.unsignedAllowed !== true))
      return { kind: 'refused', why: 'The webhook needs the header kioskeeper-signature: t=SECONDS,v1=HEX over SECONDS.BODY.' }
    const body = parseHook(raw)
    const told = at(body, 'ticket')
    const ticket = toSnapshot(told)
    const id = ticket?.externalId ?? textAt(told, 'id') ?? textAt(body, 'ticketId')
    if (id === null || !/^[A-Za-z0-9_-]{1,64}$/.test(id)) return { kind: 'none' }
    const delivery = headers['kioskeeper-delivery'] ?? digestOf(raw)
    return { kind: 'ticket', deliveryId: delivery, externalId: id, ticket: settings.canRead === false ? ticket : null }
  },
  script: null,
}
