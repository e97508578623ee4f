/** A plain-text letter as a mail: the text as it is, and the same words in one responsive frame of HTML. */

export type Letter = { subject: string; body: string; link: string | null }
export type Mail = { subject: string; text: string; html: string }

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
/** Longest subject: some servers refuse longer lines. */
const MAX_SUBJECT = 250

/** Text that is safe between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => ENTITIES[character] ?? character)
}

/** One line without control characters: nothing a device or a person wrote can add a header. */
export function headerLine(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MAX_SUBJECT)
}

function paragraph(block: string): string {
  const lines = block.split('\n')
  if (lines.every(line => line.startsWith('- '))) {
    return `<ul style="margin:0 0 16px;padding-left:20px">${lines.map(line => `<li>${escapeHtml(line.slice(2))}</li>`).join('')}</ul>`
  }
  return `<p style="margin:0 0 16px">${lines.map(escapeHtml).join('<br>')}</p>`
}

/** The mail for a letter. Every word of the letter is escaped; the link must be ours. */
export function renderMail({ subject, body, link }: Letter): Mail {
  const text = body.replaceAll('\r\n', '\n').trim()
  const [heading = '', ...blocks] = text.split(/\n{2,}/)
  const title = headerLine(subject)
  const button =
    link === null
      ? ''
      : `<p style="margin:0"><a href="${escapeHtml(link)}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1c5d99;color:#ffffff;text-decoration:none">Open</a></p>`
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:16px;background:#f3f4f6;color:#1f2933;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:600px;margin:0 auto;padding:24px;background:#ffffff;border-radius:8px;overflow-wrap:anywhere">
<h1 style="margin:0 0 16px;font-size:20px">${escapeHtml(heading)}</h1>
${[...blocks.map(paragraph), button].filter(Boolean).join('\n')}
</div>
</body></html>
`
  return { subject: title, text: link === null ? `${text}\n` : `${text}\n\n${link}\n`, html }
}
