/** A kiosk that is well, for measurements: this machine's processes and disks, and beside them a display, a scanner, a touch screen, a camera, a speaker and a printer that all do what they should. */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import type { Roots } from '../../agent/probes/read-file.ts'
import type { ProfileInput } from '../../shared/profile.ts'
import { buildIpp, printerFields } from '../agent/hardware/ipp-builder.ts'
import { lit, plug } from '../agent/hardware/plug-tree.ts'

const DEVICES: Record<string, string | Uint8Array> = {
  ...plug('card0-HDMI-A-1', lit),
  'sys/bus/usb/devices/1-2/idVendor': '05e0\n',
  'sys/bus/usb/devices/1-2/idProduct': '1200\n',
  'sys/bus/usb/devices/1-2/devnum': '7\n',
  'sys/class/input/input6/uevent': 'PRODUCT=3/eef/1/210\nNAME="Touch Screen"\nPROP=2\nEV=b\nKEY=400 0 0 0 0 0\nABS=660800000000003\n',
  'sys/class/video4linux/video0/name': 'Kiosk Camera\n',
  'proc/asound/cards': ' 0 [Speaker        ]: USB-Audio - USB Speaker\n                      USB Speaker\n',
  'proc/asound/pcm': '00-00: USB Audio : USB Audio : playback 1\n',
  'dev/serial/by-id/usb-Scale': '',
}

/** What a profile asks of these devices. */
export const HEALTHY_HARDWARE: Omit<ProfileInput, 'name'> = {
  peripherals: [{ name: 'scanner', usb: '05e0:1200' }],
  displays: [{ connector: 'HDMI-A-1' }],
  printers: ['receipts'],
  touch: [{ name: 'touch' }],
  cameras: [{ name: 'camera' }],
  audio: [{ name: 'speaker' }],
  serial: [{ name: 'scale', path: '/dev/serial/by-id/usb-Scale' }],
}

/** Everything of a real folder that the tree does not have itself, as links. */
function linkRest(real: string, made: string): void {
  mkdirSync(made, { recursive: true })
  const own = new Set(readdirSync(made))
  for (const name of readdirSync(real)) if (!own.has(name)) symlinkSync(join(real, name), join(made, name))
}

/** Lays the tree; processes that start later are not in it. */
export function makeHealthyRoots(folder: string): Roots {
  rmSync(folder, { recursive: true, force: true })
  for (const [path, content] of Object.entries(DEVICES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  for (const part of ['proc', 'sys/class', 'sys/bus', 'sys']) linkRest(`/${part}`, join(folder, part))
  return { proc: join(folder, 'proc'), sys: join(folder, 'sys'), etc: '/etc', dev: join(folder, 'dev') }
}

/** Points a built agent at these folders instead of the machine's; the program is the same in all else. */
export function pointAgentAt(file: string, target: string, roots: Roots): void {
  const code = readFileSync(file, 'utf8')
  const machine = /\{proc:`\/proc`,sys:`\/sys`,etc:`\/etc`,dev:`\/dev`\}/
  if (!machine.test(code)) throw new Error('the bundle names the folders of the machine in another way')
  writeFileSync(
    target,
    code.replace(machine, () => JSON.stringify(roots)),
  )
}

/** A print service with one queue that is idle; `server` is for CUPS_SERVER. */
export async function openPrintService(): Promise<{ server: string; close(): void }> {
  const http: Server = createServer((request, answer) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const requestId = Buffer.concat(parts).readUInt32BE(4)
      answer.writeHead(200, { 'content-type': 'application/ipp' })
      answer.end(buildIpp([{ tag: 0x42, name: 'printer-name', values: ['receipts'] }, ...printerFields(3, [])], 0, requestId))
    })
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  return {
    server: `127.0.0.1:${(http.address() as AddressInfo).port}`,
    close() {
      http.closeAllConnections()
      http.close()
    },
  }
}
