/** One device as a card, for phones. */
import { Link } from 'wouter'
import { Since } from '../components/ago.tsx'
import { PlaceTag, WorkTag } from '../components/tags.tsx'
import { ConnectionMark, VerdictMark } from '../components/truth-marks.tsx'
import type { FleetItemProps } from './fleet-row.tsx'
import { whyText } from './why-text.ts'

/** The same facts as a row, one under the other. */
export function FleetCard({ device, index, isActive, offset, measure, onFocus }: FleetItemProps) {
  const why = whyText(device)
  return (
    <div
      role="row"
      ref={measure}
      data-index={index}
      aria-rowindex={index + 2}
      tabIndex={isActive ? 0 : -1}
      className="fleet-row"
      style={{ transform: `translateY(${offset}px)`, paddingBottom: 8 }}
      onFocus={onFocus}
    >
      <div role="cell">
        <Link href={`/devices/${device.id}`} className="fleet-card" data-verdict-edge={device.verdict}>
          <span className="fleet-card-line">
            <b className="clip">{device.name}</b>
            <VerdictMark verdict={device.verdict} />
          </span>
          {why !== '' && <span className="fleet-card-why">{why}</span>}
          <span className="fleet-card-line quiet">
            <span className="clip">
              {device.siteName} · {device.customerName}
            </span>
          </span>
          <span className="fleet-card-line quiet">
            <span className="mark">
              <ConnectionMark connection={device.connection} /> <Since at={device.connectionSince} />
            </span>
            <PlaceTag state={device.state} />
            <WorkTag maintenance={device.maintenance} />
          </span>
        </Link>
      </div>
    </div>
  )
}
