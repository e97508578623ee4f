/** The flight recorder: keeps what happens in the ring, and at a failure the ten minutes before it and the minute after it as a bundle for the server. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { newTimedId } from '../../shared/ids.ts'
import type { ResultData } from '../../shared/messages.ts'
import type { Clock } from '../platform/agent-clock.ts'
import type { Stamp } from '../link/spool-types.ts'
import type { Metrics } from '../probes/machine-sample.ts'
import type { Roots } from '../probes/read-file.ts'
import type { SignalEvent } from '../signals/board.ts'
import { openBundles, type Bundle, type BundleStore, type NewPart } from './bundles.ts'
import { readKernelLines } from './kernel-log.ts'
import { openRing, type RingRecord } from './ring.ts'
import { makeSections, makeState, type LogLine } from './sections.ts'
import { makeSurroundings } from './surroundings.ts'

const BEFORE_MS = 10 * 60_000
const AFTER_MS = 60_000
/** One bundle of a signal, and one picture without a fault, in this time. */
const EVERY_MS = 10 * 60_000
/** A signal that fails again sooner shows its picture; when it lasts until its bundle would be closed, it has a bundle of its own after all. */
const AGAIN_MS = 60_000
/** A failure known for longer is not a new one: the agent was started again. */
const FRESH_MS = 60_000
/** A picture that takes longer is of another moment. */
const PICTURE_MS = 5_000
const ANNOUNCE_AGAIN_MS = 12 * 3_600_000
const MAX_LINE = 500

export type ScreenPicture = { png: Buffer; atMs: number }
export type RecorderOptions = {
  dataDir: string
  roots: Roots
  clock: Clock
  log: Logger
  bootId: string
  takePicture: () => Promise<ScreenPicture | null>
  recentLog: () => LogLine[]
  /** What is known of the device at this moment: versions, configuration, failing signals. */
  describe: () => Record<string, unknown>
  /** Stores a message for the server, as said at `stamp`. */
  send: (data: ResultData, stamp: Stamp) => void
  /** How long after a failure its bundle is closed, ms. */
  afterMs: number | undefined
}
export type Recorder = {
  /** Closes what an earlier run left open. */
  start(): void
  sample(metrics: Metrics): void
  /** Takes what changed on the board; a new failure is captured. */
  signals(events: readonly SignalEvent[]): void
  /** Something of the device itself changed, such as its configuration. */
  changed(change: Record<string, unknown>): void
  /** The screen changed: kept as the last picture of the device. */
  screenChanged(picture: ScreenPicture): void
  /** Takes a picture now; its bundle, or null when none can be had. */
  takePicture(): Promise<string | null>
  /** Tells the server what waits here, unless it was told lately. */
  announce(): void
  /** Tells of one bundle again after ten minutes: its address did not serve. */
  announceLater(id: string): void
  bundles: BundleStore
  stop(): void
}

/** Makes the recorder of one data folder. A disk that takes nothing costs the evidence, never the agent. */
export function makeRecorder(options: RecorderOptions): Recorder {
  const { roots, clock, log, bootId } = options
  const folder = join(options.dataDir, 'recorder')
  const ring = openRing({ folder, log, nowMs: clock.wallMs })
  const bundles = openBundles(join(folder, 'bundles'))
  const readSurroundings = makeSurroundings(roots)
  const capturedAtMs = new Map<string, number>()
  const seenAtMs = new Map<string, number>()
  const failingSinceMs = new Map<string, number>()
  const afterMs = options.afterMs ?? AFTER_MS
  const cancels = new Set<() => void>()
  let lastSurroundings = ''
  let loggedTo = -Infinity
  let isDiskBroken = false

  const stamp = (): Stamp => ({ ts: clock.wallMs(), up: clock.monotonicMs(), bid: bootId })
  const record = (kind: RingRecord['kind'], data: unknown, at = clock.wallMs()): RingRecord => ({
    at,
    up: clock.monotonicMs() - (clock.wallMs() - at),
    boot: bootId,
    kind,
    data,
  })

  /** Runs what writes bundles; a disk that does not take it is told once. */
  function onDisk<Result>(work: () => Result): Result | null {
    try {
      const result = work()
      isDiskBroken = false
      return result
    } catch (error) {
      if (!isDiskBroken) log.warn({ err: error }, 'evidence cannot be kept: the disk does not take it')
      isDiskBroken = true
      return null
    }
  }

  function later(delayMs: number, action: () => void): void {
    const cancel = clock.after(delayMs, () => {
      cancels.delete(cancel)
      action()
    })
    cancels.add(cancel)
  }

  function keepLines(): void {
    const fresh = options.recentLog().filter(line => line.at > loggedTo)
    loggedTo = fresh.at(-1)?.at ?? loggedTo
    ring.append(...fresh.map(line => record('log', line.text.slice(0, MAX_LINE), line.at)))
  }

  function keepSurroundings(): void {
    const now = readSurroundings()
    const text = JSON.stringify(now)
    if (text === lastSurroundings) return
    lastSurroundings = text
    ring.append(record('state', now))
  }

  async function picture(): Promise<NewPart[]> {
    const late = new Promise<null>(resolve => later(PICTURE_MS, () => resolve(null)))
    const taken = await Promise.race([options.takePicture().catch(() => null), late])
    return taken ? [{ name: 'picture', kind: 'screenshot', bytes: taken.png }] : []
  }

  function tell(bundle: Bundle): void {
    const { id, signal, component, parts } = bundle
    options.send({ id, state: 'evidence-ready', signal, component, parts }, bundle.stamp)
    onDisk(() => bundles.save({ ...bundle, announcedAtMs: clock.wallMs() }))
  }

  /** Records of a bundle's time: its own boot by the monotonic clock, earlier ones by the wall clock. */
  function recordsOf({ stamp: at }: Bundle): RingRecord[] {
    const since = { boot: at.bid, fromUp: at.up - BEFORE_MS, fromAt: at.ts - BEFORE_MS }
    return ring.read(since).filter(item => (item.boot === at.bid ? item.up <= at.up + AFTER_MS : item.at <= at.ts + AFTER_MS))
  }

  /** The time after the failure is over: the bundle is whole. */
  function close(id: string): void {
    const bundle = bundles.find(id)
    if (!bundle || bundle.isWhole) return
    keepLines()
    const { stamp: at } = bundle
    const kernel = at.bid === bootId ? readKernelLines(roots, at.up - BEFORE_MS) : []
    const sections = makeSections({ records: recordsOf(bundle), kernel, bootAtMs: clock.wallMs() - clock.monotonicMs() })
    const whole = onDisk(() => bundles.save({ ...bundle, isWhole: true }, sections))
    if (whole) tell(whole)
  }

  /** A bundle of a failure at an instant, with the state of now and still without what follows; null when the disk does not take it. */
  function open(event: SignalEvent, at: Stamp): string | null {
    const [signal = '', component = ''] = event.key.split(/:(.*)/s)
    const id = newTimedId(at.ts)
    const around = readSurroundings()
    const started = { id, signal, component, text: event.text, stamp: at, isWhole: false, parts: [], announcedAtMs: null }
    const changes = recordsOf(started).filter(item => item.kind === 'state')
    const state = makeState({ at: at.ts, signal: event.key, text: event.text, ...options.describe(), ...around }, changes)
    capturedAtMs.set(event.key, at.up)
    return onDisk(() => bundles.save(started, [state])) && id
  }

  async function addPicture(id: string): Promise<void> {
    const parts = await picture()
    const bundle = bundles.find(id)
    if (bundle && parts.length > 0) onDisk(() => bundles.save(bundle, parts))
  }

  async function capture(event: SignalEvent): Promise<void> {
    const id = open(event, stamp())
    if (id === null) return
    later(afterMs, () => close(id))
    await addPicture(id)
  }

  /** One that failed again soon: what lasts becomes a ticket, and its lines belong to that. */
  function captureWhenItLasts(event: SignalEvent, hasPicture: boolean): void {
    const at = stamp()
    const look = async () => {
      const id = failingSinceMs.get(event.key) === event.sinceMs ? open(event, at) : null
      if (id === null) return
      if (!hasPicture) await addPicture(id)
      close(id)
    }
    later(afterMs, () => void look())
  }

  /** A bundle of nothing but a picture: of a signal, or '' of none. */
  function savePicture(part: NewPart, text: string, key = '', at = stamp()): string | null {
    const [signal = '', component = ''] = key.split(/:(.*)/s)
    const bundle = { id: newTimedId(at.ts), signal, component, text, stamp: at, isWhole: true, parts: [], announcedAtMs: null }
    const saved = onDisk(() => bundles.save(bundle, [part]))
    if (saved) tell(saved)
    return saved?.id ?? null
  }

  async function captureAgain(event: SignalEvent): Promise<void> {
    const at = stamp()
    const [part] = await picture()
    if (part) savePicture(part, event.text, event.key, at)
  }

  return {
    bundles,
    start() {
      for (const { id, signal, component, stamp: at } of bundles.list()) {
        // what the last run captured is not captured again by the first look of this one
        const key = component === '' ? signal : `${signal}:${component}`
        if (at.bid === bootId) for (const known of [capturedAtMs, seenAtMs]) known.set(key, at.up)
        close(id)
      }
    },
    sample(metrics) {
      ring.append(record('sample', metrics))
      keepLines()
      keepSurroundings()
    },
    signals(events) {
      ring.append(...events.map(event => record('signal', `${event.key} ${event.state}: ${event.text}`.slice(0, MAX_LINE))))
      for (const event of events) {
        if (event.state !== 'failing') {
          failingSinceMs.delete(event.key)
          continue
        }
        const isNew = failingSinceMs.get(event.key) !== event.sinceMs && clock.wallMs() - event.sinceMs < FRESH_MS
        failingSinceMs.set(event.key, event.sinceMs)
        if (!isNew) continue
        const nowMs = clock.monotonicMs()
        const isSeen = nowMs - (seenAtMs.get(event.key) ?? -Infinity) < AGAIN_MS
        const isCaptured = nowMs - (capturedAtMs.get(event.key) ?? -Infinity) < EVERY_MS
        if (!isSeen) seenAtMs.set(event.key, nowMs)
        if (!isCaptured) {
          void capture(event)
          continue
        }
        captureWhenItLasts(event, !isSeen)
        if (!isSeen) void captureAgain(event)
      }
    },
    changed: change => ring.append(record('state', change)),
    screenChanged({ png }) {
      if (clock.monotonicMs() - (capturedAtMs.get('') ?? -Infinity) < EVERY_MS) return
      capturedAtMs.set('', clock.monotonicMs())
      // one that still waits shows what nobody needs any more
      for (const bundle of bundles.list()) if (bundle.signal === '') bundles.drop(bundle.id)
      savePicture({ name: 'picture', kind: 'screenshot', bytes: png }, 'the screen changed')
    },
    async takePicture() {
      const [part] = await picture()
      return part ? savePicture(part, 'asked for') : null
    },
    announce() {
      for (const bundle of bundles.list()) {
        const isLately = bundle.announcedAtMs !== null && clock.wallMs() - bundle.announcedAtMs < ANNOUNCE_AGAIN_MS
        if (bundle.isWhole && !isLately) tell(bundle)
      }
    },
    announceLater(id) {
      later(EVERY_MS, () => {
        const bundle = bundles.find(id)
        if (bundle) tell(bundle)
      })
    },
    stop() {
      for (const cancel of cancels) cancel()
      ring.close()
    },
  }
}
