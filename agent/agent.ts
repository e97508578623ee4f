/** The running agent: state, spool, uplink and monitor wired together. One per data folder. Long because it is the whole list. */
import { hostname, release } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { BirthData, EventData } from '../shared/messages.ts'
import { fillProfile } from '../shared/profile.ts'
import type { UpKind } from '../shared/topics.ts'
import { findUnexpectedReboot } from './recorder/boot-report.ts'
import type { Clock } from './platform/agent-clock.ts'
import { makeConfigKeeper } from './configuration/config-keeper.ts'
import { DEFAULT_PROFILE } from './configuration/desired-config.ts'
import { makeInventoryKeeper } from './probes/inventory-keeper.ts'
import { makeHardwareWatch, type HardwareWatch } from './hardware/hardware-watch.ts'
import { makeKioskWatch, type KioskWatch } from './kiosk/kiosk-watch.ts'
import { openSpool } from './link/spool.ts'
import type { SpoolOptions, Stamp } from './link/spool-types.ts'
import type { GoodbyeReason, Uplink } from './link/uplink-types.ts'
import { makeUplink } from './link/uplink.ts'
import { makeMonitor, type Monitor } from './machine/machine-watch.ts'
import { readBootId } from './probes/boot.ts'
import { MACHINE_ROOTS, type Roots } from './probes/read-file.ts'
import { makeFlight } from './recorder/flight.ts'
import { asCarriedOut } from './remedy/actions.ts'
import { makeDeviceRemedies } from './remedy/device-remedies.ts'
import type { Told } from './remedy/remedy-watch.ts'
import { writeRunReport } from './link/run-report.ts'
import type { SignalEvent } from './signals/board.ts'
import type { AgentStore, MqttLogin } from './platform/state.ts'
import { agentVersion } from './platform/version.ts'

const INVENTORY_FIRST_MS = 3_000
const INVENTORY_EVERY_MS = 24 * 3_600_000
/** A one-time finding (an unexpected reboot, a gap) is over when the agent has run this long without another. */
const FINDING_OVER_MS = 10 * 60_000
const OFFSET_WORTH_KEEPING_MS = 5_000

export type AgentOptions = {
  dataDir: string
  store: AgentStore
  login: MqttLogin
  clock: Clock
  log: Logger
  /** File that runs `inventory` in a child process. */
  entryPath: string
  roots?: Roots
  /** Largest size of each lane of the spool, bytes; left out = the product's. */
  spoolLimits?: SpoolOptions['limits']
  /** How long after a failure its evidence is closed, ms. */
  evidenceAfterMs?: number
}

export type Agent = {
  /** Goodbye to the server, everything stored, all closed. */
  stop(reason: GoodbyeReason, expectedBackAt: string | null): Promise<void>
}

/** Starts the agent; it works until `stop`. The state must hold an admitted device. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { dataDir, store, login, clock, log } = options
  const roots = options.roots ?? MACHINE_ROOTS
  const bootId = readBootId(roots, clock.wallMs())
  const inventory = makeInventoryKeeper(dataDir, options.entryPath, log)
  let clockOffsetMs = store.data.clockOffsetMs
  let eventQueue = Promise.resolve()
  const cancels = new Set<() => void>()
  let hasGap = false
  let monitor: Monitor | null = null
  let hardware: HardwareWatch | null = null
  let kiosk: KioskWatch | null = null
  // a configuration kept by an older version may lack lists
  const kept = store.data.config
  const profile = asCarriedOut(kept ? fillProfile(kept.profile) : DEFAULT_PROFILE)

  const spool = openSpool({
    path: join(dataDir, 'spool.db'),
    clock,
    log,
    bootId,
    expectedEpoch: store.data.spoolEpoch,
    ...(options.spoolLimits && { limits: options.spoolLimits }),
    onGap: () => {
      hasGap = true
      monitor?.report([{ key: 'spool.gap', verdict: 'failing', text: 'Data was lost on the device' }])
      later(FINDING_OVER_MS, () => monitor?.report([{ key: 'spool.gap', verdict: 'ok', text: 'No more data was lost' }]))
    },
  })
  function later(delayMs: number, action: () => void): void {
    const cancel = clock.after(delayMs, () => {
      cancels.delete(cancel)
      action()
    })
    cancels.add(cancel)
  }

  const stamp = (): Stamp => ({ ts: clock.wallMs(), up: clock.monotonicMs(), bid: bootId })

  /** A state that cannot be written (full or read-only disk) must not stop the reports about it. */
  async function keep(change: Parameters<AgentStore['update']>[0]): Promise<void> {
    try {
      await store.update(change)
    } catch (error) {
      log.warn({ err: error }, 'state could not be written')
    }
  }

  function put(kind: UpKind, data: object, at: Stamp = stamp()): void {
    spool.append(kind, data, at)
  }

  function eventData(event: SignalEvent, told: Told): EventData {
    const { key: signal, state, severity, text, evidence } = event
    const metrics = monitor?.lastMetrics() ?? {}
    const shown = ['cpuPercent', 'memoryUsedPercent', 'loadAverage1m', 'psiMemoryPercent', 'psiIoPercent'].filter(name => name in metrics)
    const facts = { ...evidence, ...(shown.length > 0 && { metrics: Object.fromEntries(shown.map(name => [name, metrics[name]])) }) }
    return { signal, state, text, ...(severity && { severity }), ...(state === 'failing' && { evidence: facts }), ...told }
  }

  /** Failing: remembered first, then sent. Ok: sent first, then forgotten. So a crash in between sends a state twice, never not at all. */
  function sendEvents(events: SignalEvent[]): void {
    const at = stamp()
    const told = events.map(event => remedies.observe(event))
    eventQueue = eventQueue.then(async () => {
      for (const [index, event] of events.entries()) {
        log.info({ signal: event.key, state: event.state, text: event.text }, 'signal changed')
        const isGap = event.key === 'spool.gap' && event.state === 'failing'
        if (event.state === 'failing' && !(event.key in store.data.failing))
          await keep(state => void (state.failing[event.key] = event.sinceMs))
        // the spool itself has written the event about its gap, with what was lost
        if (!isGap) put('evt', eventData(event, told[index] ?? {}), at)
        if (event.state === 'ok' && event.key in store.data.failing) await keep(state => void delete state.failing[event.key])
      }
      writeReport()
    })
  }

  /** A further event of a failing signal: what was tried about it so far. */
  function tellRemedies(key: string): void {
    const event = monitor?.board.failing().find(each => each.key === key)
    const [at, told] = [stamp(), remedies.told(key)]
    if (event) eventQueue = eventQueue.then(() => put('evt', eventData(event, told), at))
  }

  function birth(): Omit<BirthData, 'sid'> {
    const modelName = inventory.modelName()
    return {
      agentVersion: agentVersion(),
      hostname: hostname().slice(0, 253) || 'unknown',
      platform: `${process.platform}-${process.arch}`,
      ...(modelName !== '' && { model: modelName }),
      configRev: store.data.config?.rev ?? 0,
      inventory: { ...inventory.current(), kernel: release(), node: process.version, spool: spool.mode },
    }
  }

  function health(): Record<string, unknown> {
    const metrics = monitor?.lastMetrics() ?? {}
    const failing = monitor?.board.failing().map(event => event.key) ?? []
    return {
      failing: failing.slice(0, 16),
      failingCount: failing.length,
      cpuPercent: metrics.cpuPercent ?? null,
      memoryUsedPercent: metrics.memoryUsedPercent ?? null,
      spool: spool.mode,
    }
  }

  const remedies = makeDeviceRemedies({
    dataDir,
    roots,
    clock,
    log,
    bootId,
    profile,
    rules: kept?.rules,
    tell: tellRemedies,
    app: () => kiosk,
  })

  const configs = makeConfigKeeper({
    state: () => store.data,
    deviceId: login.clientId,
    log,
    keep,
    put,
    report: readings => monitor?.report(readings),
    apply(config) {
      for (const watch of [monitor, hardware, kiosk]) watch?.setProfile(asCarriedOut(config.profile))
      remedies.configure(config.profile, config.rules)
      uplink.setHeartbeatSeconds(config.profile.intervals.heartbeatSeconds)
      flight.configured(config.rev)
    },
  })

  function writeReport(): void {
    const failing = monitor?.board.failing().map(event => event.key) ?? []
    writeRunReport(dataDir, {
      pid: process.pid,
      link: uplink.state(),
      spool: spool.fill(),
      spoolMode: spool.mode,
      failing,
      writtenAtMs: clock.wallMs(),
    })
  }

  async function takeInventory(): Promise<void> {
    later(INVENTORY_EVERY_MS, () => void takeInventory())
    if (await inventory.take()) uplink.rebirth()
  }

  function reportBoot(): void {
    const reading = findUnexpectedReboot(store, bootId, roots)
    if (!reading) return
    monitor?.report([reading])
    later(FINDING_OVER_MS, () => monitor?.report([{ key: 'reboot.unexpected', verdict: 'ok', text: 'Running since the restart' }]))
  }

  const flight = makeFlight({
    dataDir,
    roots,
    clock,
    log,
    bootId,
    store,
    keep,
    put,
    runRemedy: (id, signal) => remedies.runNow(id, signal, false),
    deviceId: login.clientId,
    afterMs: options.evidenceAfterMs,
    serverMs: () => clock.wallMs() + (clockOffsetMs ?? 0),
    kiosk: () => kiosk,
    failing: () => monitor?.board.failing() ?? [],
    inventory: inventory.current,
  })
  const uplink: Uplink = makeUplink({
    login,
    caPem: store.data.caPem,
    keepaliveSeconds: store.data.keepaliveSeconds,
    heartbeatSeconds: store.data.config?.profile.intervals.heartbeatSeconds ?? store.data.heartbeatSeconds,
    bootId,
    spool,
    clock,
    log,
    birth,
    health,
    onConfig: configs.heard,
    onCommand: flight.command,
    onClockOffset(offsetMs) {
      clockOffsetMs = offsetMs
      if (Math.abs(offsetMs - (store.data.clockOffsetMs ?? Infinity)) > OFFSET_WORTH_KEEPING_MS)
        void keep(state => void (state.clockOffsetMs = Math.round(offsetMs)))
    },
    onRebirth: () => sendEvents(monitor?.board.all() ?? []),
    onState(state) {
      writeReport()
      if (state.connected) flight.connected()
    },
  })

  monitor = makeMonitor({
    roots,
    clock,
    log,
    profile,
    reported: store.data.failing,
    announceOk: hasGap,
    clockOffsetMs: () => clockOffsetMs,
    onEvents(events) {
      flight.signals(events)
      sendEvents(events)
    },
    onSample(metrics, up) {
      const m = { ...metrics, ...hardware?.metrics(), ...kiosk?.metrics() }
      flight.sample(m)
      put('met', { samples: [{ up, m }] }, { ...stamp(), up })
    },
  })
  const { report, board } = monitor
  hardware = makeHardwareWatch({ roots, clock, log, profile, dataDir, report, wasFailing: board.isFailing })
  kiosk = makeKioskWatch({ roots, clock, log, profile, dataDir, report, wasFailing: board.isFailing, onPicture: flight.screenChanged })
  if (hasGap) monitor.report([{ key: 'spool.gap', verdict: 'failing', text: 'Data was lost on the device' }])
  reportBoot()
  // findings whose end nobody would otherwise report
  for (const key of ['reboot.unexpected', 'spool.gap'] as const) {
    if (key in store.data.failing) later(FINDING_OVER_MS, () => monitor?.report([{ key, verdict: 'ok', text: 'Not seen again' }]))
  }
  if (spool.mode === 'disk') await keep(state => void (state.spoolEpoch = spool.epoch))
  await keep(state => void (state.boot = { bootId, clean: false }))
  flight.start()
  monitor.start()
  hardware.start()
  kiosk.start()
  remedies.start()
  uplink.start()
  later(INVENTORY_FIRST_MS, () => void takeInventory())
  log.info({ deviceId: login.clientId, version: agentVersion(), dataDir, bootId, spool: spool.mode }, 'agent started')

  return {
    async stop(reason, expectedBackAt) {
      for (const cancel of cancels) cancel()
      remedies.stop()
      monitor?.stop()
      hardware?.stop()
      kiosk?.stop()
      flight.stop()
      await eventQueue
      await configs.settled()
      await uplink.stop(reason, expectedBackAt)
      await keep(state => void (state.boot = { bootId, clean: true }))
      spool.close()
      writeReport()
      log.info({ reason }, 'agent stopped')
    },
  }
}
