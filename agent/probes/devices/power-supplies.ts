/** Power: mains, batteries and uninterruptible supplies (/sys/class/power_supply), and the under-voltage flag of boards (hwmon). */
import { join } from 'node:path'
import { listDevices, parseNumber, readLine, readTextWithin, type Roots } from '../read-file.ts'

export type PowerSupply = {
  name: string
  kind: 'mains' | 'battery' | 'ups'
  /** Of mains: is there power? */
  isOnline: boolean | null
  status: string | null
  percent: number | null
  /** `Good`, `Dead`, `Overheat`, ... as the kernel says it. */
  health: string | null
}

const READ_LIMIT_MS = 1_000
const KINDS: Record<string, PowerSupply['kind']> = { Mains: 'mains', USB: 'mains', Wireless: 'mains', Battery: 'battery', UPS: 'ups' }
const MAX_SUPPLIES = 32

async function readWord(folder: string, file: string): Promise<string | null> {
  return (await readTextWithin(join(folder, file), READ_LIMIT_MS))?.trim() || null
}

/** Kind of a supply; null for what is not the power of the machine, such as the battery of a mouse. */
async function readKind(folder: string): Promise<PowerSupply['kind'] | null> {
  const kind = KINDS[(await readWord(folder, 'type')) ?? '']
  return kind === undefined || (await readWord(folder, 'scope')) === 'Device' ? null : kind
}

async function readSupply(folder: string, name: string, kind: PowerSupply['kind']): Promise<PowerSupply | null> {
  if (kind === 'mains') {
    const online = await readWord(folder, 'online')
    return { name, kind, isOnline: online === null ? null : online !== '0', status: null, percent: null, health: null }
  }
  if ((await readWord(folder, 'present')) === '0') return null
  const percent = parseNumber(await readWord(folder, 'capacity'))
  return {
    name,
    kind,
    isOnline: null,
    status: await readWord(folder, 'status'),
    percent: percent !== null && percent >= 0 && percent <= 100 ? percent : null,
    health: await readWord(folder, 'health'),
  }
}

/** Reads every supply of the machine itself again and again; none on most kiosks. A battery answers over a slow bus, so it is read aside. What a supply is does not change. */
export function makePowerReader(roots: Roots): () => Promise<PowerSupply[]> {
  const base = join(roots.sys, 'class/power_supply')
  const kinds = new Map<string, PowerSupply['kind'] | null>()
  return async () => {
    const found: PowerSupply[] = []
    for (const name of listDevices(base).slice(0, MAX_SUPPLIES)) {
      const folder = join(base, name)
      const kind = kinds.has(name) ? kinds.get(name) : await readKind(folder)
      kinds.set(name, kind ?? null)
      const supply = kind ? await readSupply(folder, name, kind) : null
      if (supply) found.push(supply)
    }
    return found
  }
}

/** Files that say "the voltage is below its critical limit"; chips come with drivers, so they are looked for now and then. */
export function findVoltageAlarms(roots: Roots): string[] {
  const base = join(roots.sys, 'class/hwmon')
  return listDevices(base).flatMap(chip =>
    listDevices(join(base, chip))
      .filter(file => /^in\d+_lcrit_alarm$/.test(file))
      .map(file => join(base, chip, file)),
  )
}

/** Is one of these alarms raised? Null when there is none to read. */
export function readVoltageAlarm(paths: readonly string[]): boolean | null {
  const states = paths.map(path => readLine(path)).filter(state => state !== null)
  return states.length === 0 ? null : states.includes('1')
}
