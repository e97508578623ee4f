/**
 * Deletes old files below a folder, as root, where others may write: every step down goes through an open folder, so that nobody
 * can put a link in the way between the look and the deed.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, unlinkSync } from 'node:fs'
import { Refused } from './refused.ts'

const OLD_MS = 24 * 3_600_000
const MAX_FILES = 100_000
const MAX_DEPTH = 16
/** Folders of the system: nothing in them is ever old enough. */
const SYSTEM = /^\/(bin|boot|dev|etc|lib|lib32|lib64|proc|root|run|sbin|srv|sys|usr)(\/|$)/
/** What is made to be thrown away, whoever asks. */
const ALWAYS = /^\/(tmp|var\/tmp|var\/cache|var\/log|var\/crash)(\/|$)/
const DISPOSABLE = /^\.?(cache|caches|code cache|gpucache|tmp|temp|log|logs|crash reports|crashpad)$/i

export type Cleared = { files: number; bytes: number }

/** Why a folder may not be cleared; null when it may. `allowed` are folders that root has named. */
export function cleanupFault(path: string, allowed: readonly string[]): string | null {
  const parts = path.split('/').slice(1)
  if (!path.startsWith('/') || parts.some(part => part === '' || part === '.' || part === '..'))
    return `${path} is not a plain absolute path.`
  if (SYSTEM.test(path)) return `${path} belongs to the system.`
  if (ALWAYS.test(path)) return null
  if (allowed.some(folder => folder.length > 1 && (path === folder || path.startsWith(`${folder}/`))) && parts.length >= 2) return null
  if (parts.length >= 3 && parts.some(part => DISPOSABLE.test(part))) return null
  return `${path} is no cache, log or temporary folder; root can name it in /etc/kioskeeper-agent/cleanup.allow.`
}

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
const inside = (folder: number, name: string): string => `/proc/self/fd/${folder}/${name}`
const openIn = (folder: number, name: string): number => openSync(inside(folder, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)

/** Opens a folder step by step; a link on the way is refused. */
function openFolder(path: string): number {
  let folder = openSync('/', O_RDONLY | O_DIRECTORY)
  for (const part of path.split('/').slice(1)) {
    const above = folder
    try {
      folder = openIn(above, part)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') throw new Refused(`${path} is not there.`)
      throw new Refused(code === 'ENOTDIR' || code === 'ELOOP' ? `${path} is no folder, or leads over a link.` : `${path}: ${String(code)}`)
    } finally {
      closeSync(above)
    }
  }
  return folder
}

function clear(folder: number, device: number, depth: number, beforeMs: number, done: Cleared): void {
  for (const entry of readdirSync(`/proc/self/fd/${folder}`, { withFileTypes: true })) {
    if (done.files >= MAX_FILES) return
    try {
      if (entry.isDirectory() && depth < MAX_DEPTH) {
        const below = openIn(folder, entry.name)
        try {
          // another file system (a mount) is somebody else's
          if (fstatSync(below).dev === device) clear(below, device, depth + 1, beforeMs, done)
        } finally {
          closeSync(below)
        }
        continue
      }
      const stat = lstatSync(inside(folder, entry.name))
      if (!stat.isFile() || stat.mtimeMs >= beforeMs) continue
      unlinkSync(inside(folder, entry.name))
      done.files += 1
      done.bytes += stat.blocks * 512
    } catch {
      // gone meanwhile, or not for us: the next one
    }
  }
}

/** Deletes plain files older than a day below a folder; folders, links and everything younger stay. Rejects with `Refused`. */
export function clearFolder(path: string, allowed: readonly string[], nowMs: number): Cleared {
  const fault = cleanupFault(path, allowed)
  if (fault !== null) throw new Refused(fault)
  const folder = openFolder(path)
  try {
    const done: Cleared = { files: 0, bytes: 0 }
    clear(folder, fstatSync(folder).dev, 0, nowMs - OLD_MS, done)
    return done
  } finally {
    closeSync(folder)
  }
}
