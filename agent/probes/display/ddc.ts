/** Asks a display over its control line (DDC/CI) whether it is on and which input it shows. Needs `ddcutil`, a child process: only when something changed, never in steady state. */
import { readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { childProcess } from '../../platform/builtin.ts'
import { listDevices, type Roots } from '../read-file.ts'
import type { Connector } from './connectors.ts'

export type DdcState = {
  power: 'on' | 'off' | null
  /** Kind of plug it shows now: `HDMI`, `DP`, `DVI`, `VGA`. */
  input: string | null
}

const TIME_LIMIT_MS = 10_000
const MAX_OUTPUT_BYTES = 64 * 1024
const POWER_FEATURE = 'D6'
const INPUT_FEATURE = '60'
/** Values of the control set (MCCS): standby, suspend, soft off and hard off all show no picture. */
const POWER_ON = 0x01
const POWER_OFF = 0x05
const INPUTS: Record<number, string> = { 1: 'VGA', 2: 'VGA', 3: 'DVI', 4: 'DVI', 15: 'DP', 16: 'DP', 17: 'HDMI', 18: 'HDMI' }

/** A simple value, or one of four bytes whose last counts. */
const VALUE = /^VCP ([0-9A-F]{2}) (?:SNC x([0-9a-f]{2})|CNC x[0-9a-f]{2} x[0-9a-f]{2} x[0-9a-f]{2} x([0-9a-f]{2}))/gm

/** Number of the control bus behind a plug (/dev/i2c-N), or null when the driver names none. */
export function readDdcBus(roots: Roots, { card, name }: Connector): number | null {
  const folder = join(roots.sys, 'class/drm', `${card}-${name}`)
  const names = listDevices(folder)
  if (names.includes('ddc')) {
    try {
      names.push(basename(readlinkSync(join(folder, 'ddc'))))
    } catch {
      // not a link: the bus may be a folder of its own
    }
  }
  const bus = names.map(entry => /^i2c-(\d{1,3})$/.exec(entry)?.[1]).find(number => number !== undefined)
  return bus === undefined ? null : Number(bus)
}

/** Output of `ddcutil getvcp D6 60 --brief`: `VCP D6 SNC x01`. What it does not tell is null. */
export function parseDdcutil(text: string): DdcState {
  const values = new Map([...text.matchAll(VALUE)].map(match => [match[1], parseInt(match[2] ?? match[3] ?? '', 16)]))
  const power = values.get(POWER_FEATURE)
  const input = values.get(INPUT_FEATURE)
  return {
    power: power === undefined || power < POWER_ON || power > POWER_OFF ? null : power === POWER_ON ? 'on' : 'off',
    input: input === undefined ? null : (INPUTS[input] ?? null),
  }
}

/** State of the display on a bus; null without `ddcutil`, without a control line, or when it does not answer. */
export function askDdc(bus: number): Promise<DdcState | null> {
  return new Promise(resolve => {
    childProcess().execFile(
      'ddcutil',
      ['--bus', String(bus), 'getvcp', POWER_FEATURE, INPUT_FEATURE, '--brief'],
      { timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout) => {
        const state = parseDdcutil(stdout)
        resolve(error && state.power === null && state.input === null ? null : state)
      },
    )
  })
}
