/** Signals that fail in the replay, with the numbers of the contract that decide whether people have to hear of them. A list. */

export type SignalKind = {
  key: string
  holdSeconds: number
  /** Only while customers can be there. */
  isFacing: boolean
  /** Mends it on the device, if it is lucky. */
  remedy: string | null
  /** Longest, minutes. */
  maxMinutes: number
}
const kind = (key: string, holdSeconds: number, isFacing: boolean, remedy: string | null, maxMinutes: number): SignalKind => ({
  key,
  holdSeconds,
  isFacing,
  remedy,
  maxMinutes,
})

export const SIGNAL_KINDS: readonly SignalKind[] = [
  kind('app.crashed', 20, true, 'restart-app', 90),
  kind('app.frozen', 20, true, 'restart-app', 90),
  kind('screen.blank', 30, true, 'reload-page', 60),
  kind('screen.error-page', 20, true, 'reload-page', 120),
  kind('page.unreachable', 60, true, null, 180),
  kind('app.errors', 300, true, null, 400),
  kind('display.disconnected', 30, true, null, 900),
  kind('display.off', 60, true, 'wake-display', 400),
  kind('display.wrong-mode', 60, true, 'set-mode', 600),
  kind('touch.missing', 30, true, 'reset-usb', 900),
  kind('usb.missing:scanner', 30, true, 'reset-usb', 600),
  kind('usb.missing:card-reader', 30, true, 'reset-usb', 600),
  kind('printer.offline', 60, true, 'restart-queue', 300),
  kind('printer.jam', 60, true, 'restart-queue', 240),
  kind('printer.cover-open', 60, true, 'restart-queue', 60),
  kind('printer.paper-out', 0, true, null, 240),
  kind('disk.full', 60, false, 'clear-caches', 700),
  kind('disk.filling', 600, false, 'clear-caches', 1500),
  kind('memory.pressure', 120, false, 'restart-app', 300),
  kind('cpu.saturated', 300, false, null, 400),
  kind('temperature.high', 60, false, null, 500),
  kind('process.missing:till', 20, false, 'restart-unit', 120),
  kind('unit.failed:sync', 20, false, 'restart-unit', 300),
  kind('url.failing:shop', 120, false, null, 300),
  kind('certificate.expiring:shop', 120, false, null, 4000),
  kind('network.degraded', 300, false, 'renew-network', 300),
  kind('clock.drift', 300, false, 'sync-time', 500),
  kind('power.battery', 0, false, null, 200),
]

/** A cause on a device, and what it drags along: after so many seconds (before it when negative). */
export const CHAINS: readonly { key: string; symptoms: readonly [key: string, afterSeconds: number][] }[] = [
  {
    key: 'display.disconnected',
    symptoms: [
      ['screen.blank', 15],
      ['touch.missing', 2],
      ['display.off', 4],
    ],
  },
  {
    key: 'page.unreachable',
    symptoms: [
      ['screen.error-page', -40],
      ['app.errors', 20],
    ],
  },
  {
    key: 'disk.full',
    symptoms: [
      ['process.missing:till', 25],
      ['app.crashed', 40],
      ['disk.filling', -3600],
    ],
  },
  { key: 'screen.error-page', symptoms: [['app.frozen', 10]] },
  { key: 'app.crashed', symptoms: [['process.missing:kiosk', 1]] },
  {
    key: 'power.battery',
    symptoms: [
      ['printer.offline', 20],
      ['usb.missing:scanner', 3],
    ],
  },
]
