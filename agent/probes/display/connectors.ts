/** Plugs for displays as the kernel knows them (/sys/class/drm): what is connected, driven, and what it offers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listDevices, readLine, readText, type Roots } from '../read-file.ts'

export type Connector = {
  /** `HDMI-A-1`; `card` tells two graphics cards apart. */
  name: string
  card: string
  status: 'connected' | 'disconnected' | 'unknown'
  /** Does the graphics card feed it a picture? Null when the driver does not say. */
  isEnabled: boolean | null
  power: 'on' | 'standby' | 'suspend' | 'off' | null
  /** What the display offers, its best first. Which one is shown is not among the kernel's plain files. */
  modes: string[]
  edid: Uint8Array | null
}

const CONNECTOR_NAME = /^(card\d+)-((?!Writeback)[A-Za-z].*)$/
const MAX_CONNECTORS = 32
const MAX_EDID_BYTES = 32 * 128
const MAX_MODES = 128
const POWERS = ['on', 'standby', 'suspend', 'off'] as const

function readEdid(path: string): Uint8Array | null {
  try {
    const bytes = readFileSync(path)
    return bytes.length > 0 ? bytes.subarray(0, MAX_EDID_BYTES) : null
  } catch {
    return null
  }
}

function readConnector(folder: string, card: string, name: string): Connector {
  const status = readLine(join(folder, 'status'))
  const isConnected = status === 'connected'
  const enabled = readLine(join(folder, 'enabled'))
  const power = readLine(join(folder, 'dpms'))?.toLowerCase()
  return {
    name,
    card,
    status: isConnected || status === 'disconnected' ? status : 'unknown',
    isEnabled: enabled === 'enabled' || (enabled === 'disabled' ? false : null),
    power: POWERS.find(word => word === power) ?? null,
    // nothing hangs on an empty plug: three reads instead of five
    modes: isConnected ? (readText(join(folder, 'modes')) ?? '').split('\n').filter(Boolean).slice(0, MAX_MODES) : [],
    edid: isConnected ? readEdid(join(folder, 'edid')) : null,
  }
}

/** Every plug of every graphics card; null when the machine shows none at all (no graphics driver, or not readable). The kernel answers from what it knows: no display is asked. */
export function readConnectors(roots: Roots): Connector[] | null {
  const base = join(roots.sys, 'class/drm')
  const found = listDevices(base)
    .map(entry => CONNECTOR_NAME.exec(entry))
    .filter(match => match !== null)
    .slice(0, MAX_CONNECTORS)
    .map(match => readConnector(join(base, match[0]), match[1] ?? '', match[2] ?? ''))
  return found.length > 0 ? found : null
}
