/** Runs `smartctl` where it is installed: child processes, so only at the start and every few hours. */
import { childProcess } from '../../platform/builtin.ts'
import { parseScan, parseSmart, type Drive } from './smart.ts'

const TIME_LIMIT_MS = 10_000
/** All drives together: a shelf of dying ones must not hold up the rest. */
const TOTAL_LIMIT_MS = 25_000
const MAX_OUTPUT_BYTES = 2 * 1024 * 1024
/** Services often have no /usr/sbin in their path. */
const searchPath = () => `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`

/** Output of one run, whatever its exit code says (its bits tell about the drive); null when it could not run. */
function run(options: string[]): Promise<string | null> {
  return new Promise(resolve => {
    childProcess().execFile(
      'smartctl',
      options,
      { timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES, env: { ...process.env, PATH: searchPath() } },
      (error, stdout) => resolve(error !== null && stdout === '' ? null : stdout),
    )
  })
}

/** Health of every drive, one after the other; null where `smartctl` is not installed or finds no drive. A sleeping drive is not woken. */
export async function readDrives(): Promise<Drive[] | null> {
  const found = parseScan((await run(['--scan-open', '-j'])) ?? '')
  if (found.length === 0) return null
  const startedAtMs = performance.now()
  const drives: Drive[] = []
  for (const { name, type } of found) {
    const isInTime = performance.now() - startedAtMs < TOTAL_LIMIT_MS
    drives.push(parseSmart((isInTime ? await run(['-j', '-a', '-n', 'standby', '-d', type, name]) : null) ?? '', name))
  }
  return drives
}
