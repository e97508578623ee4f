/** Builds the agent as one file that runs alone on Node: what devices download and install. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown, type Plugin } from 'rolldown'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FILE_NAME = 'kioskeeper-agent.mjs'

/** Libraries the bundle replaces: Node has the same streams built in, and the agent runs in no browser. */
const STREAM = 'kioskeeper:node-stream'
const NOTHING = 'kioskeeper:nothing'
const REPLACED: Record<string, string> = { 'readable-stream': STREAM, 'worker-timers': NOTHING }
const REPLACEMENTS: Record<string, string> = { [STREAM]: `module.exports = require('node:stream')`, [NOTHING]: 'module.exports = {}' }

const replaceLibraries: Plugin = {
  name: 'replace-libraries',
  resolveId: source => (Object.hasOwn(REPLACED, source) ? `\0${REPLACED[source]}.cjs` : null),
  load(id) {
    const code = REPLACEMENTS[id.slice(1).replace(/\.cjs$/, '')]
    return id.startsWith('\0') && code !== undefined ? { code, moduleType: 'js' } : null
  },
}

/** The wire schemas are values without side effects: unused ones stay out, and with them the schema library of a process that never checks one. */
const isPure = (id: string) => {
  const path = isAbsolute(id) ? relative(ROOT, id) : id
  return path.startsWith('shared/') || path.startsWith('agent/') || path.includes('node_modules/typebox/')
}

export type BuiltAgent = { file: string; sha256: string; version: string }

/** Writes `kioskeeper-agent.mjs` into a folder; answers its path, SHA-256 (hex) and version. */
export async function buildAgent(outDir: string): Promise<BuiltAgent> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const file = join(outDir, FILE_NAME)
  await mkdir(outDir, { recursive: true })
  const bundle = await rolldown({
    input: join(ROOT, 'agent/main.ts'),
    platform: 'node',
    plugins: [replaceLibraries],
    transform: { define: { KIOSKEEPER_AGENT_VERSION: JSON.stringify(version) } },
    treeshake: { moduleSideEffects: (id, isExternal) => isExternal || !isPure(id) || id.endsWith('agent/main.ts') },
    logLevel: 'warn',
  })
  try {
    await bundle.write({ file, format: 'esm', minify: true, codeSplitting: false, comments: false })
  } finally {
    await bundle.close()
  }
  const sha256 = createHash('sha256').update(await readFile(file)).digest('hex')
  return { file, sha256, version }
}
