/** What people read about outages. */

/** `4 of 5 devices lost contact within 12 s`. */
export function spellLoss(lost: number, expected: number, withinMs: number): string {
  return `${lost} of ${expected} devices lost contact within ${Math.max(1, Math.round(withinMs / 1000))} s`
}

/** Mail to the staff about an outage of the platform. */
export function writePlatformLetter(facts: { text: string; sinceMs: number; sites: number; customers: number }): {
  subject: string
  body: string
} {
  const lines = [
    'A large part of all devices is offline',
    '',
    `${facts.text}, at ${facts.sites} sites of ${facts.customers} customers, since ${new Date(facts.sinceMs).toISOString()}.`,
    '',
    'That many at once is most likely our own fault: the server, its network or its certificate.',
    'No tickets are raised for single devices or sites while it lasts. Two minutes after contact returns, what still fails gets its own.',
  ]
  return { subject: 'Platform outage: a large part of all devices is offline', body: `${lines.join('\n')}\n` }
}
