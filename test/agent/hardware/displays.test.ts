import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { makeDisplayWatch } from '../../../agent/hardware/display-watch.ts'
import { readConnectors } from '../../../agent/probes/display/connectors.ts'
import { parseDrmState, plugName, readDrmState } from '../../../agent/probes/display/current-mode.ts'
import { parseDdcutil, readDdcBus } from '../../../agent/probes/display/ddc.ts'
import { askRandr } from '../../../agent/probes/display/randr.ts'
import { findCookie, findXServers, readCookie } from '../../../agent/probes/display/x-server.ts'
import { MACHINE_ROOTS, type Roots } from '../../../agent/probes/read-file.ts'
import type { Reading } from '../../../agent/signals/reading.ts'
import { fixtureTree } from '../fixture-tree.ts'
import { waitFor } from '../wait-for.ts'
import { buildEdid } from './edid-builder.ts'

const folders: string[] = []
const children: ChildProcess[] = []
function tree(files: Record<string, string | Uint8Array>): Roots & { folder: string } {
  const made = fixtureTree(files)
  folders.push(made.folder)
  return made
}
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = new Promise(resolve => child.once('close', resolve))
    child.kill('SIGTERM')
    await ended
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const plug = (name: string, files: Record<string, string | Uint8Array>) =>
  Object.fromEntries(Object.entries(files).map(([file, content]) => [`sys/class/drm/${name}/${file}`, content]))
const lit = { status: 'connected\n', enabled: 'enabled\n', dpms: 'On\n', modes: '1920x1080\n1280x720\n', edid: buildEdid() }
const dark = { status: 'disconnected\n', enabled: 'disabled\n', dpms: 'Off\n', modes: '', edid: new Uint8Array() }

/** The kernel's report of a card with one lit plug and one idle. */
const drmState = (mode: string, active = 1) => `plane[31]: plane 1A
	crtc=pipe A
	fb=122
		size=1920x1080
	crtc-pos=1920x1080+0+0
	rotation=1
crtc[80]: pipe A
	enable=1
	active=${active}
	mode: "${mode}": 60 148500 ${mode.replace('x', ' 2008 2052 2200 ')} 1084 1089 1125 0x48 0x5
crtc[131]: pipe B
	enable=0
	active=0
	mode: "": 0 0 0 0 0 0 0 0 0 0 0x0 0x0
connector[236]: HDMI-A-1
	crtc=pipe A
	self_refresh_aware=0
connector[246]: DP-1
	crtc=(null)
`

describe('plugs', () => {
  it('are read with all that hangs on them, write-back ones left out', () => {
    const roots = tree({
      'sys/class/drm/version': 'drm 1.1.0\n',
      'sys/class/drm/card0/dev': '226:0\n',
      'sys/class/drm/card0-Writeback-1/status': 'unknown\n',
      ...plug('card0-HDMI-A-1', lit),
      ...plug('card0-DP-1', dark),
      ...plug('card1-VGA-1', { status: 'unknown\n' }),
    })
    expect(readConnectors(roots)).toEqual([
      { name: 'DP-1', card: 'card0', status: 'disconnected', isEnabled: false, power: 'off', modes: [], edid: null },
      {
        name: 'HDMI-A-1',
        card: 'card0',
        status: 'connected',
        isEnabled: true,
        power: 'on',
        modes: ['1920x1080', '1280x720'],
        edid: expect.objectContaining({ length: 128 }),
      },
      { name: 'VGA-1', card: 'card1', status: 'unknown', isEnabled: null, power: null, modes: [], edid: null },
    ])
    expect(readConnectors(tree({ 'sys/class/drm/version': 'x' }))).toBeNull()
    expect(readConnectors(tree({}))).toBeNull()
  })

  it.each([
    ['card0-HDMI-A-1', 'hdmi-1'],
    ['HDMI-1', 'hdmi-1'],
    ['DVI-D-1', 'dvi-1'],
    ['DP-2', 'dp-2'],
    ['eDP-1', 'edp-1'],
    ['VGA-1', 'vga-1'],
  ])('%s is %s for kernel and X server alike', (name, plain) => {
    expect(plugName(name)).toBe(plain)
  })

  it('show the mode the kernel reports, when it is lit', () => {
    const shown = { connector: 'HDMI-A-1', width: 1024, height: 768, x: null, y: null, rotation: null }
    expect(parseDrmState(drmState('1024x768'))).toEqual([shown])
    expect(parseDrmState(drmState('1024x768', 0))).toEqual([])
    expect(parseDrmState('garbage\nconnector[1]: A\n\tcrtc=x\n')).toEqual([])
    const state = 'sys/kernel/debug/dri/0/state'
    expect(readDrmState(tree({ [state]: drmState('1024x768'), 'sys/kernel/debug/dri/0000:00:02.0/state': drmState('1024x768') }))).toEqual([
      shown,
    ])
    expect(readDrmState(tree({ [state]: '' }))).toBeNull()
  })
})

describe('the control line of a display', () => {
  it.each([
    { why: 'on, showing HDMI', text: 'VCP D6 SNC x01\nVCP 60 SNC x11\n', is: { power: 'on', input: 'HDMI' } },
    { why: 'values of four bytes', text: 'VCP 60 CNC x00 x03 x00 x0f\n', is: { power: null, input: 'DP' } },
    { why: 'soft off', text: 'VCP D6 SNC x04\n', is: { power: 'off', input: null } },
    { why: 'an input nobody knows', text: 'VCP 60 SNC x7f\n', is: { power: null, input: null } },
    { why: 'features it does not have', text: 'VCP D6 ERR\nVCP 60 ERR\n', is: { power: null, input: null } },
    { why: 'a power value that is none', text: 'VCP D6 SNC x00\n', is: { power: null, input: null } },
  ])('$why', ({ text, is }) => {
    expect(parseDdcutil(text)).toEqual(is)
  })

  it('is found behind its plug', () => {
    const roots = tree({ ...plug('card0-HDMI-A-1', lit), ...plug('card0-DP-1', { ...lit, 'i2c-7/name': 'aux' }) })
    symlinkSync('../../devices/i2c-3', join(roots.sys, 'class/drm/card0-HDMI-A-1/ddc'))
    const [displayPort, hdmi] = readConnectors(roots) ?? []
    expect(hdmi && readDdcBus(roots, hdmi)).toBe(3)
    expect(displayPort && readDdcBus(roots, displayPort)).toBe(7)
  })
})

describe('the key of an X server', () => {
  const entry = (number: string, name: string, data: string) =>
    Buffer.concat([
      Buffer.of(1, 0),
      ...['host', number, name, data].flatMap(text => [Buffer.of(0, text.length), Buffer.from(text, 'latin1')]),
    ])

  it('is the one of its display', () => {
    const file = Buffer.concat([
      entry('1', 'MIT-MAGIC-COOKIE-1', 'other'),
      entry('0', 'XDM', 'wrong'),
      entry('0', 'MIT-MAGIC-COOKIE-1', 'right'),
    ])
    expect(Buffer.from(findCookie(file, 0) ?? []).toString()).toBe('right')
    expect(findCookie(file, 7)).toBeNull()
    expect(Buffer.from(findCookie(entry('', 'MIT-MAGIC-COOKIE-1', 'any'), 7) ?? []).toString()).toBe('any')
  })

  it('is looked for safely in any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        findCookie(bytes, 0)
        return true
      }),
    )
  })

  it('is found by the command line of the server', () => {
    const roots = tree({
      'proc/10/comm': 'Xorg\n',
      'proc/10/cmdline': '/usr/lib/xorg/Xorg\0:3\0-seat\0seat0\0-auth\0/var/run/key\0',
      'proc/11/comm': 'Xwayland\n',
      'proc/11/cmdline': 'Xwayland\0:4\0',
      'proc/12/comm': 'sh\n',
      'proc/12/cmdline': 'sh\0Xorg\0:5\0',
    })
    expect(findXServers(roots)).toEqual([
      { display: 3, isWayland: false, authorityFile: '/var/run/key' },
      { display: 4, isWayland: true, authorityFile: null },
    ])
  })
})

/** A real X server with a picture of this size, opened by a cookie. */
async function startXvfb(size: string): Promise<{ display: number; authority: string; cookie: Buffer }> {
  const folder = mkdtempSync(join(tmpdir(), 'kk-x-'))
  folders.push(folder)
  const cookie = Buffer.from('0123456789abcdef')
  const authority = join(folder, 'authority')
  const field = (bytes: Buffer) => Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes])
  // family "wild": any address, any display
  const entry = Buffer.concat([
    Buffer.of(0xff, 0xff),
    field(Buffer.alloc(0)),
    field(Buffer.alloc(0)),
    field(Buffer.from('MIT-MAGIC-COOKIE-1')),
    field(cookie),
  ])
  writeFileSync(authority, entry, { mode: 0o600 })
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', `${size}x24`, '-noreset', '-auth', authority], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  children.push(child)
  let told = ''
  child.stdio[3]?.on('data', chunk => (told += String(chunk)))
  await waitFor('the X server', () => told.includes('\n'))
  return { display: Number(told), authority, cookie }
}

describe('a real X server', () => {
  it('tells its mode, to those with its key', async () => {
    const { display, authority, cookie } = await startXvfb('1024x768')
    expect(await askRandr(display, cookie)).toMatchObject({ modes: [{ width: 1024, height: 768, x: 0, y: 0, rotation: 0 }] })
    await expect(askRandr(display, null)).rejects.toThrow(/refuses/)
    const found = findXServers(MACHINE_ROOTS).find(server => server.display === display)
    expect(found).toEqual({ display, isWayland: false, authorityFile: authority })
    expect(found && Buffer.from(readCookie(found, {}) ?? [])).toEqual(cookie)
  })

  it('shows a wrong mode for what it is, and follows when it is set right', async () => {
    const { display } = await startXvfb('1024x768')
    // the server alone among the processes: others may run X servers of their own here
    const roots = tree({ ...plug('card0-Virtual-1', { ...lit, edid: '' }) })
    const pid = children[0]?.pid ?? 0
    mkdirSync(join(roots.proc, String(pid)), { recursive: true })
    for (const file of ['comm', 'cmdline']) symlinkSync(`/proc/${pid}/${file}`, join(roots.proc, String(pid), file))
    const watch = makeDisplayWatch(roots, {})
    const verdicts = async (width: number, height: number, nowMs: number) =>
      Object.fromEntries(
        (await watch.look([{ width, height }], nowMs)).map(({ key, verdict, evidence }) => [key, [verdict, evidence?.['diagnosis']]]),
      )
    expect(display).toBeGreaterThanOrEqual(0)
    expect(await verdicts(1920, 1080, 0)).toEqual({
      'display.disconnected': ['ok', undefined],
      'display.off': ['ok', undefined],
      'display.wrong-mode': ['failing', 'edid-lost'],
    })
    expect(await verdicts(1024, 768, 1_000)).toMatchObject({ 'display.wrong-mode': ['ok', undefined] })
    expect(await verdicts(800, 600, 2_000)).toMatchObject({ 'display.wrong-mode': ['failing', expect.any(String)] })
  })

  it('that is none is seen through: nonsense, silence and a flood all end in time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kk-x-'))
    folders.push(folder)
    const answers: (Buffer | 'silence' | 'flood')[] = [
      Buffer.from('nonsense'),
      Buffer.alloc(64, 1),
      Buffer.alloc(4_096, 0xff),
      'silence',
      'flood',
    ]
    for (const [index, answer] of answers.entries()) {
      const path = join(folder, `X${index}`)
      const server: Server = createServer(socket => {
        socket.on('error', () => {})
        if (answer === 'flood') socket.write(Buffer.alloc(4 * 1024 * 1024, 1))
        else if (answer !== 'silence') socket.end(answer)
      })
      await new Promise<void>(resolve => server.listen(path, resolve))
      await expect(askRandr(0, null, 300, path)).rejects.toThrow(/X server|range|out of|offset/i)
      server.close()
    }
  })
})

describe('the watch over displays', () => {
  it('falls back to the kernel, and says why when nobody can know', async () => {
    const files = plug('card0-HDMI-A-1', lit)
    const known = tree({ ...files, 'sys/kernel/debug/dri/0/state': drmState('1280x720') })
    const [, , wrong] = await makeDisplayWatch(known, {}).look([{ width: 1920, height: 1080 }], 0)
    expect(wrong).toMatchObject({
      key: 'display.wrong-mode',
      verdict: 'failing',
      text: expect.stringContaining('1280x720 instead of 1920x1080'),
    })
    const [, , blind] = await makeDisplayWatch(tree(files), {}).look([{ width: 1920, height: 1080 }], 0)
    expect(blind).toMatchObject({
      verdict: 'unknown',
      isLasting: true,
      text: expect.stringMatching(/Cannot know the mode in use: .*debugfs/),
    })
  })

  it('asks a display itself when something changed, and not again while nothing does', async () => {
    const programs = mkdtempSync(join(tmpdir(), 'kk-ddc-'))
    folders.push(programs)
    const asked = join(programs, 'asked')
    writeFileSync(join(programs, 'ddcutil'), `#!/bin/sh\necho "$*" >> ${asked}\nprintf 'VCP D6 SNC x01\\nVCP 60 SNC x0f\\n'\n`, {
      mode: 0o755,
    })
    const path = process.env['PATH']
    process.env['PATH'] = `${programs}:${path}`
    try {
      const roots = tree(plug('card0-HDMI-A-1', { ...lit, 'i2c-4/name': 'ddc' }))
      const watch = makeDisplayWatch(roots, {})
      let readings: Reading[] = []
      for (const atMs of [0, 10_000, 20_000, 200_000]) {
        readings = await watch.look([{ connector: 'HDMI-A-1' }], atMs)
        await watch.askDisplays(atMs, false)
      }
      expect(readings.find(reading => reading.key === 'display.off')).toMatchObject({
        verdict: 'failing',
        text: 'The display on HDMI-A-1 shows its DP input instead. Choose the HDMI input in the menu of the display.',
        evidence: { diagnosis: 'wrong-input' },
      })
      expect(readFileSync(asked, 'utf8')).toBe('--bus 4 getvcp D6 60 --brief\n')
      await watch.askDisplays(300_000, true)
      expect(readFileSync(asked, 'utf8').split('\n')).toHaveLength(3)
    } finally {
      process.env['PATH'] = path
    }
  })

  it('counts how often a plug comes and goes, and says it', async () => {
    const roots = tree(plug('card0-HDMI-A-1', lit))
    const watch = makeDisplayWatch(roots, {})
    const status = (word: string) => writeFileSync(join(roots.sys, 'class/drm/card0-HDMI-A-1/status'), word)
    let reading
    for (const [index, word] of ['connected', 'disconnected', 'connected', 'disconnected'].entries()) {
      status(word)
      ;[reading] = await watch.look([{ connector: 'HDMI-A-1' }], index * 10_000)
    }
    expect(reading).toMatchObject({ verdict: 'failing', text: expect.stringContaining('came and went 3 times in ten minutes') })
    ;[reading] = await watch.look([{ connector: 'HDMI-A-1' }], 20 * 60_000)
    expect(reading?.text).not.toContain('came and went')
  })
})
