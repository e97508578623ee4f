/** Mail by SMTP. A mail that is sent twice after a crash has the same Message-ID, so that receivers can drop it. */
import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import type { Outcome, Send } from '../services/delivery.ts'
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

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40)

/** Domain of the sender's address, for identifiers. */
function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'kioskeeper.localhost'
}

/**
 * Makes the mail channel, or null without a mail server: mail waits in the outbox then. `smtpUrl` is
 * `smtp://user:pass@host:port` (or smtps), `from` the sender with or without a name.
 */
export function makeEmailChannel(smtpUrl: string | null, from: string): Send | null {
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
    const thread = item.ticketId === null ? null : `<ticket-${digest(item.ticketId)}@${domain}>`
    try {
      await transport.sendMail({
        from,
        to: { name: '', address: item.address },
        ...renderMail(item),
        ...(item.calendar == null
          ? {}
          : { icalEvent: { method: /^METHOD:CANCEL\r?$/m.test(item.calendar) ? 'CANCEL' : 'REQUEST', content: item.calendar } }),
        date: new Date(item.createdAtMs),
        messageId: `<${digest(item.dedupKey)}@${domain}>`,
        ...(thread === null ? {} : { references: thread, inReplyTo: thread }),
        headers: {
          // Answering machines stay silent to such mail: no loops.
          'Auto-Submitted': 'auto-generated',
          ...(item.ticketId === null ? {} : { 'X-Kioskeeper-Ticket': item.ticketId.replaceAll(/[^\w-]/g, '') }),
        },
      })
      return { outcome: 'sent', reason: 'accepted by the mail server' }
    } catch (error) {
      return outcomeOf(error as SmtpFault)
    }
  }
}
