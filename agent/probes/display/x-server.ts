/** The X servers of a machine: which run, and the key (cookie) that opens them. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { listNames, readLine, readText, type Roots } from '../read-file.ts'

export type XServer = { display: number; isWayland: boolean; authorityFile: string | null }

const SERVER_NAMES = new Set(['Xorg', 'X', 'Xvfb', 'Xwayland', 'Xephyr'])
const COOKIE_NAME = 'MIT-MAGIC-COOKIE-1'
const MAX_AUTHORITY_BYTES = 64 * 1024

/** X servers by their processes; the command line names the display and the file with the key. Xwayland is one for show: it cannot tell what the displays do. */
export function findXServers(roots: Roots): XServer[] {
  const found: XServer[] = []
  for (const pid of listNames(roots.proc)) {
    if (!/^\d+$/.test(pid)) continue
    const name = readLine(join(roots.proc, pid, 'comm'))
    if (name === null || !SERVER_NAMES.has(name)) continue
    const words = (readText(join(roots.proc, pid, 'cmdline')) ?? '').split('\0')
    const display = words.map(word => /^:(\d{1,5})$/.exec(word)?.[1]).find(number => number !== undefined)
    const authorityAt = words.indexOf('-auth')
    found.push({
      display: Number(display ?? 0),
      isWayland: name === 'Xwayland',
      authorityFile: authorityAt === -1 ? null : (words[authorityAt + 1] ?? null),
    })
  }
  return found
}

/** The cookie for a display in the bytes of an authority file; null when it has none. Torn bytes end the search. */
export function findCookie(bytes: Uint8Array, display: number): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const field = (): Uint8Array | null => {
    if (at + 2 > bytes.length) return null
    const length = view.getUint16(at)
    const start = at + 2
    at = start + length
    return at > bytes.length ? null : bytes.subarray(start, at)
  }
  while (at + 2 <= bytes.length) {
    at += 2
    const [address, number, name, data] = [field(), field(), field(), field()]
    if (!address || !number || !name || !data) return null
    const numberText = String.fromCharCode(...number.subarray(0, 8))
    const isOurs = numberText === '' || numberText === String(display)
    if (isOurs && String.fromCharCode(...name.subarray(0, 32)) === COOKIE_NAME) return data
  }
  return null
}

/** The key to a server: from the file it was started with, else from this account's own; null = try without. */
export function readCookie(server: XServer, environment: NodeJS.ProcessEnv): Uint8Array | null {
  const files = [server.authorityFile, environment.XAUTHORITY, join(homedir(), '.Xauthority')]
  for (const file of files) {
    if (!file) continue
    try {
      const cookie = findCookie(readFileSync(file).subarray(0, MAX_AUTHORITY_BYTES), server.display)
      if (cookie) return cookie
    } catch {
      // not there, or not for us: the next one
    }
  }
  return null
}
