import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { makeDisplayWatch } from '../../../agent/hardware/display-watch.ts'
import { readConnectors } from '../../../agent/probes/display/connectors.ts'
import { parseDrmState, plugName, readDrmState } from '../../../agent/probes/display/current-mode.ts'
import { parseDdcutil, readDdcBus } from '../../../agent/probes/display/ddc.ts'
import type { Roots } from '../../../agent/probes/read-file.ts'
import type { Reading } from '../../../agent/signals/reading.ts'
import { fixtureTree } from '../fixture-tree.ts'
import { dark, lit, plug } from './plug-tree.ts'

const folders: string[] = []
function tree(files: Record<string, string | Uint8Array>): Roots & { folder: string } {
  const made = fixtureTree(files)
  folders.push(made.folder)
  return made
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

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
    const showInput = (value: string) => writeFileSync(join(programs, 'input'), value)
    writeFileSync(
      join(programs, 'ddcutil'),
      `#!/bin/sh\necho "$*" >> ${asked}\nprintf "VCP D6 SNC x01\\nVCP 60 SNC x$(cat ${programs}/input)\\n"\n`,
      {
        mode: 0o755,
      },
    )
    const path = process.env['PATH']
    process.env['PATH'] = `${programs}:${path}`
    try {
      const roots = tree(plug('card0-HDMI-A-1', { ...lit, 'i2c-4/name': 'ddc' }))
      const watch = makeDisplayWatch(roots, {})
      let readings: Reading[] = []
      const play = async (...moments: number[]) => {
        for (const atMs of moments) {
          readings = await watch.look([{ connector: 'HDMI-A-1' }], atMs)
          await watch.askDisplays(atMs, false)
        }
      }
      const times = () => readFileSync(asked, 'utf8').trim().split('\n')
      showInput('11')
      await play(0, 10_000, 20_000, 200_000)
      expect(times()).toEqual(['--bus 4 getvcp D6 60 --brief'])
      expect(readings.map(reading => reading.verdict)).toEqual(['ok', 'ok', 'ok'])
      showInput('0f')
      await watch.askDisplays(300_000, true)
      await play(310_000)
      expect(readings.find(reading => reading.key === 'display.off')).toMatchObject({
        verdict: 'failing',
        text: 'The display on HDMI-A-1 shows its DP input instead. Choose the HDMI input in the menu of the display.',
        evidence: { diagnosis: 'wrong-input' },
      })
      // it says itself when it is back, so it is asked, though not all the time
      expect(times()).toHaveLength(2)
      showInput('11')
      await play(320_000, 340_000, 361_000, 371_000, 500_000)
      expect(times()).toHaveLength(3)
      expect(readings.map(reading => reading.verdict)).toEqual(['ok', 'ok', 'ok'])
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
