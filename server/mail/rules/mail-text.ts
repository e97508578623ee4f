/** What people read of a mail: HTML as plain text, without quoted history and signature. All in one pass over the text, whatever it holds. */

/** Longest text that is shown of a mail; the whole mail is kept besides. */
export const MAX_SHOWN_CHARACTERS = 20_000
/** More is not looked at: nobody wrote it by hand. */
const MAX_READ_CHARACTERS = 400_000

const BLOCKS = new Set(['p', 'div', 'br', 'tr', 'li', 'ul', 'ol', 'table', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'hr', 'pre'])
const HIDDEN = new Set(['script', 'style', 'head', 'title', 'template', 'noscript', 'svg', 'iframe', 'object'])
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

function decodeEntities(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, (whole: string, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code > 0 && code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff) ? String.fromCodePoint(code) : ''
  })
}

/** The words of an HTML document; what a browser would run or hide is left out, quotes are marked with `>`. */
export function htmlToText(html: string): string {
  const source = html.slice(0, MAX_READ_CHARACTERS)
  const lower = source.replaceAll(/[A-Z]/g, letter => letter.toLowerCase())
  const parts: string[] = []
  let quotes = 0
  let at = 0
  const say = (text: string): void => void parts.push(decodeEntities(text).replaceAll(/\s+/g, ' '))
  while (at < source.length) {
    const open = source.indexOf('<', at)
    if (open === -1) break
    say(source.slice(at, open))
    if (source.startsWith('<!--', open)) {
      const end = source.indexOf('-->', open)
      at = end === -1 ? source.length : end + 3
      continue
    }
    // A sign that begins no tag is a word of the writer.
    if (!/^<[a-z/!?]/i.test(source.slice(open, open + 2))) {
      parts.push('<')
      at = open + 1
      continue
    }
    const close = source.indexOf('>', open)
    if (close === -1) {
      at = source.length
      break
    }
    const [, slash = '', raw = ''] = /^<(\/?)([a-z][a-z0-9]{0,15})/i.exec(source.slice(open, open + 20)) ?? []
    const name = raw.toLowerCase()
    at = close + 1
    if (slash === '' && HIDDEN.has(name)) {
      const end = lower.indexOf(`</${name}`, at)
      at = end === -1 ? source.length : end
      continue
    }
    if (name === 'blockquote') quotes = Math.max(0, quotes + (slash === '' ? 1 : -1))
    if (BLOCKS.has(name)) parts.push(`\n${'> '.repeat(Math.min(quotes, 1))}`)
  }
  say(source.slice(at))
  return clean(parts.join(''))
}

/** Text with one kind of line break and no control characters. */
function clean(text: string): string {
  return (
    text
      .slice(0, MAX_READ_CHARACTERS)
      .replaceAll(/\r\n?|[\u2028\u2029]/g, '\n')
      .replaceAll(/[^\P{Cc}\n\t]/gu, '')
      .split('\n')
      // By line, because a pattern for blanks before a line's end takes quadratic time on blanks.
      .map(line => line.trimEnd())
      .join('\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim()
  )
}

/** Lines after which only history follows, as the usual mail programs write them in our four languages. */
const HISTORY = [
  /^-{2,} ?(original message|ursprungligt meddelande|ursprüngliche nachricht|mensagem original|forwarded message)/i,
  /^(on|am|den|em) .{6,200}(wrote|schrieb|skrev|escreveu).{0,200}:$/i,
  /^.{0,200}\b(wrote|schrieb|skrev|escreveu):$/i,
  /^_{20,}$/,
]
const HEADER_OF_HISTORY = /^(from|von|från|de): .*@/i
const SIGNATURE = [/^--\s?$/, /^(sent from my |skickat från min |von meinem .{1,40} gesendet|enviado do meu )/i]

/** What is new in a mail: no quoted history, no signature. Where nothing is left, the whole text, so that no word is lost. */
export function newWords(text: string): string {
  const whole = clean(text)
  const kept: string[] = []
  for (const line of whole.split('\n')) {
    const bare = line.trim().slice(0, 500)
    if (HISTORY.some(mark => mark.test(bare)) || HEADER_OF_HISTORY.test(bare) || SIGNATURE.some(mark => mark.test(bare))) break
    if (!bare.startsWith('>')) kept.push(line)
  }
  const shown = clean(kept.join('\n'))
  return (shown === '' ? whole : shown).slice(0, MAX_SHOWN_CHARACTERS)
}

/** Remarks that are named one by one, as files left out. */
const MAX_REMARKS = 20

/** Some of many, for a sentence that people read. */
export function firstOf(remarks: readonly string[]): string {
  const rest = remarks.length - MAX_REMARKS
  return [...remarks.slice(0, MAX_REMARKS), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
}
