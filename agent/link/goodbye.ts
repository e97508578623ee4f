/** What the agent says when it stops: an update, somebody at work, or the machine going down, and when it is expected back. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { childProcess } from '../platform/builtin.ts'
import type { GoodbyeReason } from './uplink-types.ts'
import { parseNumber, readLine, readText } from '../probes/read-file.ts'

export type Goodbye = { reason: GoodbyeReason; expectedBackAt: string | null }
/** Folders a stop is read from; tests give their own. `jobs` lists what the service manager is about to do, or null when it cannot be asked. */
export type StopPlaces = { run: string; sys: string; jobs: () => string | null }

/** A note about the next stop is believed this long. */
const STOP_NOTE_MS = 10 * 60_000
/** A scheduled shutdown is this stop when its instant is so near. */
const SCHEDULE_MS = 2 * 60_000
const REBOOT_MS = 5 * 60_000
const ASK_MS = 1_500
/** One record of utmp, in bytes, and the type of the one that holds the run level. */
const UTMP_RECORD = 384
const RUN_LEVEL = 1

function askJobs(): string | null {
  if (!existsSync('/run/systemd/system')) return null
  try {
    return childProcess().execFileSync('systemctl', ['list-jobs', '--no-legend', '--plain'], {
      encoding: 'utf8',
      timeout: ASK_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return null
  }
}

const MACHINE: StopPlaces = { run: '/run', sys: '/sys', jobs: askJobs }

/** Why the agent is being stopped: an installer or a technician leaves a note in the data folder just before. Null without one. */
function readStopNote(dataDir: string, nowMs: number): Goodbye | null {
  const path = join(dataDir, 'stop-note.json')
  if (!existsSync(path)) return null
  try {
    const note = JSON.parse(readFileSync(path, 'utf8')) as { reason?: unknown; expectedBackAt?: unknown; at?: unknown }
    rmSync(path, { force: true })
    if (typeof note.at !== 'number' || Math.abs(nowMs - note.at) > STOP_NOTE_MS) return null
    if (note.reason !== 'update' && note.reason !== 'maintenance' && note.reason !== 'closing') return null
    return { reason: note.reason, expectedBackAt: typeof note.expectedBackAt === 'string' ? note.expectedBackAt : null }
  } catch {
    return null
  }
}

/** `0` or `6` when the machine goes down by the old init's run levels. */
function runLevel(run: string): string | null {
  let bytes: Buffer
  try {
    bytes = readFileSync(join(run, 'utmp'))
  } catch {
    return null
  }
  for (let at = 0; at + UTMP_RECORD <= bytes.length; at += UTMP_RECORD)
    if (bytes.readInt16LE(at) === RUN_LEVEL) return String.fromCharCode(bytes.readInt32LE(at + 4) & 0xff)
  return null
}

type GoingDown = 'reboot' | 'off' | null

/** Is the machine going down? Files first; the service manager is asked last, because that costs a process. */
function goingDown(places: StopPlaces, nowMs: number): GoingDown {
  const scheduled = readText(join(places.run, 'systemd/shutdown/scheduled'))
  const atMs = Number(/^USEC=(\d+)/m.exec(scheduled ?? '')?.[1] ?? NaN) / 1000
  const mode = /^MODE=(\S+)/m.exec(scheduled ?? '')?.[1]
  if (mode !== undefined && !mode.startsWith('dry') && atMs - nowMs < SCHEDULE_MS)
    return mode === 'reboot' || mode === 'kexec' ? 'reboot' : 'off'
  const level = runLevel(places.run)
  if (level === '0' || level === '6') return level === '6' ? 'reboot' : 'off'
  const jobs = places.jobs()
  if (jobs === null) return null
  if (/\b(reboot|kexec|soft-reboot)\.target +start/.test(jobs)) return 'reboot'
  return /\b(poweroff|halt|shutdown)\.target +start/.test(jobs) ? 'off' : null
}

/** When the clock of the board wakes the machine, ms; null when it is not set. Its own zone does not matter: it is compared with itself. */
function wakesAtMs(sys: string, nowMs: number): number | null {
  const clock = join(sys, 'class/rtc/rtc0')
  const [alarm, now] = [parseNumber(readLine(join(clock, 'wakealarm'))), parseNumber(readLine(join(clock, 'since_epoch')))]
  return alarm !== null && now !== null && alarm > now ? nowMs + (alarm - now) * 1000 : null
}

/** What to tell the server at this stop. A note counts most; a stop of the agent alone is somebody's work on it. */
export function readGoodbye(dataDir: string, nowMs: number, places: StopPlaces = MACHINE): Goodbye {
  const note = readStopNote(dataDir, nowMs)
  if (note) return note
  const down = goingDown(places, nowMs)
  if (down === null) return { reason: 'maintenance', expectedBackAt: null }
  const backAtMs = down === 'reboot' ? nowMs + REBOOT_MS : wakesAtMs(places.sys, nowMs)
  return { reason: 'shutdown', expectedBackAt: backAtMs === null ? null : new Date(backAtMs).toISOString() }
}
