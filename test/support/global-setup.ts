/** Once before all tests: what they need from the machine is there, or the run stops and says how to get it. */
import { existsSync, readdirSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres-server.ts'

declare module 'vitest' {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- only an interface can be merged
  export interface ProvidedContext {
    postgresUrl: string
  }
}

const needed = [
  { name: 'Chromium', found: () => existsSync('/usr/bin/chromium'), package: 'chromium' },
  { name: 'PostgreSQL server', found: () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0, package: 'postgresql' },
]

/** Starts PostgreSQL for the run; the answer stops it. */
export async function setup(project: TestProject): Promise<() => void> {
  const missing = needed.filter(item => !item.found())
  if (missing.length > 0) {
    throw new Error(`Missing on this machine: ${missing.map(item => item.name).join(', ')}. Install with: apt-get install ${missing.map(item => item.package).join(' ')}`)
  }
  const postgres = await startPostgres()
  project.provide('postgresUrl', postgres.url)
  return () => postgres.stop()
}
