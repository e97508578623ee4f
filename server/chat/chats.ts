/** Chat: a visitor's conversation is a ticket of the customer, written by both sides until it ends. Who holds its secret sees public words alone. */
import { randomBytes } from 'node:crypto'
import type { ChatDoor, ChatOpening, ChatWidget, ChatWidgetInput, Conversation } from '../../shared/api/chat/chat-api.ts'
import { newToken, sha256Hex } from '../../shared/ids.ts'
import { compileCalendar, isOpen, nextOpening } from '../calendars/rules/calendar.ts'
import { chatWords, conversationEndsAt } from './rules/chat-words.ts'
import { DomainError, notFound } from '../platform/errors.ts'
import { planCalendar } from '../plans/rules/plan.ts'
import { isOpenStatus } from '../tickets/rules/ticket.ts'
import type { ChatConversationRow } from '../database/tables/chat-rows.ts'
import {
  countConversations,
  deleteWidget,
  findConversation,
  findWidget,
  findWidgetOf,
  insertConversation,
  prolong,
  putWidget,
  readPublicMessages,
} from './store/chat-store.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { findTicket } from '../tickets/store/ticket-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { spellInstant } from '../tickets/customer-letters.ts'
import type { Author } from '../tickets/ticket-context.ts'
import { registerTicket } from '../tickets/register-ticket.ts'
import { addMessage } from '../tickets/write-message.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { HOUR_MS } from '../../shared/units.ts'

/** Level of what comes by chat until the desk ranks it. */
const CHAT_LEVEL = 3
/** Conversations that visitors of one customer may begin in an hour: more is somebody's program. */
export const MAX_AN_HOUR = 60
const SUBJECT_LENGTH = 80

/** Makes the service. */
export function makeChats(deps: { db: Database; now: () => number; bus: ChangeBus; ticketing: Pick<Ticketing, 'desk'> }) {
  const { db, now, bus } = deps
  const { desk } = deps.ticketing

  const doorOf = async (customerId: string): Promise<ChatDoor> => {
    const customer = await findCustomer(db, customerId)
    if (!customer) throw notFound('chat')
    const plan = await desk.catalogue.effectivePlanOf(db, customerId)
    const calendar = compileCalendar(planCalendar(plan, CHAT_LEVEL))
    const isInPlan = plan.channels.includes('chat')
    const isOpenNow = isOpen(calendar, now())
    const opensAt = isOpenNow ? null : spellInstant(nextOpening(calendar, now()), 'en', customer.time_zone)
    const words = chatWords({ isInPlan, isOpen: isOpenNow, opensAt, channels: plan.channels })
    return { customer: customer.name, isInPlan, isOpen: isOpenNow, words }
  }
  const mustFind = async (token: string): Promise<ChatConversationRow> => {
    const row = await findConversation(db, sha256Hex(token), now())
    if (!row) throw notFound('conversation')
    return row
  }
  const view = async (row: ChatConversationRow): Promise<Conversation> => {
    const ticket = await findTicket(db, row.ticket_id)
    if (!ticket) throw notFound('conversation')
    const first = { id: ticket.id, at: ticket.created_at, from: 'you' as const, name: row.name, text: ticket.description }
    const messages = (await readPublicMessages(db, ticket.id)).map(event => ({
      id: event.id,
      at: event.at,
      from: event.author_kind === 'customer' ? ('you' as const) : ('support' as const),
      name: event.author_name ?? (event.author_kind === 'customer' ? row.name : 'Support'),
      text: event.text,
    }))
    return {
      reference: ticket.reference,
      isOver: !isOpenStatus(ticket.status),
      words: (await doorOf(row.customer_id)).words,
      messages: [first, ...messages].map(message => ({ ...message, at: new Date(message.at).toISOString() })),
      expiresAt: new Date(row.expires_at).toISOString(),
    }
  }

  return {
    async widget(customerId: string): Promise<ChatWidget> {
      const row = await findWidgetOf(db, customerId)
      const plan = await desk.catalogue.effectivePlanOf(db, customerId)
      return {
        key: row?.public_key ?? null,
        origins: row ? (JSON.parse(row.origins) as string[]) : [],
        isInPlan: plan.channels.includes('chat'),
      }
    },
    /** Switches it on, or changes the sites that may show it. Throws not-found. */
    async putWidget(customerId: string, input: ChatWidgetInput): Promise<ChatWidget> {
      if (!(await findCustomer(db, customerId))) throw notFound('customer')
      const row = {
        customer_id: customerId,
        public_key: randomBytes(12).toString('base64url'),
        origins: JSON.stringify([...new Set(input.origins)]),
        created_at: now(),
      }
      await inTransaction(db, tx => putWidget(tx, row))
      return this.widget(customerId)
    },
    removeWidget: (customerId: string): Promise<void> => inTransaction(db, tx => deleteWidget(tx, customerId)),

    /** Sites that may show the chat in a frame; throws not-found. */
    async originsOf(key: string): Promise<string[]> {
      const row = await findWidget(db, key)
      if (!row) throw notFound('chat')
      return JSON.parse(row.origins) as string[]
    },
    /** What is told at the door. Throws not-found. */
    async door(key: string): Promise<ChatDoor> {
      const row = await findWidget(db, key)
      if (!row) throw notFound('chat')
      return doorOf(row.customer_id)
    },

    /** Begins a conversation. Throws channel-not-in-plan with how to reach the desk instead, and too-many-requests. */
    async open(key: string, input: ChatOpening): Promise<{ token: string; conversation: Conversation }> {
      const widget = await findWidget(db, key)
      if (!widget) throw notFound('chat')
      const { customer_id: customerId } = widget
      const door = await doorOf(customerId)
      if (!door.isInPlan) throw new DomainError('conflict', 'channel-not-in-plan', door.words)
      const token = newToken('kst')
      const changes: Change[] = []
      const author: Author = { author_kind: 'customer', author_name: input.name }
      const nowMs = now()
      const row = await inTransaction(db, async tx => {
        if ((await countConversations(tx, customerId, nowMs - HOUR_MS)) >= MAX_AN_HOUR)
          throw new DomainError(
            'too-many',
            'too-many-requests',
            'Too many conversations were begun here within the hour. Please try again later.',
          )
        const [line = ''] = input.text.trim().split('\n')
        const reporter = { name: input.name, ...(input.email === undefined ? {} : { email: input.email }) }
        const subject = line.length > SUBJECT_LENGTH ? `${line.slice(0, SUBJECT_LENGTH).trimEnd()} …` : line || 'Chat'
        const report = { customerId, level: CHAT_LEVEL, subject, description: input.text, channel: 'chat' as const, reporter }
        const ticketId = await registerTicket(tx, desk, report, author, changes)
        const made: ChatConversationRow = {
          token_sha256: sha256Hex(token),
          customer_id: customerId,
          ticket_id: ticketId,
          name: input.name,
          created_at: nowMs,
          expires_at: conversationEndsAt(nowMs, nowMs),
        }
        await insertConversation(tx, made)
        return made
      })
      bus.publish(changes)
      return { token, conversation: await view(row) }
    },

    read: async (token: string): Promise<Conversation> => view(await mustFind(token)),

    /** The visitor writes. Throws conflict when the ticket was closed. */
    async write(token: string, text: string): Promise<Conversation> {
      const row = await mustFind(token)
      const changes: Change[] = []
      const expiresAtMs = conversationEndsAt(row.created_at, now())
      await inTransaction(db, async tx => {
        const ticket = await findTicket(tx, row.ticket_id)
        if (!ticket || ticket.status === 'closed')
          throw new DomainError('conflict', 'conflict', 'This conversation is closed. Begin a new one.')
        const author: Author = { author_kind: 'customer', author_name: row.name }
        await addMessage({ tx, desk, changes, author }, row.ticket_id, { visibility: 'public', body: text })
        await prolong(tx, row.token_sha256, expiresAtMs)
      })
      bus.publish(changes)
      return view({ ...row, expires_at: expiresAtMs })
    },

    /** Calls back when something of the conversation may have changed; the answer ends it. Throws not-found. */
    async follow(token: string, changed: () => void): Promise<() => void> {
      const { ticket_id: ticketId } = await mustFind(token)
      return bus.subscribe(changes => {
        if (changes.some(change => change.kind === 'ticket' && change.id === ticketId)) changed()
      })
    },
  }
}
export type Chats = ReturnType<typeof makeChats>
