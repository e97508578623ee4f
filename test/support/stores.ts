/** The same tests on both databases: a fresh SQLite file, and a fresh database in a real PostgreSQL. Both are copies of one that was migrated before all tests. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, inject } from 'vitest'
import { openStore, type Store } from '../../server/database/database.ts'
import { TEMPLATE_DATABASE } from './store-templates.ts'

/** `empty` is for tests of the migrations themselves. */
type Content = 'migrated' | 'empty'
export type StoreLocation = { location: string; remove(): Promise<void> }

/** A fresh SQLite store. */
export function sqlitePlace(content: Content = 'migrated'): StoreLocation {
  const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-test-'))
  if (content === 'migrated') copyFileSync(inject('sqliteTemplate'), join(folder, 'kioskeeper.db'))
  return {
    location: join(folder, 'kioskeeper.db'),
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
      return Promise.resolve()
    },
  }
}

/** A fresh database in the run's PostgreSQL. */
export async function postgresPlace(content: Content = 'migrated'): Promise<StoreLocation> {
  const admin = new pg.Client({ connectionString: inject('postgresUrl') })
  await admin.connect()
  const name = `test_${process.pid}_${crypto.randomUUID().replaceAll('-', '')}`
  await admin.query(`create database ${name}${content === 'migrated' ? ` template ${TEMPLATE_DATABASE}` : ''}`)
  await admin.end()
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${name}`
  return { location: url.toString(), remove: () => Promise.resolve() }
}

/** Runs a block of tests once per database; `open` gives a fresh migrated store that is closed after the test. */
export function eachStore(name: string, block: (open: () => Promise<Store>) => void): void {
  for (const kind of ['sqlite', 'postgres'] as const) {
    describe(`${name} (${kind})`, () => {
      const cleanups: (() => Promise<void>)[] = []
      afterEach(async () => {
        for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
      })
      block(async () => {
        const place = kind === 'sqlite' ? sqlitePlace() : await postgresPlace()
        const store = await openStore(place.location)
        cleanups.push(place.remove, () => store.close())
        return store
      })
    })
  }
}
