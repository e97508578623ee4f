import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { SignalEvent } from '../../../agent/signals/board.ts'
import type { ProfileInput } from '../../../shared/profile.ts'
import { waitFor } from '../wait-for.ts'

const PROGRAM = fileURLToPath(new URL('./hardware-watch-program.ts', import.meta.url))
const PORT = '/devices/pci0000:00/0000:00:14.0/usb1/1-2'
/** A bar code scanner, a touch screen and a display plug, as umockdev describes devices. */
const DEVICES = `P: ${PORT}
N: bus/usb/001/007
E: DEVNAME=/dev/bus/usb/001/007
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
A: idVendor=05e0\\n
A: idProduct=1200\\n
A: devnum=7\\n
A: product=Scanner\\n

P: /devices/pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.0/input/input5
E: SUBSYSTEM=input
A: name=Kiosk Touch\\n
A: id/vendor=0eef\\n
A: id/product=c000\\n
A: capabilities/abs=660800000000003\\n
A: capabilities/key=400 0 0 0 0 0\\n
A: properties=2\\n

P: /devices/pci0000:00/0000:00:02.0/drm/card0/card0-HDMI-A-1
E: SUBSYSTEM=drm
A: status=connected\\n
A: enabled=enabled\\n
A: dpms=On\\n
A: modes=1920x1080\\n
`

let child: ChildProcess | null = null
let folder = ''
afterEach(async () => {
  if (child) {
    const ended = new Promise(resolve => child?.once('close', resolve))
    child.kill('SIGTERM')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the watch on a machine that has these devices; answers its events and the folder behind its /sys and /dev. */
async function startWatch(
  profile: ProfileInput,
): Promise<{ testbed: string; events: (SignalEvent | undefined)[]; last(key: string): string | undefined }> {
  folder = mkdtempSync(join(tmpdir(), 'kk-umockdev-'))
  writeFileSync(join(folder, 'devices.umockdev'), DEVICES)
  child = spawn('umockdev-run', ['--device', join(folder, 'devices.umockdev'), '--', process.execPath, PROGRAM, JSON.stringify(profile)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout?.on('data', chunk => (text += String(chunk)))
  await waitFor('the program', () => text.includes('\n'))
  const lines = () => text.split('\n').slice(0, -1)
  const events = () =>
    lines()
      .slice(1)
      .map(line => JSON.parse(line) as SignalEvent)
  return {
    testbed: (JSON.parse(lines()[0] ?? '{}') as { folder: string }).folder,
    get events() {
      return events()
    },
    last: key => events().findLast(event => event.key === key)?.state,
  }
}

describe('devices of a machine, plugged in and out', () => {
  it('come and go, seen by the unchanged program', async () => {
    const watch = await startWatch({
      name: 'Kiosk',
      peripherals: [
        { name: 'scanner', usb: '05e0:1200' },
        { name: 'printer', usb: '04b8:0202' },
      ],
      touch: [{ name: 'front', match: 'kiosk touch' }],
      displays: [{ connector: 'HDMI-A-1' }],
    })
    await waitFor('the devices', () => watch.last('usb.missing:printer') === 'failing')
    expect(['usb.missing:scanner', 'touch.missing', 'display.disconnected', 'display.off'].map(watch.last)).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
    ])

    const bus = join(watch.testbed, 'sys/bus/usb/devices')
    const node = (number: string) => join(watch.testbed, 'dev/bus/usb/001', number)
    renameSync(join(bus, '1-2'), join(bus, 'away'))
    rmSync(join(watch.testbed, 'sys/class/input/input5'), { recursive: true })
    writeFileSync(join(watch.testbed, 'sys/class/drm/card0-HDMI-A-1/status'), 'disconnected\n')
    // a device file goes with its device: that wakes the watch before its beat
    rmSync(node('007'))
    await waitFor(
      'their going',
      () => ['usb.missing:scanner', 'touch.missing', 'display.disconnected'].every(key => watch.last(key) === 'failing'),
      30_000,
    )

    renameSync(join(bus, 'away'), join(bus, '1-2'))
    writeFileSync(join(watch.testbed, 'sys', PORT, 'devnum'), '8\n')
    writeFileSync(join(watch.testbed, 'sys/class/drm/card0-HDMI-A-1/status'), 'connected\n')
    writeFileSync(node('008'), '')
    await waitFor('their coming', () => ['usb.missing:scanner', 'display.disconnected'].every(key => watch.last(key) === 'ok'), 30_000)
    expect(watch.last('touch.missing')).toBe('failing')
  }, 90_000)
})
