/** What people are told about a ticket, in plain text. One place for the words of mails and webhooks. */

export const LETTER_KINDS = [
  'ticket-opened',
  'ticket-reopened',
  'ticket-resolved',
  'ticket-closed',
  'ticket-escalated',
  'ticket-recovered',
  'message',
  'clock-warning',
  'clock-breached',
  'clock-escalated',
  'ticket-approved',
  'update-reminder',
  'visit',
  'visit-needs-desk',
  'information-missing',
  'close-reminder',
] as const
export type LetterKind = (typeof LETTER_KINDS)[number]

export type LetterFacts = {
  kind: LetterKind
  reference: string
  subject: string
  level: number
  levelName: string
  customerName: string
  placeName: string | null
  /** What happened, one sentence or more. */
  text: string
  /** Rules that people should know of: deadlines, flags, routing. */
  why: readonly string[]
}

const HEADINGS: Record<LetterKind, string> = {
  'ticket-opened': 'New ticket',
  'ticket-reopened': 'Open again',
  'ticket-resolved': 'Resolved',
  'ticket-closed': 'Closed',
  'ticket-escalated': 'Given to the next line',
  'ticket-recovered': 'Recovered by itself',
  message: 'Message',
  'clock-warning': 'Due soon',
  'clock-breached': 'Overdue',
  'clock-escalated': 'Takes too long',
  'ticket-approved': 'Approved',
  'update-reminder': 'Still no update',
  visit: 'Visit',
  'visit-needs-desk': 'No partner is on the way',
  'information-missing': 'Information is missing',
  'close-reminder': 'Closes soon',
}

/** Header values must not carry line breaks, whatever a device or a person wrote. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** Subject and body of a mail. The reference stands in brackets, so that an answer finds its ticket. */
export function writeLetter(facts: LetterFacts): { subject: string; body: string } {
  const lines = [
    `${HEADINGS[facts.kind]}: ${oneLine(facts.subject)}`,
    '',
    facts.text,
    '',
    `Ticket: ${facts.reference}`,
    `Level: ${facts.level} ${facts.levelName}`,
    `Customer: ${facts.customerName}`,
    ...(facts.placeName === null ? [] : [`Place: ${facts.placeName}`]),
    ...(facts.why.length === 0 ? [] : ['', ...facts.why.map(sentence => `- ${sentence}`)]),
  ]
  return { subject: oneLine(`[${facts.reference}] ${HEADINGS[facts.kind]}: ${facts.subject}`).slice(0, 250), body: `${lines.join('\n')}\n` }
}
