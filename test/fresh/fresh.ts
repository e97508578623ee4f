/** `npm run test:fresh`: the first command and the agent's install line on fresh machines as people have them. Needs root and Debian's mmdebstrap. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildAll } from '../../server/build.ts'
import { MissingPackages, prepareSystem, type SystemPackage } from '../support/system-packages.ts'
import { tryAgentInstall } from './agent-install.ts'
import { tryFirstCommand, type FirstCommand, type Machine } from './first-command.ts'
import { must } from './system.ts'

const NEEDED: readonly SystemPackage[] = [
  { name: 'mmdebstrap', package: 'mmdebstrap', isThere: () => existsSync('/usr/bin/mmdebstrap') },
  { name: 'git', package: 'git', isThere: () => existsSync('/usr/bin/git') },
]

/** Debian's own Node and npm, and what their makers give: every Node that is kept up, every npm that comes with one. */
const MACHINES: readonly Machine[] = [
  { suite: 'bookworm', packages: ['nodejs', 'npm'], tooOld: true },
  { suite: 'trixie', packages: ['nodejs', 'npm'] },
  { suite: 'bookworm', node: '20.20.2', npm: '10.9.9' },
  { suite: 'trixie', node: '22.20.0', npm: '9.2.0' },
  { suite: 'trixie', node: '24.11.0', npm: '11.21.2' },
  // this Node itself needs the library
  { suite: 'bookworm', packages: ['libatomic1'], node: '26.10.0', npm: '11.21.2' },
]
const AGENT_SUITES = ['bookworm', 'trixie']
/** As many machines at once as there are processors to carry them. */
const AT_ONCE = 2

const DEBIAN = new Map([
  ['bookworm', 'Debian 12'],
  ['trixie', 'Debian 13'],
])

function report(name: string, seconds: string, faults: readonly string[]): void {
  console.log(`  ${faults.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds})`)
  for (const fault of faults) console.log(`         ${fault.replaceAll('\n', '\n         ')}`)
}

/** The sources as a clone has them, changed files included. */
async function packSources(folder: string): Promise<string> {
  const file = join(folder, 'sources.tar')
  await must('sh', ['-c', `git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -T - -cf '${file}'`])
  return file
}

async function tryFirstCommands(sources: string): Promise<FirstCommand[]> {
  const waiting = [...MACHINES]
  const results: FirstCommand[] = []
  const work = async () => {
    for (let machine = waiting.shift(); machine; machine = waiting.shift()) {
      const result = await tryFirstCommand(machine, sources)
      result.versions = `${DEBIAN.get(machine.suite)}, ${result.versions}${machine.node === undefined ? ' (its own)' : ''}`
      report(
        result.versions,
        machine.tooOld ? 'too old, as one line says' : `npm ci ${result.ciSeconds} s, ready after ${result.readySeconds} s`,
        result.faults,
      )
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

async function main(): Promise<number> {
  const startedMs = performance.now()
  if (process.getuid?.() !== 0) {
    console.error('npm run test:fresh makes systems of its own and enters them: run it as root.')
    return 2
  }
  try {
    console.log(prepareSystem(line => console.log(line), NEEDED))
  } catch (error) {
    if (!(error instanceof MissingPackages)) throw error
    console.error(error.message)
    return 2
  }
  await buildAll()
  const folder = mkdtempSync(join(tmpdir(), 'kk-fresh-'))
  try {
    console.log('\nnpm ci && npm start, npm test -- --version, the command line, Ctrl-C, SIGTERM, a wrong setting:')
    const first = await tryFirstCommands(await packSources(folder))
    console.log("\nThe agent's install line:")
    const installs = await tryAgentInstall(AGENT_SUITES)
    for (const install of installs) report(install.case, `${install.seconds} s`, install.faults)
    const all = [...first, ...installs]
    const failed = all.filter(result => result.faults.length > 0).length
    console.log(`\n${all.length - failed} passed, ${failed} failed\n(${Math.round((performance.now() - startedMs) / 1000)} s)`)
    return failed === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exit(await main())
