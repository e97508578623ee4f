/** The flight recorder as the agent uses it: recording, uploads, and the server's commands wired together. */
import { release } from 'node:os'
import type { Logger } from 'pino'
import type { UpKind } from '../../shared/topics.ts'
import type { Clock } from '../platform/agent-clock.ts'
import { makeCommandDesk, type CommandAnswer } from '../link/command-runner.ts'
import type { Stamp } from '../link/spool-types.ts'
import type { Metrics } from '../probes/machine-sample.ts'
import type { Roots } from '../probes/read-file.ts'
import type { RunResult } from '../remedy/remedy-watch.ts'
import type { SignalEvent } from '../signals/board.ts'
import type { AgentStore } from '../platform/state.ts'
import { agentVersion } from '../platform/version.ts'
import { makeRecorder, type ScreenPicture } from './recorder.ts'
import type { LogLine } from './sections.ts'
import { makeUploader } from './uploader.ts'

/** What an outcome means to whoever asked. */
const ANSWER: Record<RunResult['outcome'], CommandAnswer['state']> = {
  worked: 'done',
  'did-not-help': 'failed',
  failed: 'failed',
  refused: 'refused',
  locked: 'refused',
}

export type FlightOptions = {
  dataDir: string
  roots: Roots
  clock: Clock
  log: Logger
  bootId: string
  deviceId: string
  /** How long after a failure its bundle is closed, ms. */
  afterMs: number | undefined
  store: AgentStore
  keep: (change: Parameters<AgentStore['update']>[0]) => Promise<void>
  put: (kind: UpKind, data: object, at?: Stamp) => void
  /** The server's clock as far as known, ms. */
  serverMs: () => number
  /** The watch over the kiosk's browser, once there is one. */
  kiosk: () => { takePicture(): Promise<ScreenPicture | null>; recentLog(): LogLine[] } | null
  failing: () => SignalEvent[]
  inventory: () => Record<string, unknown> | null
  /** Runs one remedy of the fixed list because the server asked; `signal` is what it is to help, '' = none. */
  runRemedy: (id: string, signal: string) => Promise<RunResult>
}
export type Flight = {
  start(): void
  stop(): void
  sample(metrics: Metrics): void
  signals(events: readonly SignalEvent[]): void
  screenChanged(picture: ScreenPicture): void
  configured(rev: number): void
  /** One `dn/cmd` payload. */
  command(wire: string): void
  /** The line to the server stands. */
  connected(): void
}

/** Makes it; nothing is written before something happens. */
export function makeFlight(options: FlightOptions): Flight {
  const { clock, log, store, put, serverMs, bootId } = options
  let configuredAtMs: number | null = null

  const recorder = makeRecorder({
    ...options,
    takePicture: async () => (await options.kiosk()?.takePicture()) ?? null,
    recentLog: () => options.kiosk()?.recentLog() ?? [],
    describe: () => ({
      versions: { agent: agentVersion(), node: process.version, kernel: release() },
      bootId,
      configuration: {
        rev: store.data.config?.rev ?? 0,
        appliedAt: configuredAtMs === null ? 'before this start' : new Date(configuredAtMs).toISOString(),
      },
      failing: options.failing().map(({ key, text, sinceMs }) => ({ signal: key, since: new Date(sinceMs).toISOString(), text })),
      inventory: options.inventory(),
    }),
    send: (data, at) => put('res', data, at),
  })
  const uploader = makeUploader({ bundles: recorder.bundles, clock, log, caPem: store.data.caPem, serverMs })
  const desk = makeCommandDesk({
    store,
    keep: options.keep,
    deviceId: options.deviceId,
    log,
    serverMs,
    send: data => put('res', data),
    handlers: {
      'upload-evidence': async ({ upload }) => {
        const outcome = await uploader.send(upload)
        // with a new address it goes on where it was; not at once, or a fault that stays would go round in circles
        if (outcome?.state === 'failed') recorder.announceLater(upload.bundleId)
        return outcome
      },
      'take-picture': async () => {
        const bundleId = await recorder.takePicture()
        return bundleId === null
          ? { state: 'failed', text: 'no picture can be had: the profile names no browser, it does not answer, or a customer pays' }
          : { state: 'done', text: 'the picture is on its way' }
      },
      'run-remedy': async ({ remedy, signal }) => {
        const { outcome, text } = await options.runRemedy(remedy, signal ?? '')
        return { state: ANSWER[outcome], text: text === '' ? `${remedy}: ${outcome}` : text }
      },
    },
  })

  return {
    start: recorder.start,
    stop() {
      uploader.stop()
      recorder.stop()
    },
    sample: recorder.sample,
    signals: recorder.signals,
    screenChanged: recorder.screenChanged,
    configured(rev) {
      configuredAtMs = clock.wallMs()
      recorder.changed({ configuration: rev })
    },
    command: desk.take,
    connected: () => recorder.announce(),
  }
}
