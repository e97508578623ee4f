import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { expect, it } from 'vitest'
import { openStore } from '../../../server/database/database.ts'
import { readClocks } from '../../../server/sla/store/clock-store.ts'
import { foundation } from '../../../server/database/migrations/001-foundation.ts'
import { openSqliteDialect } from '../../../server/database/sqlite-database.ts'
import { postgresPlace, sqlitePlace } from '../../support/stores.ts'

const T0 = Date.parse('2026-11-16T09:00:00Z')
const CALENDAR = '{"timezone":"UTC","hours":{"mon":[["00:00","24:00"]]}}'

/** A store as the first version left it, with clocks that ran, were warned of, and were overdue. */
async function firstVersion(location: string, isPostgres: boolean): Promise<void> {
  const dialect = isPostgres ? new PostgresDialect({ pool: new pg.Pool({ connectionString: location }) }) : openSqliteDialect(location)
  const db = new Kysely<unknown>({ dialect })
  const up = (database: Kysely<unknown>): Promise<void> => foundation(database, isPostgres)
  const provider = { getMigrations: () => Promise.resolve({ '001-foundation': { up } }) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error) throw error instanceof Error ? error : new Error('the first version could not be made')
  const band = '{"kind":"business-days","days":3,"firstDays":1,"receipt":"calendar-date"}'
  const rows: [kind: string, cycle: number, state: string, target: string, warnedAt: number | null, breachedAt: number | null][] = [
    ['response', 1, 'running', '{"kind":"minutes","minutes":60}', null, null],
    ['response', 2, 'running', '{"kind":"minutes","minutes":60}', T0, null],
    ['response', 3, 'breached', band, T0, T0],
    ['resolution', 1, 'best-effort', '{"kind":"best-effort"}', null, null],
    ['update', 1, 'none', '{"kind":"none"}', null, null],
  ]
  for (const [kind, cycle, state, target, warnedAt, breachedAt] of rows)
    await sql`insert into clocks (id, ticket_id, kind, cycle, state, target, calendar, why, started_at, used_seconds, running_since, warn_at, warned_at, breached_at)
      values (${`${kind} ${cycle}`}, 't', ${kind}, ${cycle}, ${state}, ${target}, ${CALENDAR}, 'x', ${T0}, 0, ${T0}, ${T0}, ${warnedAt}, ${breachedAt})`.execute(
      db,
    )
  await db.destroy()
}

it.each(['sqlite', 'postgres'] as const)('clocks of the first version go on with the usual steps (%s)', async kind => {
  const place = kind === 'sqlite' ? sqlitePlace('empty') : await postgresPlace('empty')
  await firstVersion(place.location, kind === 'postgres')
  const store = await openStore(place.location)
  try {
    const clocks = (await readClocks(store.db, ['t'])).get('t') ?? []
    const shown = clocks.map(({ kind: of, cycle, steps, fired, reminded }) => [
      `${of} ${cycle}`,
      steps.map(step => step.percent ?? 'band'),
      fired,
      reminded,
    ])
    expect(shown).toEqual([
      ['resolution 1', [], [], 0],
      ['response 1', [75, 100], [], 0],
      ['response 2', [75, 100], ['percent:75'], 0],
      ['response 3', ['band', 100], ['band', 'percent:100'], 0],
      ['update 1', [], [], 0],
    ])
  } finally {
    await store.close()
    await place.remove()
  }
})
