/**
 * `npm test`: every check and every test, one after the other, and a list at the end of what ran. Nothing is skipped.
 * `npm test -- PATH ...`: only the tests under these paths, on a fresh build.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { MissingPackages, prepareSystem } from './support/system-packages.ts'

type Step = { name: string; command: readonly string[] }

const paths = process.argv.slice(2).filter(word => !word.startsWith('-'))
const checks: readonly Step[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '.'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'import direction', command: ['node', 'test/architecture/import-check.ts'] },
  { name: 'dead code', command: ['knip'] },
]
const tests: readonly Step[] = [
  { name: 'build', command: ['node', 'server/build.ts'] },
  { name: 'tests', command: ['vitest', 'run', '--config', 'test/vitest.config.ts', ...paths] },
]
const steps = paths.length > 0 ? tests : [...checks, ...tests]

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
/** Says what the tests need and installs what is missing; ends the run with one line when it may not. */
function prepare(): void {
  console.log(`Kioskeeper ${version} on Node ${process.version}`)
  try {
    console.log(prepareSystem(line => console.log(line)))
  } catch (error) {
    if (!(error instanceof MissingPackages)) throw error
    console.error(error.message)
    process.exit(2)
  }
}

if (process.argv.includes('--version')) {
  console.log(`Kioskeeper ${version} on Node ${process.version}`)
  process.exit(0)
}
prepare()
const results: { name: string; seconds: number; fault: string | null }[] = []
for (const step of steps) {
  console.log(`\n== ${step.name}: ${step.command.join(' ')}`)
  const startedMs = performance.now()
  const [program, ...options] = step.command as [string, ...string[]]
  const run = spawnSync(program, options, { stdio: 'inherit' })
  const fault = run.status === 0 ? null : `exit code ${run.status ?? run.signal}`
  results.push({ name: step.name, seconds: Math.round((performance.now() - startedMs) / 100) / 10, fault })
}
console.log(`\nKioskeeper ${version} on Node ${process.version}: what ran`)
for (const result of results)
  console.log(
    `  ${result.fault === null ? 'ok    ' : 'FAILED'} ${result.name} (${result.seconds} s)${result.fault === null ? '' : `: ${result.fault}`}`,
  )
process.exit(results.every(result => result.fault === null) ? 0 : 1)
