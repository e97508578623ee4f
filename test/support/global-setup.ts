/** Once before all tests: what they need from the machine is installed, or the run stops and says how to get it. */
import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres-server.ts'
import { makeStoreTemplates } from './store-templates.ts'
import { prepareSystem } from './system-packages.ts'

declare module 'vitest' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged
  export interface ProvidedContext {
    postgresUrl: string
    /** A migrated SQLite file to copy. */
    sqliteTemplate: string
  }
}

/** Starts PostgreSQL and makes the databases that tests copy; the answer takes both away. */
export async function setup(project: TestProject): Promise<() => void> {
  prepareSystem(console.log)
  const postgres = await startPostgres()
  const templates = await makeStoreTemplates(postgres.url)
  project.provide('postgresUrl', postgres.url)
  project.provide('sqliteTemplate', templates.sqliteFile)
  return () => {
    templates.remove()
    postgres.stop()
  }
}
