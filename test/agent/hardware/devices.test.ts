import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hasDeviceFile, readCameras, readSoundCards } from '../../../agent/probes/devices/attached.ts'
import { watchDeviceFiles } from '../../../agent/probes/devices/hotplug.ts'
import { hasBit, makeInputReader } from '../../../agent/probes/devices/inputs.ts'
import { findVoltageAlarms, makePowerReader, readVoltageAlarm } from '../../../agent/probes/devices/power-supplies.ts'
import { makeUsbReader, readUsbDetails } from '../../../agent/probes/devices/usb.ts'
import { listDevices, type Roots } from '../../../agent/probes/read-file.ts'
import { fixtureTree } from '../fixture-tree.ts'
import { waitFor } from '../wait-for.ts'

const folders: string[] = []
function tree(files: Record<string, string | Uint8Array>): Roots & { folder: string } {
  const made = fixtureTree(files)
  folders.push(made.folder)
  return made
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
const under = (folder: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, `${text}\n`]))
const usb = (port: string, idVendor: string, idProduct: string, devnum: number, more: Record<string, string> = {}) =>
  under(`sys/bus/usb/devices/${port}`, { idVendor, idProduct, devnum: String(devnum), ...more })

describe('the USB bus', () => {
  it('shows what is plugged in where, interfaces left out', () => {
    const roots = tree({
      ...usb('usb1', '1d6b', '0002', 1),
      ...usb('1-2', '05E0', '1200', 7),
      ...usb('1-2.3', '04b8', '0202', 9),
      ...under('sys/bus/usb/devices/1-2:1.0', { bInterfaceClass: '03' }),
      ...under('sys/bus/usb/devices/1-9', { devnum: '11' }),
    })
    expect(makeUsbReader(roots)()).toEqual([
      { port: '1-2', id: '05e0:1200', deviceNumber: 7 },
      { port: '1-2.3', id: '04b8:0202', deviceNumber: 9 },
      { port: 'usb1', id: '1d6b:0002', deviceNumber: 1 },
    ])
  })

  it('reads a device anew when its number changed: another one may hang on the port', () => {
    const roots = tree(usb('1-2', '05e0', '1200', 7))
    const read = makeUsbReader(roots)
    const put = (file: string, text: string) => writeFileSync(join(roots.sys, 'bus/usb/devices/1-2', file), text)
    expect(read()?.[0]?.id).toBe('05e0:1200')
    put('idProduct', '9999')
    expect(read()?.[0]?.id).toBe('05e0:1200')
    put('devnum', '8')
    expect(read()?.[0]).toEqual({ port: '1-2', id: '05e0:9999', deviceNumber: 8 })
  })

  it('looks only at the ports it is asked for, until others are in use', () => {
    const roots = tree({ ...usb('1-2', '05e0', '1200', 7), ...usb('1-3', '04b8', '0202', 8) })
    const read = makeUsbReader(roots)
    const number = (port: string) => read(new Set(['1-2']))?.find(device => device.port === port)?.deviceNumber
    const put = (port: string, text: string) => writeFileSync(join(roots.sys, 'bus/usb/devices', port, 'devnum'), text)
    expect([number('1-2'), number('1-3')]).toEqual([7, 8])
    put('1-2', '17')
    put('1-3', '18')
    expect([number('1-2'), number('1-3')]).toEqual([17, 8])
    mkdirSync(join(roots.sys, 'bus/usb/devices/1-4'))
    expect(number('1-3')).toBe(18)
  })

  it('is unknown where there is none, and empty where nothing is plugged in', () => {
    expect(makeUsbReader(tree({}))()).toBeNull()
    const roots = tree({})
    mkdirSync(join(roots.sys, 'bus/usb/devices'), { recursive: true })
    expect(makeUsbReader(roots)()).toEqual([])
  })

  it('tells everything for the inventory', () => {
    const more = { manufacturer: 'Symbol', product: 'Scanner', serial: 'S1', speed: '12', bMaxPower: '500mA' }
    const roots = tree({
      ...usb('1-2', '05e0', '1200', 7, more),
      ...usb('usb1', '1d6b', '0002', 1),
      ...under('sys/bus/usb/devices/1-2:1.0', { x: '' }),
    })
    symlinkSync('../../../../bus/usb/drivers/usbhid', join(roots.sys, 'bus/usb/devices/1-2:1.0/driver'))
    expect(readUsbDetails(roots)).toEqual([
      {
        port: '1-2',
        id: '05e0:1200',
        deviceNumber: 7,
        maker: 'Symbol',
        product: 'Scanner',
        serial: 'S1',
        speedMbit: 12,
        powerMa: 500,
        drivers: ['usbhid'],
      },
    ])
  })
})

describe('input devices', () => {
  const input = (id: string, name: string, masks: Record<string, string>) =>
    under(`sys/class/input/${id}`, { name, 'id/vendor': '0eef', 'id/product': 'c000', ...masks })
  // bits 0, 1 and 0x35..0x36, 0x39 of the axes; key 0x14a
  const screen = { 'capabilities/abs': '660800000000003', 'capabilities/key': '400 0 0 0 0 0', properties: '2' }

  it.each([
    { why: 'bit 0', mask: '1', bit: 0, is: true },
    { why: 'a bit of the second word', mask: '400 0', bit: 64 + 10, is: true },
    { why: 'the touch key: 330 = five words and ten bits', mask: '400 0 0 0 0 0', bit: 0x14a, is: true },
    { why: 'beyond the mask', mask: 'ffffffffffffffff', bit: 64, is: false },
    { why: 'nonsense', mask: 'xyz', bit: 0, is: false },
    { why: 'nothing', mask: null, bit: 0, is: false },
  ])('have masks of bits: $why', ({ mask, bit, is }) => {
    expect(hasBit(mask, bit)).toBe(is)
  })

  it('are touch screens, touch pads, or neither', () => {
    const roots = tree({
      ...input('input3', 'Touch Screen', screen),
      ...input('input4', 'Touch Pad', { ...screen, properties: '5' }),
      ...input('input5', 'Old Panel', { 'capabilities/abs': '3', 'capabilities/key': '400 0 0 0 0 0', properties: '0' }),
      ...input('input6', 'Keyboard', {
        'capabilities/abs': '0',
        'capabilities/key': '402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe',
      }),
      ...input('input7', 'Tablet of a virtual machine', { 'capabilities/abs': '3', 'capabilities/key': '400 70000 0 0 0 0' }),
      'sys/class/input/input8/uevent': 'PRODUCT=3/eef/1/210\nNAME="Panel in one file"\nPROP=2\nEV=b\nKEY=400 0 0 0 0 0\nABS=3\n',
      'sys/class/input/input9/uevent': 'PRODUCT=11/2/7/1b1\nNAME="Pad with fingers"\nPROP=0\nKEY=e520 0 0 0 0 0\nABS=660800011000003\n',
      ...input('event3', 'not this one', screen),
    })
    expect(makeInputReader(roots)()?.map(({ name, usb: id, isTouch, isPad }) => [name, id, isTouch, isPad])).toEqual([
      ['Touch Screen', '0eef:c000', true, false],
      ['Touch Pad', '0eef:c000', true, true],
      ['Old Panel', '0eef:c000', true, false],
      ['Keyboard', '0eef:c000', false, false],
      ['Tablet of a virtual machine', '0eef:c000', true, true],
      ['Panel in one file', '0eef:0001', true, false],
      ['Pad with fingers', '0002:0007', true, true],
    ])
  })

  it('come and go', () => {
    const roots = tree(input('input3', 'Touch Screen', screen))
    const read = makeInputReader(roots)
    expect(read()).toHaveLength(1)
    rmSync(join(roots.sys, 'class/input/input3'), { recursive: true })
    expect(read()).toEqual([])
    expect(makeInputReader(tree({}))()).toBeNull()
  })
})

describe('cameras, sound cards, serial lines', () => {
  it('are found with the USB device they hang on', () => {
    const roots = tree({
      ...under('sys/devices/pci/usb1/1-4', { idVendor: '046D', idProduct: '0825' }),
      ...under('sys/devices/pci/usb1/1-4/1-4:1.0/video4linux/video0', { name: 'Kiosk Camera' }),
      ...under('sys/class/video4linux/video9', { name: 'On board' }),
      'proc/asound/cards':
        ' 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xf7\n 1 [Mic            ]: USB-Audio - Desk Microphone\n 2 [Speaker        ]: USB-Audio - USB Speaker\n',
      'proc/asound/pcm':
        '00-00: ALC887 Analog : ALC887 Analog : playback 1 : capture 1\n01-00: USB Audio : USB Audio : capture 1\n02-00: USB Audio : USB Audio : playback 1\n',
      'proc/asound/card2/usbid': '0D8C:0014\n',
      'dev/serial/by-id/usb-Till': '',
    })
    symlinkSync('../../devices/pci/usb1/1-4/1-4:1.0/video4linux/video0', join(roots.sys, 'class/video4linux/video0'))
    symlinkSync('../../../1-4:1.0', join(roots.sys, 'devices/pci/usb1/1-4/1-4:1.0/video4linux/video0/device'))
    expect(readCameras(roots)).toEqual([
      { id: 'video0', name: 'Kiosk Camera', usb: '046d:0825' },
      { id: 'video9', name: 'On board', usb: null },
    ])
    expect(readSoundCards(roots)).toEqual([
      { id: 'card0', name: 'PCH HDA-Intel - HDA Intel PCH', usb: null },
      { id: 'card2', name: 'Speaker USB-Audio - USB Speaker', usb: '0d8c:0014' },
    ])
    expect([hasDeviceFile(roots, '/dev/serial/by-id/usb-Till'), hasDeviceFile(roots, '/dev/ttyUSB0')]).toEqual([true, false])
    expect([readCameras(tree({})), readSoundCards(tree({}))]).toEqual([[], []])
  })
})

describe('power', () => {
  it('is read from mains and batteries of the machine, not of its mouse', async () => {
    const supply = (name: string, files: Record<string, string>) => under(`sys/class/power_supply/${name}`, files)
    const roots = tree({
      ...supply('AC', { type: 'Mains', online: '0' }),
      ...supply('BAT0', { type: 'Battery', present: '1', status: 'Discharging', capacity: '17', health: 'Good' }),
      ...supply('BAT1', { type: 'Battery', present: '0' }),
      ...supply('hidpp_battery_0', { type: 'Battery', scope: 'Device', status: 'Discharging', capacity: '5' }),
      ...supply('UPS', { type: 'UPS', status: 'Full', capacity: '400' }),
      ...supply('odd', { type: 'Nonsense' }),
    })
    expect(await makePowerReader(roots)()).toEqual([
      { name: 'AC', kind: 'mains', isOnline: false, status: null, percent: null, health: null },
      { name: 'BAT0', kind: 'battery', isOnline: null, status: 'Discharging', percent: 17, health: 'Good' },
      { name: 'UPS', kind: 'ups', isOnline: null, status: 'Full', percent: null, health: null },
    ])
    expect(await makePowerReader(tree({}))()).toEqual([])
  })

  it('has a flag for a voltage too low, on boards that have one', () => {
    const roots = tree({
      ...under('sys/class/hwmon/hwmon1', { name: 'rpi_volt', in0_lcrit_alarm: '1' }),
      ...under('sys/class/hwmon/hwmon0', { name: 'cpu' }),
    })
    const paths = findVoltageAlarms(roots)
    expect(paths).toHaveLength(1)
    expect(readVoltageAlarm(paths)).toBe(true)
    writeFileSync(paths[0] ?? '', '0\n')
    expect(readVoltageAlarm(paths)).toBe(false)
    expect(readVoltageAlarm(['/nonexistent'])).toBeNull()
  })
})

describe('device files', () => {
  it('wake the watch when they come and go, not when they are written', async () => {
    const roots = tree({ 'dev/ttyS0': '', 'dev/bus/usb/001/001': '', 'dev/input/event0': '' })
    let woken = 0
    const stop = watchDeviceFiles(roots, () => woken++)
    const wakes = async (action: () => void) => {
      const before = woken
      action()
      await waitFor('the wake', () => woken > before)
    }
    await wakes(() => writeFileSync(join(roots.dev, 'bus/usb/001/007'), ''))
    await wakes(() => rmSync(join(roots.dev, 'bus/usb/001/007')))
    await wakes(() => writeFileSync(join(roots.dev, 'video0'), ''))
    const before = woken
    writeFileSync(join(roots.dev, 'ttyS0'), 'x')
    await wakes(() => writeFileSync(join(roots.dev, 'input/event1'), ''))
    expect(woken).toBe(before + 1)
    stop()
  })

  it('may be missing altogether', () => {
    watchDeviceFiles(tree({}), () => {})()
    expect(listDevices('/nonexistent/devices')).toEqual([])
  })
})
