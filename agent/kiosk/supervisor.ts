/** Keeps the kiosk app running: starts it whenever it is absent, ends it when told, backs off when it crashes again and again. The app outlives the agent. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { KioskApp } from '../../shared/profile.ts'
import { childProcess } from '../platform/builtin.ts'
import type { Clock } from '../platform/agent-clock.ts'
import { readBootId } from '../probes/boot.ts'
import { findProcesses, isGroupAlive, makeProcessWatch, readLiving, type ProcessId } from '../probes/processes.ts'
import type { Roots } from '../probes/read-file.ts'
import { makeAppOutput } from './app-output.ts'
import type { RecentLog } from './recent-log.ts'
import { claimStart } from './start-claim.ts'

const TERM_MS = 10_000
const KILL_MS = 3_000
const POLL_MS = 200
/** A start script may need this long until what `match` names is there. */
const START_GRACE_MS = 20_000
const BETWEEN_STARTS_MS = 1_000
const LOOP_WINDOW_MS = 5 * 60_000
const LOOP_STARTS = 5
/** An app that runs for so long after a loop has stopped crashing. */
const STABLE_MS = 60_000
const FIRST_WAIT_MS = 10_000
const MAX_WAIT_MS = 5 * 60_000
const FILE_NAME = 'kiosk-app.json'
/** Settings made for the agent's own process. */
const OWN_SETTINGS = /^(KIOSKEEPER_|NODE_|MALLOC_ARENA_MAX$|UV_THREADPOOL_SIZE$)/

export type Loop = { starts: number; minutes: number }
export type AppFacts = {
  /** Its process; null when none is known. */
  pid: number | null
  /** Null: nothing says whether it is there. */
  isRunning: boolean | null
  /** Since when it is there, ms; null when it is not, or since before we looked. */
  startedForMs: number | null
  /** It crashes again and again. */
  loop: Loop | null
  /** How it ended last: `exit code 1`, `signal SIGSEGV`; '' when unknown. */
  lastExit: string
  lastLines: string[]
}
export type Supervisor = {
  /** Starts the app when it is absent and may be started now. `isAnswering`: the browser answers, so there is an app. */
  keepRunning(isAnswering: boolean): void
  facts(): AppFacts
  /** Ends and starts the app; answers when it is there again. Rejects with a sentence. */
  restart(): Promise<void>
  /** Reads what the app printed since the last look. */
  readOutput(): void
  /** Is it being started for the first time, or restarted? Its absence then says nothing. */
  isBusy(): boolean
  /** Ends the supervision; the app runs on. */
  stop(): void
}
type Started = ProcessId & { bootId: string }
export type SupervisorOptions = {
  roots: Roots
  clock: Clock
  log: Logger
  dataDir: string
  app: KioskApp
  recentLog: RecentLog
  onStart(): void
  onExit(): void
}

/** Makes the supervisor of one app. */
export function makeSupervisor({ roots, clock, log, dataDir, app, recentLog, onStart, onExit }: SupervisorOptions): Supervisor {
  const processes = makeProcessWatch(roots, process.pid, 1)
  const output = makeAppOutput(join(dataDir, 'kiosk-app.log'), line => recentLog.add(clock.wallMs(), line))
  const bootId = readBootId(roots, clock.wallMs())
  const keptPath = join(dataDir, FILE_NAME)
  let started = readStarted()
  let starts: number[] = []
  let waitMs = 0
  let lastExit = ''
  /** What was started last has not told its end. */
  let isChildAlive = false
  /** It was there before, whoever started it: its absence is no first start. */
  let wasThere = false
  let isStarting = false
  let isRestarting = false
  let isStopped = false
  let cancelRetry = () => {}

  function readStarted(): Started | null {
    try {
      const kept = JSON.parse(readFileSync(keptPath, 'utf8')) as Started
      return Number.isInteger(kept.pid) && kept.pid > 1 && kept.bootId === bootId ? kept : null
    } catch {
      return null
    }
  }

  /** Is anything left of what we started? */
  function isOurs(): boolean {
    // its end is told with a reason in a moment
    if (isChildAlive) return true
    if (!started) return false
    const leader = readLiving(roots, started.pid)
    return leader ? leader.startedTicks === started.startedTicks : isGroupAlive(roots, started.pid)
  }
  const findPid = () => (app.match === undefined ? null : (processes.check([{ name: 'app', match: app.match }])?.[0]?.running?.pid ?? null))
  const isMatching = () => findPid() !== null
  const lastStartMs = () => starts.at(-1) ?? -Infinity
  const isStartingUp = () => clock.monotonicMs() - lastStartMs() < START_GRACE_MS
  const isThere = (pid = findPid()) => (app.match === undefined ? isOurs() : pid !== null || (isStartingUp() && isOurs()))

  function loop(): Loop | null {
    const nowMs = clock.monotonicMs()
    starts = starts.filter(at => nowMs - at < LOOP_WINDOW_MS)
    const [first] = starts
    if (first === undefined || starts.length <= LOOP_STARTS) return null
    return { starts: starts.length, minutes: Math.max(1, Math.ceil((nowMs - first) / 60_000)) }
  }

  /** How long to wait after the last start; grows while the loop goes on. */
  function planNextStart(): void {
    waitMs = loop() ? Math.min(MAX_WAIT_MS, Math.max(FIRST_WAIT_MS, waitMs * 2)) : 0
  }

  function launch(command: string): void {
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN_SETTINGS.test(name)))
    const file = output.open()
    // a session of its own: it ends neither with the agent nor by signals meant for it
    const child = childProcess().spawn('/bin/sh', ['-c', command], {
      detached: true,
      cwd: '/',
      env: environment,
      stdio: ['ignore', file, file],
    })
    output.close(file)
    child.unref()
    starts.push(clock.monotonicMs())
    planNextStart()
    isChildAlive = child.pid !== undefined
    child.once('error', error => {
      lastExit = error.message
      if (!isStopped) onExit()
    })
    child.once('exit', (code, signal) => {
      isChildAlive = false
      lastExit = signal === null ? `exit code ${code}` : `signal ${signal}`
      output.look()
      if (isStopped || isOurs()) return
      onExit()
      cancelRetry = clock.after(BETWEEN_STARTS_MS, () => keepRunning(false))
    })
    if (child.pid === undefined) return
    started = { ...(readLiving(roots, child.pid) ?? { pid: child.pid, startedTicks: '' }), bootId }
    try {
      writeFileSync(keptPath, JSON.stringify(started), { mode: 0o600 })
    } catch (error) {
      log.warn({ err: error }, 'what was started could not be written down')
    }
    log.info({ pid: child.pid, starts: starts.length }, 'kiosk app started')
    onStart()
  }

  async function start(command: string): Promise<void> {
    isStarting = true
    try {
      const claim = await claimStart(command)
      // another agent starts it right now
      if (!claim) return
      try {
        if (isStopped || (app.match !== undefined && isMatching())) return
        // what is left of the last start must not run beside the next
        if (isOurs()) await end()
        launch(command)
      } finally {
        claim.release()
      }
    } catch (error) {
      log.warn({ err: error }, 'kiosk app could not be started')
    } finally {
      isStarting = false
    }
  }

  function keepRunning(isAnswering: boolean): void {
    const { startCommand, match } = app
    if (startCommand === undefined) return
    output.look()
    if (isStopped || isStarting || isRestarting) return
    if (isThere()) {
      wasThere = true
      return
    }
    if (match === undefined && isAnswering) return
    if (clock.monotonicMs() - lastStartMs() < Math.max(BETWEEN_STARTS_MS, waitMs)) return
    void start(startCommand)
  }

  function signal(name: NodeJS.Signals): void {
    const ids = started && isOurs() ? [-started.pid] : app.match === undefined ? [] : findProcesses(roots, app.match, process.pid)
    for (const id of ids) {
      try {
        process.kill(id, name)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH')
          throw new Error(`The app could not be ended: ${(error as Error).message}`, { cause: error })
      }
    }
  }

  const pause = (delayMs: number) => new Promise<void>(resolve => clock.after(delayMs, resolve))
  const isGone = () => !isOurs() && !(app.match !== undefined && isMatching())
  async function holdsWithin(limitMs: number, holds: () => boolean): Promise<boolean> {
    const endMs = clock.monotonicMs() + limitMs
    while (!holds()) {
      if (clock.monotonicMs() > endMs) return false
      await pause(POLL_MS)
    }
    return true
  }

  async function end(): Promise<void> {
    if (isGone()) return
    if (app.stopCommand !== undefined) {
      const child = childProcess().spawn('/bin/sh', ['-c', app.stopCommand], { detached: true, cwd: '/', stdio: 'ignore' })
      child.once('error', () => {})
      await holdsWithin(TERM_MS, () => (app.match === undefined ? !isOurs() : !isMatching()))
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      // what the command forgot is ended below
      if (await holdsWithin(BETWEEN_STARTS_MS, isGone)) return
    }
    // first what was started, then what is still found by its name
    for (const [name, limitMs] of [
      ['SIGTERM', TERM_MS],
      ['SIGKILL', KILL_MS],
      ['SIGKILL', KILL_MS],
    ] as const) {
      signal(name)
      if (await holdsWithin(limitMs, isGone)) return
    }
    throw new Error('The app could not be ended: it is still there after SIGKILL')
  }

  return {
    keepRunning,
    facts() {
      const pid = findPid()
      const isRunning = app.match === undefined && !started ? null : isThere(pid)
      const isKnownStart = isRunning === true && starts.length > 0
      return {
        pid: pid ?? (isRunning === true ? (started?.pid ?? null) : null),
        isRunning,
        startedForMs: isKnownStart ? clock.monotonicMs() - lastStartMs() : null,
        loop: isKnownStart && clock.monotonicMs() - lastStartMs() > STABLE_MS ? null : loop(),
        lastExit,
        lastLines: output.lastLines(),
      }
    },
    readOutput: () => output.look(),
    isBusy: () => isRestarting || (isStarting && starts.length === 0 && !wasThere),
    async restart() {
      const { startCommand } = app
      if (startCommand === undefined) throw new Error('The profile names no startCommand: the app cannot be started again')
      if (isRestarting || isStarting) throw new Error('The app is being started just now')
      isRestarting = true
      try {
        await end()
        await start(startCommand)
        const isBack = () => (app.match === undefined ? isOurs() : isMatching())
        // a command that ends well may have told something else to start the app
        const isHopeless = () => isStopped || (!isOurs() && lastExit !== 'exit code 0')
        await holdsWithin(START_GRACE_MS, () => isBack() || isHopeless())
        if (!isBack()) throw new Error(`The app did not come back${lastExit === '' ? '' : ` (${lastExit})`}`)
      } finally {
        isRestarting = false
      }
    },
    stop() {
      isStopped = true
      cancelRetry()
    },
  }
}
