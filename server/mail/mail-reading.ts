/** Raw mail as the rules want it. A mail that cannot be read is told apart, never thrown away. */
import PostalMime, { type Address } from 'postal-mime'
import { MAX_FILE_BYTES } from '../attachments/rules/file-rules.ts'
import type { IncomingMail, MailAddress, MailAttachment, QuarantineReason } from './rules/mail-decision.ts'

/** Parts inside parts; more is made to harm readers. */
const MAX_NESTING = 30
const MAX_HEADERS_BYTES = 256 * 1024
/** Largest mail: 25 MB of files as base64, and some words. */
export const MAX_MAIL_BYTES = 36 * 1024 * 1024
const MAX_FILES = 20
const MAX_FILES_BYTES = 25 * 1024 * 1024
const MAX_ANSWERS = 50

export type ReadMail =
  | { kind: 'read'; mail: IncomingMail; files: MailAttachment[]; leftOut: string[] }
  | { kind: 'unreadable'; reason: QuarantineReason; why: string; mail: IncomingMail | null }

/** Message-IDs in a header, angle brackets included. */
function idsIn(header: string | undefined): string[] {
  return (header ?? '').slice(0, 20_000).match(/<[^<>\s\p{Cc}]{1,250}>/gu) ?? []
}

/** Without control characters: a database refuses some of them, and nobody wrote them on purpose. */
const printable = (words: string): string => words.replaceAll(/\p{Cc}/gu, ' ')

function firstMailbox(address: Address | undefined): MailAddress | null {
  if (!address) return null
  if (address.address === undefined) return firstMailbox(address.group[0])
  const name = printable(address.name).replaceAll(/\s+/g, ' ').trim().slice(0, 200)
  return { name, address: printable(address.address).trim() }
}

/** A file name as people may see it: no path, no control character. */
function fileName(name: string | null, index: number): string {
  const bare = (name ?? '')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/^.*[/\\]/, '')
    .trim()
    .slice(0, 150)
  return bare === '' || /^\.+$/.test(bare) ? `file-${index + 1}` : bare
}

const text = new TextEncoder()
const bytesOf = (content: ArrayBuffer | Uint8Array | string): Uint8Array =>
  typeof content === 'string' ? text.encode(content) : new Uint8Array(content)

async function parse(raw: Uint8Array): Promise<{ mail: IncomingMail; files: MailAttachment[] }> {
  const email = await PostalMime.parse(raw, {
    maxNestingDepth: MAX_NESTING,
    maxHeadersSize: MAX_HEADERS_BYTES,
    // A mail inside a mail is a file: its words are not the sender's.
    forceRfc822Attachments: true,
  })
  const headers = new Map<string, string>()
  for (const header of email.headers) if (!headers.has(header.key)) headers.set(header.key, printable(header.value.slice(0, 20_000)))
  const references = idsIn(email.references).toReversed()
  return {
    mail: {
      messageId: idsIn(email.messageId)[0] ?? null,
      from: firstMailbox(email.from),
      subject: email.subject ?? '',
      text: email.text ?? '',
      html: email.html ?? '',
      answers: [...new Set([...idsIn(email.inReplyTo), ...references])].slice(0, MAX_ANSWERS),
      headers,
    },
    files: email.attachments.map((file, index) => ({
      name: fileName(file.filename, index),
      declaredType: file.mimeType,
      bytes: bytesOf(file.content),
    })),
  }
}

/** What of the files is kept, and a sentence on each that is not; the whole mail is kept all the same. */
function withinLimits(files: readonly MailAttachment[]): { files: MailAttachment[]; leftOut: string[] } {
  const kept: MailAttachment[] = []
  const leftOut: string[] = []
  let total = 0
  for (const file of files) {
    const reason =
      kept.length >= MAX_FILES
        ? `more than ${MAX_FILES} files`
        : file.bytes.length > MAX_FILE_BYTES
          ? 'over 10 MB'
          : total + file.bytes.length > MAX_FILES_BYTES
            ? 'over 25 MB in all'
            : null
    if (reason !== null) leftOut.push(`${file.name}: ${reason}`)
    else {
      kept.push(file)
      total += file.bytes.length
    }
  }
  return { files: kept, leftOut }
}

/** Reads a mail. `isCut`: these are only its first bytes, because the rest is too much. */
export async function readMail(raw: Uint8Array, isCut: boolean): Promise<ReadMail> {
  try {
    if (isCut || raw.length > MAX_MAIL_BYTES) {
      const { mail } = await parse(raw.subarray(0, 64 * 1024))
      return { kind: 'unreadable', reason: 'too-large', why: 'The mail is over 36 MB; only its beginning is kept.', mail }
    }
    const { mail, files } = await parse(raw)
    return { kind: 'read', mail, ...withinLimits(files) }
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error)
    const isNested = /nesting/i.test(fault)
    return {
      kind: 'unreadable',
      reason: isNested ? 'nested-too-deep' : 'unreadable',
      why: isNested
        ? `It holds parts inside parts, more than ${MAX_NESTING} deep.`
        : `It cannot be read: ${printable(fault.slice(0, 200))}`,
      mail: null,
    }
  }
}
