/** One device as a row. */
import { memo } from 'react'
import { Link } from 'wouter'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import { Ago, Since } from '../components/ago.tsx'
import { ConnectionMark, VerdictMark } from '../components/truth-marks.tsx'
import { PlaceTag, WorkTag } from '../components/tags.tsx'
import { whyText } from './why-text.ts'

export type FleetItemProps = {
  device: Device
  index: number
  isActive: boolean
  offset: number
  measure: (element: HTMLElement | null) => void
  onOpen: () => void
  onFocus: () => void
}

/** Name, verdict with why, connection with since, site and customer, last seen, agent. */
export const FleetRow = memo(
  function FleetRow({ device, index, isActive, offset, measure, onOpen, onFocus }: FleetItemProps) {
    const why = whyText(device)
    return (
      // Keys are handled by the list around; a click anywhere on the row is a shortcut for its link.
      // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
      <div
        role="row"
        ref={measure}
        data-index={index}
        aria-rowindex={index + 2}
        tabIndex={isActive ? 0 : -1}
        className="fleet-row fleet-row-grid"
        style={{ transform: `translateY(${offset}px)` }}
        onClick={event => {
          if (!(event.target as HTMLElement).closest('a')) onOpen()
        }}
        onFocus={onFocus}
      >
        <div role="cell" className="fleet-name">
          <Link href={`/devices/${device.id}`} className="plain-link clip" tabIndex={-1} title={device.name}>
            {device.name}
          </Link>
          <PlaceTag state={device.state} />
          <WorkTag maintenance={device.maintenance} />
        </div>
        <div role="cell" className="fleet-why">
          <VerdictMark verdict={device.verdict} />
          {why !== '' && (
            <span className="quiet clip" title={why}>
              {why}
            </span>
          )}
        </div>
        <div role="cell" className="fleet-connection">
          <ConnectionMark connection={device.connection} />
          <span className="quiet">
            <Since at={device.connectionSince} />
          </span>
        </div>
        <div role="cell" className="fleet-site">
          <span className="clip" title={device.siteName}>
            {device.siteName}
          </span>
          <span className="quiet clip" title={device.customerName}>
            {device.customerName}
          </span>
        </div>
        <div role="cell" className="quiet">
          {device.lastSeenAt === null ? 'never' : device.connection === 'online' ? 'now' : <Ago at={device.lastSeenAt} />}
        </div>
        <div role="cell" className="quiet clip" title={device.agentVersion}>
          {device.agentVersion}
        </div>
      </div>
    )
  },
  (before, after) =>
    before.device === after.device && before.index === after.index && before.isActive === after.isActive && before.offset === after.offset,
)
