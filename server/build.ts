/** Builds what is served as files: the console and the agent's one file. Skips what is newer than its sources. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build as buildWeb } from 'vite'
import { buildAgent } from './build-agent.ts'

const ROOT = join(import.meta.dirname, '..')
/** Folder of everything built. */
export const BUILD_FOLDER = join(ROOT, 'build')

function newestMs(path: string): number {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map(name => newestMs(join(path, name))))
}

function isFresh(output: string, ...sources: string[]): boolean {
  const builtMs = existsSync(join(ROOT, output)) ? statSync(join(ROOT, output)).mtimeMs : 0
  return builtMs > Math.max(...sources.map(source => newestMs(join(ROOT, source))))
}

/** The JSX transform follows NODE_ENV: a test runner's would call for the development runtime that a production build lacks. */
async function inProduction(work: () => Promise<unknown>): Promise<void> {
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  try {
    await work()
  } finally {
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  }
}

/** Builds the console into build/web and the agent into build/agent. */
export async function buildAll(): Promise<void> {
  if (!isFresh('build/agent/kioskeeper-agent.mjs', 'agent', 'shared', 'package.json', 'server/build-agent.ts'))
    await buildAgent(join(BUILD_FOLDER, 'agent'))
  if (!isFresh('build/web/index.html', 'server/web', 'shared', 'package.json'))
    await inProduction(() => buildWeb({ configFile: join(ROOT, 'server/web/vite.config.ts'), logLevel: 'warn' }))
}

/** What the web's builder takes for the end of a file's name, and Node's resolver for a pattern. */
const MISREAD = /[#?*]/

/** Builds, then becomes the program named on the command line: one process from the start on, so that a signal to it ends what runs. */
async function run([program, ...args]: readonly string[]): Promise<void> {
  const sign = MISREAD.exec(ROOT)?.[0]
  if (sign !== undefined) {
    process.stderr.write(
      `Kioskeeper cannot start: the console cannot be built in ${ROOT}, whose name has a ${sign} in it. Move it, then run: npm ci\n`,
    )
    process.exit(2)
  }
  await buildAll()
  if (program !== undefined) process.execve?.(process.execPath, [process.execPath, program, ...args], process.env)
}

if (import.meta.main) await run(process.argv.slice(2))
