/** Once before all tests: what they need from the machine is installed, or the run stops and says how to get it. */
import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres-server.ts'
import { prepareSystem } from './system-packages.ts'

declare module 'vitest' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged
  export interface ProvidedContext {
    postgresUrl: string
  }
}

/** Starts PostgreSQL for the run; the answer stops it. */
export async function setup(project: TestProject): Promise<() => void> {
  prepareSystem(console.log)
  const postgres = await startPostgres()
  project.provide('postgresUrl', postgres.url)
  return () => postgres.stop()
}
