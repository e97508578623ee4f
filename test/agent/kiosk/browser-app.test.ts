/** A real browser as the supervised app: started by the agent, spoken to as soon as it answers, killed, restarted. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findProcesses } from '../../../agent/probes/processes.ts'
import { MACHINE_ROOTS } from '../../../agent/probes/read-file.ts'
import { freePorts } from '../../support/free-ports.ts'
import { waitFor } from '../wait-for.ts'
import { openShop } from './shop.ts'
import { watchKiosk } from './watched-kiosk.ts'

it('a browser the agent starts is seen soon, comes back when killed, and is restarted when told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kk-browser-'))
  const shop = await openShop()
  const [port = 0] = await freePorts(1)
  const match = `--user-data-dir=${folder}/profile`
  const words = `--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run`
  const startCommand = `exec /usr/bin/chromium ${words} --remote-debugging-port=${port} ${match} ${shop.origin}/`
  const app = { match, startCommand, devToolsUrl: `http://127.0.0.1:${port}`, url: `${shop.origin}/` }
  const first = () => findProcesses(MACHINE_ROOTS, match, process.pid)[0] ?? 0
  const { watch, events, stateOf, failing, well } = watchKiosk(app, folder)
  try {
    await well('screen.error-page')
    expect(events.filter(({ state }) => state === 'failing')).toEqual([])
    const killed = first()
    process.kill(killed, 'SIGKILL')
    expect((await failing('app.crashed', 5_000)).text).toContain('signal SIGKILL')
    await well('app.crashed')
    const next = first()
    expect(next).not.toBe(killed)
    await waitFor('the browser to be reached', async () => (await watch.takePicture()) !== null)
    await watch.restartApp()
    await waitFor('the browser to be reached again', async () => (await watch.takePicture()) !== null)
    expect(first()).not.toBe(next)
    expect(stateOf('app.crashed')?.state).toBe('ok')
    // the app outlives its agent
    watch.stop()
    expect(first()).toBeGreaterThan(0)
  } finally {
    watch.stop()
    for (const pid of findProcesses(MACHINE_ROOTS, match, process.pid)) process.kill(pid, 'SIGKILL')
    await waitFor('the browser to end', () => first() === 0)
    shop.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
})
