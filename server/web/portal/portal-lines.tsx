/** A device and a ticket, a line each, as the portal lists them. */
import { Link } from 'wouter'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import type { Ticket } from '../../../shared/api/tickets/ticket-api.ts'
import { PlaceTag, Tag, WorkTag } from '../components/tags.tsx'
import { VerdictMark } from '../components/truth-marks.tsx'
import { useNow } from '../components/use-now.ts'
import { promiseWords, STATUS } from './promise-words.ts'

/** Name, place, whether it serves and why not. */
export function DeviceLine({ device }: { device: Device }) {
  const isWell = device.verdict === 'serving' || device.verdict === 'closed'
  const [why] = device.reasons.toSorted((one, other) => one.severity - other.severity)
  return (
    <Link href={`/devices/${device.id}`} className="portal-line">
      <span>
        <b>{device.name}</b> <PlaceTag state={device.state} /> <WorkTag maintenance={device.maintenance} />
      </span>
      <VerdictMark verdict={device.verdict} />
      <small>
        {device.siteName}
        {!isWell && why ? `: ${why.text}` : ''}
      </small>
    </Link>
  )
}

/** Subject, where it is, and what is promised. */
export function TicketLine({ ticket, timeZone }: { ticket: Ticket; timeZone: string }) {
  const promise = promiseWords(ticket, timeZone, useNow())
  const { word, tone } = STATUS[ticket.status]
  return (
    <Link href={`/tickets/${ticket.id}`} className="portal-line">
      <b>{ticket.subject}</b>
      <Tag tone={tone}>{word}</Tag>
      <small className={promise.isLate ? 'text-bad' : undefined}>
        <span className="mono">{ticket.reference}</span> · {promise.text}
      </small>
    </Link>
  )
}
