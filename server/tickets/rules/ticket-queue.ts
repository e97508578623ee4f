/** The order of the desk's queue, and what a search looks through. */

/** Beyond every due time: what has no clock comes last, by level. */
const NOTHING_DUE_MS = 8_000_000_000_000_000

/** Where a ticket stands in the queue: when something is due next of its clocks that run (epoch ms; null = paused), else after all that have one. */
export function queueAt(level: number, dueAtMs: readonly (number | null)[]): number {
  const dues = dueAtMs.filter(due => due !== null)
  return dues.length > 0 ? Math.min(...dues) : NOTHING_DUE_MS + level
}

/** What a search finds a ticket by, in lower case. `reporter` is the JSON kept with the ticket. */
export function searchText(ticket: {
  reference: string
  subject: string
  description: string
  reporter: string | null
  signal: string | null
}): string {
  const reporter = ticket.reporter === null ? {} : (JSON.parse(ticket.reporter) as { name?: string; email?: string })
  return [ticket.reference, ticket.subject, ticket.signal, reporter.name, reporter.email, ticket.description]
    .filter(part => typeof part === 'string' && part !== '')
    .join('\n')
    .toLowerCase()
}
