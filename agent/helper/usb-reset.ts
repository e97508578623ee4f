/** Resets a USB device as pulling and plugging would: through the kernel's switches in /sys. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readUsbId } from '../probes/devices/usb.ts'
import { listDevices, readLine } from '../probes/read-file.ts'
import { Refused } from './refused.ts'

const OFF_MS = 700
const HUB = '09'
const MASS_STORAGE = '08'
const PORT = /^\d+-[\d.]+$/

function set(path: string, value: '0' | '1'): void {
  writeFileSync(path, value)
}

/** A hub takes others with it, a drive may hold the system. */
function isTooMuch(base: string, port: string, names: readonly string[]): boolean {
  if (readLine(join(base, port, 'bDeviceClass')) === HUB) return true
  const interfaces = names.filter(name => name.startsWith(`${port}:`))
  return interfaces.some(name => [HUB, MASS_STORAGE].includes(readLine(join(base, name, 'bInterfaceClass')) ?? ''))
}

/** Switches of plugs that nothing is seen in: `usb1-port2` folders of the hubs. */
function emptyPlugs(base: string, names: readonly string[]): string[] {
  return names
    .filter(name => name.endsWith(':1.0'))
    .flatMap(hub =>
      listDevices(join(base, hub))
        .filter(name => /-port\d+$/.test(name))
        .map(name => join(base, hub, name)),
    )
    .filter(plug => existsSync(join(plug, 'disable')) && !existsSync(join(plug, 'device')))
    .map(plug => join(plug, 'disable'))
}

/** Takes the device with this id off the bus and lets it back; one that is not on the bus has the empty plugs switched off and on. Rejects with `Refused`. */
export async function resetUsb(sys: string, id: string): Promise<string> {
  const base = join(sys, 'bus/usb/devices')
  const names = listDevices(base)
  const ports = names.filter(name => PORT.test(name) && readUsbId(join(base, name)) === id)
  if (ports.some(port => isTooMuch(base, port, names))) throw new Refused(`${id} is a hub or a drive: it is left alone.`)
  const switches = ports.length > 0 ? ports.map(port => join(base, port, 'authorized')) : emptyPlugs(base, names)
  if (switches.length === 0) throw new Refused(`${id} is not on the bus, and this machine cannot switch its empty plugs.`)
  const [off, on] = ports.length > 0 ? (['0', '1'] as const) : (['1', '0'] as const)
  for (const path of switches) set(path, off)
  await pause(OFF_MS)
  for (const path of switches) set(path, on)
  return ports.length > 0 ? `${id} was reset.` : `${id} is not on the bus; ${switches.length} empty plugs were switched off and on.`
}
