/** Replies that are being written, one a ticket, kept in this browser: a reload or a look at another page loses none. */
import { useSyncExternalStore } from 'react'

/** `files`: given to the server already, waiting for this message. */
export type Reply = {
  visibility: 'public' | 'internal'
  body: string
  asks: boolean
  files: readonly { id: string; name: string; bytes: number }[]
}

const BLANK: Reply = { visibility: 'public', body: '', asks: false, files: [] }
const PREFIX = 'kioskeeper-reply-'
/** A reply nobody sent in a month is thrown away; its files the server lets go after a day. */
const KEPT_MS = 30 * 86_400_000
const FILES_MS = 86_400_000

const replies = new Map<string, Reply>()
const listeners = new Set<() => void>()

function readKept(ticketId: string): Reply {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + ticketId) ?? 'null') as (Reply & { at: number }) | null
    if (kept && typeof kept.body === 'string' && Date.now() - kept.at < KEPT_MS)
      return {
        visibility: kept.visibility === 'internal' ? 'internal' : 'public',
        body: kept.body,
        asks: Boolean(kept.asks),
        files: Array.isArray(kept.files) && Date.now() - kept.at < FILES_MS ? kept.files : [],
      }
  } catch {
    // What cannot be read is not there.
  }
  return BLANK
}

function replyOf(ticketId: string): Reply {
  let reply = replies.get(ticketId)
  if (!reply) replies.set(ticketId, (reply = readKept(ticketId)))
  return reply
}

/** Changes the reply of a ticket. */
export function changeReply(ticketId: string, change: Partial<Reply>): void {
  const reply = { ...replyOf(ticketId), ...change }
  replies.set(ticketId, reply)
  try {
    if (reply.body === '' && reply.files.length === 0) localStorage.removeItem(PREFIX + ticketId)
    else localStorage.setItem(PREFIX + ticketId, JSON.stringify({ ...reply, at: Date.now() }))
  } catch {
    // A browser that keeps nothing still shows it while the page is open.
  }
  for (const listener of listeners) listener()
}

/** Puts words at the end of the reply; what is internal makes it an internal note, so that it cannot slip out. */
export function addToReply(ticketId: string, words: string, visibility: Reply['visibility'] | null = null): void {
  const { body } = replyOf(ticketId)
  changeReply(ticketId, { body: body.trim() === '' ? words : `${body.trimEnd()}\n\n${words}`, ...(visibility ? { visibility } : {}) })
}

/** It was sent; who writes notes writes the next one as a note too. */
export function clearReply(ticketId: string): void {
  changeReply(ticketId, { body: '', asks: false, files: [] })
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Follows the reply of a ticket. */
export function useReply(ticketId: string): Reply {
  return useSyncExternalStore(subscribe, () => replyOf(ticketId))
}

/** Forgets every reply of this browser: whoever logs in next must not read them. */
export function forgetReplies(): void {
  replies.clear()
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name)
  } catch {
    // Nothing was kept.
  }
  for (const listener of listeners) listener()
}
