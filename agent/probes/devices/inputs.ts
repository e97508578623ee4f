/** Input devices (/sys/class/input), and which of them can be touched. */
import { join } from 'node:path'
import { listDevices, readLine, type Roots } from '../read-file.ts'

export type InputDevice = {
  /** `input7`: a device plugged in again gets a new one. */
  id: string
  name: string
  /** `vvvv:pppp`, lower case; null where there is none. */
  usb: string | null
  isTouch: boolean
  /** A touch pad moves a pointer; a touch screen is touched where it shows. */
  isPad: boolean
}

/** Codes of the kernel's input events. */
const KEY_TOUCH = 0x14a
const ABS_X = 0x00
const ABS_MULTITOUCH_X = 0x35
const PROPERTY_POINTER = 0x00
const PROPERTY_DIRECT = 0x01
const MAX_DEVICES = 256

/** Is a bit set in a mask as the kernel prints it: words of 64 bits in hex, the highest first. (32-bit kernels print words of 32.) */
export function hasBit(mask: string | null, bit: number, wordBits = 64): boolean {
  const words = (mask ?? '').trim().split(/\s+/).toReversed()
  const word = words[Math.floor(bit / wordBits)]
  if (word === undefined || !/^[0-9a-f]{1,16}$/i.test(word)) return false
  return ((BigInt(`0x${word}`) >> BigInt(bit % wordBits)) & 1n) === 1n
}

/** 32-bit programs and kernels print half words; the largest word met tells. Touch masks always have one of the size in full. */
function wordBitsOf(...masks: (string | null)[]): number {
  const is64 = process.arch === 'x64' || process.arch === 'arm64' || masks.some(mask => /[0-9a-f]{9}/i.test(mask ?? ''))
  return is64 ? 64 : 32
}

function readInput(folder: string, id: string): InputDevice | null {
  const name = readLine(join(folder, 'name'))
  if (name === null) return null
  const [vendor, product] = [readLine(join(folder, 'id/vendor')), readLine(join(folder, 'id/product'))]
  const [keys, axes, properties] = ['capabilities/key', 'capabilities/abs', 'properties'].map(file => readLine(join(folder, file)))
  const bits = wordBitsOf(keys ?? null, axes ?? null)
  const has = (mask: string | null | undefined, bit: number) => hasBit(mask ?? null, bit, bits)
  return {
    id,
    name: name.slice(0, 200),
    usb: vendor !== null && product !== null && vendor !== '0000' ? `${vendor}:${product}`.toLowerCase() : null,
    isTouch: has(axes, ABS_MULTITOUCH_X) || (has(keys, KEY_TOUCH) && has(axes, ABS_X)),
    isPad: has(properties, PROPERTY_POINTER) && !has(properties, PROPERTY_DIRECT),
  }
}

/** Reads the inputs again and again: one listing while nothing changes. Null when the machine has no inputs at all. */
export function makeInputReader(roots: Roots): () => InputDevice[] | null {
  const base = join(roots.sys, 'class/input')
  let known = new Map<string, InputDevice>()
  return () => {
    const ids = listDevices(base).filter(name => /^input\d+$/.test(name))
    if (ids.length === 0 && listDevices(join(roots.sys, 'class')).length === 0) return null
    const next = new Map<string, InputDevice>()
    for (const id of ids.slice(0, MAX_DEVICES)) {
      const device = known.get(id) ?? readInput(join(base, id), id)
      if (device) next.set(id, device)
    }
    known = next
    return [...next.values()]
  }
}
