/** Mails as mail programs write them, byte for byte. */

export type MailParts = {
  from?: string
  subject?: string
  body?: string
  messageId?: string | null
  headers?: Record<string, string>
  /** Whole body with its own MIME headers instead of `body`. */
  mime?: string
}
let count = 0

/** A raw mail; a new Message-ID each time unless one is given. */
export function rawMail(parts: MailParts = {}): Buffer {
  count += 1
  const headers = [
    `From: ${parts.from ?? 'Carl Contact <carl@shop.example>'}`,
    'To: inbox@kiosk.example',
    `Subject: ${parts.subject ?? 'The till is black'}`,
    ...(parts.messageId === null ? [] : [`Message-ID: ${parts.messageId ?? `<m${count}.${process.pid}@shop.example>`}`]),
    ...Object.entries(parts.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    'MIME-Version: 1.0',
    ...(parts.mime === undefined ? ['Content-Type: text/plain; charset=utf-8', '', parts.body ?? 'Please help.'] : [parts.mime]),
  ]
  return Buffer.from(`${headers.join('\r\n')}\r\n`, 'utf8')
}

/** A body with files: name, declared type, content. */
export function withFiles(text: string, files: readonly (readonly [name: string, type: string, content: Uint8Array])[]): string {
  const parts = files.map(
    ([name, type, content]) =>
      `--b\r\nContent-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content).toString('base64')}\r\n`,
  )
  return `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n${parts.join('')}--b--`
}
