/** The hardware part of the inventory: displays, USB, inputs, printers, power, drives. Enough to write a profile from ("learn from this device"). */
import { join } from 'node:path'
import { readCameras, readSoundCards } from './devices/attached.ts'
import { makeInputReader } from './devices/inputs.ts'
import { makePowerReader } from './devices/power-supplies.ts'
import { readUsbDetails } from './devices/usb.ts'
import { readConnectors } from './display/connectors.ts'
import { plugName, readDrmState, type CurrentMode } from './display/current-mode.ts'
import { decodeEdid } from './display/edid.ts'
import { askRandr } from './display/randr.ts'
import { findXServers, readCookie } from './display/x-server.ts'
import type { Drive } from './drive/smart.ts'
import { readDrives } from './drive/smartctl.ts'
import { cupsAddress, readQueues } from './printer/printers.ts'
import { listDevices, MACHINE_ROOTS, readText, type Roots } from './read-file.ts'

const MAX_MODES = 12

async function readCurrent(roots: Roots, environment: NodeJS.ProcessEnv): Promise<CurrentMode[]> {
  for (const server of findXServers(roots).filter(item => !item.isWayland)) {
    try {
      return (await askRandr(server.display, readCookie(server, environment))).modes
    } catch {
      // the next one, or the kernel
    }
  }
  return readDrmState(roots) ?? []
}

async function displays(roots: Roots, environment: NodeJS.ProcessEnv): Promise<object[]> {
  const connectors = (readConnectors(roots) ?? []).filter(connector => connector.status === 'connected')
  const current = await readCurrent(roots, environment)
  const modeOf = (name: string) => current.find(mode => plugName(mode.connector) === plugName(name)) ?? null
  if (connectors.length === 0) return current.map(mode => ({ connector: mode.connector, current: mode }))
  return connectors.map(({ name, card, modes, edid }) => ({
    connector: name,
    card,
    current: modeOf(name),
    modes: [...new Set(modes)].slice(0, MAX_MODES),
    edid: edid && decodeEdid(edid),
  }))
}

function serialLines(roots: Roots): string[] {
  return listDevices(join(roots.dev, 'serial/by-id')).map(name => `/dev/serial/by-id/${name}`)
}

function usb(roots: Roots): object[] {
  return readUsbDetails(roots).map(({ deviceNumber: _number, ...device }) => device)
}

function inputs(roots: Roots): object[] {
  return (makeInputReader(roots)() ?? []).map(({ name, usb: id, isTouch, isPad }) => ({ name, usb: id, isTouch, isPad }))
}

async function queues(roots: Roots, environment: NodeJS.ProcessEnv): Promise<object[]> {
  const found = await readQueues(cupsAddress(roots, environment))
  return found.map(({ name, report }) => ({
    queue: name,
    ...(report.answers && { model: report.model, uri: report.deviceUri?.replace(/\/\/[^/@]*@/, '//') ?? null, state: report.state }),
  }))
}

/** What each drive says of its health joined to what is known of it; a drive only it knows of is added. */
export async function withHealth(disks: readonly { device: string }[]): Promise<object[]> {
  const drives = (await readDrives()) ?? []
  const healthOf = ({ hasPassed, counters, usedPercent, faults }: Drive) => ({ hasPassed, ...counters, usedPercent, faults })
  const isSame = (disk: { device: string }, drive: Drive) =>
    disk.device === drive.device || disk.device.replace(/n\d+$/, '') === drive.device
  const joined = disks.map(disk => {
    const drive = drives.find(item => isSame(disk, item))
    return { ...disk, ...(drive && { serial: drive.serial, health: healthOf(drive) }) }
  })
  const others = drives.filter(drive => !disks.some(disk => isSame(disk, drive)))
  return [...joined, ...others.map(drive => ({ device: drive.device, name: drive.model, serial: drive.serial, health: healthOf(drive) }))]
}

/** Parts of the hardware by their names in the inventory; what a machine does not have is an empty list. */
export function hardwareParts(environment: NodeJS.ProcessEnv, roots: Roots = MACHINE_ROOTS): Record<string, Promise<object[] | string[]>> {
  return {
    displays: displays(roots, environment),
    usb: Promise.resolve(usb(roots)),
    input: Promise.resolve(inputs(roots)),
    serialLines: Promise.resolve(serialLines(roots)),
    cameras: Promise.resolve(readCameras(roots)),
    soundCards: Promise.resolve(readText(join(roots.proc, 'asound/cards')) === null ? [] : readSoundCards(roots)),
    printers: queues(roots, environment),
    power: makePowerReader(roots)(),
  }
}
