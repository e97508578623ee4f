/** The heartbeat log, outside probes and announced maintenance. */
import type { Database, Tx } from '../../database/database.ts'
import type { PlatformMaintenanceRow, UptimeBeatRow, UptimeProbeRow } from '../../database/tables/uptime-rows.ts'

/** Begins a run; `ended` is written to runs that have not ended, as the reason of the gap before this one. */
export async function beginRun(db: Database, row: Pick<UptimeBeatRow, 'id' | 'started_at'>, ended: string): Promise<void> {
  await db.transaction().execute(async tx => {
    await tx.updateTable('uptime_beats').set({ ended }).where('ended', 'is', null).execute()
    await tx
      .insertInto('uptime_beats')
      .values({ ...row, last_at: row.started_at, ended: null })
      .execute()
  })
}

/** Moves the end of a run; never back. */
export async function extendRun(db: Database, id: string, lastAt: number): Promise<void> {
  await db.updateTable('uptime_beats').set({ last_at: lastAt }).where('id', '=', id).where('last_at', '<', lastAt).execute()
}

/** Ends a run in good order. */
export async function endRun(db: Database, id: string, lastAt: number, ended: string): Promise<void> {
  await extendRun(db, id, lastAt)
  await db.updateTable('uptime_beats').set({ ended }).where('id', '=', id).execute()
}

/** Runs that touch [fromMs, toMs), and the last one before it: its end is where the first gap begins. */
export async function listRuns(db: Database, span: { fromMs: number; toMs: number }): Promise<UptimeBeatRow[]> {
  const before = await db
    .selectFrom('uptime_beats')
    .selectAll()
    .where('last_at', '<', span.fromMs)
    .orderBy('last_at', 'desc')
    .limit(1)
    .execute()
  const within = await db
    .selectFrom('uptime_beats')
    .selectAll()
    .where('last_at', '>=', span.fromMs)
    .where('started_at', '<', span.toMs)
    .orderBy('started_at')
    .execute()
  return [...before, ...within]
}

/** Takes spans of a probe; one that begins at the same instant replaces the earlier one when it is longer. */
export async function putProbeSpans(tx: Tx, rows: readonly UptimeProbeRow[]): Promise<void> {
  for (const row of rows) {
    await tx
      .insertInto('uptime_probe_spans')
      .values(row)
      .onConflict(conflict =>
        conflict
          .columns(['probe', 'from_at'])
          .doUpdateSet({ to_at: row.to_at, is_up: row.is_up, reason: row.reason, received_at: row.received_at })
          .where('uptime_probe_spans.to_at', '<=', row.to_at),
      )
      .execute()
  }
}

export async function listProbeSpans(db: Database, span: { fromMs: number; toMs: number }): Promise<UptimeProbeRow[]> {
  return db
    .selectFrom('uptime_probe_spans')
    .selectAll()
    .where('to_at', '>', span.fromMs)
    .where('from_at', '<', span.toMs)
    .orderBy('probe')
    .orderBy('from_at')
    .execute()
}

/** Newest span of each probe. */
export async function listProbes(db: Database): Promise<Pick<UptimeProbeRow, 'probe' | 'to_at' | 'is_up'>[]> {
  const newest = await db
    .selectFrom('uptime_probe_spans')
    .select(e => ['probe', e.fn.max('to_at').as('to_at')])
    .groupBy('probe')
    .orderBy('probe')
    .execute()
  return Promise.all(
    newest.map(({ probe, to_at }) =>
      db
        .selectFrom('uptime_probe_spans')
        .select(['probe', 'to_at', 'is_up'])
        .where('probe', '=', probe)
        .where('to_at', '=', to_at)
        .limit(1)
        .executeTakeFirstOrThrow(),
    ),
  )
}

export async function insertMaintenance(db: Database, row: PlatformMaintenanceRow): Promise<void> {
  await db.insertInto('platform_maintenance').values(row).execute()
}

/** Announced maintenance, newest first; `isInForce` leaves out what was cancelled. */
export async function listMaintenance(db: Database, isInForce: boolean): Promise<PlatformMaintenanceRow[]> {
  const all = db.selectFrom('platform_maintenance').selectAll().orderBy('from_at', 'desc')
  return (isInForce ? all.where('cancelled_at', 'is', null) : all).execute()
}

/** Cancels what has not begun; false when there is nothing of this id left to cancel. */
export async function cancelMaintenance(db: Database, id: string, nowMs: number): Promise<boolean> {
  const result = await db
    .updateTable('platform_maintenance')
    .set({ cancelled_at: nowMs })
    .where('id', '=', id)
    .where('cancelled_at', 'is', null)
    .where('from_at', '>', nowMs)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}
