/** The watch over hardware: display chain, peripherals, printers, power, drives, business. Reads what the profile names, on the beat of the monitor, and hands readings to its board. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Profile } from '../../shared/profile.ts'
import type { AgentSignal } from '../../shared/signals/signals.ts'
import type { Clock } from '../platform/agent-clock.ts'
import { makeBusinessWatch } from './business-watch.ts'
import { makeDisplayWatch } from './display-watch.ts'
import { makeDriveWatch } from './drive-watch.ts'
import { makePeripheralWatch } from './peripheral-watch.ts'
import type { Metrics } from '../probes/machine-sample.ts'
import { watchDeviceFiles } from '../probes/devices/hotplug.ts'
import { cupsAddress, makePrinterReader } from '../probes/printer/printers.ts'
import type { Roots } from '../probes/read-file.ts'
import { makeRhythms } from '../platform/rhythm.ts'
import { makeConfirmer } from '../signals/confirm.ts'
import { DISPLAY_SIGNALS } from '../signals/display-rules.ts'
import { judgePrinters, PRINTER_SIGNALS } from '../signals/printer-rules.ts'
import type { Reading, Report, WasFailing } from '../signals/reading.ts'

const FIRST_CHECK_MS = 50
const DEVICE_MS = 10_000
const DEVICE_CONFIRM_MS = 2_000
const PRINTER_MS = 30_000
const PRINTER_CONFIRM_MS = 5_000
/** With the inventory of the start, and then rarely: both take child processes. */
const DRIVE_FIRST_MS = 3_000
const DRIVE_MS = 6 * 3_600_000
/** Device files come in groups: one look for all. */
const HOTPLUG_MS = 300
const PERIPHERAL_SIGNALS = ['usb.missing', 'usb.unstable', 'touch.missing'] as const satisfies readonly AgentSignal[]

export type HardwareOptions = {
  roots: Roots
  clock: Clock
  log: Logger
  profile: Profile
  dataDir: string
  environment?: NodeJS.ProcessEnv
  report: Report
  wasFailing: WasFailing
}
export type HardwareWatch = {
  start(): void
  stop(): void
  /** Watches what the new profile names, from now on. */
  setProfile(profile: Profile): void
  /** Figures of the moment that belong into a sample. */
  metrics(): Metrics
}

/** Makes the hardware watch of one machine. */
export function makeHardwareWatch(options: HardwareOptions): HardwareWatch {
  const { roots, clock, log, report, wasFailing, environment = process.env } = options
  const rhythms = makeRhythms(clock, log)
  const driveRhythm = makeRhythms(clock, log)
  const displays = makeDisplayWatch(roots, environment)
  const peripherals = makePeripheralWatch(roots, wasFailing)
  const drives = makeDriveWatch(join(options.dataDir, 'drives.json'))
  const business = makeBusinessWatch(clock, log)
  const printers = makePrinterReader(() => cupsAddress(roots, environment))
  let profile = options.profile
  let deviceConfirmer = makeConfirmer()
  let printerConfirmer = makeConfirmer()
  /** Counts starts: what an older start still waits for no longer counts. */
  let run = 0
  let isFirstLook = true
  let isFirstAnswer = true
  let isStopped = false
  let unwatch = () => {}
  let cancelLook = () => {}

  /** Readings of several signals, each signal's being all there is of it. */
  function tell(readings: Reading[], families: readonly AgentSignal[]): void {
    for (const family of families)
      report(
        readings.filter(reading => reading.key.split(':', 1)[0] === family),
        family,
      )
  }

  const hasPeripherals = () =>
    [profile.peripherals, profile.touch, profile.serial, profile.cameras, profile.audio].some(list => list.length > 0)

  async function checkDevices(): Promise<void> {
    const [asked, mine] = [profile, run]
    const nowMs = clock.monotonicMs()
    const seen = [
      ...(await displays.look(asked.displays, nowMs)),
      ...peripherals.look(asked, nowMs),
      ...(await peripherals.lookAtPower(nowMs)),
    ]
    if (mine !== run) return
    const readings = deviceConfirmer.take(seen)
    // which signals there are depends on the profile alone
    if (isFirstLook) tell(readings, [...DISPLAY_SIGNALS, ...PERIPHERAL_SIGNALS])
    isFirstLook = false
    report([...readings, ...business.look()])
    if (asked.displays.length > 0) await displays.askDisplays(nowMs, false)
  }

  async function checkPrinters(): Promise<void> {
    const [asked, mine] = [profile, run]
    const facts = await printers.read(asked.printers)
    if (mine !== run) return
    const readings = printerConfirmer.take(judgePrinters(asked.printers, facts, wasFailing))
    if (isFirstAnswer) tell(readings, PRINTER_SIGNALS)
    isFirstAnswer = false
    report(readings)
  }

  async function checkDrives(): Promise<void> {
    const reading = await drives.look(clock.wallMs())
    if (isStopped) return
    report([reading])
    if (profile.displays.length > 0) await displays.askDisplays(clock.monotonicMs(), true)
  }

  /** An extra look; what it sees for the first time is looked at once more. */
  function lookIn(delayMs: number): void {
    cancelLook()
    cancelLook = clock.after(delayMs, () => {
      const look = async () => {
        await checkDevices()
        if (deviceConfirmer.isWaiting()) lookIn(DEVICE_CONFIRM_MS)
      }
      look().catch((error: unknown) => log.warn({ err: error, probe: 'devices' }, 'probe failed'))
    })
  }

  function startWatches(): void {
    rhythms.repeat('devices', FIRST_CHECK_MS, () => (deviceConfirmer.isWaiting() ? DEVICE_CONFIRM_MS : DEVICE_MS), checkDevices)
    if (profile.printers.length > 0)
      rhythms.repeat('printers', FIRST_CHECK_MS, () => (printerConfirmer.isWaiting() ? PRINTER_CONFIRM_MS : PRINTER_MS), checkPrinters)
    if (hasPeripherals()) unwatch = watchDeviceFiles(roots, () => lookIn(HOTPLUG_MS))
    void business.setBusiness(profile.business)
    // what is no longer named is no longer judged, whoever reported it
    if (profile.displays.length === 0) tell([], DISPLAY_SIGNALS)
    if (!hasPeripherals()) tell([], PERIPHERAL_SIGNALS)
    if (profile.printers.length === 0) tell([], PRINTER_SIGNALS)
    if (!profile.business) tell([], ['business.silent'])
  }

  function stopWatches(): void {
    run++
    rhythms.stop()
    unwatch()
    cancelLook()
    unwatch = () => {}
    printers.close()
  }

  return {
    start() {
      driveRhythm.repeat('drives', DRIVE_FIRST_MS, () => DRIVE_MS, checkDrives)
      startWatches()
    },
    stop() {
      isStopped = true
      stopWatches()
      driveRhythm.stop()
      business.stop()
    },
    setProfile(next) {
      stopWatches()
      profile = next
      deviceConfirmer = makeConfirmer()
      printerConfirmer = makeConfirmer()
      isFirstLook = true
      isFirstAnswer = true
      startWatches()
    },
    metrics() {
      const perHour = business.perHour()
      return perHour === null ? {} : { businessPerHour: perHour }
    },
  }
}
