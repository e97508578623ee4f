/** Signals of a device as callers see them. */
import type { DeviceSignal } from '../../shared/api/devices/device-api.ts'
import { signalKey } from './rules/incident.ts'
import type { SignalRow } from './store/condition-store.ts'
import { iso } from '../../shared/instants.ts'

/** What a person on site should do, by the device's own word. */
export function adviceOf(evidence: string | null): string | null {
  const advice = evidence === null ? undefined : (JSON.parse(evidence) as { advice?: unknown } | null)?.advice
  return typeof advice === 'string' ? advice.slice(0, 500) : null
}

/** One signal as callers see it. */
export const toSignal = (row: SignalRow): DeviceSignal => ({
  signal: signalKey(row.signal, row.component),
  state: row.state,
  level: row.level,
  since: iso(row.since_at),
  text: row.text,
  // what is mended needs no advice
  advice: row.state === 'failing' ? adviceOf(row.evidence) : null,
})
