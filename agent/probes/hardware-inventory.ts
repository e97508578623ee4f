/** The hardware part of the inventory: displays, USB, inputs, printers, power, drives. Enough to write a profile from ("learn from this device"). */
import { readCameras, readSoundCards } from './devices/attached.ts'
import { makeInputReader } from './devices/inputs.ts'
import { readPowerSupplies } from './devices/power.ts'
import { readUsbDetails } from './devices/usb.ts'
import { readConnectors } from './display/connectors.ts'
import { plugName, readDrmState, type CurrentMode } from './display/current-mode.ts'
import { decodeEdid } from './display/edid.ts'
import { askRandr } from './display/randr.ts'
import { findXServers, readCookie } from './display/x-server.ts'
import { readDrives } from './drive/smartctl.ts'
import { cupsAddress, readQueues } from './printer/printers.ts'
import { MACHINE_ROOTS, readText, listDevices, type Roots } from './read-file.ts'
import { join } from 'node:path'

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

async function drives(): Promise<object[]> {
  return ((await readDrives()) ?? []).map(({ device, model, serial, protocol, hasPassed, counters, usedPercent, faults }) => ({
    device,
    model,
    serial,
    protocol,
    hasPassed,
    ...counters,
    usedPercent,
    faults,
  }))
}

/** Parts of the hardware by their names in the inventory; what a machine does not have is an empty list. */
export function hardwareParts(environment: NodeJS.ProcessEnv, roots: Roots = MACHINE_ROOTS): Record<string, Promise<object[] | string[]>> {
  return {
    displays: displays(roots, environment),
    usb: Promise.resolve(usb(roots)),
    inputs: Promise.resolve(inputs(roots)),
    serialLines: Promise.resolve(serialLines(roots)),
    cameras: Promise.resolve(readCameras(roots)),
    soundCards: Promise.resolve(readText(join(roots.proc, 'asound/cards')) === null ? [] : readSoundCards(roots)),
    printers: queues(roots, environment),
    power: readPowerSupplies(roots),
    drives: drives(),
  }
}
