import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pino from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../agent/platform/agent-clock.ts'
import { checkHardware } from '../../../agent/cli/doctor-hardware.ts'
import { makeHardwareWatch, type HardwareWatch } from '../../../agent/hardware/hardware-watch.ts'
import { hardwareParts } from '../../../agent/probes/hardware-inventory.ts'
import { fitInventory } from '../../../agent/probes/inventory.ts'
import type { Roots } from '../../../agent/probes/read-file.ts'
import { makeSignalBoard, type SignalEvent } from '../../../agent/signals/board.ts'
import { fillProfile, type ProfileInput } from '../../../shared/profile.ts'
import { fixtureTree } from '../fixture-tree.ts'
import { waitFor } from '../wait-for.ts'
import { buildEdid } from './edid-builder.ts'

const folders: string[] = []
const watches: HardwareWatch[] = []
afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
const NO_PRINTERS = { CUPS_SERVER: '/nonexistent/cups.sock' }
const MACHINE = {
  'sys/bus/usb/devices/1-2/idVendor': '05e0\n',
  'sys/bus/usb/devices/1-2/idProduct': '1200\n',
  'sys/bus/usb/devices/1-2/devnum': '7\n',
  'sys/class/drm/card0-HDMI-A-1/status': 'connected\n',
  'sys/class/drm/card0-HDMI-A-1/enabled': 'enabled\n',
  'sys/class/drm/card0-HDMI-A-1/dpms': 'On\n',
  'sys/class/drm/card0-HDMI-A-1/modes': '1920x1080\n1920x1080\n',
  'sys/class/drm/card0-HDMI-A-1/edid': buildEdid(),
  'sys/class/power_supply/AC/type': 'Mains\n',
  'sys/class/power_supply/AC/online': '0\n',
  'sys/class/power_supply/BAT0/type': 'Battery\n',
  'sys/class/power_supply/BAT0/status': 'Discharging\n',
  'dev/serial/by-id/usb-Scale': '',
}
function tree(files: Record<string, string | Uint8Array>): Roots & { folder: string } {
  const made = fixtureTree(files)
  folders.push(made.folder)
  return made
}

function start(roots: Roots, profile: ProfileInput, reported: Record<string, number> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'kk-hardware-'))
  folders.push(dataDir)
  const board = makeSignalBoard({ reported, announceOk: false })
  const events: SignalEvent[] = []
  const watch = makeHardwareWatch({
    roots,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    profile: fillProfile(profile),
    dataDir,
    environment: NO_PRINTERS,
    report: (readings, family) => void events.push(...board.apply(readings, Date.now(), family)),
    wasFailing: board.isFailing,
  })
  watches.push(watch)
  watch.start()
  const states = (key: string) => events.filter(event => event.key === key).map(event => event.state)
  return { watch, states }
}

describe('the hardware watch', () => {
  it('judges what the profile names, and power on every machine', async () => {
    const { states } = start(tree(MACHINE), {
      name: 'Kiosk',
      peripherals: [{ name: 'scanner', usb: '05e0:1200' }],
      serial: [{ name: 'drawer', path: '/dev/ttyS7' }],
      displays: [{ connector: 'DP-1' }],
    })
    await waitFor('the faults', () => ['usb.missing:drawer', 'display.disconnected', 'power.battery'].every(key => states(key).length > 0))
    expect(['usb.missing:scanner', 'display.off', 'power.undervoltage'].flatMap(states)).toEqual([])
  })

  it('ends what a new profile no longer names, and what was reported before its start', async () => {
    const { watch, states } = start(
      tree(MACHINE),
      { name: 'Kiosk', displays: [{ connector: 'DP-1' }] },
      { 'touch.missing': 1, 'printer.jam:till': 1 },
    )
    expect([states('touch.missing'), states('printer.jam:till')]).toEqual([['ok'], ['ok']])
    await waitFor('the fault', () => states('display.disconnected').length > 0)
    watch.setProfile(fillProfile({ name: 'Kiosk', peripherals: [{ name: 'reader', usb: '1234:5678' }] }))
    expect(states('display.disconnected')).toEqual(['failing', 'ok'])
    await waitFor('the next fault', () => states('usb.missing:reader').length > 0)
  })

  it('says nothing after it was stopped', async () => {
    const roots = tree(MACHINE)
    const { watch, states } = start(roots, { name: 'Kiosk', displays: [{ connector: 'DP-1' }] })
    watch.stop()
    const witness = start(roots, { name: 'Kiosk', displays: [{ connector: 'DP-1' }] })
    await waitFor('a watch that goes on', () => witness.states('display.disconnected').length > 0)
    expect(states('display.disconnected')).toEqual([])
  })

  it('sees a device that comes back, soon after its device file', async () => {
    const roots = tree({ ...MACHINE, 'dev/ttyS0': '' })
    const { states } = start(roots, { name: 'Kiosk', serial: [{ name: 'scale', path: '/dev/ttyUSB0' }] })
    await waitFor('the fault', () => states('usb.missing:scale').length === 1)
    const path = join(roots.dev, 'ttyUSB0')
    mkdirSync(dirname(path), { recursive: true })
    const startedAtMs = Date.now()
    writeFileSync(path, '')
    await waitFor('its end', () => states('usb.missing:scale').length === 2)
    expect(states('usb.missing:scale')).toEqual(['failing', 'ok'])
    expect(Date.now() - startedAtMs).toBeLessThan(6_000)
  })
})

describe('doctor', () => {
  it('has a line for each question about the hardware of the profile', async () => {
    const profile = fillProfile({
      name: 'Kiosk',
      displays: [{ connector: 'HDMI-A-1', width: 1920, height: 1080 }],
      peripherals: [
        { name: 'scanner', usb: '05e0:1200' },
        { name: 'reader', usb: '1234:5678' },
      ],
      printers: ['till'],
    })
    const lines = (await checkHardware(profile, NO_PRINTERS, tree(MACHINE))).map(({ name, result }) => `${result} ${name}`)
    expect(lines).toEqual([
      'PASS display.disconnected',
      'PASS display.off',
      'UNKNOWN display.wrong-mode',
      'PASS usb.missing:scanner',
      'FAIL usb.missing:reader',
      'FAIL printer.offline:till',
    ])
  })
})

describe('the inventory', () => {
  it('names what a profile can be written from', async () => {
    const parts = hardwareParts(NO_PRINTERS, tree(MACHINE))
    const named = Object.fromEntries(await Promise.all(Object.entries(parts).map(async ([name, part]) => [name, await part] as const)))
    expect(named).toMatchObject({
      displays: [{ connector: 'HDMI-A-1', card: 'card0', modes: ['1920x1080'], edid: { maker: 'Iiyama', model: 'Front Screen' } }],
      usb: [{ port: '1-2', id: '05e0:1200' }],
      input: [],
      serialLines: ['/dev/serial/by-id/usb-Scale'],
      printers: [],
      power: [{ name: 'AC' }, { name: 'BAT0' }],
    })
  })

  it('fits into a message, whatever a machine has', () => {
    const big = {
      system: { model: 'x' },
      usb: Array.from({ length: 32 }, (_, index) => ({ index, text: 'x'.repeat(3_000) })),
      text: 'y'.repeat(30_000),
    }
    const fitted = fitInventory(big)
    expect(Buffer.byteLength(JSON.stringify(fitted))).toBeLessThanOrEqual(48 * 1024)
    expect(fitted).toMatchObject({ system: { model: 'x' }, usb: expect.arrayContaining([expect.objectContaining({ index: 0 })]) })
    expect(fitInventory({ text: 'y'.repeat(60_000) })).toEqual({})
    expect(fitInventory({ system: {} })).toEqual({ system: {} })
  })
})
