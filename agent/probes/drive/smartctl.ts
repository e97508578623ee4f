/** Runs `smartctl` where it is installed: child processes, so only at the start and every few hours. */
import { childProcess } from '../../builtin.ts'
import { parseScan, parseSmart, type Drive } from './smart.ts'

const TIME_LIMIT_MS = 30_000
const MAX_OUTPUT_BYTES = 2 * 1024 * 1024
/** Services often have no /usr/sbin in their path. */
const SEARCH_PATH = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`

/** Output of one run, whatever its exit code says (its bits tell about the drive); null when it could not run. */
function run(options: string[]): Promise<string | null> {
  return new Promise(resolve => {
    childProcess().execFile(
      'smartctl',
      options,
      { timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES, env: { ...process.env, PATH: SEARCH_PATH } },
      (error, stdout) => resolve(error !== null && stdout === '' ? null : stdout),
    )
  })
}

/** Health of every drive, one after the other; null where `smartctl` is not installed or finds no drive. A sleeping drive is not woken. */
export async function readDrives(): Promise<Drive[] | null> {
  const found = parseScan((await run(['--scan-open', '-j'])) ?? '')
  if (found.length === 0) return null
  const drives: Drive[] = []
  for (const { name, type } of found) drives.push(parseSmart((await run(['-j', '-a', '-n', 'standby', '-d', type, name])) ?? '', name))
  return drives
}
