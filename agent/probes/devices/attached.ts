/** Other devices a profile can name: serial lines, cameras, sound cards. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { listDevices, readLine, readText, type Roots } from '../read-file.ts'
import { readUsbId } from './usb.ts'

/** A device by the name it gives itself and, where it hangs on one, its USB id. */
export type NamedDevice = { id: string; name: string; usb: string | null }

/** Does the device file of a serial line exist? `path` begins with /dev/. */
export function hasDeviceFile(roots: Roots, path: string): boolean {
  return existsSync(join(roots.dev, path.slice('/dev/'.length)))
}

/** USB id of what an entry of a class (`class/video4linux/video0`) hangs on: an interface, whose ids stand one folder above its real place. */
function usbOf(entry: string): string | null {
  return readUsbId(`${entry}/device`) ?? readUsbId(`${entry}/device/..`)
}

/** Cameras; one camera often has several entries of the same name. */
export function readCameras(roots: Roots): NamedDevice[] {
  const base = join(roots.sys, 'class/video4linux')
  return listDevices(base)
    .filter(id => /^video\d+$/.test(id))
    .map(id => ({ id, name: readLine(join(base, id, 'name')) ?? id, usb: usbOf(join(base, id)) }))
}

/** Sound cards that can play. */
export function readSoundCards(roots: Roots): NamedDevice[] {
  const playing = new Set(
    [...(readText(join(roots.proc, 'asound/pcm')) ?? '').matchAll(/^(\d+)-.*: playback \d/gm)].map(match => Number(match[1])),
  )
  const cards = [...(readText(join(roots.proc, 'asound/cards')) ?? '').matchAll(/^\s*(\d+) \[(\S+)\s*\]: (.+)$/gm)]
  return cards
    .filter(match => playing.has(Number(match[1])))
    .map(([, number, short, long]) => ({
      id: `card${number}`,
      name: `${short} ${long}`,
      usb: readLine(join(roots.proc, 'asound', `card${number}`, 'usbid'))?.toLowerCase() ?? null,
    }))
}
