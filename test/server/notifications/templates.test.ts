import { describe, expect, it } from 'vitest'
import { escapeHtml, headerLine, renderMail } from '../../../server/notifications/channels/templates.ts'

const body = `New ticket: Till 3 <script>alert(1)</script>

The screen is "black" & silent.
Since 10:02.

- due Mon 16 Mar 14:20 (Europe/Stockholm): 30 min response, Production plan, level 1
- 1 < 2
`

describe('a letter as a mail', () => {
  it('is the same words as text and as escaped HTML', () => {
    expect(renderMail({ subject: '[K-1] New ticket: Till 3', body, link: 'https://kiosk.example/tickets/t1?a=1&b="2"' }))
      .toMatchInlineSnapshot(`
      {
        "html": "<!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>[K-1] New ticket: Till 3</title></head>
      <body style="margin:0;padding:16px;background:#f3f4f6;color:#1f2933;font:16px/1.5 system-ui,sans-serif">
      <div style="max-width:600px;margin:0 auto;padding:24px;background:#ffffff;border-radius:8px;overflow-wrap:anywhere">
      <h1 style="margin:0 0 16px;font-size:20px">New ticket: Till 3 &lt;script&gt;alert(1)&lt;/script&gt;</h1>
      <p style="margin:0 0 16px">The screen is &quot;black&quot; &amp; silent.<br>Since 10:02.</p>
      <ul style="margin:0 0 16px;padding-left:20px"><li>due Mon 16 Mar 14:20 (Europe/Stockholm): 30 min response, Production plan, level 1</li><li>1 &lt; 2</li></ul>
      <p style="margin:0"><a href="https://kiosk.example/tickets/t1?a=1&amp;b=&quot;2&quot;" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1c5d99;color:#ffffff;text-decoration:none">Open</a></p>
      </div>
      </body></html>
      ",
        "subject": "[K-1] New ticket: Till 3",
        "text": "New ticket: Till 3 <script>alert(1)</script>

      The screen is "black" & silent.
      Since 10:02.

      - due Mon 16 Mar 14:20 (Europe/Stockholm): 30 min response, Production plan, level 1
      - 1 < 2

      https://kiosk.example/tickets/t1?a=1&b="2"
      ",
      }
    `)
  })
  it('without a link has no button', () => {
    const mail = renderMail({ subject: 'S', body: 'One line', link: null })
    expect([mail.text, mail.html.includes('<a ')]).toEqual(['One line\n', false])
  })
  it('can hold nothing of a writer that a browser would run', () => {
    const hostile = '"><img src=x onerror=alert(1)>\n\n\'</p><script>x</script>\n\n- <b>\n- "'
    const { html } = renderMail({ subject: hostile, body: hostile, link: null })
    expect(html).not.toMatch(/<img|<script|<b>/)
  })
  it('with an empty body is still a mail', () => expect(renderMail({ subject: '', body: '', link: null }).text).toBe('\n'))
})

describe('single pieces', () => {
  it('escapes what HTML gives a meaning', () => expect(escapeHtml(`<&>"'`)).toBe('&lt;&amp;&gt;&quot;&#39;'))
  it.each([
    ['a\r\nBcc: b', 'a Bcc: b'],
    ['a\u2028b\u0000c', 'a b c'],
    ['  x  ', 'x'],
  ])('%j becomes one line', (text, line) => expect(headerLine(text)).toBe(line))
  it('a subject has an end', () => expect(headerLine('x'.repeat(1000))).toHaveLength(250))
})
