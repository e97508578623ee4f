/** Checks a DKIM signature (RFC 6376, relaxed/relaxed, RSA-SHA256) as a receiving mail server does. */
import { createHash, verify, type KeyObject } from 'node:crypto'

const collapse = (text: string): string => text.replaceAll(/[ \t]+/g, ' ')

function relaxedHeader(field: string): string {
  const unfolded = field.replaceAll(/\r\n(?=[ \t])/g, '')
  const colon = unfolded.indexOf(':')
  return `${unfolded.slice(0, colon).trim().toLowerCase()}:${collapse(unfolded.slice(colon + 1)).trim()}`
}

function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map(line => collapse(line).replace(/ $/, ''))
  while (lines.at(-1) === '') lines.pop()
  return lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`
}

/** Header fields of a mail as they came, folds and all, and its body. */
export function splitMail(raw: string): { fields: string[]; body: string } {
  const end = raw.indexOf('\r\n\r\n')
  return { fields: raw.slice(0, end).split(/\r\n(?![ \t])/), body: raw.slice(end + 4) }
}

/** Whether the first signature of a mail is good under a key; null = there is none. */
export function isSignatureGood(raw: string, key: KeyObject): boolean | null {
  const { fields, body } = splitMail(raw)
  const signature = fields.find(field => /^dkim-signature:/i.test(field))
  if (signature === undefined) return null
  const tag = (name: string): string =>
    new RegExp(`(?:^|;)\\s*${name}=([^;]*)`).exec(signature.slice(signature.indexOf(':') + 1))?.[1]?.replaceAll(/\s/g, '') ?? ''
  if (createHash('sha256').update(relaxedBody(body)).digest('base64') !== tag('bh')) return false
  const left = [...fields]
  const signed = tag('h')
    .split(':')
    .flatMap(name => {
      const at = left.findLastIndex(field => field.toLowerCase().startsWith(`${name.toLowerCase()}:`))
      return at === -1 ? [] : left.splice(at, 1).map(relaxedHeader)
    })
  const own = relaxedHeader(signature).replace(/(;\s*b=)[^;]*/, '$1')
  return verify('sha256', Buffer.from([...signed, own].join('\r\n')), key, Buffer.from(tag('b'), 'base64'))
}
