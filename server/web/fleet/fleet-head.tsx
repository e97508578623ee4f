/** Head of the fleet table. */
import { UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import type { Table } from '@tanstack/react-table'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import type { fleetFeatures } from './fleet-table.ts'

/** Names of the columns; a click sorts, another turns it round. */
export function FleetHead({ table }: { table: Table<typeof fleetFeatures, Device> }) {
  return (
    <div role="rowgroup" className="fleet-head">
      <div role="row" className="fleet-row-grid">
        {table.getHeaderGroups()[0]?.headers.map(header => {
          const sorted = header.column.getIsSorted()
          return (
            <div
              key={header.id}
              role="columnheader"
              data-column={header.column.id}
              aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : 'none'}
            >
              <UnstyledButton className="fleet-head-button" onClick={() => header.column.toggleSorting()}>
                {String(header.column.columnDef.header)}
                {sorted === 'asc' && <IconArrowUp size={13} aria-hidden />}
                {sorted === 'desc' && <IconArrowDown size={13} aria-hidden />}
              </UnstyledButton>
            </div>
          )
        })}
      </div>
    </div>
  )
}
