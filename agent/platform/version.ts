/** Version of the agent: written into the bundle when it is built, read from package.json when run from the sources. */
import { readFileSync } from 'node:fs'

declare const KIOSKEEPER_AGENT_VERSION: string | undefined

/** Version of this program, as in package.json. */
export function agentVersion(): string {
  if (typeof KIOSKEEPER_AGENT_VERSION === 'string') return KIOSKEEPER_AGENT_VERSION
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}
