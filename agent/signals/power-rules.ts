/** Rules of power: on battery, low or broken battery, under-voltage. */
import type { PowerSupply } from '../probes/devices/power-supplies.ts'
import { addMoment } from './confirm.ts'
import { hysteresis, type Reading, type WasFailing } from './reading.ts'

const LOW_PERCENT = { failAt: 20, clearAt: 30 }
const UNDERVOLTAGE_WINDOW_MS = 5 * 60_000
/** A single dip comes with every motor that starts; several in five minutes are a supply too weak. */
const UNDERVOLTAGE_TIMES = 2
const WELL_HEALTH = new Set(['Good', 'Unknown'])

/** power.battery. Null on a machine without a battery that never failed: there is nothing to judge. */
export function judgeBattery(supplies: readonly PowerSupply[], wasFailing: WasFailing): Reading | null {
  const key = 'power.battery'
  const batteries = supplies.filter(supply => supply.kind !== 'mains')
  if (batteries.length === 0) return wasFailing(key) ? { key, verdict: 'ok', text: 'There is no battery any more' } : null
  const hasMains = supplies.some(supply => supply.isOnline === true)
  const reasons: string[] = []
  for (const { name, status, percent, health } of batteries) {
    if (status === 'Discharging' && !hasMains) reasons.push(`${name} runs the machine${percent === null ? '' : `, ${percent} % left`}`)
    const isLow = percent !== null && hysteresis(wasFailing(key), -percent, -LOW_PERCENT.failAt, -LOW_PERCENT.clearAt) === 'failing'
    if (isLow && status !== 'Discharging' && status !== 'Charging') reasons.push(`${name} is at ${percent} % and does not charge`)
    if (health !== null && !WELL_HEALTH.has(health)) reasons.push(`${name} is not healthy: ${health}`)
  }
  if (reasons.length === 0) return { key, verdict: 'ok', text: hasMains ? 'Mains power is there' : 'The battery is well' }
  const advice = 'Check the plug, the power strip and the fuse of this place; a battery that is not healthy has to be exchanged.'
  return { key, verdict: 'failing', text: `${reasons.join('; ')}. ${advice}`, evidence: { supplies, advice } }
}

/** Adds one look at the under-voltage flag. */
export function addVoltageMoment(moments: readonly number[], isLow: boolean, nowMs: number): readonly number[] {
  return addMoment(moments, nowMs, isLow, UNDERVOLTAGE_WINDOW_MS)
}

/** power.undervoltage from the moments of the last five minutes; `isKnown` false: the board has no such flag. */
export function judgeVoltage(moments: readonly number[], isKnown: boolean, wasFailing: WasFailing): Reading | null {
  const key = 'power.undervoltage'
  if (!isKnown) return wasFailing(key) ? { key, verdict: 'unknown', text: 'the flag cannot be read' } : null
  const verdict = hysteresis(wasFailing(key), moments.length, UNDERVOLTAGE_TIMES, 0)
  if (verdict === 'ok') return { key, verdict, text: 'The supply voltage is high enough' }
  const advice = 'Use the power supply made for this board and a short, thick cable; unplug what draws power over USB.'
  return { key, verdict, text: `The supply voltage was too low ${moments.length} times in five minutes. ${advice}`, evidence: { advice } }
}
