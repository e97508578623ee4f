/** What an installer fetches from this server: the agent's one file, and the runtime it runs on. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
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

/** Makes the downloads; the compressed runtime is made at its first request and kept in `cacheFolder`. */
export function makeDownloads(options: { cacheFolder: string; agentFile: string; installerFile: string }) {
  const hashes = new Map<string, Promise<string>>()
  const compressed = new Map<RuntimePlatform, Promise<string>>()
  const hashOf = (file: string): Promise<string> => {
    const known = hashes.get(file) ?? sha256OfFile(file)
    hashes.set(file, known)
    return known
  }

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
      const template = await readFile(options.installerFile, 'utf8')
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
      }
      return template.replaceAll(/@([A-Z0-9_]+)@/g, (whole, name: string) => values[name] ?? whole)
    },
    agentFile: options.agentFile,
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
