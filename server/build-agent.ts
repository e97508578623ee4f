/** Builds the agent as one file that runs alone on Node: what devices download and install. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { rolldown, type InputOptions, type Plugin } from 'rolldown'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FILE_NAME = 'kioskeeper-agent.mjs'

/** How Node is to run the agent: no compiled code kept (lite mode), a small young generation, no worker threads for the engine. Not all of them are allowed in NODE_OPTIONS. */
export const AGENT_FLAGS: readonly string[] = [
  '--lite-mode',
  '--optimize-for-size',
  '--single-threaded',
  '--v8-pool-size=0',
  '--max-semi-space-size=1',
  '--max-old-space-size=64',
]

/** Libraries the bundle replaces: Node has the same streams built in, and the agent uses no browser timers, web sockets, proxies, topic aliases or debug prints. */
const NOTHING = 'module.exports = {}'
const REPLACED: Record<string, string> = {
  'readable-stream': "module.exports = require('node:stream')",
  debug: 'module.exports = () => () => {}',
  'worker-timers': NOTHING,
  'lru-cache': NOTHING,
  ws: NOTHING,
  socks: NOTHING,
  './lib/connect': NOTHING,
}
/** Parts with large libraries that the running agent does not need: kept compressed inside the file and loaded when used. */
const PARTS: Record<string, string> = {
  './profile-check.ts': 'agent/configuration/profile-check.ts',
  './probes/inventory.ts': 'agent/probes/inventory.ts',
  './browser.ts': 'agent/kiosk/browser.ts',
}

const replaceLibraries: Plugin = {
  name: 'replace-libraries',
  resolveId: (source, importer) => (Object.hasOwn(REPLACED, source) && importer?.includes('node_modules/') ? `\0${source}.cjs` : null),
  load(id) {
    const code = id.startsWith('\0') ? REPLACED[id.slice(1, -'.cjs'.length)] : undefined
    return code === undefined ? null : { code, moduleType: 'js' }
  },
}

/** Our modules and the schema library have no side effects when loaded: unused schemas stay out of a process that checks none. */
const isPure = (id: string) => {
  const path = isAbsolute(id) ? relative(ROOT, id) : id
  return path.startsWith('shared/') || path.startsWith('agent/') || path.includes('node_modules/typebox/')
}

/** Other characters as escapes: a single one beyond Latin-1 would make the engine keep the whole source with two bytes a character. */
// oxlint-disable-next-line no-control-regex -- all of ASCII is what stays
const toAscii = (code: string) => code.replace(/[^\u0000-\u007f]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** What CommonJS libraries call themselves by; an ES module has no such names. */
const FILE_NAMES = { __filename: JSON.stringify(FILE_NAME), __dirname: JSON.stringify('.') }

async function bundle(options: InputOptions, format: 'esm' | 'cjs'): Promise<string> {
  const build = await rolldown({ platform: 'node', logLevel: 'warn', ...options })
  try {
    const { output } = await build.generate({ format, minify: true, codeSplitting: false, comments: false })
    return toAscii(output[0].code)
  } finally {
    await build.close()
  }
}

/** A module that unpacks a part and hands on its exports. */
async function packPart(path: string): Promise<string> {
  const code = await bundle({ input: join(ROOT, path), transform: { define: FILE_NAMES } }, 'cjs')
  const packed = brotliCompressSync(code).toString('base64')
  const names = [...(await readFile(join(ROOT, path), 'utf8')).matchAll(/^export (?:async )?function (\w+)/gm)].map(match => match[1])
  return `
    import { createRequire } from 'node:module'
    import { compileFunction } from 'node:vm'
    import { brotliDecompressSync } from 'node:zlib'
    const part = { exports: {} }
    const code = brotliDecompressSync(Buffer.from('${packed}', 'base64')).toString('latin1')
    compileFunction(code, ['require', 'module', 'exports'])(createRequire(import.meta.url), part, part.exports)
    export const { ${names.join(', ')} } = part.exports
  `
}

const packParts: Plugin = {
  name: 'pack-parts',
  resolveId: (source, importer) =>
    importer !== undefined && Object.hasOwn(PARTS, source) ? { id: `\0part:${PARTS[source]}`, moduleSideEffects: true } : null,
  async load(id) {
    return id.startsWith('\0part:') ? { code: await packPart(id.slice('\0part:'.length)), moduleType: 'js' } : null
  },
}

export type BuiltAgent = { file: string; sha256: string; version: string }

/** Writes `kioskeeper-agent.mjs` into a folder; answers its path, SHA-256 (hex) and version. */
export async function buildAgent(outDir: string): Promise<BuiltAgent> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const code = await bundle(
    {
      input: join(ROOT, 'agent/main.ts'),
      plugins: [packParts, replaceLibraries],
      transform: { define: { KIOSKEEPER_AGENT_VERSION: JSON.stringify(version), ...FILE_NAMES } },
      treeshake: { moduleSideEffects: (id, isExternal) => isExternal || !isPure(id) || id.endsWith('agent/main.ts') },
    },
    'esm',
  )
  const file = join(outDir, FILE_NAME)
  await mkdir(outDir, { recursive: true })
  await writeFile(file, code)
  return { file, sha256: createHash('sha256').update(code).digest('hex'), version }
}
