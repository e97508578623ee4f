/**
 * The worker of links: one turn per link at a time, and of each link first what came in, then what goes out, then once an hour
 * what changed over there without a word. Failures wait and are tried again, refusals wait for a person, and what is stuck for a
 * quarter of an hour is told to the desk.
 */
import type { Logger } from 'pino'
import { decideRetry, type DeskTrouble } from './rules/sync-retry.ts'
import { inTransaction, type Database } from '../database/database.ts'
import type { MailDisk } from '../attachments/store/mail-disk.ts'
import { leaseLink, readEnabledLinks, updateLink } from './store/sync-link-store.ts'
import { readNewFiles } from './store/sync-pair-store.ts'
import { deleteDoneSync, enqueueOut, hasDue, insertIn, readDueIn, readDueOut, updateIn, updateOut } from './store/sync-queue-store.ts'
import type { AttachmentRow } from '../database/tables/mail-rows.ts'
import type { SyncInboxRow, SyncLinkRow, SyncOutboxRow } from '../database/tables/sync-rows.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { ChangeBus } from '../platform/change-bus.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import { DeskFault, type Desks, type Snapshot } from './desk-adapter.ts'
import { mapOf, openLink, SEALED, type OpenLink } from './open-link.ts'
import { queueChange } from './sync-capture.ts'
import { makeSyncAlarm } from './sync-alarm.ts'
import { makeSyncSender } from './sync-out.ts'
import type { SecretBox } from './sync-secrets.ts'
import { makeSyncTaker } from './sync-take.ts'
import { makeSyncDesk } from './sync-to-ticket.ts'
import { MINUTE_MS } from '../../shared/units.ts'

const RECONCILE_MS = 60 * MINUTE_MS
const TRY_AGAIN_MS = 5 * MINUTE_MS
/** Reconciling looks back over its last time by this much: clocks differ, and search indexes are late. */
const OVERLAP_MS = 10 * MINUTE_MS
/** Longer than a turn may take: a lease that runs out means that its worker died. */
const LEASE_MS = 5 * MINUTE_MS
const TURN_MS = MINUTE_MS
const BATCH = 20
const MOST_REMEMBERED = 10_000
const KEEP_DONE_MS = 30 * 24 * 60 * MINUTE_MS

/** Makes the worker. `jitter` gives numbers in [0, 1). */
export function makeSyncWorker(deps: {
  db: Database
  log: Logger
  now: () => number
  bus: ChangeBus
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
  ticketing: Pick<Ticketing, 'desk'>
  desks: Desks
  box: SecretBox
  disk: MailDisk
  deskEmail: string | null
  jitter?: () => number
}) {
  const { db, log, now, jitter = Math.random } = deps
  const bySync = makeSyncDesk(deps.ticketing.desk)
  const { isInPlan, health, alarm } = makeSyncAlarm(deps)
  const taker = makeSyncTaker({ db, now, bus: deps.bus, bySync })
  const sender = makeSyncSender({ db, now, bySync, disk: deps.disk, taker })
  /** Adapters that are open: a session over there is kept from turn to turn, until something of the link changes. */
  const open = new Map<string, { facts: string; link: OpenLink }>()
  /** Files queued lately, when each link was last asked how it is, and last looked over: they only spare work. */
  const queuedFiles = new Set<string>()
  const askedAtMs = new Map<string, number>()
  const triedAtMs = new Map<string, number>()
  let running: Promise<void> | null = null

  const opened = (row: SyncLinkRow): OpenLink | null => {
    const facts = [row.base_url, row.settings, row.secrets, row.sync_user].join('\n')
    const kept = open.get(row.id)
    const link = kept?.facts === facts ? { ...kept.link, row, map: mapOf(row) } : openLink(deps, row)
    if (link !== null) open.set(row.id, { facts, link })
    return link
  }

  const worked = async (link: OpenLink, way: 'out' | 'in'): Promise<void> => {
    const skew = link.heard.skewMs === null ? {} : { clock_skew_ms: link.heard.skewMs }
    const at = way === 'out' ? { last_out_at: now() } : { last_in_at: now() }
    await updateLink(db, link.row.id, { failing_since: null, last_error: null, ...at, ...skew })
    link.row.failing_since = null
  }
  /** What a failure means for the link: away, or only this one change refused. */
  const failed = async (link: OpenLink, trouble: DeskTrouble): Promise<void> => {
    const { status, reason } = trouble
    if (status !== null && status < 500 && status !== 401 && status !== 408) return
    link.row.failing_since ??= now()
    await updateLink(db, link.row.id, { failing_since: link.row.failing_since, last_error: reason.slice(0, 500) })
  }
  const troubleOf = (error: unknown, about: object): DeskTrouble => {
    if (error instanceof DeskFault) return error.trouble
    // A fault of ours: the change must survive it.
    log.error({ err: error, ...about }, 'servicedesk sync failed')
    return { status: null, retryAfterMs: null, reason: error instanceof Error ? error.message : String(error) }
  }
  /** Columns of a row after a failure. */
  const after = (trouble: DeskTrouble, attempts: number) => {
    const retry = decideRetry(trouble, attempts, jitter())
    const last_error = trouble.reason.slice(0, 500)
    return retry.kind === 'park' ? { state: 'parked' as const, last_error } : { next_attempt_at: now() + retry.inMs, last_error }
  }

  const sendOne = async (link: OpenLink, row: SyncOutboxRow): Promise<void> => {
    const attempts = row.attempts + 1
    await updateOut(db, row.id, { attempts })
    try {
      await sender.send(link, { ...row, attempts })
      await worked(link, 'out')
    } catch (error) {
      const trouble = troubleOf(error, { linkId: link.row.id, changeId: row.id, kind: row.kind })
      await updateOut(db, row.id, after(trouble, attempts))
      await failed(link, trouble)
      log.warn(
        { linkId: link.row.id, ticketId: row.ticket_id, kind: row.kind, attempt: attempts, reason: trouble.reason },
        'change not at the client’s desk yet',
      )
    }
  }

  /** One ticket of theirs, however many deliveries were about it: it is looked at as it is now. */
  const takeOne = async (link: OpenLink, rows: readonly SyncInboxRow[]): Promise<void> => {
    const ids = rows.map(row => row.id)
    const [first] = rows
    if (first === undefined) return
    const attempts = first.attempts + 1
    await updateIn(db, ids, { attempts })
    try {
      const snapshot = first.snapshot !== null || link.desk.read === null ? null : await link.desk.read(first.external_id)
      const told = first.snapshot === null ? snapshot : (JSON.parse(first.snapshot) as Snapshot)
      const push = told === null ? null : await taker.take(link, told)
      // Their news is taken; what is to be set over there is a change of ours like any other.
      if (push !== null) await inTransaction(db, tx => queueChange(tx, link.row.id, push.ticketId, 'state', now()))
      await updateIn(db, ids, { state: 'done', done_at: now(), last_error: null })
      await worked(link, 'in')
    } catch (error) {
      const trouble = troubleOf(error, { linkId: link.row.id, externalId: first.external_id })
      await updateIn(db, ids, after(trouble, attempts))
      await failed(link, trouble)
      log.warn(
        { linkId: link.row.id, externalId: first.external_id, attempt: attempts, reason: trouble.reason },
        'news of the client’s desk not taken yet',
      )
    }
  }

  const newFiles = async (row: SyncLinkRow): Promise<AttachmentRow[]> =>
    (await readNewFiles(db, row.id, row.files_seen_at)).filter(file => !queuedFiles.has(`${row.id}:${file.id}`))

  const queueFiles = async (link: OpenLink, files: readonly AttachmentRow[]): Promise<void> => {
    const fromMs = link.row.files_seen_at
    const last = files.at(-1)
    if (last === undefined) return
    await inTransaction(db, async tx => {
      for (const file of files)
        await enqueueOut(tx, {
          link_id: link.row.id,
          ticket_id: file.ticket_id,
          kind: 'file',
          body: { attachmentId: file.id },
          dedup_key: `file:${link.row.id}:${file.id}`,
          nowMs: now(),
        })
    })
    if (queuedFiles.size > MOST_REMEMBERED) queuedFiles.clear()
    for (const file of files) queuedFiles.add(`${link.row.id}:${file.id}`)
    // A transaction that was under way may still bring an earlier one.
    link.row.files_seen_at = Math.max(fromMs, last.created_at - MINUTE_MS)
    if (link.row.files_seen_at > fromMs) await updateLink(db, link.row.id, { files_seen_at: link.row.files_seen_at })
  }

  /** Once an hour, and while their desk fails as often as a look at whether it is back may cost. */
  const isReconcileDue = ({ id, failing_since, reconciled_at }: SyncLinkRow): boolean => {
    const isWanted = failing_since !== null || reconciled_at === null || now() - reconciled_at >= RECONCILE_MS
    return isWanted && now() - (triedAtMs.get(id) ?? 0) >= TRY_AGAIN_MS
  }

  const reconcile = async (link: OpenLink): Promise<void> => {
    if (!isReconcileDue(link.row)) return
    const startedAtMs = now()
    triedAtMs.set(link.row.id, startedAtMs)
    const last = link.row.reconciled_at
    try {
      const changed = await link.desk.changedSince((last ?? startedAtMs - RECONCILE_MS) - OVERLAP_MS)
      for (const externalId of new Set(changed))
        await insertIn(db, delivery(link.row.id, `reconcile:${startedAtMs}:${externalId}`, externalId, startedAtMs))
      await updateLink(db, link.row.id, { reconciled_at: startedAtMs })
      link.row.reconciled_at = startedAtMs
      await worked(link, 'in')
    } catch (error) {
      await failed(link, troubleOf(error, { linkId: link.row.id }))
    }
  }

  const work = async (link: OpenLink, files: readonly AttachmentRow[]): Promise<void> => {
    const endMs = now() + TURN_MS
    await queueFiles(link, files)
    await reconcile(link)
    for (let isBusy = true; isBusy && now() < endMs;) {
      const news = await readDueIn(db, link.row.id, now(), BATCH)
      // What can be fetched is fetched once for all that was said about it; what was told is taken as it was told.
      const tickets = Map.groupBy(news, row => (row.snapshot === null ? row.external_id : row.id))
      for (const rows of tickets.values()) await takeOne(link, rows)
      const changes = await readDueOut(db, link.row.id, now(), BATCH)
      for (const row of changes) await sendOne(link, row)
      isBusy = news.length > 0 || changes.length > 0
    }
  }

  const turn = async (row: SyncLinkRow): Promise<void> => {
    if (!(await isInPlan(row))) return
    const link = opened(row)
    if (link === null && row.last_error !== SEALED)
      await updateLink(db, row.id, { failing_since: row.failing_since ?? now(), last_error: SEALED })
    const files = link === null ? [] : await newFiles(row)
    const isBusy = link !== null && (files.length > 0 || isReconcileDue(row) || (await hasDue(db, row.id, now())))
    // A link on which nothing happens costs a few questions and no write.
    if (isBusy && (await leaseLink(db, row.id, now(), now() + LEASE_MS))) {
      try {
        await work(link, files)
      } finally {
        await updateLink(db, row.id, { leased_until: null })
      }
    }
    if (!isBusy && now() - (askedAtMs.get(row.id) ?? 0) < MINUTE_MS) return
    askedAtMs.set(row.id, now())
    await alarm(row.id)
  }

  return {
    health,
    /** Works on everything that is due now on every link; calls at the same time share one round. */
    runDue(): Promise<void> {
      running ??= readEnabledLinks(db)
        .then(async rows => void (await Promise.all(rows.map(turn))))
        .finally(() => {
          running = null
        })
      return running
    },
    /** Lets what is over since a month go. */
    forget: (): Promise<void> => inTransaction(db, tx => deleteDoneSync(tx, now() - KEEP_DONE_MS)),
  }
}
export type SyncWorker = ReturnType<typeof makeSyncWorker>

/** A row of the inbox for something to look at. */
export function delivery(
  linkId: string,
  deliveryId: string,
  externalId: string,
  nowMs: number,
  ticket: Snapshot | null = null,
): SyncInboxRow {
  return {
    id: crypto.randomUUID(),
    link_id: linkId,
    delivery_id: deliveryId.slice(0, 200),
    external_id: externalId,
    snapshot: ticket === null ? null : JSON.stringify(ticket),
    state: 'pending',
    attempts: 0,
    next_attempt_at: nowMs,
    last_error: null,
    received_at: nowMs,
    done_at: null,
  }
}
