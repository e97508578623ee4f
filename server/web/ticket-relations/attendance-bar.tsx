/** Who else is at this ticket: two answers to one customer are one too many. */
import { IconEye, IconPencil } from '@tabler/icons-react'
import { useAttendance } from './use-attendance.ts'
import './relations.css'

function spell(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

/** `Anna is writing`, `Bert is looking`; nothing when nobody else is there. */
export function AttendanceBar({ ticketId }: { ticketId: string }) {
  const others = useAttendance(ticketId).filter(person => !person.isYou)
  const writing = others.filter(person => person.writing).map(person => person.name)
  const looking = others.filter(person => !person.writing).map(person => person.name)
  return (
    <div className="attendance" role="status">
      {writing.length > 0 && (
        <span data-writing>
          <IconPencil size={15} aria-hidden /> <b>{spell(writing)}</b> {writing.length > 1 ? 'are' : 'is'} writing
        </span>
      )}
      {looking.length > 0 && (
        <span>
          <IconEye size={15} aria-hidden /> {spell(looking)} {looking.length > 1 ? 'are' : 'is'} looking at this ticket
        </span>
      )}
    </div>
  )
}
