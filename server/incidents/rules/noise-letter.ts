/** The weekly letter about signals nobody acts on, in plain text: first line = heading, as in every letter. */

export type NoiseLine = { title: string; why: string; fix: string | null }

/** `week`: ISO week, `2026-W48`. */
export function writeNoise(facts: { week: string; tickets: number; unacted: number; lines: readonly NoiseLine[] }): {
  subject: string
  body: string
} {
  const { week, tickets, unacted, lines } = facts
  const heading = `${unacted} of ${tickets} tickets ended by themselves before anybody did anything`
  const list = lines.map(line => `- ${line.title}: ${line.why}${line.fix === null ? '' : ` ${line.fix}.`}`).join('\n')
  return {
    subject: `Noise of week ${week}: ${heading}`,
    body: `${heading}\n\nSignals that called for nothing, the loudest first. Each change named was tried on the last thirty days and would have lost no ticket that people acted on; Rules in the console makes it with one click.\n\n${list}\n`,
  }
}

/** ISO week of an instant in UTC, `2026-W48`, and whether its Monday morning has come. */
export function weekOf(atMs: number): { week: string; isDue: boolean } {
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO('UTC')
  return {
    week: `${at.yearOfWeek ?? at.year}-W${String(at.weekOfYear ?? 1).padStart(2, '0')}`,
    isDue: at.dayOfWeek > 1 || at.hour >= 6,
  }
}
