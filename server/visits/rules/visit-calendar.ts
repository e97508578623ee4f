/** An appointment as iCalendar text (RFC 5545): asked for, moved, called off; one UID for the life of a visit. */

export type Appointment = {
  visitId: string
  method: 'REQUEST' | 'CANCEL'
  sequence: number
  startMs: number
  minutes: number
  stampMs: number
  summary: string
  location: string
  description: string
}

const utc = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
/** Text values escape what would end them. */
const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll(/[;,]/g, character => `\\${character}`)
    .replaceAll(/\r\n|\r|\n/g, '\\n')

/** Lines longer than 75 bytes go on in the next one, which begins with a space; no character is torn apart. */
function folded(line: string): string {
  const encoder = new TextEncoder()
  let text = ''
  let bytes = 0
  for (const character of line) {
    const size = encoder.encode(character).length
    if (bytes + size > 74) {
      text += '\r\n '
      bytes = 1
    }
    text += character
    bytes += size
  }
  return text
}

/** Writes the appointment. */
export function writeAppointment(appointment: Appointment): string {
  const { method, startMs } = appointment
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Kioskeeper//Visits//EN',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    `UID:visit-${appointment.visitId}@kioskeeper`,
    `SEQUENCE:${appointment.sequence}`,
    `DTSTAMP:${utc(appointment.stampMs)}`,
    `DTSTART:${utc(startMs)}`,
    `DTEND:${utc(startMs + appointment.minutes * 60_000)}`,
    `SUMMARY:${escaped(appointment.summary)}`,
    `LOCATION:${escaped(appointment.location)}`,
    `DESCRIPTION:${escaped(appointment.description)}`,
    `STATUS:${method === 'CANCEL' ? 'CANCELLED' : 'CONFIRMED'}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return `${lines.map(folded).join('\r\n')}\r\n`
}
