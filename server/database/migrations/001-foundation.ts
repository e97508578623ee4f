/** First tables. One set for SQLite and PostgreSQL: text ids, bigint instants, double precision, flags as 0/1. Never edited after a release. Long because it is all of them. */
import { sql, type Kysely } from 'kysely'
import { may, need, withId, type Table } from './columns.ts'

/** Creates every table and index of the first version. */
export async function foundation(db: Kysely<unknown>, isPostgres: boolean): Promise<void> {
  const create = async (name: string, build: (table: Table) => Table): Promise<void> => {
    await build(db.schema.createTable(name)).execute()
  }
  const blob = isPostgres ? sql`bytea` : sql`blob`

  await create('instance', t =>
    may(
      t.addColumn('name', 'text', c => c.primaryKey()),
      'text',
      'value',
    ),
  )
  await create('customers', t => {
    const base = may(
      need(need(withId(t), 'text', 'name', 'plan_id', 'time_zone', 'overrides'), 'bigint', 'created_at'),
      'text',
      'webhook_url',
      'webhook_secret',
    )
    return may(base, 'bigint', 'downgrade_until').addColumn('lock_version', 'bigint', c => c.notNull().defaultTo(0))
  })
  await create('partners', t => {
    const base = may(need(withId(t), 'text', 'name', 'email', 'regions', 'skills'), 'text', 'hours', 'webhook_url', 'webhook_secret')
    return need(need(base, 'integer', 'sort_order'), 'bigint', 'created_at')
  })
  await create('sites', t => {
    const base = may(
      need(withId(t), 'text', 'customer_id', 'name', 'time_zone'),
      'text',
      'address',
      'region',
      'opening_hours',
      'partner_id',
    )
    return need(may(base, 'double precision', 'latitude', 'longitude'), 'bigint', 'created_at')
  })
  await create('contacts', t => need(may(need(withId(t), 'text', 'customer_id', 'name', 'email'), 'text', 'phone'), 'bigint', 'created_at'))
  await create('catalogue', t => {
    const base = need(need(t, 'text', 'kind', 'id', 'scope'), 'integer', 'version', 'is_current')
    return need(may(need(base, 'text', 'body', 'origin'), 'text', 'created_by'), 'bigint', 'created_at').addPrimaryKeyConstraint(
      'catalogue_pk',
      ['kind', 'id', 'scope', 'version'] as never,
    )
  })
  await create('enrolment_tokens', t => {
    const base = need(need(withId(t), 'text', 'token_sha256', 'customer_id', 'site_id'), 'integer', 'max_uses', 'uses')
    return may(may(need(base, 'bigint', 'expires_at', 'created_at'), 'bigint', 'revoked_at'), 'text', 'created_by')
  })
  await create('devices', t => {
    const base = need(
      need(withId(t), 'integer', 'device_no'),
      'text',
      'customer_id',
      'site_id',
      'name',
      'machine_id',
      'hostname',
      'platform',
      'agent_version',
      'state',
    )
    return may(
      may(
        need(base, 'bigint', 'enrolled_at'),
        'text',
        'profile_id',
        'model',
        'public_key',
        'secret_sha256',
        'next_secret_sha256',
        'enrolment_token_id',
      ),
      'bigint',
      'secret_until',
      'waiting_since',
      'retired_at',
    )
  })
  await create('device_states', t => {
    const base = need(
      t.addColumn('device_id', 'text', c => c.primaryKey()),
      'text',
      'connection',
      'verdict',
      'reasons',
      'config_status',
    )
    const instants = may(need(base, 'bigint', 'connection_since', 'verdict_since'), 'bigint', 'expected_back_at', 'clock_offset_ms')
    return need(may(instants, 'text', 'session_id', 'boot_id', 'inventory'), 'integer', 'config_wanted', 'config_applied')
  })
  await create('device_latest', t =>
    may(
      may(
        need(
          t.addColumn('device_id', 'text', c => c.primaryKey()),
          'bigint',
          'last_seen_at',
        ),
        'bigint',
        'metrics_at',
      ),
      'text',
      'metrics',
    ),
  )
  await create('ingest_marks', t =>
    need(need(need(t, 'text', 'device_id', 'epoch'), 'bigint', 'mark', 'seen_at'), 'text', 'ranges').addPrimaryKeyConstraint(
      'ingest_marks_pk',
      ['device_id', 'epoch'] as never,
    ),
  )
  await create('quarantine', t =>
    need(need(withId(t), 'text', 'device_id', 'kind', 'fault', 'detail', 'payload_base64'), 'bigint', 'received_at'),
  )
  await create('device_metrics', t =>
    need(need(t, 'integer', 'device_no', 'slot'), 'text', 'name').addPrimaryKeyConstraint('device_metrics_pk', [
      'device_no',
      'slot',
    ] as never),
  )
  for (const name of ['samples', 'rollups'] as const) {
    let table = need(db.schema.createTable(name), 'integer', 'device_no', ...(name === 'rollups' ? ['bucket_ms'] : []))
    table = need(table, 'bigint', 'at').addColumn('data', blob, c => c.notNull())
    const key = name === 'rollups' ? ['device_no', 'bucket_ms', 'at'] : ['device_no', 'at']
    table = table.addPrimaryKeyConstraint(`${name}_pk`, key)
    // The key is the row on SQLite: one B-tree instead of two, so a device's day is one range of pages.
    await (isPostgres ? table : table.modifyEnd(sql`without rowid`)).execute()
  }
  await create('timeline', t =>
    may(
      may(
        need(need(withId(t), 'text', 'device_id', 'kind', 'text'), 'bigint', 'at', 'received_at'),
        'text',
        'signal',
        'component',
        'state',
        'epoch',
        'data',
      ),
      'bigint',
      'sequence',
    ),
  )
  await create('conditions', t => {
    const base = may(
      need(need(t, 'text', 'device_id', 'signal', 'component', 'state', 'text'), 'bigint', 'since_at', 'observed_at'),
      'bigint',
      'recovered_at',
      'held_until',
      'opens_at',
      'clears_at',
    )
    return may(may(base, 'text', 'evidence', 'incident_id'), 'integer', 'level').addPrimaryKeyConstraint('conditions_pk', [
      'device_id',
      'signal',
      'component',
    ] as never)
  })
  await create('incidents', t => {
    const base = may(
      need(withId(t), 'text', 'kind', 'signal', 'component', 'state', 'text', 'evidence'),
      'text',
      'customer_id',
      'site_id',
      'device_id',
      'open_key',
      'ticket_id',
      'parent_id',
    )
    return may(need(need(base, 'integer', 'unstable', 'level', 'opened_count'), 'bigint', 'started_at'), 'bigint', 'ended_at')
  })
  await create('tickets', t => {
    const texts = need(
      withId(t),
      'text',
      'reference',
      'source',
      'status',
      'subject',
      'description',
      'customer_id',
      'channel',
      'environment',
      'category',
      'flags',
      'why',
      'plan_id',
    )
    const maybe = may(
      texts,
      'text',
      'site_id',
      'device_id',
      'partner_id',
      'assignee_user_id',
      'incident_id',
      'signal',
      'component',
      'reporter',
      'software_version',
      'platform_version',
      'impact',
      'resolved_by',
      'same_as_ticket_id',
    )
    return may(
      need(need(maybe, 'integer', 'level', 'line', 'occurrences', 'repeats', 'plan_version'), 'bigint', 'created_at', 'updated_at'),
      'bigint',
      'resolved_at',
      'closed_at',
      'auto_close_at',
      'next_deadline_at',
    )
  })
  await create('clocks', t => {
    const base = need(need(withId(t), 'text', 'ticket_id', 'kind', 'state', 'target', 'calendar', 'why'), 'integer', 'cycle')
    return may(
      need(need(base, 'bigint', 'started_at'), 'double precision', 'used_seconds'),
      'bigint',
      'running_since',
      'due_at',
      'warn_at',
      'warned_at',
      'breached_at',
      'ended_at',
    )
  })
  await create('ticket_events', t =>
    need(
      may(need(withId(t), 'text', 'ticket_id', 'kind', 'visibility', 'author_kind', 'text'), 'text', 'author_name', 'data'),
      'bigint',
      'at',
    ),
  )
  await create('outbox', t => {
    const base = need(need(withId(t), 'text', 'channel', 'dedup_key', 'address', 'subject', 'body', 'state'), 'integer', 'attempts')
    return may(
      may(need(base, 'bigint', 'next_attempt_at', 'created_at'), 'bigint', 'claimed_until', 'sent_at'),
      'text',
      'ticket_id',
      'device_id',
      'customer_id',
      'last_error',
    )
  })
  await create('users', t =>
    may(
      need(need(withId(t), 'text', 'email', 'name', 'role', 'customer_ids', 'password_hash'), 'bigint', 'created_at'),
      'bigint',
      'disabled_at',
    ),
  )
  await create('sessions', t =>
    need(
      need(
        t.addColumn('id_sha256', 'text', c => c.primaryKey()),
        'text',
        'user_id',
        'address',
      ),
      'bigint',
      'created_at',
      'expires_at',
    ),
  )
  await create('api_tokens', t =>
    may(
      may(
        need(need(withId(t), 'text', 'name', 'role', 'token_sha256'), 'bigint', 'created_at'),
        'text',
        'customer_id',
        'partner_id',
        'created_by',
      ),
      'bigint',
      'revoked_at',
      'last_used_at',
    ),
  )
  await create('audit', t =>
    may(
      need(need(withId(t), 'text', 'actor_kind', 'actor_id', 'action', 'subject_kind', 'subject_id'), 'bigint', 'at'),
      'text',
      'address',
      'detail',
    ),
  )

  const index = (name: string, table: string, columns: string[], unique = false) => {
    const builder = db.schema.createIndex(name).on(table).columns(columns)
    return (unique ? builder.unique() : builder).execute()
  }
  await db.schema
    .createIndex('catalogue_current')
    .on('catalogue')
    .columns(['kind', 'id', 'scope'])
    .unique()
    .where(sql.ref('is_current'), '=', sql.lit(1))
    .execute()
  await index('sites_customer', 'sites', ['customer_id'])
  await index('contacts_customer', 'contacts', ['customer_id'])
  await index('enrolment_tokens_hash', 'enrolment_tokens', ['token_sha256'], true)
  await index('devices_machine', 'devices', ['customer_id', 'machine_id'], true)
  await index('devices_no', 'devices', ['device_no'], true)
  await index('devices_name', 'devices', ['name', 'id'])
  await index('devices_site', 'devices', ['site_id'])
  await index('devices_token', 'devices', ['enrolment_token_id'])
  await index('devices_state', 'devices', ['customer_id', 'state'])
  await index('quarantine_received', 'quarantine', ['received_at'])
  await index('timeline_device', 'timeline', ['device_id', 'at'])
  await index('samples_at', 'samples', ['at'])
  await db.schema
    .createIndex('conditions_opens')
    .on('conditions')
    .column('opens_at')
    .where(sql.ref('opens_at'), 'is not', sql.lit(null))
    .execute()
  await db.schema
    .createIndex('conditions_clears')
    .on('conditions')
    .column('clears_at')
    .where(sql.ref('clears_at'), 'is not', sql.lit(null))
    .execute()
  await db.schema
    .createIndex('incidents_open_key')
    .on('incidents')
    .column('open_key')
    .unique()
    .where(sql.ref('open_key'), 'is not', sql.lit(null))
    .execute()
  await index('incidents_device', 'incidents', ['device_id', 'started_at'])
  await index('incidents_started', 'incidents', ['started_at'])
  await index('tickets_reference', 'tickets', ['reference'], true)
  await index('tickets_customer', 'tickets', ['customer_id', 'created_at'])
  await index('tickets_device', 'tickets', ['device_id', 'created_at'])
  await index('tickets_status', 'tickets', ['status', 'created_at'])
  await db.schema
    .createIndex('tickets_deadline')
    .on('tickets')
    .column('next_deadline_at')
    .where(sql.ref('next_deadline_at'), 'is not', sql.lit(null))
    .execute()
  await index('clocks_ticket', 'clocks', ['ticket_id', 'kind', 'cycle'], true)
  await db.schema
    .createIndex('incidents_ticket')
    .on('incidents')
    .column('ticket_id')
    .where(sql.ref('ticket_id'), 'is not', sql.lit(null))
    .execute()
  await index('ticket_events_ticket', 'ticket_events', ['ticket_id', 'at'])
  await index('outbox_dedup', 'outbox', ['dedup_key'], true)
  await index('outbox_due', 'outbox', ['state', 'next_attempt_at'])
  await index('outbox_ticket', 'outbox', ['ticket_id'])
  await index('users_email', 'users', ['email'], true)
  await index('api_tokens_hash', 'api_tokens', ['token_sha256'], true)
  await index('audit_at', 'audit', ['at'])
}
