/** Mail by SMTP. A mail that is sent twice after a crash has the same Message-ID, so that receivers can drop it. */
import { createTransport } from 'nodemailer'
import type { DeliveryItem, Outcome, Send } from '../delivery.ts'
import { noticeMailId } from '../store/mail-store.ts'
import { renderMail } from './templates.ts'

const ADDRESS = /^[^\s@<>",;:()[\]\\]{1,64}@[^\s@<>",;:()[\]\\]{1,190}$/
const CONNECT_MS = 10_000
const SILENCE_MS = 30_000

/** Faults of the SMTP talk as nodemailer reports them. */
type SmtpFault = { code?: string; responseCode?: number; message?: string }

/** 5xx about this mail or this receiver will not change; a wrong password, a busy server or no server may. */
function outcomeOf(fault: SmtpFault): Outcome {
  const reason = `${fault.responseCode ?? fault.code ?? 'error'}: ${fault.message ?? 'unknown'}`.slice(0, 500)
  const isAboutMail = fault.code === 'EENVELOPE' || fault.code === 'EMESSAGE'
  return { outcome: isAboutMail && (fault.responseCode ?? 0) >= 500 ? 'never' : 'again', reason }
}

/** Domain of the sender's address, for identifiers. */
export function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'kioskeeper.localhost'
}

/** Bare address of a sender with or without a name, lower case. */
export function addressIn(from: string): string {
  return (/<([^<>]+)>\s*$/.exec(from)?.[1] ?? from).trim().toLowerCase()
}

/** What the mail answers: the newest words of its receiver on the ticket, else the ticket itself. */
function threadOf(item: DeliveryItem, domain: string): { references?: string[]; inReplyTo?: string } {
  if (item.ticketId === null) return {}
  const references = [`<ticket-${noticeMailId(item.ticketId)}@${domain}>`, ...(item.thread ?? [])]
  return { references, inReplyTo: references.at(-1) ?? '' }
}

/** One name of a header value: nothing but letters, digits and hyphens. */
const token = (text: string): string => text.replaceAll(/[^\w-]/g, '')

/**
 * Makes the mail channel, or null without a mail server: mail waits in the outbox then. `smtpUrl` is
 * `smtp://user:pass@host:port` (or smtps), `from` the sender with or without a name, `replyTo` where answers go (null = the
 * sender). Nothing is signed here; From, Message-ID and List-Id are of one domain, so that the mail server's DKIM aligns.
 */
export function makeEmailChannel(smtpUrl: string | null, from: string, replyTo: string | null = null): Send | null {
  if (smtpUrl === null) return null
  const domain = domainOf(from)
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    // A letter never reads files or addresses of this machine, whatever its text says.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async item => {
    if (!ADDRESS.test(item.address)) return { outcome: 'never', reason: 'not an e-mail address' }
    try {
      await transport.sendMail({
        from,
        to: { name: '', address: item.address },
        ...renderMail(item),
        ...(item.calendar == null
          ? {}
          : { icalEvent: { method: /^METHOD:CANCEL\r?$/m.test(item.calendar) ? 'CANCEL' : 'REQUEST', content: item.calendar } }),
        ...(item.files === undefined || item.files.length === 0
          ? {}
          : {
              attachments: item.files.map(({ name, contentType, bytes }) => ({ filename: name, contentType, content: Buffer.from(bytes) })),
            }),
        date: new Date(item.createdAtMs),
        messageId: `<${noticeMailId(item.dedupKey)}@${domain}>`,
        ...threadOf(item, domain),
        ...(replyTo === null ? {} : { replyTo }),
        headers: {
          // Answering machines stay silent to such mail: no loops.
          'Auto-Submitted': 'auto-generated',
          // Of a customer, else of the desk: people filter by it.
          'List-Id': `<${token(item.customerId ?? '') || 'desk'}.${domain}>`,
          ...(item.ticketId === null ? {} : { 'X-Kioskeeper-Ticket': token(item.ticketId) }),
        },
      })
      return { outcome: 'sent', reason: 'accepted by the mail server' }
    } catch (error) {
      return outcomeOf(error as SmtpFault)
    }
  }
}
