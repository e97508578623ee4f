/** What the machine is made of, for people. Runs in a child process that exits: the library behind it is large and starts programs. */
import si from 'systeminformation'
import { hardwareParts, withHealth } from './hardware-inventory.ts'

export type Inventory = Record<string, unknown>

/** A message holds 64 KB, and the birth says more than this. */
const MAX_BYTES = 48 * 1024

/** Only fields that say something: empty texts and nulls are left out, lists are cut at 32. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 32).map(compact)
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value.slice(0, 200) : value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== '' && item !== null && item !== undefined && item !== '-')
      .map(([name, item]) => [name, compact(item)]),
  )
}

/** Only the named fields of an object. */
function pick(value: object, names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
}

/** Cuts the longest lists in half until the whole is small enough for one message beside the rest of a birth. */
export function fitInventory(inventory: Inventory, maxBytes = MAX_BYTES): Inventory {
  const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))
  const fitted = { ...inventory }
  while (bytesOf(fitted) > maxBytes) {
    const [name, largest] = Object.entries(fitted).reduce((a, b) => (bytesOf(b[1]) > bytesOf(a[1]) ? b : a))
    if (Array.isArray(largest) && largest.length > 1) fitted[name] = largest.slice(0, Math.floor(largest.length / 2))
    else delete fitted[name]
  }
  return fitted
}

/** Collects the inventory in this process: hardware, system, disks, displays, network cards, what hangs on it. Parts that fail are left out. */
export async function collectInventory(): Promise<Inventory> {
  const parts: Record<string, Promise<unknown>> = {
    system: si.system().then(it => pick(it, ['manufacturer', 'model', 'version', 'serial', 'virtual'])),
    bios: si.bios().then(it => pick(it, ['vendor', 'version', 'releaseDate'])),
    baseboard: si.baseboard().then(it => pick(it, ['manufacturer', 'model', 'version'])),
    cpu: si.cpu().then(it => pick(it, ['manufacturer', 'brand', 'speedMax', 'cores', 'physicalCores'])),
    memory: si.mem().then(it => ({ totalBytes: it.total, swapTotalBytes: it.swaptotal })),
    os: si.osInfo().then(it => pick(it, ['platform', 'distro', 'release', 'codename', 'kernel', 'arch', 'hostname', 'uefi'])),
    disks: si
      .diskLayout()
      .then(list => withHealth(list.map(it => ({ device: it.device, ...pick(it, ['type', 'name', 'vendor', 'size', 'interfaceType']) })))),
    graphics: si.graphics().then(it => ({
      controllers: it.controllers.map(item => pick(item, ['vendor', 'model', 'vram'])),
      displays: it.displays.map(item =>
        pick(item, ['vendor', 'model', 'connection', 'currentResX', 'currentResY', 'resolutionX', 'resolutionY']),
      ),
    })),
    networks: si.networkInterfaces().then(it =>
      [it]
        .flat()
        .filter(item => !item.internal && !item.virtual)
        .map(item => pick(item, ['iface', 'type', 'mac', 'ip4', 'ip6', 'speed', 'dhcp'])),
    ),
    ...hardwareParts(process.env),
  }
  const settled = await Promise.all(Object.entries(parts).map(async ([name, part]) => [name, await part.catch(() => null)] as const))
  const isThere = (value: unknown) => value !== null && !(Array.isArray(value) && value.length === 0)
  return fitInventory(compact(Object.fromEntries(settled.filter(([, value]) => isThere(value)))) as Inventory)
}
