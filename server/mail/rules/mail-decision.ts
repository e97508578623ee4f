/** What becomes of a mail that arrives: a ticket, a message on one, or a reason why not. Nothing is thrown away: what is neither waits for the desk or is kept. */
import { htmlToText, newWords } from './mail-text.ts'
import { subjectLine } from '../../notifications/rules/subject-line.ts'

export type MailAddress = { name: string; address: string }
export type MailAttachment = { name: string; declaredType: string; bytes: Uint8Array }
/** A mail as it was read. Header names are lower case; of a header that is there twice, the first (outermost) counts. */
export type IncomingMail = {
  /** With its angle brackets, or null. */
  messageId: string | null
  from: MailAddress | null
  subject: string
  text: string
  html: string
  /** Message-IDs it answers, nearest first. */
  answers: readonly string[]
  headers: ReadonlyMap<string, string>
}
/** A ticket that the mail seems to be about. */
export type ThreadFacts = { ticketId: string; reference: string; customerId: string; addresses: readonly string[] }
export type MailFacts = {
  /** Ours, lower case: where mail comes from and goes to. */
  ownAddresses: readonly string[]
  ownDomain: string
  /** By a Message-ID we sent, else by the reference in the subject. */
  thread: ThreadFacts | null
  /** Customers the sender is known at: a contact, or somebody whose mails the desk gave to them. */
  customerIds: readonly string[]
  /** Mails of this sender within the last hour. */
  recentMails: number
}
export type IgnoredReason = 'auto-reply' | 'bounce' | 'loop' | 'own-mail' | 'list'
export type WaitingReason = 'unknown-sender' | 'several-customers' | 'sender-not-authentic'
export type QuarantineReason = 'too-large' | 'nested-too-deep' | 'unreadable' | 'no-sender'
export type MailDecision =
  | { kind: 'ignored'; reason: IgnoredReason; why: string }
  | { kind: 'quarantined'; reason: QuarantineReason; why: string }
  | { kind: 'waiting'; reason: WaitingReason; why: string }
  | { kind: 'message'; ticketId: string; customerId: string; why: string }
  /** `warning`: what the desk has to know of the reference it carried. */
  | { kind: 'ticket'; customerId: string; warning: string | null; why: string }

/** Mails of one sender in an hour before they are taken for a loop of two machines. */
export const MAX_MAILS_AN_HOUR = 30

const REFERENCE = /\[?\b(KK-\d{4}-\d{6,9})\b\]?/i
const LIST_HEADERS = ['list-id', 'list-unsubscribe', 'list-post', 'mailing-list']

/** The first reference of ours in a subject, or null. */
export function referenceIn(subject: string): string | null {
  return REFERENCE.exec(subject.slice(0, 2000))?.[1]?.toUpperCase() ?? null
}

/** An address as it is compared. */
export function sameCase(address: string): string {
  return address.trim().toLowerCase()
}

/** Whether somebody could be answered at it. */
export function isAddress(address: string): boolean {
  return /^[^\s@<>",;:()[\]\\]{1,64}@[^\s@<>",;:()[\]\\]{1,190}$/.test(address)
}

const domainOf = (address: string): string => sameCase(address).slice(address.trim().lastIndexOf('@') + 1)

/** Domains where everybody has an address: they say nothing of whose a mail is. */
const EVERYBODYS = new Set(
  'gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com me.com gmx.de gmx.net web.de telia.com proton.me'.split(
    ' ',
  ),
)

/** Customers with a contact at the sender's domain, each once: guesses for a person, nothing is decided by them. */
export function customersOfDomain(
  contacts: readonly { email: string; customer_id: string; customer: string }[],
  address: string,
): { id: string; name: string }[] {
  const domain = domainOf(address)
  if (domain === '' || EVERYBODYS.has(domain)) return []
  const found = contacts.filter(contact => domainOf(contact.email) === domain)
  return [...new Map(found.map(contact => [contact.customer_id, { id: contact.customer_id, name: contact.customer }])).values()].slice(0, 5)
}

/** Why a mail must not be answered, or null. */
function guard(mail: IncomingMail, facts: MailFacts): { reason: IgnoredReason; why: string } | null {
  const header = (name: string): string => (mail.headers.get(name) ?? '').trim().toLowerCase()
  const sender = sameCase(mail.from?.address ?? '')
  const ownId = mail.messageId !== null && facts.ownDomain !== '' && domainOf(mail.messageId.replace(/>$/, '')) === facts.ownDomain
  if (header('x-kioskeeper-ticket') !== '' || ownId || facts.ownAddresses.includes(sender))
    return { reason: 'own-mail', why: 'It is a mail of our own.' }
  const isReport = header('content-type').startsWith('multipart/report')
  if (header('return-path') === '<>' || isReport || /^(mailer-daemon|postmaster)@/.test(sender))
    return { reason: 'bounce', why: 'A mail server reports on a delivery; it has no sender to answer.' }
  const auto = header('auto-submitted')
  if (auto !== '' && auto !== 'no') return { reason: 'auto-reply', why: `A machine wrote it: Auto-Submitted is ${auto.slice(0, 40)}.` }
  const precedence = header('precedence')
  if (precedence === 'auto_reply' || header('x-autoreply') !== '' || header('x-autorespond') !== '')
    return { reason: 'auto-reply', why: 'A machine wrote it: it says that it is an automatic reply.' }
  // Exchange puts the header on people's mail too, with OOF or DR only where a machine answers.
  if (/\ball\b/.test(header('x-auto-response-suppress')))
    return { reason: 'auto-reply', why: 'A machine wrote it: it asks for no automatic answer.' }
  if (LIST_HEADERS.some(name => header(name) !== '') || ['list', 'bulk', 'junk'].includes(precedence))
    return { reason: 'list', why: 'It went to a mailing list, not to the desk.' }
  if (facts.recentMails >= MAX_MAILS_AN_HOUR)
    return { reason: 'loop', why: `The sender wrote ${facts.recentMails} mails within an hour: two machines may be answering each other.` }
  return null
}

/** Decides what becomes of a mail. */
export function decideMail(mail: IncomingMail, facts: MailFacts): MailDecision {
  const guarded = guard(mail, facts)
  if (guarded) return { kind: 'ignored', ...guarded }
  if (!mail.from || !isAddress(mail.from.address))
    return { kind: 'quarantined', reason: 'no-sender', why: 'It has no sender who could be answered.' }
  const sender = sameCase(mail.from.address)
  if (/\bdmarc\s*=\s*fail\b/i.test(mail.headers.get('authentication-results') ?? ''))
    return {
      kind: 'waiting',
      reason: 'sender-not-authentic',
      why: `The mail server found that ${sender} did not send it (DMARC failed).`,
    }
  const { thread, customerIds } = facts
  const belongs =
    thread !== null && (thread.addresses.some(address => sameCase(address) === sender) || customerIds.includes(thread.customerId))
  if (thread && belongs)
    return { kind: 'message', ticketId: thread.ticketId, customerId: thread.customerId, why: `An answer on ${thread.reference}.` }
  const [customerId, ...others] = customerIds
  if (customerId === undefined)
    return { kind: 'waiting', reason: 'unknown-sender', why: `${sender} is known at no customer; say whose mail it is.` }
  if (others.length > 0)
    return { kind: 'waiting', reason: 'several-customers', why: `${sender} is known at several customers; say for which one it is.` }
  const warning =
    thread === null
      ? null
      : `The mail names ${thread.reference}, a ticket of another customer. The sender does not belong to it: this is a new ticket, nothing was written there.`
  return { kind: 'ticket', customerId, warning, why: 'A mail of a known sender.' }
}

/** The words of a mail that are shown: text first, HTML only where there is no text. */
export function shownWords(mail: Pick<IncomingMail, 'text' | 'html'>): string {
  const words = newWords(mail.text.trim() === '' ? htmlToText(mail.html) : mail.text)
  return words === '' ? '(no text)' : words
}

/** Subject for a ticket: without our reference and the answer's prefixes. */
export function ticketSubject(subject: string): string {
  const line = subjectLine(subject)
    .replace(REFERENCE, '')
    .replace(/^(\s*(re|aw|sv|vs|fw|fwd|wg|vb|res|enc)\s*:)+/i, '')
    .trim()
  return line === '' ? '(no subject)' : line
}
