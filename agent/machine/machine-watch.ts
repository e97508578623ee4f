/** The watch: reads facts on several rhythms, judges them, hands on what changed. Watched processes every two seconds, so a fault leaves at once. */
import type { Logger } from 'pino'
import type { Profile } from '../../shared/profile.ts'
import type { AgentSignal } from '../../shared/signals/signals.ts'
import type { Clock } from '../platform/agent-clock.ts'
import { makeSampler, type Metrics } from '../probes/machine-sample.ts'
import { readMemory, readOomKills } from '../probes/memory.ts'
import { makeMountReader, readDiskUse, type DiskUse, type Mount } from '../probes/mounts.ts'
import { readPressure } from '../probes/pressure.ts'
import { makeProcessWatch, type WatchedState } from '../probes/processes.ts'
import type { Roots } from '../probes/read-file.ts'
import { readTemperatures, type Temperature } from '../probes/temperatures.ts'
import { makeUnitWatch } from '../probes/systemd-units.ts'
import { checkUrl } from '../probes/urls.ts'
import { makeRhythms } from '../platform/rhythm.ts'
import { makeSignalBoard, type SignalBoard, type SignalEvent } from '../signals/board.ts'
import { addTrendPoint, judgeDiskFilling, type TrendPoint } from '../signals/disk-trend.ts'
import type { Reading, Report } from '../signals/reading.ts'
import {
  fullMounts,
  hotSensors,
  judgeClock,
  judgeCpu,
  judgeDiskFull,
  judgeMemory,
  judgeReadOnly,
  judgeTemperatures,
} from '../signals/system-rules.ts'
import { judgeCertificate, judgeOomKills, judgeProcesses, judgeUnits, judgeUrl } from '../signals/watch-rules.ts'

const PROCESS_MS = 2_000
/** A zombie, or another process under the same number, is told within as many looks. */
const LOOKS_PER_READ = 3
const SYSTEM_MS = 10_000
const SENSOR_MS = 30_000
const URL_MS = 30_000
const URL_CONFIRM_MS = 5_000
const FIRST_CHECK_MS = 50
const FIRST_SAMPLE_MS = 1_000
/** Whoever has just installed the agent waits in front of the charts: the first samples come close together. */
const EARLY_SAMPLES = 4
const EARLY_SAMPLE_MS = 3_000
/** A kill counted this close to the end of a process was its end. */
const OOM_NEAR_MS = 7_000

export type MonitorOptions = {
  roots: Roots
  clock: Clock
  log: Logger
  profile: Profile
  reported: Record<string, number>
  announceOk: boolean
  clockOffsetMs: () => number | null
  onEvents: (events: SignalEvent[]) => void
  onSample: (metrics: Metrics, upMs: number) => void
}

export type Monitor = {
  start(): void
  stop(): void
  /** Watches what the new profile names, from now on. */
  setProfile(profile: Profile): void
  /** Feeds a reading from elsewhere (boot, configuration, spool). */
  report: Report
  board: SignalBoard
  lastMetrics(): Metrics
}

/** Makes the monitor of one machine. */
export function makeMonitor(options: MonitorOptions): Monitor {
  const { roots, clock, log } = options
  const board = makeSignalBoard({ reported: options.reported, announceOk: options.announceOk })
  const sample = makeSampler(roots)
  const processWatch = makeProcessWatch(roots, process.pid, LOOKS_PER_READ)
  const unitWatch = makeUnitWatch(roots)
  const readMounts = makeMountReader(roots)
  const { repeat, ...rhythms } = makeRhythms(clock, log)
  const wasFailing = (key: string) => board.isFailing(key)
  let profile = options.profile
  let samples = 0
  let disks: DiskUse[] = []
  let temperatures: Temperature[] = []
  let metrics: Metrics = {}
  let oomKills = readOomKills(roots)
  let oomRoseAtMs = -Infinity
  let processIds = new Map<string, string>()
  let judgedStates: WatchedState[] | null = null
  let fullPaths: ReadonlySet<string> = new Set()
  let hotZones: ReadonlySet<string> = new Set()
  const writable = new Set<string>()
  const trends = new Map<string, TrendPoint[]>()
  const urlFailures = new Map<string, number>()

  function report(readings: Reading[], family?: AgentSignal): void {
    const events = board.apply(readings, clock.wallMs(), family)
    if (events.length > 0) options.onEvents(events)
  }

  function checkProcesses(): void {
    const states = processWatch.check(profile.processes)
    // the same answer as a second ago: all was said
    if (!states || states === judgedStates) return
    const nextIds = new Map(
      states.filter(state => state.running).map(({ name, running }) => [name, `${running?.pid}/${running?.startedTicks}`]),
    )
    const ended = [...processIds].filter(([name, id]) => nextIds.get(name) !== id).map(([name]) => name)
    processIds = nextIds
    // how one ended is judged once more when it no longer is news
    judgedStates = ended.length === 0 ? states : null
    if (ended.length > 0) countOomKills()
    report(judgeOomKills(states, ended, clock.monotonicMs() - oomRoseAtMs < OOM_NEAR_MS, wasFailing), 'oom.killed')
    report(judgeProcesses(profile.processes, states), 'process.missing')
  }

  function countOomKills(): void {
    const kills = readOomKills(roots)
    if (kills !== null && oomKills !== null && kills > oomKills) oomRoseAtMs = clock.monotonicMs()
    oomKills = kills
  }

  function checkMounts(mounts: readonly Mount[]): void {
    for (const mount of mounts) if (!mount.readOnly) writable.add(mount.path)
    report([judgeReadOnly(mounts, writable)])
  }

  async function checkDisks(mounts: readonly Mount[]): Promise<void> {
    disks = await readDiskUse(mounts.filter(mount => !mount.readOnly))
    for (const disk of disks) {
      trends.set(disk.path, addTrendPoint(trends.get(disk.path) ?? [], { atMs: clock.monotonicMs(), freeBytes: disk.freeBytes }))
    }
    const full = fullMounts(disks, fullPaths)
    fullPaths = new Set(full.map(disk => disk.path))
    report([judgeDiskFull(disks, full), judgeDiskFilling(disks, trends, wasFailing)])
  }

  async function checkSystem(): Promise<void> {
    const mounts = readMounts()
    if (mounts) checkMounts(mounts)
    const pressure = readPressure(roots)
    report([
      judgeMemory(readMemory(roots), pressure, wasFailing),
      judgeCpu(pressure, wasFailing),
      judgeClock(options.clockOffsetMs(), wasFailing),
    ])
    if (profile.processes.length > 0) countOomKills()
    const asked = profile
    if (asked.units.length === 0) return
    const units = await unitWatch.check(asked.units, clock.monotonicMs())
    if (asked === profile) report(judgeUnits(units), 'unit.failed')
  }

  async function checkSensors(): Promise<void> {
    const mounts = readMounts()
    if (mounts) await checkDisks(mounts)
    const read = await readTemperatures(roots)
    temperatures = read ?? []
    const hot = hotSensors(temperatures, hotZones)
    hotZones = new Set(hot.map(item => item.zone))
    report([judgeTemperatures(read, hot)])
  }

  async function checkUrls(): Promise<void> {
    const asked = profile
    const results = await Promise.all(asked.urls.map(watched => checkUrl(watched, clock.wallMs())))
    if (asked !== profile) return
    for (const result of results) urlFailures.set(result.name, result.failedStep === null ? 0 : (urlFailures.get(result.name) ?? 0) + 1)
    report(
      results.map(result => judgeUrl(result, urlFailures.get(result.name) ?? 0, wasFailing)),
      'url.failing',
    )
    report(results.map(judgeCertificate), 'certificate.expiring')
  }

  function takeSample(): void {
    const upMs = clock.monotonicMs()
    metrics = sample({ monotonicMs: upMs, disks, temperatures })
    options.onSample(metrics, upMs)
  }

  function startWatches(): void {
    repeat('system', FIRST_CHECK_MS, () => SYSTEM_MS, checkSystem)
    repeat('sensors', FIRST_CHECK_MS, () => SENSOR_MS, checkSensors)
    if (profile.processes.length > 0) repeat('processes', FIRST_CHECK_MS, () => PROCESS_MS, checkProcesses)
    if (profile.urls.length > 0) {
      const isUnconfirmed = () => profile.urls.some(item => urlFailures.get(item.name) === 1)
      repeat('urls', FIRST_CHECK_MS, () => (isUnconfirmed() ? URL_CONFIRM_MS : URL_MS), checkUrls)
    }
    const sampleMs = () => {
      const intervalMs = profile.intervals.sampleSeconds * 1000
      return ++samples < EARLY_SAMPLES ? Math.min(EARLY_SAMPLE_MS, intervalMs) : intervalMs
    }
    repeat('sample', FIRST_SAMPLE_MS, sampleMs, takeSample)
  }

  return {
    board,
    report,
    start: startWatches,
    stop: rhythms.stop,
    lastMetrics: () => metrics,
    setProfile(next) {
      rhythms.stop()
      profile = next
      processIds = new Map()
      judgedStates = null
      // what is no longer named is no longer judged; what still is will be judged anew in a moment
      for (const [family, names] of [
        ['process.missing', next.processes.map(item => item.name)],
        ['oom.killed', next.processes.map(item => item.name)],
        ['unit.failed', next.units],
        ['url.failing', next.urls.map(item => item.name)],
        ['certificate.expiring', next.urls.map(item => item.name)],
      ] as const) {
        report(
          names.map(name => ({ key: `${family}:${name}`, verdict: 'unknown', text: 'not looked for yet' })),
          family,
        )
      }
      startWatches()
    },
  }
}
