/** Which boot this is, and what the last lines of the one before say about its end. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { listNames, readText, type Roots } from './read-file.ts'

/** Id of the current boot. A machine without one gets an id from its boot time, to the minute. */
export function readBootId(roots: Roots, nowMs: number): string {
  const id = readText(join(roots.proc, 'sys/kernel/random/boot_id'))?.trim()
  if (id) return id.slice(0, 64)
  const uptime = Number(readText(join(roots.proc, 'uptime'))?.split(' ')[0] ?? process.uptime())
  return `boot-${Math.round((nowMs - uptime * 1000) / 60_000)}`
}

export type RebootCause = { cause: 'panic' | 'watchdog' | 'out-of-memory' | 'thermal' | 'unknown'; lines: string[] }

/** Words that name the end of a system, most telling first. */
const CAUSES: { cause: RebootCause['cause']; pattern: RegExp }[] = [
  { cause: 'out-of-memory', pattern: /Kernel panic.*(Out of memory|panic_on_oom)|Out of memory and no killable processes/i },
  {
    cause: 'watchdog',
    pattern: /watchdog: (BUG|Watchdog detected)|hard LOCKUP|softlockup: hung tasks|NMI watchdog.*panic|watchdog did not stop/i,
  },
  { cause: 'thermal', pattern: /critical temperature reached|thermal.*shutting down/i },
  { cause: 'panic', pattern: /Kernel panic|Oops|BUG: unable to handle/i },
]

/** Names the cause in the last lines of a kernel log. */
export function judgeRebootLines(lines: string[]): RebootCause {
  for (const { cause, pattern } of CAUSES) {
    const found = lines.filter(line => pattern.test(line))
    if (found.length > 0) return { cause, lines: [...found.slice(0, 5), ...lines.slice(-5)] }
  }
  return { cause: 'unknown', lines: lines.slice(-5) }
}

/** Cause of the last unexpected reboot, from what the firmware kept of the kernel's last words (/sys/fs/pstore, also where systemd files it away).
 * Records from before `sinceMs` belong to an earlier crash. Without a record the cause is unknown: a cut of power leaves none. */
export function readRebootCause(roots: Roots, sinceMs: number, archive = '/var/lib/systemd/pstore'): RebootCause {
  const lines: string[] = []
  for (const folder of [join(roots.sys, 'fs/pstore'), archive]) {
    for (const name of listNames(folder).toSorted()) {
      const path = join(folder, name)
      if (!/^(dmesg|console)/.test(name) || modifiedAtMs(path) < sinceMs) continue
      const tail = (readText(path) ?? '').slice(-16_384).split('\n')
      lines.push(...tail.map(line => line.trim().slice(0, 300)).filter(line => line !== ''))
    }
    if (lines.length > 0) break
  }
  return judgeRebootLines(lines)
}

/** When a file was last written, ms; 0 when it is not there. */
export function modifiedAtMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
