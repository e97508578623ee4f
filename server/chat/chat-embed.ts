/** What a customer's site embeds: a script of a few lines that shows a button, and the chat in a frame of ours. */
import { Type } from 'typebox'
import { join } from 'node:path'
import { existsSync, readFileSync } from 'node:fs'
import type { Chats } from './chats.ts'
import type { App } from '../platform/http/app.ts'

const open = { access: 'public' } as const
const Key = Type.Object({ key: Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' }) })

/**
 * Runs on pages that are not ours: all of it lives in a shadow root of its own, so that neither side's style or script meets the
 * other's, and the conversation itself is a document of ours in a frame.
 */
const SCRIPT = `(() => {
  const script = document.currentScript
  const key = script && script.dataset.key
  if (!key || document.getElementById('kioskeeper-chat')) return
  const base = new URL(script.src).origin
  const host = document.createElement('div')
  host.id = 'kioskeeper-chat'
  const root = host.attachShadow({ mode: 'open' })
  const style = document.createElement('style')
  style.textContent =
    ':host{all:initial}' +
    'button{position:fixed;right:16px;bottom:16px;z-index:2147483000;padding:12px 18px;border:0;border-radius:24px;' +
    'background:#1c5d99;color:#fff;font:600 16px/1.2 system-ui,sans-serif;cursor:pointer;box-shadow:0 2px 10px rgba(0,0,0,.25)}' +
    'button:focus-visible{outline:3px solid #9cc7ef;outline-offset:2px}' +
    'iframe{position:fixed;right:16px;bottom:72px;z-index:2147483000;width:min(380px,calc(100vw - 32px));' +
    'height:min(560px,calc(100vh - 96px));border:1px solid #c9cfd6;border-radius:12px;background:#fff;box-shadow:0 4px 24px rgba(0,0,0,.25)}' +
    '[hidden]{display:none}'
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = script.dataset.label || 'Support'
  button.setAttribute('aria-expanded', 'false')
  let frame = null
  button.addEventListener('click', () => {
    if (!frame) {
      frame = document.createElement('iframe')
      frame.title = button.textContent
      frame.src = base + '/chat/' + encodeURIComponent(key)
      frame.hidden = true
      root.append(frame)
    }
    frame.hidden = !frame.hidden
    button.setAttribute('aria-expanded', String(!frame.hidden))
  })
  root.append(style, button)
  document.body.append(host)
})()
`

/** The script, and the chat's document with the sites that may frame it. `webFolder`: of the built console. */
export function chatEmbed({ chats, webFolder }: { chats: Pick<Chats, 'originsOf'>; webFolder: string }) {
  return (app: App): void => {
    app.get('/chat.js', { config: open, schema: { hide: true } }, (_request, reply) =>
      reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', 'public, max-age=3600')
        .header('cross-origin-resource-policy', 'cross-origin')
        .send(SCRIPT),
    )
    const page = join(webFolder, 'index.html')
    if (!existsSync(page)) return
    const html = readFileSync(page, 'utf8')
    app.get('/chat/:key', { config: open, schema: { hide: true, params: Key } }, async (request, reply) => {
      // An unknown chat is a page that says so; only sites that are written down may frame one.
      const origins = await chats.originsOf(request.params.key).catch(() => [])
      const policy = [
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'self'",
        `frame-ancestors ${["'self'", ...origins].join(' ')}`,
      ].join('; ')
      return reply
        .removeHeader('x-frame-options')
        .header('content-security-policy', policy)
        .header('cache-control', 'no-cache')
        .type('text/html; charset=utf-8')
        .send(html)
    })
  }
}
