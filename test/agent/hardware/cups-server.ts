/** A real CUPS of the test's own: its own folder and socket, nobody's printers. Its only way to a printer is a script that tells what the test wants told. */
import { spawn, execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../support/free-ports.ts'
import { waitFor } from '../wait-for.ts'

const PROGRAMS = '/usr/lib/cups'

export type CupsServer = {
  environment: NodeJS.ProcessEnv
  port: number
  /** Runs a CUPS program against this server. */
  run(program: string, ...options: string[]): void
  /** Prints something; on its way the printer tells these states: `+media-jam-error`. */
  print(queue: string, ...states: string[]): Promise<void>
  stop(): Promise<void>
}

/** The way to the printer: CUPS runs it for each job and reads states from it. Without a job it lists itself. */
const backend = (folder: string) => `#!/bin/sh
[ $# -eq 0 ] && exit 0
while read -r state; do echo "STATE: $state" >&2; done < ${folder}/states
echo done >> ${folder}/printed
exit 0
`

function writeConfiguration(folder: string, port: number): void {
  for (const name of ['etc', 'spool/tmp', 'cache', 'run', 'log', 'bin/backend']) mkdirSync(join(folder, name), { recursive: true })
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'spool/tmp'), 0o1777)
  for (const name of readdirSync(PROGRAMS)) if (name !== 'backend') symlinkSync(join(PROGRAMS, name), join(folder, 'bin', name))
  writeFileSync(join(folder, 'bin/backend/kiosk'), backend(folder), { mode: 0o755 })
  writeFileSync(join(folder, 'states'), '')
  writeFileSync(join(folder, 'printed'), '')
  chmodSync(join(folder, 'printed'), 0o666)
  const folders = { ServerRoot: 'etc', RequestRoot: 'spool', CacheDir: 'cache', StateDir: 'run', ServerBin: 'bin', TempDir: 'spool/tmp' }
  const logs = { AccessLog: 'log/access', ErrorLog: 'log/error', PageLog: 'log/page' }
  const files = Object.entries({ ...folders, ...logs }).map(([name, path]) => `${name} ${join(folder, path)}`)
  writeFileSync(
    join(folder, 'etc/cups-files.conf'),
    [...files, 'DataDir /usr/share/cups', 'Sandboxing relaxed', 'User lp', 'Group lp', 'SystemGroup root', ''].join('\n'),
  )
  const open = 'Order allow,deny\n  Allow all'
  writeFileSync(
    join(folder, 'etc/cupsd.conf'),
    `LogLevel warn\nListen ${folder}/run/cups.sock\nListen 127.0.0.1:${port}\nBrowsing Off\nDefaultAuthType None\n<Location />\n  ${open}\n</Location>\n<Policy default>\n<Limit All>\n  ${open}\n</Limit>\n</Policy>\n`,
  )
}

/** Starts it. */
export async function startCups(): Promise<CupsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kk-cups-'))
  const [port = 0] = await freePorts(1)
  writeConfiguration(folder, port)
  const options = ['-f', '-c', join(folder, 'etc/cupsd.conf'), '-s', join(folder, 'etc/cups-files.conf')]
  const child = spawn('/usr/sbin/cupsd', options, { stdio: 'ignore' })
  const ended = new Promise(resolve => child.once('close', resolve))
  const environment = { ...process.env, CUPS_SERVER: join(folder, 'run/cups.sock') }
  const printed = () => readFileSync(join(folder, 'printed'), 'utf8').length
  const run = (program: string, ...words: string[]) =>
    void execFileSync(program, words, { env: { ...environment, PATH: `${process.env['PATH']}:/usr/sbin` }, stdio: 'pipe' })
  await waitFor('the print service', () => existsSync(join(folder, 'run/cups.sock')))
  return {
    environment,
    port,
    run,
    async print(queue, ...states) {
      const before = printed()
      writeFileSync(join(folder, 'states'), states.map(state => `${state}\n`).join(''))
      run('lp', '-d', queue, '/etc/hostname')
      await waitFor('the job', () => printed() > before)
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
