/** Those who follow tickets: visits, clients' desks, the question to the customer. Tickets know only that somebody may follow. */
import type { Following } from './ticket-context.ts'

/** One who follows, with the hooks it needs; when each is called and what it may do stands at `Following`. */
export type TicketFollower = Partial<Following>

/** All followers as one. They are called one after the other in the order of the list: it is the order of effects in the transaction. */
export function followInOrder(followers: readonly TicketFollower[]): Following {
  return {
    async raised(tx, desk, one, context) {
      for (const follower of followers) await follower.raised?.(tx, desk, one, context)
    },
    async said(tx, ticket, message, nowMs) {
      for (const follower of followers) await follower.said?.(tx, ticket, message, nowMs)
    },
    async saved(tx, saved, context) {
      for (const follower of followers) await follower.saved?.(tx, saved, context)
    },
    /** A letter has room for one question: that of the first who asks. */
    async asked(tx, ticket, kind, nowMs) {
      for (const follower of followers) {
        const path = (await follower.asked?.(tx, ticket, kind, nowMs)) ?? null
        if (path !== null) return path
      }
      return null
    },
  }
}
