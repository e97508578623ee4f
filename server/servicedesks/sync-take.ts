/** News of their desk, taken in one transaction: new comments, their state, what is theirs to say; what is ours to say is pushed after. */
import { decideComments, type CommentAction } from './rules/sync-comments.ts'
import { shownFacts, subjectConflict } from './rules/sync-ownership.ts'
import { decideState, isSameStatus, stepsTo, type StateDecision } from './rules/sync-states.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import type { TicketRow } from '../database/tables/schema.ts'
import { findPair, insertComment, nameComment, readComments, updatePair } from './store/sync-pair-store.ts'
import { withdrawOut } from './store/sync-queue-store.ts'
import type { SyncPairRow } from '../database/tables/sync-rows.ts'
import { lockTicket } from '../tickets/store/ticket-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { SyncDesk } from './sync-to-ticket.ts'
import type { Snapshot } from './desk-adapter.ts'
import { hashOf, type OpenLink } from './open-link.ts'
import { commentKey } from './sync-capture.ts'
import { clientAuthor, pairFor } from './sync-intake.ts'
import { factsOf, noteMirrored, warnLink } from './sync-pairs.ts'

const MOST_LETTERS = 20_000
/** What remains to be set over there. */
export type Push = { ticketId: string; externalId: string; status: TicketRow['status']; state: string }
type Context = { nowMs: number; changes: Change[] }

/** Makes the taker. */
export function makeSyncTaker(deps: { db: Database; now: () => number; bus: ChangeBus; bySync: SyncDesk }) {
  const { db, now, bus, bySync } = deps

  const takeComment = async (
    tx: Tx,
    link: OpenLink,
    pair: SyncPairRow,
    action: CommentAction,
    { nowMs, changes }: Context,
  ): Promise<number> => {
    const { comment } = action
    if (action.kind === 'ours') {
      await nameComment(tx, action.rowId, comment.id)
      return 0
    }
    const words =
      comment.text.trim() === ''
        ? '(A comment without text, perhaps with a file: it is at the client’s desk.)'
        : comment.text.slice(0, MOST_LETTERS)
    let eventId: string | null = null
    if (action.kind === 'message') {
      eventId = await bySync.write(tx, pair.ticket_id, words, clientAuthor(comment.author), changes)
      await withdrawOut(tx, {
        linkId: link.row.id,
        ticketId: pair.ticket_id,
        kinds: ['comment'],
        dedupKey: commentKey(link.row.id, eventId),
      })
    }
    if (action.kind === 'note')
      eventId = await bySync.note(
        tx,
        pair.ticket_id,
        `The client’s desk does not say whether this comment is public, so it is kept internal:\n${words}`,
      )
    const about = { link_id: link.row.id, ticket_id: pair.ticket_id, direction: 'in' as const, at: nowMs }
    await insertComment(tx, { ...about, external_id: comment.id, hash: hashOf(comment.text), event_id: eventId })
    return action.kind === 'skip' ? 0 : 1
  }

  /** Follows their state here, step by step; false when there is no way, so that ours stays. */
  const follow = async (tx: Tx, pair: SyncPairRow, to: TicketRow['status'], changes: Change[]): Promise<boolean> => {
    const row = await lockTicket(tx, pair.ticket_id)
    const steps = row === null ? null : stepsTo(row.status, to)
    for (const step of steps ?? []) await bySync.move(tx, pair.ticket_id, step, clientAuthor(null), changes)
    return steps !== null
  }

  const pushOf = (link: OpenLink, pair: SyncPairRow, row: TicketRow): Push | null => {
    const state = link.map.ours[row.status]
    if (state === undefined || state === 'ignore' || pair.external_id === null) return null
    return { ticketId: row.id, externalId: pair.external_id, status: row.status, state }
  }

  const takeState = async (
    tx: Tx,
    link: OpenLink,
    pair: SyncPairRow,
    before: TicketRow,
    told: { snapshot: Snapshot; decision: StateDecision },
    changes: Change[],
  ): Promise<{ push: Push | null; mirrored: number }> => {
    const { snapshot, decision } = told
    const isMoved = decision.kind === 'take' && (await follow(tx, pair, decision.to, changes))
    const row = await lockTicket(tx, pair.ticket_id)
    if (row === null) return { push: null, mirrored: 0 }
    if (decision.kind === 'unknown') {
      const sentence = `Their state “${snapshot.stateName}” (${decision.state}) is not in the table of states: it changes nothing here.`
      await warnLink(tx, link.row, sentence)
      await bySync.note(tx, row.id, sentence)
      await updatePair(tx, pair.id, { agreed_ours: pair.agreed_ours ?? before.status, agreed_theirs: snapshot.state })
      return { push: null, mirrored: 0 }
    }
    if (decision.kind === 'take' && isMoved) {
      await updatePair(tx, pair.id, { agreed_ours: row.status, agreed_theirs: snapshot.state })
      await withdrawOut(tx, { linkId: link.row.id, ticketId: row.id, kinds: ['state'] })
      return { push: null, mirrored: 1 }
    }
    if (decision.kind === 'nothing') {
      // A word of theirs may just have moved ours: then it is ours that moved since both agreed.
      const isSame = isSameStatus(link.map, row.status, snapshot.state)
      await updatePair(tx, pair.id, { agreed_ours: isSame ? row.status : before.status, agreed_theirs: snapshot.state })
      if (isSame) await withdrawOut(tx, { linkId: link.row.id, ticketId: row.id, kinds: ['state'] })
      return { push: null, mirrored: 0 }
    }
    await updatePair(tx, pair.id, { agreed_ours: pair.agreed_ours ?? before.status, agreed_theirs: snapshot.state })
    const push = pushOf(link, pair, row)
    if (decision.kind === 'push' && decision.conflict)
      await bySync.note(
        tx,
        row.id,
        `Both desks moved this ticket: “${snapshot.stateName}” there, ${row.status} here. Ours is set over there too.`,
      )
    return { push, mirrored: 0 }
  }

  return {
    /** Takes what their ticket says now; gives what is to be set over there, or null. Their other tickets are left alone. */
    async take(link: OpenLink, snapshot: Snapshot): Promise<Push | null> {
      const changes: Change[] = []
      const nowMs = now()
      const push = await inTransaction(db, async tx => {
        const pair = await pairFor(tx, bySync, link, snapshot, { nowMs, changes })
        const row = pair === null ? null : await lockTicket(tx, pair.ticket_id)
        if (pair === null || row === null || pair.stopped_at !== null) return null
        const facts = factsOf(pair)
        const isNewest = snapshot.version === null || facts.version == null || snapshot.version > facts.version
        const agreed =
          pair.agreed_ours === null || pair.agreed_theirs === null ? null : { ours: pair.agreed_ours, theirs: pair.agreed_theirs }
        const decision: StateDecision = isNewest
          ? decideState(link.map, { ours: row.status, theirs: snapshot.state }, agreed, pair.made_by)
          : { kind: 'nothing' }
        const known = await readComments(tx, link.row.id, row.id)
        const written = known
          .filter(one => one.direction === 'out')
          .map(one => ({ rowId: one.id, externalId: one.external_id, hash: one.hash }))
        const ids = new Set(known.flatMap(one => one.external_id ?? []))
        let mirrored = 0
        for (const action of decideComments(snapshot.comments, ids, written, hashOf))
          mirrored += await takeComment(tx, link, pair, action, { nowMs, changes })
        if (!isNewest) {
          await noteMirrored(tx, bySync, pair, mirrored, nowMs)
          return null
        }
        const conflict = facts.subject === snapshot.subject ? null : subjectConflict(row.subject, snapshot.subject)
        if (conflict !== null) await bySync.note(tx, row.id, conflict)
        const shown = { ...shownFacts(snapshot), subject: snapshot.subject, version: snapshot.version }
        await updatePair(tx, pair.id, { facts: JSON.stringify(shown), external_key: snapshot.key, external_url: snapshot.url })
        const state = await takeState(tx, link, pair, row, { snapshot, decision }, changes)
        await noteMirrored(tx, bySync, pair, mirrored + state.mirrored, nowMs)
        return state.push
      })
      bus.publish(changes)
      return push
    },

    /** Theirs is what ours was when it was pushed; `version` as the desk told it. */
    async pushed(link: OpenLink, push: Push, version: number | null): Promise<void> {
      await inTransaction(db, async tx => {
        const pair = await findPair(tx, link.row.id, push.ticketId)
        if (pair === null) return
        const facts = version === null ? {} : { facts: JSON.stringify({ ...factsOf(pair), version }) }
        await updatePair(tx, pair.id, { agreed_ours: push.status, agreed_theirs: push.state, ...facts })
        await noteMirrored(tx, bySync, pair, 1, now())
      })
    },
  }
}
export type SyncTaker = ReturnType<typeof makeSyncTaker>
