import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findProcesses } from '../../../agent/probes/processes.ts'
import { MACHINE_ROOTS } from '../../../agent/probes/read-file.ts'
import { waitFor } from '../wait-for.ts'
import { fastClock, watchKiosk, type WatchedKiosk } from './watched-kiosk.ts'

let folder = ''
let tag = ''
const watched: WatchedKiosk[] = []
const found = () => findProcesses(MACHINE_ROOTS, tag, process.pid)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kk-app-'))
  tag = `kk-app-${folder.slice(-6)}`
})
afterEach(async () => {
  for (const { watch } of watched.splice(0)) watch.stop()
  for (const pid of found()) process.kill(pid, 'SIGKILL')
  await waitFor('the apps to end', () => found().length === 0)
  rmSync(folder, { recursive: true, force: true })
})

/** An app of one process, found by its tag. */
const app = (body: string) => `exec -a ${tag} /bin/bash -c '${body}'`
const command = (body: string) => `exec /bin/bash -c "${app(body).replaceAll('"', '\\"')}"`
const FOREVER = 'while :; do sleep 0.1; done'
/** Its clock runs faster: nobody waits 10 s for an app that does not end. */
function start(kioskApp: Parameters<typeof watchKiosk>[0], dataDir = folder): WatchedKiosk {
  const kiosk = watchKiosk(kioskApp, dataDir, fastClock(4))
  watched.push(kiosk)
  return kiosk
}
const theOne = async () => (await waitFor('the app', () => (found().length === 1 ? found() : null)))[0] ?? 0

describe('the kiosk app', () => {
  it('is started when absent, and again when it ends', async () => {
    const { events, failing, well, watch } = start({ match: tag, startCommand: command(`echo ready; ${FOREVER}`) })
    const first = await theOne()
    await well('app.crashed')
    // the first start is no crash
    expect(events.filter(({ state }) => state === 'failing')).toEqual([])
    await waitFor('its output', () => watch.recentLog().some(({ text }) => text === 'app: ready'))
    process.kill(first, 'SIGSEGV')
    expect(await failing('app.crashed')).toMatchObject({ text: 'The kiosk app is not running (signal SIGSEGV)' })
    const next = await theOne()
    expect(next).not.toBe(first)
    await well('app.crashed')
  })

  it('is left alone when somebody else started it, and by two agents is started once', async () => {
    const other = mkdtempSync(join(tmpdir(), 'kk-other-'))
    const kioskApp = { match: tag, startCommand: command(`echo start >> ${folder}/starts; ${FOREVER}`) }
    start(kioskApp)
    start(kioskApp, other)
    await theOne()
    const third = start(kioskApp, other)
    await third.well('app.crashed')
    expect(readFileSync(join(folder, 'starts'), 'utf8')).toBe('start\n')
    rmSync(other, { recursive: true })
  })

  it('outlives the agent and is found again, with and without a text to match', async () => {
    const marks = join(folder, 'starts')
    const startCommand = command(`echo start >> ${marks}; ${FOREVER}`)
    for (const kioskApp of [{ startCommand, match: tag }, { startCommand }]) {
      const first = start(kioskApp)
      const pid = await theOne()
      first.watch.stop()
      const second = start(kioskApp)
      await second.well('app.crashed')
      expect(found()).toEqual([pid])
      second.watch.stop()
    }
    expect(readFileSync(marks, 'utf8')).toBe('start\n')
  })

  it('is in a session of its own', async () => {
    start({ match: tag, startCommand: command(FOREVER) })
    const pid = await theOne()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    expect([group, session]).toEqual([String(pid), String(pid)])
  })

  it('is restarted with all its processes, by its stop command or by signals', async () => {
    for (const stopCommand of [undefined, `pkill -TERM -f "^${tag}"`]) {
      const kioskApp = { match: tag, startCommand: command(`sleep 300 & ${FOREVER}`), ...(stopCommand && { stopCommand }) }
      const { watch, stateOf } = start(kioskApp)
      const before = await theOne()
      await watch.restartApp()
      expect(await theOne()).not.toBe(before)
      expect(stateOf('app.crashed')?.state).not.toBe('failing')
      watch.stop()
    }
  })

  it('that does not listen to SIGTERM is killed', async () => {
    const { watch } = start({ match: tag, startCommand: command(`trap "" TERM; ${FOREVER}`) })
    const before = await theOne()
    await watch.restartApp()
    expect(await theOne()).not.toBe(before)
  })

  it('that the agent did not start is ended by what matches', async () => {
    const child = spawn('/bin/bash', ['-c', app(FOREVER)], { stdio: 'ignore' })
    const { watch, well } = start({ match: tag, startCommand: command(FOREVER) })
    await well('app.crashed')
    expect(await theOne()).toBe(child.pid)
    await watch.restartApp()
    expect(await theOne()).not.toBe(child.pid)
  })

  it('that cannot be started says so', async () => {
    const { watch, failing } = start({ match: tag, startCommand: '/nowhere/till' })
    expect((await failing('app.crashed')).text).toContain('exit code 127')
    await expect(watch.restartApp()).rejects.toThrow('did not come back (exit code 127)')
  })

  it('that prints without end fills no disk', async () => {
    const { watch } = start({ match: tag, startCommand: command('while :; do echo 0123456789012345678901234567890123456789; done') })
    await theOne()
    const path = join(folder, 'kiosk-app.log')
    await waitFor('its output', () => watch.recentLog().length === 100)
    const size = () => statSync(path).size
    await waitFor('a cut', () => {
      const before = size()
      watch.recentLog()
      return before > 256 * 1024 && size() < before
    })
    expect(watch.recentLog().length).toBe(100)
  })

  it('whose kept process id is rubbish, or of another start of the machine, is started anew', async () => {
    for (const kept of ['{', JSON.stringify({ pid: process.pid, startedTicks: '1', bootId: 'another' }), '{"pid":-1}']) {
      writeFileSync(join(folder, 'kiosk-app.json'), kept)
      const { watch } = start({ startCommand: command(FOREVER) })
      const pid = await theOne()
      expect(JSON.parse(readFileSync(join(folder, 'kiosk-app.json'), 'utf8'))).toMatchObject({ pid })
      watch.stop()
      process.kill(pid, 'SIGKILL')
      await waitFor('its end', () => found().length === 0)
    }
  })
})
