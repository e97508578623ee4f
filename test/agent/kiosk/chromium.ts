/** A real browser of the test's own: its own folder and port, ended by its process id. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { waitFor } from '../wait-for.ts'

const FLAGS =
  '--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run --remote-debugging-port=0'

export type Chromium = {
  devToolsUrl: string
  /** Text found in its command line alone. */
  match: string
  /** Is the process there? All that a check of processes would know. */
  isProcessThere(): boolean
  /** Shows an address on the page; waits for nothing. */
  show(address: string): Promise<void>
  stop(): Promise<void>
}

/** Starts it with an empty page: without a window, or filling a display. */
export async function startChromium(display?: { name: string; size: string }): Promise<Chromium> {
  const folder = mkdtempSync(join(tmpdir(), 'kk-chromium-'))
  const window = display ? ['--kiosk', '--window-position=0,0', `--window-size=${display.size.replace('x', ',')}`] : ['--headless']
  const child = spawn('/usr/bin/chromium', [...FLAGS.split(' '), ...window, `--user-data-dir=${folder}`, 'about:blank'], {
    stdio: 'ignore',
    env: { ...process.env, ...(display && { DISPLAY: display.name }) },
  })
  const ended = new Promise(resolve => child.once('exit', resolve))
  const portFile = join(folder, 'DevToolsActivePort')
  const port = await waitFor('the port', () => existsSync(portFile) && readFileSync(portFile, 'utf8').split('\n')[0])
  const devToolsUrl = `http://127.0.0.1:${port}`
  const isProcessThere = () => child.exitCode === null && child.signalCode === null
  return {
    devToolsUrl,
    match: `--user-data-dir=${folder}`,
    isProcessThere,
    async show(address) {
      const page = await waitFor('the page', async () => {
        const targets = (await (await fetch(`${devToolsUrl}/json/list`)).json()) as { type: string; webSocketDebuggerUrl: string }[]
        return targets.find(target => target.type === 'page')
      })
      const socket = new WebSocket(page.webSocketDebuggerUrl)
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      socket.send(JSON.stringify({ id: 1, method: 'Page.navigate', params: { url: address } }))
      // a page that crashes or hangs at once never answers
      socket.once('message', () => socket.close())
      if (address.startsWith('chrome:')) await new Promise(resolve => socket.send('{"id":2,"method":"Target.getTargets"}', resolve))
    },
    async stop() {
      if (isProcessThere()) child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}
