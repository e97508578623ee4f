import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askDrives } from '../../../agent/hardware/drive-watch.ts'
import { makeHelperClient } from '../../../agent/helper/client.ts'
import { startHelper } from '../../../agent/helper/helper-server.ts'
import { makePrograms } from '../../../agent/helper/programs.ts'
import { parseRequest, type Verb } from '../../../agent/helper/protocol.ts'
import { makeVerbs } from '../../../agent/helper/verbs.ts'
import { Refused } from '../../../agent/helper/refused.ts'

const T0 = 1_800_000_000_000
const HOUR = 3_600_000
let folder: string
let server: Server | null = null
let nowMs = T0
const paths = () => ({
  bin: join(folder, 'bin'),
  etc: join(folder, 'etc'),
  state: join(folder, 'state'),
  proc: join(folder, 'proc'),
  sys: join(folder, 'sys'),
})

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kk-helper-'))
  for (const path of Object.values(paths())) mkdirSync(path)
  nowMs = T0
})
afterEach(async () => {
  await new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve()))
  server = null
  rmSync(folder, { recursive: true, force: true })
})

/** Puts a program there that notes how it was called, with its settings, and ends with a code. */
function program(name: string, script = 'exit 0'): void {
  writeFileSync(
    join(paths().bin, name),
    `#!/bin/sh\nexport PATH=/usr/bin:/bin\necho "${name} $*" >> ${folder}/calls\necho "$DISPLAY $XAUTHORITY" >> ${folder}/screens\n${script}\n`,
  )
  chmodSync(join(paths().bin, name), 0o755)
}
const calls = (): string[] => {
  try {
    return readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
  } catch {
    return []
  }
}
const allow = (name: string, text: string, mode = 0o644): void => {
  writeFileSync(join(paths().etc, name), text)
  chmodSync(join(paths().etc, name), mode)
}
const verbs = () => {
  const { bin, etc, state, proc, sys } = paths()
  return makeVerbs({
    programs: makePrograms([bin]),
    roots: { proc, sys, etc, dev: '/dev' },
    allowDir: etc,
    stateDir: state,
    nowMs: () => nowMs,
  })
}
async function door(): Promise<string> {
  const path = join(folder, 'helper.sock')
  server ??= await startHelper({ listen: { path }, verbs: verbs(), log: pino({ level: 'silent' }) })
  return path
}
async function ask(verb: Verb, ...args: string[]): Promise<string> {
  const path = await door()
  try {
    await makeHelperClient(path)(verb, args)
    return 'done'
  } catch (error) {
    return `${error instanceof Refused ? 'refused' : 'failed'}: ${(error as Error).message}`
  }
}

describe('a request to the helper', () => {
  it.each([
    { why: 'a unit', verb: 'restart-unit', args: ['kiosk@1.service'] },
    { why: 'a queue', verb: 'restart-queue', args: ['Label_Printer-2'] },
    { why: 'a mode', verb: 'set-mode', args: ['HDMI-A-1', '1920x1080'] },
    { why: 'a device', verb: 'reset-usb', args: ['0c2e:0b6a'] },
    { why: 'folders', verb: 'clear-caches', args: ['/var/cache/app', '/home/kiosk/.cache'] },
    { why: 'nothing more to say', verb: 'reboot', args: [] },
  ])('is taken: $why', ({ verb, args }) => {
    expect(parseRequest(JSON.stringify({ verb, args }))).toEqual({ verb, args })
  })

  it.each([
    { why: 'not JSON', line: 'reboot' },
    { why: 'null', line: 'null' },
    { why: 'no list of arguments', line: '{"verb":"reboot"}' },
    { why: 'an unknown verb', line: '{"verb":"shell","args":["id"]}' },
    { why: 'a name every object has', line: '{"verb":"constructor","args":[]}' },
    { why: 'an option in place of a unit', line: '{"verb":"restart-unit","args":["--root=/x"]}' },
    { why: 'two words in place of a unit', line: '{"verb":"restart-unit","args":["kiosk ssh"]}' },
    { why: 'a command behind a unit', line: '{"verb":"restart-unit","args":["kiosk;id"]}' },
    { why: 'a second line', line: '{"verb":"restart-unit","args":["kiosk\\nssh"]}' },
    { why: 'a path in place of a queue', line: '{"verb":"restart-queue","args":["../etc"]}' },
    { why: 'too many arguments', line: '{"verb":"reboot","args":["now"]}' },
    { why: 'too few', line: '{"verb":"set-mode","args":["HDMI-A-1"]}' },
    { why: 'a mode of no size', line: '{"verb":"set-mode","args":["HDMI-A-1","0x0"]}' },
    { why: 'a pattern in place of a device', line: '{"verb":"reset-usb","args":["*:*"]}' },
    { why: 'an upper-case id, which the kernel does not know', line: '{"verb":"reset-usb","args":["ABCD:0001"]}' },
    { why: 'a folder from here', line: '{"verb":"clear-caches","args":["var/cache"]}' },
    { why: 'no folder', line: '{"verb":"clear-caches","args":[]}' },
    { why: 'a folder with a zero', line: '{"verb":"clear-caches","args":["/var/cache/\\u0000/etc"]}' },
    { why: 'a number', line: '{"verb":"clear-caches","args":[7]}' },
    {
      why: 'more folders than a profile names',
      line: JSON.stringify({ verb: 'clear-caches', args: Array.from({ length: 51 }, () => '/tmp/a') }),
    },
  ])('is refused: $why', ({ line }) => {
    expect(parseRequest(line)).toHaveProperty('fault')
  })
})

describe('the helper', () => {
  it('is reached by its owner and group alone', async () => {
    expect(await ask('sync-time')).toMatch(/^refused: Neither chrony/)
    expect(statSync(join(folder, 'helper.sock')).mode & 0o777).toBe(0o660)
  })

  it('that is not installed makes privileged remedies refused, with what to do', async () => {
    await expect(makeHelperClient(join(folder, 'none.sock'))('reboot')).rejects.toThrow(/install the agent as a service/)
    await expect(makeHelperClient(join(folder, 'none.sock'))('reboot')).rejects.toBeInstanceOf(Refused)
  })

  it('outlives whoever sends nonsense, too much, or leaves in the middle', async () => {
    await ask('sync-time')
    for (const bytes of ['nonsense\n', 'x'.repeat(100_000), '{"verb":', '']) {
      await new Promise<void>(resolve => {
        const socket = connect(join(folder, 'helper.sock'))
        socket.on('error', () => {})
        socket.once('close', () => resolve())
        socket.write(bytes, () => (bytes.endsWith('\n') ? socket.resume() : setImmediate(() => socket.destroy())))
      })
    }
    expect(await ask('sync-time')).toMatch(/^refused: Neither chrony/)
  })

  it.each([
    { why: 'a kiosk unit', unit: 'kiosk-browser', is: 'done', call: 'systemctl restart -- kiosk-browser.service' },
    { why: 'a unit that root has listed', unit: 'till.service', is: 'done', call: 'systemctl restart -- till.service' },
    { why: 'any other', unit: 'ssh', is: /^refused: ssh.service is not listed/, call: undefined },
    { why: 'the agent itself', unit: 'kioskeeper-agent', is: /^refused/, call: undefined },
  ])('restarts $why', async ({ unit, is, call }) => {
    program('systemctl')
    allow('units.allow', '# ours\ntill\n')
    expect(await ask('restart-unit', unit)).toEqual(typeof is === 'string' ? is : expect.stringMatching(is))
    expect(calls()[0] ?? '').toBe(call ?? '')
  })

  it('does not obey a list that others than root can write', async () => {
    program('systemctl')
    allow('units.allow', 'ssh\n', 0o666)
    expect(await ask('restart-unit', 'ssh')).toMatch(/^refused: .*can be written by others/)
    expect(calls()).toEqual([])
  })

  it('reboots twice a day at most, also when the clock is turned back', async () => {
    program('systemctl')
    expect([await ask('reboot'), await ask('reboot')]).toEqual(['done', 'done'])
    expect(await ask('reboot')).toMatch(/^refused: Rebooted 2 times/)
    nowMs = 0
    expect(await ask('reboot')).toMatch(/^refused/)
    nowMs = T0 + 24 * HOUR
    expect(await ask('reboot')).toBe('done')
    expect(calls()).toEqual(['systemctl reboot', 'systemctl reboot', 'systemctl reboot'])
  })

  it('deletes what is old where it may, and says of the rest why not', async () => {
    const old = join(folder, 'cache/old')
    mkdirSync(join(folder, 'cache'))
    writeFileSync(old, 'x')
    nowMs = Date.now() + 25 * HOUR
    expect(await ask('clear-caches', '/etc')).toMatch(/^refused: .etc belongs to the system/)
    expect(await ask('clear-caches', join(folder, 'cache'), '/etc')).toBe('done')
    expect(existsSync(old)).toBe(false)
  })

  it('looks at the drives for an agent that may not', async () => {
    const path = process.env.PATH
    program(
      'smartctl',
      `case "$*" in *scan*) echo '{"devices":[{"name":"/dev/sdz","type":"sat"}]}';; *) echo '{"smart_status":{"passed":false}}';; esac`,
    )
    try {
      process.env.PATH = `${paths().bin}:${path}`
      const drives = await askDrives(makeHelperClient(await door()), false)
      expect(drives).toHaveLength(1)
      expect(drives).toEqual(await askDrives(makeHelperClient(join(folder, 'none.sock')), true))
    } finally {
      process.env.PATH = path
    }
  })

  it('resets a USB device', async () => {
    const port = join(paths().sys, 'bus/usb/devices/1-2')
    mkdirSync(port, { recursive: true })
    for (const [name, text] of Object.entries({ idVendor: '0c2e', idProduct: '0b6a', authorized: '-' }))
      writeFileSync(join(port, name), text)
    expect(await ask('reset-usb', '0c2e:0b6a')).toBe('done')
    expect(readFileSync(join(port, 'authorized'), 'utf8')).toBe('1')
    expect(await ask('reset-usb', 'dead:beef')).toMatch(/^refused/)
  })

  it('gives the print queue back', async () => {
    program('cupsenable')
    program('cupsaccept')
    expect(await ask('restart-queue', 'till')).toBe('done')
    expect(calls()).toEqual(['cupsenable till', 'cupsaccept till'])
  })

  it('says what a program said when it went wrong', async () => {
    program('cupsenable', 'echo "cupsenable: no such destination" >&2; exit 1')
    expect(await ask('restart-queue', 'till')).toBe('failed: cupsenable: cupsenable: no such destination')
  })

  it('wakes the displays and sets a mode at the X server of the session, with its key', async () => {
    mkdirSync(join(paths().proc, '77'))
    writeFileSync(join(paths().proc, '77/comm'), 'Xorg\n')
    writeFileSync(join(paths().proc, '77/cmdline'), 'Xorg\0:3\0-auth\0/run/x.auth\0')
    program('xset')
    program('xrandr', '[ "$2" = HDMI-1 ]')
    expect(await ask('wake-display')).toBe('done')
    expect(await ask('set-mode', 'HDMI-A-1', '1920x1080')).toBe('done')
    expect(calls()).toEqual(['xset dpms force on', 'xrandr --output HDMI-A-1 --mode 1920x1080', 'xrandr --output HDMI-1 --mode 1920x1080'])
    expect(readFileSync(join(folder, 'screens'), 'utf8').split('\n')[0]).toBe(':3 /run/x.auth')
  })

  it('says honestly that it cannot wake a display here', async () => {
    expect(await ask('wake-display')).toMatch(/^refused: No X server/)
  })

  it('renews the lease of the card with the way out, by whatever manages it', async () => {
    mkdirSync(join(paths().proc, 'net'))
    writeFileSync(join(paths().proc, 'net/route'), 'Iface\tDestination\neth0\t00000000\t0100A8C0\neth0\t0000A8C0\t0\n')
    program('dhclient')
    expect(await ask('renew-network')).toBe('done')
    program('systemctl')
    program('networkctl')
    expect(await ask('renew-network')).toBe('done')
    program('nmcli')
    expect(await ask('renew-network')).toBe('done')
    expect(calls().filter(call => !call.includes('status') && !call.startsWith('systemctl'))).toEqual([
      'dhclient -1 eth0',
      'networkctl renew eth0',
      'nmcli device connect eth0',
    ])
  })

  it('starts and stops the app as root has written it down, and nothing else', async () => {
    program('systemctl')
    program('systemd-run')
    expect(await ask('start-app')).toMatch(/^refused: No app is set up/)
    allow('app.json', '{"user":"root; id","command":"x"}')
    expect(await ask('start-app')).toMatch(/^refused: app.json must name/)
    allow('app.json', '{"user":"kiosk","command":"exec /opt/till/run","environment":{"DISPLAY":":0","bad name":"x"}}')
    expect([await ask('stop-app'), await ask('start-app')]).toEqual(['done', 'done'])
    expect(calls()).toEqual([
      'systemctl stop kioskeeper-app.service',
      'systemd-run --unit=kioskeeper-app --collect --uid=kiosk --setenv=DISPLAY=:0 -- /bin/sh -c exec /opt/till/run',
    ])
  })

  it('ends the session by its display manager, else that of the kiosk user', async () => {
    program('systemctl', 'case "$*" in is-active*) exit 3;; esac; exit 0')
    program('loginctl')
    expect(await ask('restart-session')).toMatch(/^refused/)
    allow('app.json', '{"user":"kiosk","command":"x"}')
    expect(await ask('restart-session')).toBe('done')
    program('systemctl')
    expect(await ask('restart-session')).toBe('done')
    expect(calls().filter(call => !call.includes('is-active'))).toEqual([
      'loginctl terminate-user kiosk',
      'systemctl restart display-manager.service',
    ])
  })
})
