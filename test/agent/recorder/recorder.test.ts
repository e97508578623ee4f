/** Captures: what is in a bundle, when one is made, and that it outlives its process. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import pino from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { openBundles, type Bundle } from '../../../agent/recorder/bundles.ts'
import { makeRecorder, type Recorder, type RecorderOptions } from '../../../agent/recorder/recorder.ts'
import type { SignalEvent } from '../../../agent/signals/board.ts'
import { newTimedId } from '../../../shared/ids.ts'
import type { ResultData } from '../../../shared/messages.ts'
import { fixtureTree } from '../fixture-tree.ts'
import { waitFor } from '../wait-for.ts'

const START_MS = Date.parse('2026-03-02T09:00:00Z')
const PNG = Buffer.from('a picture')
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A clock that moves when told, and runs what is due. */
function makeClock() {
  let nowMs = 0
  let timers: { atMs: number; action: () => void }[] = []
  return {
    wallMs: () => START_MS + nowMs,
    monotonicMs: () => 5_000_000 + nowMs,
    after(delayMs: number, action: () => void) {
      const timer = { atMs: nowMs + delayMs, action }
      timers.push(timer)
      return () => void (timers = timers.filter(other => other !== timer))
    },
    pass(ms: number) {
      nowMs += ms
      const due = timers.filter(timer => timer.atMs <= nowMs)
      timers = timers.filter(timer => timer.atMs > nowMs)
      for (const timer of due) timer.action()
    },
  }
}

function makeKiosk(change: Partial<RecorderOptions> = {}, dataDir = mkdtempSync(join(tmpdir(), 'kk-recorder-')), clock = makeClock()) {
  const tree = fixtureTree({
    'sys/class/drm/card0-HDMI-A-1/status': 'connected\n',
    'sys/class/drm/card0-HDMI-A-1/modes': '1920x1080\n',
    'sys/bus/usb/devices/1-1/devnum': '3\n',
    'sys/bus/usb/devices/1-1/idVendor': '05E0\n',
    'sys/bus/usb/devices/1-1/idProduct': '1200\n',
    'dev/kmsg': '6,1,1000,-;long ago\n6,2,5900000000,-;usb 1-1: reset\n SUBSYSTEM=usb\n',
  })
  folders.push(dataDir, tree.folder)
  const sent: { data: ResultData; at: number }[] = []
  const lines: { at: number; text: string }[] = []
  const recorder: Recorder = makeRecorder({
    dataDir,
    roots: tree,
    clock,
    log: pino({ level: 'silent' }),
    bootId: 'boot-1',
    takePicture: () => Promise.resolve({ png: PNG, atMs: clock.wallMs() }),
    recentLog: () => lines,
    describe: () => ({ versions: { agent: '1' } }),
    send: (data, at) => void sent.push({ data, at: at.ts }),
    afterMs: undefined,
    ...change,
  })
  const event = (key: string, state: SignalEvent['state'] = 'failing', sinceMs = clock.wallMs()): SignalEvent => ({
    key,
    state,
    text: `${key} is ${state}`,
    sinceMs,
  })
  const read = (bundle: Bundle | undefined, name: string): Record<string, unknown> =>
    JSON.parse(gunzipSync(readFileSync(join(dataDir, 'recorder/bundles', bundle?.id ?? '', name))).toString()) as Record<string, unknown>
  const hasPicture = () =>
    waitFor('the picture', () =>
      recorder.bundles
        .list()
        .at(-1)
        ?.parts.some(part => part.name === 'picture'),
    )
  return { recorder, clock, sent, lines, event, read, dataDir, hasPicture, tree }
}

describe('the flight recorder', () => {
  it('keeps ten minutes before a failure and one after it, and tells the server when that is over', async () => {
    const { recorder, clock, sent, lines, event, read, hasPicture } = makeKiosk()
    recorder.sample({ cpuPercent: 1 })
    clock.pass(11 * 60_000)
    recorder.sample({ cpuPercent: 2 })
    lines.push({ at: clock.wallMs() - 1_000, text: 'TypeError: x is not a function' })
    clock.pass(5 * 60_000)
    recorder.signals([event('app.crashed')])
    const failedAtMs = clock.wallMs()
    await hasPicture()
    expect(sent).toEqual([])
    clock.pass(30_000)
    recorder.sample({ cpuPercent: 3 })
    recorder.signals([event('app.crashed', 'ok')])
    clock.pass(30_000)
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ at: failedAtMs, data: { state: 'evidence-ready', signal: 'app.crashed', component: '' } })
    expect(sent[0]?.data.parts?.map(part => [part.name, part.kind])).toEqual([
      ['state', 'state'],
      ['picture', 'screenshot'],
      ['metrics', 'metrics'],
      ['log', 'log'],
    ])
    const [bundle] = recorder.bundles.list()
    const { samples } = read(bundle, 'metrics') as { samples: { metrics: { cpuPercent: number } }[] }
    expect(samples.map(sample => sample.metrics.cpuPercent)).toEqual([2, 3])
    const texts = (read(bundle, 'log') as { lines: { text: string }[] }).lines.map(line => line.text)
    expect(texts).toEqual(
      expect.arrayContaining([
        'usb 1-1: reset',
        'TypeError: x is not a function',
        'app.crashed failing: app.crashed is failing',
        'app.crashed ok: app.crashed is ok',
      ]),
    )
    expect(texts).not.toContain('long ago')
    expect(read(bundle, 'state')).toMatchObject({
      signal: 'app.crashed',
      versions: { agent: '1' },
      displays: ['HDMI-A-1 connected  1920x1080'],
      usb: ['1-1 05e0:1200'],
    })
    recorder.stop()
  })

  it('captures a signal once in ten minutes, each component by itself, and no failure that is old', async () => {
    const { recorder, clock, event } = makeKiosk()
    const signals = () =>
      recorder.bundles
        .list()
        .map(bundle => `${bundle.signal}:${bundle.component}`)
        .toSorted()
    recorder.signals([
      event('usb.missing:scanner'),
      event('usb.missing:printer'),
      event('disk.full', 'ok'),
      event('app.frozen', 'failing', clock.wallMs() - 3_600_000),
    ])
    await waitFor('two bundles', () => signals().length === 2)
    clock.pass(9 * 60_000)
    recorder.signals([event('usb.missing:scanner')])
    expect(signals()).toEqual(['usb.missing:printer', 'usb.missing:scanner'])
    clock.pass(2 * 60_000)
    recorder.signals([event('usb.missing:scanner')])
    await waitFor('a third', () => signals().length === 3)
    recorder.stop()
  })

  it.each([
    { lasts: true, whole: 2, why: 'it becomes a ticket, and its lines belong there' },
    { lasts: false, whole: 1, why: 'what was recorded before it lies in the first bundle' },
  ])('that fails again within ten minutes and lasts: $lasts, has $whole whole bundles: $why', async ({ lasts, whole }) => {
    const { recorder, clock, event, lines, read, hasPicture } = makeKiosk()
    recorder.signals([event('screen.error-page')])
    await hasPicture()
    clock.pass(60_000)
    recorder.signals([event('screen.error-page', 'ok')])
    clock.pass(3 * 60_000)
    const againAtMs = clock.wallMs()
    recorder.signals([event('screen.error-page')])
    await waitFor('its picture', () => recorder.bundles.list().length === 2)
    lines.push({ at: clock.wallMs(), text: 'ERR_CONNECTION_REFUSED' })
    clock.pass(20_000)
    if (!lasts) recorder.signals([event('screen.error-page', 'ok')])
    clock.pass(40_000)
    const bundles = recorder.bundles.list().filter(bundle => bundle.isWhole && bundle.parts.some(part => part.kind === 'log'))
    expect(bundles).toHaveLength(whole)
    if (lasts) {
      expect(bundles.at(-1)?.stamp.ts, 'stamped when it failed').toBe(againAtMs)
      expect(JSON.stringify(read(bundles.at(-1), 'log'))).toContain('ERR_CONNECTION_REFUSED')
    }
    recorder.stop()
  })

  it('closes what a killed run left open, with what the ring has of its time, and tells it again only after half a day', async () => {
    const first = makeKiosk()
    first.recorder.sample({ cpuPercent: 42 })
    first.recorder.signals([first.event('app.crashed')])
    await first.hasPicture()
    // killed here: nothing is closed
    const second = makeKiosk({ bootId: 'boot-2' }, first.dataDir, first.clock)
    second.recorder.start()
    expect(second.sent).toHaveLength(1)
    const [bundle] = second.recorder.bundles.list()
    expect((second.read(bundle, 'metrics') as { samples: unknown[] }).samples).toHaveLength(1)
    second.recorder.announce()
    expect(second.sent).toHaveLength(1)
    second.recorder.announceLater(bundle?.id ?? '')
    second.recorder.announceLater('gone')
    first.clock.pass(9 * 60_000)
    expect(second.sent).toHaveLength(1)
    first.clock.pass(60_000)
    expect(second.sent).toHaveLength(2)
    first.clock.pass(13 * 3_600_000)
    second.recorder.announce()
    expect(second.sent.map(item => item.at)).toEqual([START_MS, START_MS, START_MS])
    second.recorder.stop()
  })

  it('notes a display that goes and a configuration that comes', () => {
    const { recorder, clock, event, read, tree } = makeKiosk()
    recorder.sample({})
    recorder.sample({})
    writeFileSync(join(tree.sys, 'class/drm/card0-HDMI-A-1/status'), 'disconnected\n')
    clock.pass(30_000)
    recorder.sample({})
    recorder.changed({ configuration: 7 })
    recorder.signals([event('display.disconnected')])
    const { changes } = read(recorder.bundles.list()[0], 'state') as { changes: Record<string, unknown>[] }
    expect(changes.map(change => change['configuration'] ?? change['displays'])).toEqual([
      ['HDMI-A-1 connected  1920x1080'],
      ['HDMI-A-1 disconnected'],
      7,
    ])
    recorder.stop()
  })

  it('keeps one waiting picture of the screen, at most one in ten minutes, and none of a moment long past', async () => {
    const slow = makeKiosk({ takePicture: () => new Promise(() => {}) })
    const { recorder, clock, sent } = slow
    recorder.screenChanged({ png: PNG, atMs: clock.wallMs() })
    recorder.screenChanged({ png: PNG, atMs: clock.wallMs() })
    clock.pass(10 * 60_000)
    recorder.screenChanged({ png: PNG, atMs: clock.wallMs() })
    expect(recorder.bundles.list()).toHaveLength(1)
    expect(sent.map(item => item.data.signal)).toEqual(['', ''])
    const asked = recorder.takePicture()
    clock.pass(5_000)
    expect(await asked).toBeNull()
    recorder.stop()
  })

  it('costs the evidence and nothing else where its folder cannot be', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kk-recorder-'))
    writeFileSync(join(dataDir, 'recorder'), 'in the way')
    const lines: string[] = []
    const { recorder, event } = makeKiosk({ log: pino({ level: 'warn' }, { write: line => void lines.push(line) }) }, dataDir)
    for (let turn = 0; turn < 5; turn++) {
      recorder.sample({ cpuPercent: 1 })
      recorder.signals([event(`usb.missing:${turn}`)])
    }
    expect(recorder.bundles.list()).toEqual([])
    expect(lines).toHaveLength(2)
    recorder.stop()
  })
})

describe('waiting bundles', () => {
  const bundle = (number: number, signal = 'app.crashed'): Bundle => ({
    id: newTimedId(START_MS + number),
    signal,
    component: '',
    text: '',
    stamp: { ts: START_MS, up: 1, bid: 'b' },
    isWhole: true,
    parts: [],
    announcedAtMs: null,
  })
  const part = (bytes: number) => ({ name: 'log', kind: 'log' as const, bytes: Buffer.alloc(bytes) })

  it('are bounded in number and size: pictures go first, then the oldest', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kk-bundles-'))
    folders.push(folder)
    const store = openBundles(folder, { bundles: 3, bytes: 10_000 })
    const saved = [bundle(1), bundle(2, ''), bundle(3), bundle(4)].map(item => store.save(item, [part(1_000)]))
    expect(store.list().map(item => item.id)).toEqual([saved[0]?.id, saved[2]?.id, saved[3]?.id])
    store.save(bundle(5), [part(9_500)])
    expect(store.list()).toHaveLength(1)
  })

  it('without their description were cut off while they were made, and go', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kk-bundles-'))
    folders.push(folder)
    const store = openBundles(folder)
    const { id } = store.save(bundle(1), [part(10)])
    writeFileSync(join(folder, id, 'bundle.json'), '{"torn')
    expect(store.list()).toEqual([])
    expect(readdirSync(folder)).toEqual([])
    expect(store.find('../../etc')).toBeNull()
  })
})
