/** Simulated devices against a whole server: every message counted, every scripted fault seen. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chooseDevices, FaultFileError, readFaults } from '../simulate/fault-file.ts'
import { serverApi } from '../simulate/server-api.ts'
import { runSimulation, type Summary } from '../simulate/simulation.ts'
import { until } from '../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../support/world.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('the script of a simulation', () => {
  const faultsOf = (text: string): readonly string[] => {
    try {
      readFaults(text, 10)
      return []
    } catch (error) {
      expect(error).toBeInstanceOf(FaultFileError)
      return (error as FaultFileError).faults
    }
  }

  it('takes the example that ships with it', () => {
    const faults = readFaults(readFileSync(join(ROOT, 'test/simulate/faults-example.json'), 'utf8'), 10)
    expect(new Set(faults.map(fault => fault.do))).toEqual(new Set(['event', 'kill', 'silence', 'metrics', 'goodbye', 'reconnect']))
    expect(faults.map(fault => fault.at)).toEqual(faults.map(fault => fault.at).toSorted((one, other) => one - other))
  })

  it.each([
    { why: 'no JSON', text: '{', says: /is not JSON/ },
    { why: 'no list', text: '{"faults":{}}', says: /must be \{"faults": \[\.\.\.\]\}/ },
    {
      why: 'unknown action',
      text: '{"faults":[{"at":1,"devices":"all","do":"explode"}]}',
      says: /^\/faults\/0\/do must be one of event, kill/,
    },
    { why: 'no signal', text: '{"faults":[{"at":1,"devices":"all","do":"event","state":"failing"}]}', says: /^\/faults\/0 .*signal/ },
    { why: 'a share over one', text: '{"faults":[{"at":1,"devices":{"share":2},"do":"kill"}]}', says: /^\/faults\/0\/devices must be/ },
    { why: 'an unknown field', text: '{"faults":[{"at":1,"devices":"all","do":"kill","hard":true}]}', says: /^\/faults\/0 .*hard/ },
    {
      why: 'a device that is not there',
      text: '{"faults":[{"at":1,"devices":{"index":10},"do":"kill"}]}',
      says: /names device 10, but there are 10/,
    },
  ])('refuses $why in words', ({ text, says }) => expect(faultsOf(text).join('\n')).toMatch(says))

  it('names every wrong line at once', () => {
    const text = JSON.stringify({
      faults: [
        { at: -1, devices: 'all', do: 'kill' },
        { at: 1, devices: 'all', do: 'kill' },
        { at: 1, devices: 'some', do: 'goodbye', reason: 'bored' },
      ],
    })
    expect(faultsOf(text).map(line => line.split(' ')[0])).toEqual(['/faults/0/at', '/faults/2/devices', '/faults/2/reason'])
  })

  it('chooses devices by number, range, share and all', () => {
    expect(chooseDevices({ index: 3 }, 10)).toEqual([3])
    expect(chooseDevices({ range: [2, 4] }, 10)).toEqual([2, 3, 4])
    expect(chooseDevices({ share: 0.2 }, 10)).toHaveLength(2)
    expect(chooseDevices({ share: 0.01 }, 10)).toHaveLength(1)
    expect(chooseDevices('all', 3)).toEqual([0, 1, 2])
  })
})

describe('a simulation', () => {
  let world: World
  const run = (seconds: number, faults: object[], progress: (text: string) => void = () => undefined): Promise<Summary> =>
    runSimulation({
      api: serverApi(world.url, ADMIN_TOKEN),
      devices: 20,
      seconds,
      faults: readFaults(JSON.stringify({ faults }), 20),
      progress,
      stop: new AbortController().signal,
    })

  beforeAll(async () => {
    world = await makeWorld()
    await world.ok('PUT', '/rules/process.missing', {
      signal: 'process.missing',
      enabled: true,
      level: 2,
      holdSeconds: 1,
      clearSeconds: 1,
      fixedBy: 'remote',
      remedies: [],
      ladderSeconds: 0,
    })
  })
  afterAll(() => world.stop())

  it('counts messages, faults, incidents and tickets, and loses nothing', async () => {
    const summary = await run(6, [
      { at: 0.5, devices: { range: [0, 2] }, do: 'event', signal: 'process.missing:till', state: 'failing' },
      { at: 0.5, devices: { index: 5 }, do: 'kill' },
      { at: 0.5, devices: { index: 6 }, do: 'goodbye', reason: 'maintenance' },
      { at: 1, devices: { index: 7 }, do: 'silence' },
      { at: 1, devices: { index: 8 }, do: 'metrics', values: { cpuPercent: 99 }, seconds: 60 },
      { at: 2.5, devices: { index: 5 }, do: 'reconnect' },
    ])
    // Three processes; the one killed lost contact, but came back within its hold.
    expect(summary).toMatchObject({
      devices: 20,
      connected: 20,
      faults: 8,
      incidents: 3,
      tickets: 3,
      reconnects: 0,
      messages: { lost: 0, repeated: 0 },
    })
    // Births of all and of the one that came back, configurations, events, and the first metrics.
    expect(summary.messages.sent).toBeGreaterThanOrEqual(20 + 1 + 20 + 3)
    expect(summary.messages.acknowledged).toBe(summary.messages.sent)
    expect(summary.pubackMs.p50).toBeGreaterThan(0)
    const devices = await world.devices()
    expect(devices).toHaveLength(20)
    expect(devices.filter(device => device.connection === 'planned-offline').length).toBeGreaterThanOrEqual(18)
  })

  it('takes the same devices again, and none is lost when the server restarts under it', async () => {
    let areConnected = false
    const running = run(12, [], text => void (areConnected ||= text.includes('connected')))
    await until('all connected', () => areConnected)
    await world.restart()
    const summary = await running
    expect(summary).toMatchObject({ connected: 20, messages: { lost: 0 } })
    expect(summary.reconnects).toBeGreaterThanOrEqual(20)
    expect(await world.devices()).toHaveLength(20)
  }, 60_000)

  it('as a program: refuses wrong words, prints one line of JSON, ends early on Ctrl-C', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-simulate-'))
    const start = (...words: string[]) => {
      const child = spawn(process.execPath, [join(ROOT, 'test/simulate/simulate.ts'), ...words], {
        env: { ...process.env, KIOSKEEPER_ADMIN_TOKEN: ADMIN_TOKEN },
      })
      const seen = { out: '', err: '' }
      child.stdout.on('data', (chunk: Buffer) => void (seen.out += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => {
        seen.err += chunk.toString()
        if (seen.err.includes('3 connected')) child.kill('SIGINT')
      })
      return new Promise<{ code: number | null; out: string; err: string }>(resolve =>
        child.once('close', code => resolve({ code, ...seen })),
      )
    }
    expect(await start('--devices', '0', '--minutes', 'x')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--devices must[^]*--minutes must/) as string,
    })
    const file = join(folder, 'faults.json')
    writeFileSync(file, '{"faults":[{"at":1,"devices":"all","do":"explode"}]}')
    expect(await start('--devices', '3', '--minutes', '1', '--url', world.url, '--faults', file)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('/faults/0/do must be one of') as string,
    })
    const ended = await start('--devices', '3', '--minutes', '10', '--url', world.url)
    expect(ended.code).toBe(0)
    expect(JSON.parse(ended.out)).toMatchObject({ devices: 3, connected: 3, messages: { lost: 0 } })
    rmSync(folder, { recursive: true, force: true })
  })
})
