/** One migrated database of each kind, which tests copy: migrating costs a tenth to a third of a second, and thousands of tests begin with a store. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openStore } from '../../server/database/database.ts'

/** Name of the migrated database in the run's PostgreSQL. */
export const TEMPLATE_DATABASE = 'kioskeeper_template'

/** Makes both; answers the SQLite file and what removes it. PostgreSQL copies a database only while nobody is connected to it, so none stays open. */
export async function makeStoreTemplates(postgresUrl: string): Promise<{ sqliteFile: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-template-'))
  const sqliteFile = join(folder, 'kioskeeper.db')
  await (await openStore(sqliteFile)).close()
  const admin = new pg.Client({ connectionString: postgresUrl })
  await admin.connect()
  await admin.query(`create database ${TEMPLATE_DATABASE}`)
  await admin.end()
  const url = new URL(postgresUrl)
  url.pathname = `/${TEMPLATE_DATABASE}`
  await (await openStore(url.toString())).close()
  return { sqliteFile, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
