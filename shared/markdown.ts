/** The small Markdown of articles as a tree: whoever shows it makes elements of it, so no text of it can become markup. */

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'strong' | 'emphasis' | 'code'; text: string }
  | { kind: 'link'; text: string; href: string }
export type Block =
  | { kind: 'heading'; level: 2 | 3 | 4; inlines: Inline[] }
  | { kind: 'paragraph'; inlines: Inline[] }
  | { kind: 'list'; isOrdered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; inlines: Inline[] }

/** Addresses a link may lead to; what is none stays text. */
const SAFE_HREF = /^(https?:\/\/|mailto:|tel:)[^\s<>"']{1,2000}$/i
const INLINE = /\*\*([^*\n]{1,500})\*\*|\*([^*\n]{1,500})\*|`([^`\n]{1,500})`|\[([^\]\n]{1,300})\]\(([^)\s]{1,2000})\)/g
const BULLET = /^\s{0,3}[-*]\s+(.*)$/
const NUMBER = /^\s{0,3}\d{1,3}[.)]\s+(.*)$/
const HEADING = /^(#{1,3})\s+(.*)$/
const QUOTE = /^>\s?(.*)$/
const FENCE = /^```/

/** Bold, emphasis, code and links of one line. */
function readInlines(text: string): Inline[] {
  const inlines: Inline[] = []
  let from = 0
  for (const found of text.matchAll(INLINE)) {
    const [whole, strong, emphasis, code, label, href] = found
    if (href !== undefined && !SAFE_HREF.test(href)) continue
    if (found.index > from) inlines.push({ kind: 'text', text: text.slice(from, found.index) })
    if (strong !== undefined) inlines.push({ kind: 'strong', text: strong })
    else if (emphasis !== undefined) inlines.push({ kind: 'emphasis', text: emphasis })
    else if (code !== undefined) inlines.push({ kind: 'code', text: code })
    else if (href !== undefined) inlines.push({ kind: 'link', text: label ?? '', href })
    from = found.index + whole.length
  }
  if (from < text.length) inlines.push({ kind: 'text', text: text.slice(from) })
  return inlines
}

const isPlain = (line: string): boolean =>
  line.trim() !== '' && ![BULLET, NUMBER, HEADING, QUOTE, FENCE].some(pattern => pattern.test(line))

/** Lines from `start` on that a pattern takes, each without its mark. */
function takeWhile(lines: readonly string[], start: number, pattern: RegExp): string[] {
  const taken: string[] = []
  for (const line of lines.slice(start)) {
    const found = pattern.exec(line)
    if (!found) break
    taken.push(found[1] ?? '')
  }
  return taken
}

function readBlock(lines: readonly string[], start: number): { block: Block; took: number } {
  const line = lines[start] ?? ''
  if (FENCE.test(line)) {
    const length = lines.slice(start + 1).findIndex(other => FENCE.test(other))
    const end = length < 0 ? lines.length : start + 1 + length
    return { block: { kind: 'code', text: lines.slice(start + 1, end).join('\n') }, took: end - start + 1 }
  }
  const heading = HEADING.exec(line)
  if (heading) {
    const level = Math.min(4, (heading[1] ?? '#').length + 1) as 2 | 3 | 4
    return { block: { kind: 'heading', level, inlines: readInlines(heading[2] ?? '') }, took: 1 }
  }
  for (const pattern of [BULLET, NUMBER]) {
    const items = takeWhile(lines, start, pattern)
    if (items.length > 0)
      return { block: { kind: 'list', isOrdered: pattern === NUMBER, items: items.map(readInlines) }, took: items.length }
  }
  const quoted = takeWhile(lines, start, QUOTE)
  if (quoted.length > 0) return { block: { kind: 'quote', inlines: readInlines(quoted.join(' ')) }, took: quoted.length }
  const rest = lines.slice(start)
  const end = rest.findIndex(other => !isPlain(other))
  const words = end < 0 ? rest : rest.slice(0, Math.max(1, end))
  return { block: { kind: 'paragraph', inlines: readInlines(words.map(word => word.trim()).join(' ')) }, took: words.length }
}

/** Reads Markdown: headings, paragraphs, lists, quotes, code, bold, emphasis, links. Everything else is text. */
export function readMarkdown(source: string): Block[] {
  const lines = source.replaceAll('\r\n', '\n').split('\n')
  const blocks: Block[] = []
  for (let index = 0; index < lines.length;) {
    if ((lines[index] ?? '').trim() === '') {
      index += 1
      continue
    }
    const { block, took } = readBlock(lines, index)
    blocks.push(block)
    index += took
  }
  return blocks
}

const plainInlines = (inlines: readonly Inline[]): string =>
  inlines.map(inline => (inline.kind === 'link' ? `${inline.text} (${inline.href})` : inline.text)).join('')

function plainBlock(block: Block): string {
  if (block.kind === 'code') return block.text
  if (block.kind === 'list')
    return block.items.map((item, index) => `${block.isOrdered ? `${index + 1}.` : '-'} ${plainInlines(item)}`).join('\n')
  return plainInlines(block.inlines)
}

/** The same words for a mail: numbers and dashes stay, marks go. */
export function plainWords(source: string): string {
  return readMarkdown(source).map(plainBlock).join('\n\n')
}
