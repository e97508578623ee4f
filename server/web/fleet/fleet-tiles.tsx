/** How many devices are how; each tile narrows the list to them. */
import { UnstyledButton } from '@mantine/core'
import { useMemo } from 'react'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import { ConnectionIcon, VerdictIcon } from '../components/truth-marks.tsx'
import {
  CONNECTION_MEANS,
  CONNECTION_ORDER,
  CONNECTION_WORDS,
  VERDICT_MEANS,
  VERDICT_ORDER,
  VERDICT_WORDS,
} from '../components/truth-words.ts'
import { passes, type FleetFilterName, type FleetFilters } from './fleet-filters.ts'

function count(devices: readonly Device[], filters: FleetFilters, by: 'verdict' | 'connection'): Map<string, number> {
  const counts = new Map<string, number>()
  for (const device of devices) if (passes(device, filters, by)) counts.set(device[by], (counts.get(device[by]) ?? 0) + 1)
  return counts
}

/** Verdicts large, connections small beneath. */
export function FleetTiles({
  devices,
  filters,
  onChange,
}: {
  devices: readonly Device[]
  filters: FleetFilters
  onChange: (change: Partial<Record<FleetFilterName, string | null>>) => void
}) {
  const verdicts = useMemo(() => count(devices, filters, 'verdict'), [devices, filters])
  const connections = useMemo(() => count(devices, filters, 'connection'), [devices, filters])
  return (
    <>
      <div className="fleet-tiles" role="group" aria-label="Devices by verdict">
        {VERDICT_ORDER.map(verdict => (
          <UnstyledButton
            key={verdict}
            className="fleet-tile"
            data-verdict-tile={verdict}
            data-empty={!verdicts.has(verdict) || undefined}
            aria-pressed={filters.verdict === verdict}
            title={VERDICT_MEANS[verdict]}
            onClick={() => onChange({ verdict: filters.verdict === verdict ? null : verdict })}
          >
            <span className="fleet-tile-count">{verdicts.get(verdict) ?? 0}</span>
            <span className="fleet-tile-name">
              <VerdictIcon verdict={verdict} size={15} />
              {VERDICT_WORDS[verdict]}
            </span>
          </UnstyledButton>
        ))}
      </div>
      <div className="fleet-chips" role="group" aria-label="Devices by connection">
        {CONNECTION_ORDER.filter(connection => connections.has(connection) || filters.connection === connection).map(connection => (
          <UnstyledButton
            key={connection}
            className="fleet-chip"
            aria-pressed={filters.connection === connection}
            title={CONNECTION_MEANS[connection]}
            onClick={() => onChange({ connection: filters.connection === connection ? null : connection })}
          >
            <ConnectionIcon connection={connection} size={14} />
            {CONNECTION_WORDS[connection]}
            <b>{connections.get(connection) ?? 0}</b>
          </UnstyledButton>
        ))}
      </div>
    </>
  )
}
