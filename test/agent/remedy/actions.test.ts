import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MACHINE_ROOTS } from '../../../agent/probes/read-file.ts'
import { asCarriedOut, makeActions, magicPacket, wakeOnLan } from '../../../agent/remedy/actions.ts'
import { appMemoryPercent } from '../../../agent/remedy/app-memory.ts'
import { Refused } from '../../../agent/helper/refused.ts'
import { fillProfile, type ProfileInput } from '../../../shared/profile.ts'
import { fixtureTree } from '../fixture-tree.ts'
import { waitFor } from '../wait-for.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kk-actions-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const PROFILE: ProfileInput = {
  name: 'P',
  processes: [{ name: 'till', match: 'till-app' }],
  units: ['till.service', 'printd'],
  peripherals: [{ name: 'scanner', usb: '0C2E:0b6a' }],
  cameras: [{ name: 'cam' }],
  touch: [{ name: 'front', usb: '1234:5678' }],
  printers: ['receipt', { name: 'label', queue: 'Zebra' }, { name: 'net', uri: 'ipp://printer/' }],
  displays: [{ connector: 'HDMI-A-1', width: 1920, height: 1080 }, { connector: 'DP-1' }],
  cleanup: ['/var/cache/till'],
}

/** What the helper and the app were asked for. */
async function asked(id: string, key: string, change: Partial<ProfileInput> = {}): Promise<string> {
  const calls: string[] = []
  const note = (text: string) => Promise.resolve(void calls.push(text))
  const run = makeActions({
    app: { reloadPage: () => note('reload'), navigateHome: () => note('home'), restartApp: () => note('restart') },
    helper: async (verb, args = []) => {
      await note([verb, ...args].join(' '))
      return 'done'
    },
    profile: () => fillProfile({ ...PROFILE, ...change }),
    roots: MACHINE_ROOTS,
    appFile: join(folder, 'app.json'),
  })
  try {
    await run(id, key)
  } catch (error) {
    calls.push(`${error instanceof Refused ? 'refused' : 'failed'}: ${(error as Error).message}`)
  }
  return calls.join(', ')
}

describe('a remedy', () => {
  it.each([
    { id: 'reload-page', key: 'app.frozen', is: 'reload' },
    { id: 'navigate-home', key: 'screen.error-page', is: 'home' },
    { id: 'restart-app', key: 'app.crashed', is: 'restart' },
    { id: 'restart-unit', key: 'unit.failed:printd', is: 'restart-unit printd' },
    { id: 'restart-unit', key: 'process.missing:till', is: 'restart-unit till.service' },
    { id: 'restart-queue', key: 'printer.jam:receipt', is: 'restart-queue receipt' },
    { id: 'restart-queue', key: 'printer.jam:label', is: 'restart-queue Zebra' },
    { id: 'wake-display', key: 'display.off', is: 'wake-display' },
    { id: 'set-mode', key: 'display.wrong-mode:HDMI-A-1', is: 'set-mode HDMI-A-1 1920x1080' },
    { id: 'set-mode', key: 'display.wrong-mode', is: 'set-mode HDMI-A-1 1920x1080' },
    { id: 'reset-usb', key: 'usb.missing:scanner', is: 'reset-usb 0c2e:0b6a' },
    { id: 'reset-usb', key: 'touch.missing', is: 'reset-usb 1234:5678' },
    { id: 'clear-caches', key: 'disk.full', is: 'clear-caches /var/cache/till' },
    { id: 'renew-network', key: 'network.degraded', is: 'renew-network' },
    { id: 'sync-time', key: 'clock.drift', is: 'sync-time' },
    { id: 'restart-session', key: 'app.frozen', is: 'restart-session' },
    { id: 'reboot', key: 'app.frozen', is: 'reboot' },
  ])('$id for $key asks for: $is', async ({ id, key, is }) => {
    expect(await asked(id, key)).toBe(is)
  })

  it.each([
    { why: 'nothing starts the process', id: 'restart-unit', key: 'process.missing:other', says: /neither a startCommand nor a unit/ },
    { why: 'a unit that the profile does not name', id: 'restart-unit', key: 'unit.failed:ssh', says: /neither/ },
    { why: 'a printer on the network', id: 'restart-queue', key: 'printer.jam:net', says: /no queue on this device/ },
    { why: 'a printer nobody knows', id: 'restart-queue', key: 'printer.jam:x', says: /does not name this printer/ },
    { why: 'a camera without an id', id: 'reset-usb', key: 'usb.missing:cam', says: /names no USB id/ },
    { why: 'a display without a size', id: 'set-mode', key: 'display.wrong-mode:DP-1', says: /names no connector/ },
    { why: 'nobody to wake', id: 'wake-on-lan', key: 'agent.offline', says: /No machine is named/ },
    { why: 'a remedy of a newer server', id: 'power-cycle', key: 'app.frozen', says: /older than the server/ },
    { why: 'a name every object has', id: 'constructor', key: 'app.frozen', says: /older than the server/ },
    { why: 'an app that nobody can find, when memory is short', id: 'restart-app', key: 'memory.pressure', says: /Nobody can say/ },
  ])('is refused: $why', async ({ id, key, says }) => {
    expect(await asked(id, key)).toMatch(/^refused: /)
    expect(await asked(id, key)).toMatch(says)
  })

  it('clears nothing when the profile names nothing', async () => {
    expect(await asked('clear-caches', 'disk.full', { cleanup: [] })).toMatch(/^refused: .*names no folders/)
  })

  it('starts a watched process by its command, which outlives the agent', async () => {
    const mark = join(folder, 'started')
    expect(
      await asked('restart-unit', 'process.missing:till', { processes: [{ name: 'till', match: 'x', startCommand: `touch ${mark}` }] }),
    ).toBe('')
    await waitFor('the process', () => existsSync(mark))
  })

  it('leaves the app to the helper when root has set it up there, and starts it in no second way', async () => {
    const profile = fillProfile({ name: 'P', kioskApp: { match: 'till', startCommand: 'till' } })
    const appFile = join(folder, 'app.json')
    expect(asCarriedOut(profile, appFile)).toEqual(profile)
    writeFileSync(appFile, '{}')
    expect(await asked('restart-app', 'app.crashed')).toBe('stop-app, start-app')
    expect(asCarriedOut(profile, appFile).kioskApp).toEqual({ match: 'till' })
  })
})

describe('the share of memory of an app', () => {
  const stat = (pid: number, session: number, pages: number) => `${pid} (a b) S 1 ${pid} ${session} ${'0 '.repeat(15)}77 0 ${pages} 0`
  it('counts what it started, and nobody else', () => {
    const made = fixtureTree({
      'proc/meminfo': 'MemTotal: 1000000 kB\nMemAvailable: 1 kB\n',
      'proc/10/stat': stat(10, 10, 50_000),
      'proc/10/cmdline': 'till-app\0--kiosk',
      'proc/11/stat': stat(11, 10, 25_000),
      'proc/11/cmdline': 'renderer',
      'proc/12/stat': stat(12, 12, 99_000),
      'proc/12/cmdline': 'other',
    })
    expect([appMemoryPercent(made, 'till-app'), appMemoryPercent(made, 'nobody')]).toEqual([30, null])
    rmSync(made.folder, { recursive: true, force: true })
  })

  it('of a real process is small', async () => {
    const child = spawn('sleep', ['654321'], { stdio: 'ignore', detached: true })
    expect(await waitFor('the process', () => (appMemoryPercent(MACHINE_ROOTS, 'sleep 654321') === 0 ? 'small' : null))).toBe('small')
    child.kill('SIGKILL')
  })
})

describe('waking a machine over the network', () => {
  it.each(['00:11:22:aa:bb:cc', '00-11-22-AA-BB-CC', '001122aabbcc'])('takes %s', mac => {
    const packet = magicPacket(mac)
    expect(packet?.length).toBe(102)
    expect(packet?.subarray(0, 12).toString('hex')).toBe('ffffffffffff001122aabbcc')
  })
  it.each(['', '00:11:22:aa:bb', '00:11:22:aa:bb:cg', '00:11:22:aa:bb:cc:dd'])('not %s', mac => {
    expect(magicPacket(mac)).toBe(null)
  })

  it('sends the packet', async () => {
    const receiver = createSocket('udp4')
    await new Promise<void>(resolve => receiver.bind(0, '127.0.0.1', resolve))
    const heard = new Promise<Buffer>(resolve => receiver.once('message', resolve))
    await wakeOnLan('00:11:22:aa:bb:cc', { address: '127.0.0.1', port: receiver.address().port })
    expect(await heard).toEqual(magicPacket('00:11:22:aa:bb:cc'))
    receiver.close()
  })
})
