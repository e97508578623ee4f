/** Temperatures with the limits the hardware itself names: thermal zones and hwmon sensors (processor, drives, board). */
import { join } from 'node:path'
import { componentName, listNames, parseNumber, readTextWithin, round2, type Roots } from './read-file.ts'

export type Temperature = { zone: string; celsius: number; hotAt: number | null; criticalAt: number | null }

const READ_LIMIT_MS = 1_000
/** Sensors not connected answer nonsense such as -128 or 255; limits not set answer 0 or 65261. */
const plausible = (celsius: number | null, low: number, high: number) =>
  celsius !== null && celsius > low && celsius < high ? celsius : null

async function readCelsius(path: string): Promise<number | null> {
  const milli = parseNumber(await readTextWithin(path, READ_LIMIT_MS))
  return milli === null ? null : milli / 1000
}

async function readZone(folder: string): Promise<Temperature | null> {
  const celsius = plausible(await readCelsius(join(folder, 'temp')), -40, 150)
  if (celsius === null) return null
  const type = (await readTextWithin(join(folder, 'type'), READ_LIMIT_MS))?.trim()
  const limits: { hot: number | null; critical: number | null } = { hot: null, critical: null }
  for (const name of listNames(folder).filter(name => /^trip_point_\d+_type$/.test(name))) {
    const kind = (await readTextWithin(join(folder, name), READ_LIMIT_MS))?.trim()
    if (kind !== 'hot' && kind !== 'critical') continue
    limits[kind] = plausible(await readCelsius(join(folder, name.replace('_type', '_temp'))), 20, 150)
  }
  return { zone: componentName(type || 'zone'), celsius: round2(celsius), hotAt: limits.hot, criticalAt: limits.critical }
}

async function readHwmon(folder: string): Promise<Temperature[]> {
  // older kernels keep the sensors in the device folder below
  const base = listNames(folder).some(name => /^temp\d+_input$/.test(name)) ? folder : join(folder, 'device')
  const inputs = listNames(base).filter(name => /^temp\d+_input$/.test(name))
  if (inputs.length === 0) return []
  const chip =
    (await readTextWithin(join(folder, 'name'), READ_LIMIT_MS))?.trim() ??
    (await readTextWithin(join(base, 'name'), READ_LIMIT_MS))?.trim() ??
    'hwmon'
  const found: Temperature[] = []
  for (const input of inputs.toSorted((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b)))) {
    const sensor = input.replace('_input', '')
    const celsius = plausible(await readCelsius(join(base, input)), -40, 150)
    if (celsius === null) continue
    const label = (await readTextWithin(join(base, `${sensor}_label`), READ_LIMIT_MS))?.trim() ?? sensor
    const hotAt = plausible(await readCelsius(join(base, `${sensor}_max`)), 20, 150)
    const criticalAt = plausible(await readCelsius(join(base, `${sensor}_crit`)), 20, 150)
    found.push({ zone: componentName(`${chip}-${label}`), celsius: round2(celsius), hotAt, criticalAt })
  }
  return found
}

/** Every sensor that answers, zones first; names are made unique with a number. Null when the machine has none. */
export async function readTemperatures(roots: Roots): Promise<Temperature[] | null> {
  const zones = listNames(join(roots.sys, 'class/thermal')).filter(name => name.startsWith('thermal_zone'))
  const chips = listNames(join(roots.sys, 'class/hwmon'))
  const found: Temperature[] = []
  for (const name of zones) {
    const zone = await readZone(join(roots.sys, 'class/thermal', name))
    if (zone) found.push(zone)
  }
  for (const name of chips) found.push(...(await readHwmon(join(roots.sys, 'class/hwmon', name))))
  const seen = new Map<string, number>()
  for (const item of found) {
    const count = (seen.get(item.zone) ?? 0) + 1
    seen.set(item.zone, count)
    if (count > 1) item.zone = componentName(`${item.zone.slice(0, 60)}-${count}`)
  }
  return found.length > 0 ? found.slice(0, 64) : null
}
