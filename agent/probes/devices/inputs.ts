/** Input devices (/sys/class/input), and which of them can be touched. */
import { join } from 'node:path'
import { listDevices, readLine, readText, type Roots } from '../read-file.ts'

export type InputDevice = {
  /** `input7`: a device plugged in again gets a new one. */
  id: string
  name: string
  /** `vvvv:pppp`, lower case; null where there is none. */
  usb: string | null
  isTouch: boolean
  /** A touch pad or tablet moves a pointer; a touch screen is touched where it shows. */
  isPad: boolean
}

/** Codes of the kernel's input events. */
const KEY_LEFT_BUTTON = 0x110
const KEY_PEN = 0x140
const KEY_FINGER = 0x145
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

/** What the kernel tells of a device in one file; kernels and recordings that leave something out have it in files of their own. */
function readFacts(folder: string): (field: string, file: string) => string | null {
  const text = readText(join(folder, 'uevent')) ?? ''
  return (field, file) => new RegExp(`^${field}="?(.*?)"?$`, 'm').exec(text)?.[1] || readLine(join(folder, file))
}

/** `vvvv:pppp` of `PRODUCT=3/eef/c000/110` (bus, vendor, product, version), or of files; null for devices without. */
function readProduct(fact: ReturnType<typeof readFacts>): string | null {
  const product = fact('PRODUCT', 'id/product')
  const [, vendor, model] = /^[0-9a-f]+\/([0-9a-f]+)\/([0-9a-f]+)\//i.exec(product ?? '') ?? [null, fact('-', 'id/vendor'), product]
  if (!vendor || !model || /^0+$/.test(vendor)) return null
  return `${vendor.padStart(4, '0')}:${model.padStart(4, '0')}`.toLowerCase()
}

function readInput(folder: string, id: string): InputDevice | null {
  const fact = readFacts(folder)
  const name = fact('NAME', 'name')
  if (name === null) return null
  const [keys, axes, properties] = [fact('KEY', 'capabilities/key'), fact('ABS', 'capabilities/abs'), fact('PROP', 'properties')]
  const bits = wordBitsOf(keys, axes)
  const hasKey = (bit: number) => hasBit(keys, bit, bits)
  const isDirect = hasBit(properties, PROPERTY_DIRECT, bits)
  const isFinger = hasKey(KEY_FINGER) && !hasKey(KEY_PEN)
  return {
    id,
    name: name.slice(0, 200),
    usb: readProduct(fact),
    isTouch: hasBit(axes, ABS_MULTITOUCH_X, bits) || (hasKey(KEY_TOUCH) && hasBit(axes, ABS_X, bits)),
    isPad: hasKey(KEY_LEFT_BUTTON) || (!isDirect && (isFinger || hasBit(properties, PROPERTY_POINTER, bits))),
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
