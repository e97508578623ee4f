/** Runs the import checker on a folder and reads its answer: what it read, and what it found against the rules. */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
export const CONFIG = join(ROOT, 'test/dependency-cruiser.cjs')
export const CHECKED_FOLDERS: readonly string[] = ['shared', 'agent', 'broker', 'server', 'test']
/** A checker that read fewer files, by more than this part, did not read the house: a green that says nothing. */
const TOLERANCE = 0.05

export type Violation = { rule: string; from: string; to: string }
export type ImportReport = {
  /** Files it read, from `root`; packages and Node's own modules are left out. */
  files: string[]
  violations: Violation[]
}
type Cruised = {
  modules: { source: string }[]
  summary: { violations: { rule: { name: string }; from: string; to: string }[] }
}

/** Checks the folders below `root` with the rules of the project. Throws with the checker's own words when it does not run. */
export function checkImports(root: string = ROOT): ImportReport {
  const folders = CHECKED_FOLDERS.filter(folder => existsSync(join(root, folder)))
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const run = spawnSync(process.execPath, [program, '--config', CONFIG, '--output-type', 'json', ...folders], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (!run.stdout.startsWith('{')) throw new Error(`the import checker did not run: ${run.stdout}${run.stderr}`)
  const cruised = JSON.parse(run.stdout) as Cruised
  return {
    files: cruised.modules.map(module => module.source).filter(source => folders.some(folder => source.startsWith(`${folder}/`))),
    violations: cruised.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  }
}

/** Sources that lie in the checked folders, counted by the file system and not by the checker. */
export function sourcesIn(root: string = ROOT): string[] {
  return globSync(
    CHECKED_FOLDERS.map(folder => `${folder}/**/*.{ts,tsx}`),
    { cwd: root },
  )
}

/** What is wrong with how much was read; null = nothing. */
export function readFault(report: ImportReport, sources: readonly string[]): string | null {
  const read = report.files.filter(file => /\.tsx?$/.test(file)).length
  const isNear = Math.abs(read - sources.length) <= sources.length * TOLERANCE
  return isNear ? null : `the import checker read ${read} of ${sources.length} sources`
}

if (import.meta.main) {
  const report = checkImports()
  const fault = readFault(report, sourcesIn())
  for (const { rule, from, to } of report.violations) console.error(`${rule}: ${from} -> ${to}`)
  if (fault !== null) console.error(fault)
  console.log(`${report.files.length} files read, ${report.violations.length} imports against the rules`)
  process.exit(fault === null && report.violations.length === 0 ? 0 : 1)
}
