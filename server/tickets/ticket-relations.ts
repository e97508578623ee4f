/** What ties tickets together, for the desk: merge, tie, watch, likely duplicates, who had it, and one change of many. */
import type {
  BulkAnswer,
  BulkInput,
  HandOver,
  LikelyDuplicate,
  LinkInput,
  MergeInput,
  Relations,
  ResolvePartsInput,
  TiedTicket,
} from '../../shared/api/tickets/relation-api.ts'
import { notFound } from '../platform/errors.ts'
import { MERGE_UNDO_MS } from './rules/ticket-graph.ts'
import { findAlike, type LikeTicket } from './rules/ticket-likeness.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findDevice } from '../devices/store/device-store.ts'
import { findTicketByReference } from '../notifications/store/mail-store.ts'
import { findLastMerge, listLinks, listMergedInto, listRecentOpen, listWatchers, readTickets } from './store/ticket-relation-store.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { listHandOvers } from './store/ticket-change-store.ts'
import { findTicket } from './store/ticket-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { mergeTicket, unmergeTicket } from './ticket-merging.ts'
import { linkTickets, resolveParts, toRefusal, unlinkTickets, unwatchTicket, watchTicket } from './ticket-links.ts'
import type { Author, Desk, Act } from './ticket-context.ts'
import { patchTicket } from './edit-ticket.ts'
import { moveTicket } from './move-ticket.ts'
import { iso } from '../../shared/instants.ts'

/** Open tickets of a customer that are looked through for likeness. */
const MAX_COMPARED = 300

/** As other tickets name it. */
export function toTiedView(row: TicketRow): TiedTicket {
  return {
    id: row.id,
    reference: row.reference,
    subject: row.subject,
    status: row.status,
    level: row.level,
    customerId: row.customer_id,
    createdAt: iso(row.created_at),
  }
}
const toLike = (row: TicketRow): LikeTicket => ({
  id: row.id,
  subject: row.subject,
  deviceId: row.device_id,
  siteId: row.site_id,
  signal: row.signal,
})

/** Whom the caller may see, and who they are when they may watch. */
export type Looker = { userId: string | null; sees(customerId: string): boolean }

/** Makes the service. */
export function makeTicketRelations({ db, now, bus, desk }: { db: Database; now: () => number; bus: ChangeBus; desk: Desk }) {
  const act = async <Result>(author: Author, work: (act: Act) => Promise<Result>): Promise<Result> => {
    const changes: Change[] = []
    const result = await inTransaction(db, tx => work({ tx, desk, changes, author }))
    bus.publish(changes)
    return result
  }
  const alike = async (on: Database | Tx, ticket: LikeTicket, customerId: string): Promise<LikelyDuplicate[]> => {
    const open = await listRecentOpen(on, customerId, MAX_COMPARED)
    const byId = new Map(open.map(row => [row.id, row]))
    return findAlike(ticket, open.map(toLike)).flatMap(({ id, why }) => {
      const row = byId.get(id)
      return row ? [{ ticket: toTiedView(row), why }] : []
    })
  }

  return {
    /** Id of a ticket named by its id or its reference; null when there is none. */
    async idOf(name: string): Promise<string | null> {
      const row = (await findTicket(db, name)) ?? (await findTicketByReference(db, name.trim().toUpperCase()))
      return row?.id ?? null
    },

    /** Everything a ticket is tied to that the caller may see. Throws not-found. */
    async view(ticketId: string, looker: Looker): Promise<Relations> {
      const row = await findTicket(db, ticketId)
      if (!row) throw notFound('ticket')
      const links = await listLinks(db, ticketId)
      const otherOf = (link: (typeof links)[number]): string => (link.from_id === ticketId ? link.to_id : link.from_id)
      const others = await readTickets(db, [...links.map(otherOf), ...(row.merged_into_id ? [row.merged_into_id] : [])])
      const linked = links.flatMap(link => {
        const other = others.get(otherOf(link))
        const kind = link.kind === 'related' ? 'related' : link.from_id === ticketId ? 'parent' : 'child'
        return other && looker.sees(other.customer_id) ? [{ kind, item: { linkId: link.id, ticket: toTiedView(other) } }] : []
      })
      const of = (kind: string) => linked.filter(one => one.kind === kind).map(one => one.item)
      const into = row.merged_into_id ? others.get(row.merged_into_id) : undefined
      const merge = into ? await findLastMerge(db, ticketId) : null
      const undoMs = merge === null ? null : merge.at + MERGE_UNDO_MS
      const tied = new Set(linked.map(one => one.item.ticket.id))
      const isOver = row.status === 'resolved' || row.status === 'closed'
      const watchers = await listWatchers(db, ticketId)
      return {
        mergedInto: into ? toTiedView(into) : null,
        undoUntil: undoMs !== null && undoMs > now() ? iso(undoMs) : null,
        merged: (await listMergedInto(db, ticketId)).map(toTiedView),
        parent: of('parent')[0] ?? null,
        children: of('child'),
        related: of('related'),
        duplicates: isOver ? [] : (await alike(db, toLike(row), row.customer_id)).filter(({ ticket }) => !tied.has(ticket.id)),
        watchers: watchers.map(({ id, kind, name, email }) => ({ id, kind, name, email })),
        isWatching: watchers.some(watcher => watcher.kind === 'staff' && watcher.ref_id === looker.userId),
      }
    },

    /** Open tickets that a report may repeat, before it is registered. */
    async duplicatesOf(report: { customerId: string; subject: string; deviceId?: string | undefined }): Promise<LikelyDuplicate[]> {
      const device = report.deviceId === undefined ? null : await findDevice(db, report.deviceId)
      const own = device?.customer_id === report.customerId ? device : null
      return alike(db, { id: '', subject: report.subject, deviceId: own?.id ?? null, siteId: own?.site_id ?? null }, report.customerId)
    },

    merge: (ticketId: string, input: MergeInput, author: Author): Promise<void> =>
      act(author, one => mergeTicket(one, ticketId, input.intoTicketId, input.reason ?? null)),
    unmerge: (ticketId: string, author: Author): Promise<void> => act(author, one => unmergeTicket(one, ticketId)),
    link: (ticketId: string, input: LinkInput, author: Author): Promise<void> => act(author, one => linkTickets(one, ticketId, input)),
    unlink: (ticketId: string, linkId: string, author: Author): Promise<void> => act(author, one => unlinkTickets(one, ticketId, linkId)),
    resolveParts: (ticketId: string, input: ResolvePartsInput, author: Author): Promise<string[]> =>
      act(author, one => resolveParts(one, ticketId, input)),
    watch: (ticketId: string, who: { userId: string } | { contactId: string }, author: Author): Promise<void> =>
      act(author, one => watchTicket(one, ticketId, who)),
    unwatch: (ticketId: string, watcherId: string, author: Author): Promise<void> =>
      act(author, one => unwatchTicket(one, ticketId, watcherId)),

    /** Who had a ticket, when, and why, newest first. */
    async handOvers(ticketId: string): Promise<HandOver[]> {
      return (await listHandOvers(db, ticketId)).map(({ event, reason }) => ({
        at: iso(event.at),
        kind: event.kind === 'line' ? 'line' : 'assignee',
        text: event.text,
        by: event.author_name ?? (event.author_kind === 'system' ? 'Kioskeeper' : event.author_kind),
        why: reason,
      }))
    },

    /** The same change of many tickets, each in a transaction of its own: what one refuses hinders no other. */
    async changeMany(input: BulkInput, author: Author): Promise<BulkAnswer> {
      const { ticketIds, to, reason, ...patch } = input
      const answer: BulkAnswer = { done: [], refused: [] }
      for (const ticketId of ticketIds) {
        try {
          await act(author, async one => {
            if (Object.keys(patch).length > 0)
              await patchTicket(one, ticketId, { ...patch, ...(to === undefined && reason ? { reason } : {}) })
            if (to !== undefined) await moveTicket(one, ticketId, { to, ...(reason === undefined ? {} : { reason }) })
          })
          answer.done.push(ticketId)
        } catch (error) {
          answer.refused.push(toRefusal(ticketId, error))
        }
      }
      return answer
    },
  }
}
export type TicketRelations = ReturnType<typeof makeTicketRelations>
