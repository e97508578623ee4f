/** Why the machine restarted: the kernel's last words, the watchdog, the log of logins, and what the file systems found when they came back. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { modifiedAtMs } from './boot.ts'
import { listNames, parseNumber, readLine, readText, type Roots } from './read-file.ts'

export type RebootCause = 'panic' | 'watchdog' | 'out-of-memory' | 'thermal' | 'power' | 'orderly' | 'unknown'
export type RebootFinding = { cause: RebootCause; lines: string[] }
/** Files outside the kernel's own folders. */
export type LogPlaces = { pstoreArchive: string; wtmp: string; kernelLog: string }
const MACHINE_LOGS: LogPlaces = { pstoreArchive: '/var/lib/systemd/pstore', wtmp: '/var/log/wtmp', kernelLog: '/var/log/kern.log' }

const TAIL_BYTES = 64 * 1024
const SHOWN = 5
/** Flags of a watchdog about the last start: linux/watchdog.h. */
const WATCHDOG_OVERHEAT = 0x01
const WATCHDOG_POWER = 0x10 | 0x40
const WATCHDOG_RESET = 0x20
/** Records of wtmp: size, and the types of a start and of a run level. */
const WTMP_RECORD = 384
const WTMP_BOOT = 2
const WTMP_RUN_LEVEL = 1

/** Words that name the end of a system, most telling first. */
const CAUSES: { cause: RebootCause; pattern: RegExp }[] = [
  { cause: 'out-of-memory', pattern: /Kernel panic.*(Out of memory|panic_on_oom)|Out of memory and no killable processes/i },
  {
    cause: 'watchdog',
    pattern: /watchdog: (BUG|Watchdog detected)|hard LOCKUP|softlockup: hung tasks|NMI watchdog.*panic|watchdog did not stop/i,
  },
  { cause: 'thermal', pattern: /critical temperature reached|thermal.*shutting down/i },
  { cause: 'panic', pattern: /Kernel panic|Oops|BUG: unable to handle/i },
]
const RECOVERED =
  /EXT4-fs .*(recovery complete|recovering journal)|XFS .*(Starting recovery|Ending recovery)|BTRFS.*(log replay|start tree-log replay)|FAT-fs .*not properly unmounted|F2FS-fs .*recover|exFAT-fs .*not properly unmounted/i

/** Names the cause in the last lines of a kernel log. */
export function judgeRebootLines(lines: readonly string[]): RebootFinding {
  for (const { cause, pattern } of CAUSES) {
    const found = lines.filter(line => pattern.test(line))
    if (found.length > 0) return { cause, lines: [...found.slice(0, SHOWN), ...lines.slice(-SHOWN)] }
  }
  return { cause: 'unknown', lines: lines.slice(-SHOWN) }
}

function tail(path: string): Buffer {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return Buffer.alloc(0)
  }
  try {
    const { size } = fstatSync(file)
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES))
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, size - buffer.length))
  } catch {
    return Buffer.alloc(0)
  } finally {
    closeSync(file)
  }
}

/** What the firmware kept of the kernel's last words (/sys/fs/pstore, also where systemd files it away), not older than `sinceMs`. */
function keptLines(roots: Roots, archive: string, sinceMs: number): string[] {
  for (const folder of [join(roots.sys, 'fs/pstore'), archive]) {
    const fresh = listNames(folder).filter(name => /^(dmesg|console)/.test(name) && modifiedAtMs(join(folder, name)) >= sinceMs)
    const lines = fresh
      .toSorted()
      .flatMap(name => (readText(join(folder, name)) ?? '').slice(-16_384).split('\n'))
      .map(line => line.trim().slice(0, 300))
      .filter(line => line !== '')
    if (lines.length > 0) return lines
  }
  return []
}

function watchdogCause(roots: Roots): RebootCause | null {
  const folder = join(roots.sys, 'class/watchdog')
  const flags = listNames(folder).reduce((all, name) => all | (parseNumber(readLine(join(folder, name, 'bootstatus'))) ?? 0), 0)
  if (flags & WATCHDOG_OVERHEAT) return 'thermal'
  if (flags & WATCHDOG_POWER) return 'power'
  return flags & WATCHDOG_RESET ? 'watchdog' : null
}

/** Was the system brought down in order before this start? The log of logins has a record of it between the last two starts. */
export function wasShutDown(wtmp: Buffer): boolean {
  const whole = wtmp.subarray(wtmp.length % WTMP_RECORD)
  let starts = 0
  for (let at = whole.length - WTMP_RECORD; at >= 0; at -= WTMP_RECORD) {
    const type = whole.readInt16LE(at)
    const user = whole.toString('latin1', at + 44, at + 76).replace(/\0.*$/s, '')
    if (type === WTMP_BOOT && ++starts === 2) return false
    if (type === WTMP_RUN_LEVEL && user === 'shutdown' && starts === 1) return true
  }
  return false
}

/** Last lines of the kernel before this start, from the log file of the system where it keeps one. */
function linesBefore(kernelLog: string): string[] {
  const lines = tail(kernelLog).toString('utf8').split('\n')
  const start = lines.findLastIndex(line => line.includes('Linux version '))
  return start <= 0 ? [] : lines.slice(Math.max(0, start - 40), start).map(line => line.slice(0, 300))
}

/**
 * Cause of the last unexpected restart. Records from before `sinceMs` belong to an earlier crash. `kernelLines` are those of this boot:
 * file systems that had not been closed say so when they come back, which tells a cut of power or a reset button.
 */
export function readRebootCause(
  roots: Roots,
  sinceMs: number,
  kernelLines: () => readonly string[] = () => [],
  logs: LogPlaces = MACHINE_LOGS,
): RebootFinding {
  const kept = judgeRebootLines(keptLines(roots, logs.pstoreArchive, sinceMs))
  if (kept.cause !== 'unknown') return kept
  const before = modifiedAtMs(logs.kernelLog) >= sinceMs ? judgeRebootLines(linesBefore(logs.kernelLog)) : kept
  if (before.cause !== 'unknown') return before
  const told = kept.lines.length > 0 ? kept.lines : before.lines
  const watchdog = watchdogCause(roots)
  if (watchdog !== null) return { cause: watchdog, lines: told }
  if (modifiedAtMs(logs.wtmp) >= sinceMs && wasShutDown(tail(logs.wtmp))) return { cause: 'orderly', lines: told }
  const recovered = kernelLines().filter(line => RECOVERED.test(line))
  return recovered.length > 0 ? { cause: 'power', lines: [...told, ...recovered.slice(0, SHOWN)] } : { cause: 'unknown', lines: told }
}
