/** The kiosk's server: a page that is well, and pages that are not. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PAGES: Record<string, string> = {
  '/': '<title>Shop</title><body style="margin:0"><div style="background:#046;height:40vh"></div><h1>Welcome</h1><p>Touch to begin',
  '/loop': '<title>Loop</title><script>setTimeout(() => { for (;;); }, 100)</script>',
  '/login': '<title>Please log in</title><input type="password">',
  '/blank': '<body style="background:#f00">',
  '/errors': '<script>setInterval(() => { throw new Error("broken till https://u:secret@shop.test/x?token=secret") }, 20)</script>',
  '/missing': '<script>console.error("no paper"); for (let i = 0; i < 20; i++) fetch("/gone?token=secret" + i)</script>',
  '/clock':
    '<body style="margin:0"><p id=time style="font-size:30vh">0</p><script>let n = 0; setInterval(() => { time.textContent = String(++n) }, 500)</script>',
  '/paying': '<title>Paying</title><body style="background:#063"><h1>Paying</h1><script>window.paying = true</script>',
  '/titles':
    '<script>setInterval(() => { for (let i = 0; i < 500; i++) { document.title = "x".repeat(1e4) + i; console.log("y".repeat(2e4)) } }, 5)</script>',
  '/console': '<script>setInterval(() => { for (let i = 0; i < 2000; i++) console.error("e" + i) }, 5)</script>',
  '/huge': '<script>setInterval(() => console.log("z".repeat(5e6)), 50)</script>',
}

export type Shop = {
  /** Of the plain server, without a path. */
  origin: string
  /** Of a server whose certificate nobody trusts. */
  tlsOrigin: string
  stop(): void
}

const originOf = (server: Server, scheme: string) => `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
const listen = (server: Server) => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

/** Opens both servers on free ports. Any other page is answered with status 500, `/gone` with 404. */
export async function openShop(): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'kk-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=shop']
  execFileSync('openssl', request, { stdio: 'ignore' })
  const shop = createServer((asked, answer) => {
    const path = (asked.url ?? '').split('?', 1)[0] ?? ''
    const status = path in PAGES ? 200 : path === '/gone' ? 404 : 500
    answer.writeHead(status, { 'content-type': 'text/html' }).end(PAGES[path] ?? '<h1>Oops</h1>')
  })
  const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) => answer.end())
  await Promise.all([listen(shop), listen(tls)])
  rmSync(folder, { recursive: true, force: true })
  return {
    origin: originOf(shop, 'http'),
    tlsOrigin: originOf(tls, 'https'),
    stop() {
      shop.close()
      shop.closeAllConnections()
      tls.close()
      tls.closeAllConnections()
    },
  }
}
