/** What the desk's queue is sorted and searched by: kept on each ticket, so that a page of ten thousand costs no look at their clocks. */
import { sql, type Kysely } from 'kysely'

const CHUNK = 500

type Row = {
  id: string
  reference: string
  subject: string
  description: string
  reporter: string | null
  signal: string | null
  level: number
}

// Frozen as they were when this was released: what fills the columns now may change, what a migration did may not.
const NOTHING_DUE_MS = 8_000_000_000_000_000

function queueAt(level: number, dueAtMs: readonly (number | null)[]): number {
  const dues = dueAtMs.filter(due => due !== null)
  return dues.length > 0 ? Math.min(...dues) : NOTHING_DUE_MS + level
}

function searchText(ticket: Row): string {
  const reporter = ticket.reporter === null ? {} : (JSON.parse(ticket.reporter) as { name?: string; email?: string })
  return [ticket.reference, ticket.subject, ticket.signal, reporter.name, reporter.email, ticket.description]
    .filter(part => typeof part === 'string' && part !== '')
    .join('\n')
    .toLowerCase()
}

/** Adds the columns, and fills them for the tickets there are. */
export async function queue(untyped: Kysely<unknown>): Promise<void> {
  const db = untyped as Kysely<{
    tickets: Row & { queue_at: number; search_text: string }
    clocks: { ticket_id: string; due_at: number | null; ended_at: number | null }
  }>
  await db.schema
    .alterTable('tickets')
    .addColumn('queue_at', 'bigint', column => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .alterTable('tickets')
    .addColumn('search_text', 'text', column => column.notNull().defaultTo(''))
    .execute()
  for (let after = ''; ;) {
    const rows = await db
      .selectFrom('tickets')
      .select(['id', 'reference', 'subject', 'description', 'reporter', 'signal', 'level'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(CHUNK)
      .execute()
    for (const row of rows) {
      const dues = await db.selectFrom('clocks').select('due_at').where('ticket_id', '=', row.id).where('ended_at', 'is', null).execute()
      const change = {
        queue_at: queueAt(
          row.level,
          dues.map(clock => clock.due_at),
        ),
        search_text: searchText(row),
      }
      await db.updateTable('tickets').set(change).where('id', '=', row.id).execute()
    }
    const last = rows.at(-1)
    if (!last) break
    after = last.id
  }
  await sql`create index tickets_queue on tickets (queue_at, id) where status not in ('resolved', 'closed')`.execute(db)
}
