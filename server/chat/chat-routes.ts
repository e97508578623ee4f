/** Chat: the customer's door and a visitor's conversation without a login, live both ways; switching it on by managers. */
import { Type } from 'typebox'
import type { FastifyReply } from 'fastify'
import {
  ChatDoor,
  ChatOpening,
  ChatWidget,
  ChatWidgetInput,
  ChatWriting,
  Conversation,
  OpenedConversation,
} from '../../shared/api/chat/chat-api.ts'
import { mustSeeCustomer } from '../platform/caller.ts'
import { DomainError } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Chats } from './chats.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { Id } from '../../shared/schema-pieces.ts'

const Key = Type.Object({ key: Type.String({ maxLength: 40 }) })
const Token = Type.Object({ token: Type.String({ maxLength: 100 }) })
const tags = ['chat']
const HEARTBEAT_MS = 15_000
/** Streams of visitors at once: each holds a socket. */
const MAX_STREAMS = 500
const MAX_STREAMS_A_CONVERSATION = 4
const MAX_UNSENT_BYTES = 64 * 1024

const limited = (max: number) => ({ access: 'public', rateLimit: { max, timeWindow: 60_000 } }) as const
/** The address is the secret: nothing keeps it, nobody is told it. */
const quiet = (reply: FastifyReply): FastifyReply => reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
const manage = { access: 'manage' } as const

/** Routes of chat. */
export function chatRoutes({ chats, audit }: { chats: Chats; audit: AuditNote }) {
  return (app: App): void => {
    const streams = new Map<() => void, string>()
    app.addHook('preClose', () => {
      for (const close of streams.keys()) close()
    })
    app.get(
      '/customers/:id/chat',
      { config: { access: 'staff' }, schema: { tags, params: Id, response: { 200: ChatWidget } } },
      request => {
        mustSeeCustomer(callerOf(request), request.params.id, 'customer')
        return chats.widget(request.params.id)
      },
    )
    app.put(
      '/customers/:id/chat',
      {
        config: manage,
        schema: { tags, summary: 'Switch it on; sites that may show it', params: Id, body: ChatWidgetInput, response: { 200: ChatWidget } },
      },
      async request => {
        const caller = callerOf(request)
        mustSeeCustomer(caller, request.params.id, 'customer')
        const widget = await chats.putWidget(request.params.id, request.body)
        await audit(caller, 'chat.update', { kind: 'customer', id: request.params.id }, request.body)
        return widget
      },
    )
    app.delete(
      '/customers/:id/chat',
      { config: manage, schema: { tags, params: Id, response: { 204: Type.Null() } } },
      async (request, reply) => {
        const caller = callerOf(request)
        mustSeeCustomer(caller, request.params.id, 'customer')
        await chats.removeWidget(request.params.id)
        await audit(caller, 'chat.delete', { kind: 'customer', id: request.params.id })
        return reply.code(204).send(null)
      },
    )
    app.get(
      '/chat/:key',
      {
        config: limited(120),
        schema: { tags, summary: 'Whether somebody answers', security: [], params: Key, response: { 200: ChatDoor } },
      },
      request => chats.door(request.params.key),
    )
    app.post(
      '/chat/:key/conversations',
      {
        config: limited(6),
        bodyLimit: 32 * 1024,
        schema: {
          tags,
          summary: 'Begin a conversation',
          security: [],
          params: Key,
          body: ChatOpening,
          response: { 201: OpenedConversation },
        },
      },
      async (request, reply) =>
        quiet(reply)
          .code(201)
          .send(await chats.open(request.params.key, request.body)),
    )
    app.get(
      '/conversations/:token',
      { config: limited(240), schema: { tags, summary: 'A conversation', security: [], params: Token, response: { 200: Conversation } } },
      async (request, reply) => {
        quiet(reply)
        return chats.read(request.params.token)
      },
    )
    app.post(
      '/conversations/:token/messages',
      {
        config: limited(30),
        bodyLimit: 32 * 1024,
        schema: { tags, summary: 'Write', security: [], params: Token, body: ChatWriting, response: { 200: Conversation } },
      },
      async (request, reply) => {
        quiet(reply)
        return chats.write(request.params.token, request.body.text)
      },
    )
    app.get(
      '/conversations/:token/events',
      {
        config: limited(60),
        schema: { tags, summary: 'Tells that something changed', security: [], params: Token, produces: ['text/event-stream'] },
      },
      async (request, reply) => {
        const { token } = request.params
        const own = [...streams.values()].filter(other => other === token).length
        if (streams.size >= MAX_STREAMS || own >= MAX_STREAMS_A_CONVERSATION)
          throw new DomainError(
            'too-many',
            'too-many-requests',
            'Too many are connected. Ask for the conversation from time to time instead.',
          )
        const { raw } = reply
        const tell = (): void => {
          if (raw.writableLength > MAX_UNSENT_BYTES) raw.destroy()
          else if (raw.headersSent) raw.write('event: changed\ndata: {}\n\n')
        }
        const unsubscribe = await chats.follow(token, tell)
        reply.hijack()
        raw.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
          connection: 'keep-alive',
        })
        raw.write('retry: 3000\n\n')
        // What changed before the first byte went out is not missed.
        tell()
        const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS)
        const close = (): void => {
          clearInterval(heartbeat)
          unsubscribe()
          streams.delete(close)
          raw.end()
        }
        streams.set(close, token)
        raw.on('close', close)
      },
    )
  }
}
