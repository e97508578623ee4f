/** What an installer fetches from this server: the agent's one file, and the runtime it runs on. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

export const RUNTIME_PLATFORMS = ['linux-x64', 'linux-arm64'] as const
export type RuntimePlatform = (typeof RUNTIME_PLATFORMS)[number]

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** The runtime's program of a platform package, or null when this installation does not have it. */
function runtimeBinary(platform: RuntimePlatform): string | null {
  try {
    const file = join(dirname(createRequire(import.meta.url).resolve(`node-${platform}/package.json`)), 'bin', 'node')
    return existsSync(file) ? file : null
  } catch {
    return null
  }
}

/** Names a file beside the installer whose text takes the line's place. */
const INCLUDE = /^@INCLUDE:([a-z.-]+)@$/gm

/** Text of the installer at `file`, with the files it includes in their places. */
async function readInstaller(file: string): Promise<string> {
  const text = await readFile(file, 'utf8')
  const parts = new Map<string, string>()
  for (const [, name] of text.matchAll(INCLUDE))
    if (name !== undefined) parts.set(name, (await readInstaller(join(dirname(file), basename(name)))).trimEnd())
  return text.replaceAll(INCLUDE, (whole, name: string) => parts.get(name) ?? whole)
}

/** The installer as devices get it: whole, with its placeholders filled. */
export async function fillInstaller(file: string, values: Readonly<Record<string, string>>): Promise<string> {
  return (await readInstaller(file)).replaceAll(/@([A-Z0-9_]+)@/g, (whole, name: string) => values[name] ?? whole)
}

/** Makes the downloads; the compressed runtime is made at its first request and kept in `cacheFolder`. */
export function makeDownloads(options: {
  cacheFolder: string
  agentFile: string
  installerFile: string
  /** What the runtime needs and lean systems lack: a folder a platform, and its licence. */
  librariesFolder: string
}) {
  const hashes = new Map<string, Promise<string>>()
  const compressed = new Map<RuntimePlatform, Promise<string>>()
  const hashOf = (file: string): Promise<string> => {
    const known = hashes.get(file) ?? sha256OfFile(file)
    hashes.set(file, known)
    return known
  }

  /** The library that goes beside the runtime. */
  const library = (platform: RuntimePlatform): string => join(options.librariesFolder, platform, 'libatomic.so.1')

  const compress = async (platform: RuntimePlatform, binary: string): Promise<string> => {
    mkdirSync(options.cacheFolder, { recursive: true, mode: 0o700 })
    const file = join(options.cacheFolder, `node-${platform}-${(await hashOf(binary)).slice(0, 16)}.gz`)
    if (existsSync(file)) return file
    await pipeline(createReadStream(binary), createGzip({ level: 4 }), createWriteStream(`${file}.part`))
    renameSync(`${file}.part`, file)
    return file
  }

  return {
    /** The installer with its placeholders filled. */
    async installer(facts: { serverUrl: string; caPem: string | null; pin: string }): Promise<string> {
      const runtimeHash = async (platform: RuntimePlatform): Promise<string> => {
        const binary = runtimeBinary(platform)
        return binary === null ? '' : hashOf(binary)
      }
      const values: Record<string, string> = {
        SERVER_URL: facts.serverUrl,
        CA_PEM: facts.caPem?.trim() ?? '',
        PIN: facts.pin,
        AGENT_SHA256: await sha256OfFile(options.agentFile),
        RUNTIME_SHA256_X64: await runtimeHash('linux-x64'),
        RUNTIME_SHA256_ARM64: await runtimeHash('linux-arm64'),
        LIBRARY_SHA256_X64: await hashOf(library('linux-x64')),
        LIBRARY_SHA256_ARM64: await hashOf(library('linux-arm64')),
      }
      return fillInstaller(options.installerFile, values)
    },
    agentFile: options.agentFile,
    library,
    licenceFile: join(options.librariesFolder, 'LICENCE.txt'),
    /** Compressed runtime, or null for a platform this installation does not have. */
    async runtime(platform: RuntimePlatform): Promise<string | null> {
      const binary = runtimeBinary(platform)
      if (binary === null) return null
      const made = compressed.get(platform) ?? compress(platform, binary)
      compressed.set(platform, made)
      return made
    },
  }
}
