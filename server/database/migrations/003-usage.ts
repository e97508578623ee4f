/** Places over time, statements, uses of entitlements, limits that were reached. Never edited after a release. */
import { sql, type Kysely } from 'kysely'
import { may, need, withId, type Table } from './columns.ts'

/** Creates the tables of usage; the places of devices that are there count as held since they were enrolled. */
export async function usage(db: Kysely<unknown>): Promise<void> {
  const create = async (name: string, build: (table: Table) => Table): Promise<void> => {
    await build(db.schema.createTable(name)).execute()
  }
  await create('place_spans', t =>
    may(need(need(t, 'text', 'device_id', 'customer_id', 'state'), 'bigint', 'from_at'), 'bigint', 'to_at').addPrimaryKeyConstraint(
      'place_spans_pk',
      ['device_id', 'from_at'] as never,
    ),
  )
  await create('statements', t =>
    need(need(t, 'text', 'customer_id', 'month', 'body'), 'bigint', 'to_at', 'issued_at').addPrimaryKeyConstraint('statements_pk', [
      'customer_id',
      'month',
    ] as never),
  )
  await create('entitlement_uses', t => {
    const base = need(withId(t), 'text', 'customer_id', 'entitlement_id', 'note', 'created_by')
    const counted = need(need(base, 'double precision', 'amount'), 'bigint', 'at', 'created_at')
    return may(may(counted, 'text', 'ticket_id', 'product', 'cancelled_by'), 'bigint', 'cancelled_at')
  })
  await create('limit_levels', t => {
    const base = need(need(t, 'text', 'customer_id', 'limit_key', 'period'), 'double precision', 'included')
    return need(need(base, 'integer', 'percent', 'told_percent'), 'bigint', 'since_at').addPrimaryKeyConstraint('limit_levels_pk', [
      'customer_id',
      'limit_key',
      'period',
    ] as never)
  })
  await db.schema.alterTable('customers').addColumn('downgrade_reminded_for', 'bigint').execute()

  await db.schema
    .createIndex('place_spans_open')
    .on('place_spans')
    .column('device_id')
    .unique()
    .where(sql.ref('to_at'), 'is', sql.lit(null))
    .execute()
  await db.schema.createIndex('place_spans_customer').on('place_spans').columns(['customer_id', 'state', 'from_at']).execute()
  await db.schema.createIndex('entitlement_uses_at').on('entitlement_uses').columns(['customer_id', 'entitlement_id', 'at']).execute()

  await sql`
    insert into place_spans (device_id, customer_id, state, from_at, to_at)
    select id, customer_id, state,
      case state when 'retired' then coalesce(retired_at, enrolled_at) when 'waiting' then coalesce(waiting_since, enrolled_at) else enrolled_at end,
      null
    from devices`.execute(db)
}
