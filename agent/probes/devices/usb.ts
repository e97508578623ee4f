/** The USB bus (/sys/bus/usb/devices): what is plugged in where. A device keeps its number while it stays; a new number means that it was enumerated anew. */
import { readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { listDevices, parseNumber, readLine, type Roots } from '../read-file.ts'

export type UsbDevice = {
  /** Bus and ports from the root: `1-2.3`. */
  port: string
  /** `vvvv:pppp`, lower case. */
  id: string
  deviceNumber: number
}
export type UsbDetails = UsbDevice & {
  maker: string | null
  product: string | null
  serial: string | null
  speedMbit: number | null
  /** Most it may draw, mA. */
  powerMa: number | null
  drivers: string[]
}

const PORT = /^(usb\d+|\d+-[\d.]+)$/
const MAX_DEVICES = 256
const usbFolder = (roots: Roots) => join(roots.sys, 'bus/usb/devices')

/** `vvvv:pppp` of a folder with idVendor and idProduct, or null. The path is not tidied: behind a link `..` is the folder above its goal. */
export function readUsbId(folder: string): string | null {
  const [vendor, product] = [readLine(`${folder}/idVendor`), readLine(`${folder}/idProduct`)]
  return vendor === null || product === null ? null : `${vendor}:${product}`.toLowerCase()
}

/**
 * Reads the bus again and again; what did not change number is not read anew. With `ports`, and while the same ports are in use,
 * only these are looked at. Null when the machine shows no bus.
 */
export function makeUsbReader(roots: Roots): (ports?: ReadonlySet<string>) => UsbDevice[] | null {
  const base = usbFolder(roots)
  let known = new Map<string, UsbDevice>()
  let lastListing = ''
  return only => {
    const ports = listDevices(base).filter(name => PORT.test(name))
    if (ports.length === 0 && listDevices(join(roots.sys, 'bus/usb')).length === 0) return null
    const listing = ports.join()
    const isSame = listing === lastListing
    lastListing = listing
    const next = new Map<string, UsbDevice>()
    for (const port of ports.slice(0, MAX_DEVICES)) {
      const last = known.get(port)
      if (last && isSame && only && !only.has(port)) {
        next.set(port, last)
        continue
      }
      const deviceNumber = parseNumber(readLine(join(base, port, 'devnum')))
      if (deviceNumber === null) continue
      const id = last?.deviceNumber === deviceNumber ? last.id : readUsbId(join(base, port))
      if (id !== null) next.set(port, { port, id, deviceNumber })
    }
    known = next
    return [...next.values()]
  }
}

function readDrivers(base: string, port: string, names: readonly string[]): string[] {
  const interfaces = names.filter(name => name.startsWith(`${port}:`))
  const drivers = interfaces.map(name => {
    try {
      return basename(readlinkSync(join(base, name, 'driver')))
    } catch {
      return null
    }
  })
  return [...new Set(drivers.filter(driver => driver !== null))]
}

/** Everything about each device, hubs of the machine itself left out: for the inventory and as evidence. */
export function readUsbDetails(roots: Roots): UsbDetails[] {
  const base = usbFolder(roots)
  const names = listDevices(base)
  const devices = makeUsbReader(roots)() ?? []
  return devices
    .filter(device => !device.port.startsWith('usb'))
    .map(device => {
      const read = (file: string) => readLine(join(base, device.port, file))
      return {
        ...device,
        maker: read('manufacturer'),
        product: read('product'),
        serial: read('serial'),
        speedMbit: parseNumber(read('speed')),
        powerMa: parseNumber(read('bMaxPower')?.replace('mA', '')),
        drivers: readDrivers(base, device.port, names),
      }
    })
}
