import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AGENT_FLAGS, buildAgent } from '../../server/build-agent.ts'
import { newDeviceId } from '../../shared/ids.ts'
import { fillProfile, type ProfileInput } from '../../shared/profile.ts'
import { newSigningKey, signDocument } from '../../shared/signing.ts'
import { shardOf } from '../../shared/topics.ts'
import { freePorts } from '../support/free-ports.ts'
import { runAgentCommand, startAgentCommand, type RunningAgent } from './agent-process.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'
import { waitFor } from './wait-for.ts'

const deviceId = newDeviceId()
const key = newSigningKey('k1')
let bundleFolder: string
let entry: string
let folder: string
let dataDir: string
let broker: TestBroker
let agents: RunningAgent[]
let watched: ChildProcess[]

beforeAll(async () => {
  bundleFolder = mkdtempSync(join(tmpdir(), 'kk-bundle-'))
  const built = await buildAgent(bundleFolder)
  entry = built.file
}, 120_000)
afterAll(() => rmSync(bundleFolder, { recursive: true, force: true }))

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kk-run-'))
  dataDir = join(folder, 'data')
  broker = await startTestBroker()
  agents = []
  watched = []
  mkdirSync(dataDir, { mode: 0o700 })
  const mqtt = {
    urls: [`mqtt://127.0.0.1:${broker.port}`],
    clientId: deviceId,
    username: deviceId,
    password: 'secret',
    shard: shardOf(deviceId),
  }
  writeFileSync(
    join(dataDir, 'agent.json'),
    JSON.stringify({
      format: 1,
      serverUrl: 'http://127.0.0.1:1/',
      enrolment: 'active',
      deviceId,
      mqtt,
      signingKeys: { [key.kid]: key.publicKeyPem },
    }),
    { mode: 0o600 },
  )
})
afterEach(async () => {
  for (const { child, finished } of agents) {
    child.kill('SIGKILL')
    await finished
  }
  for (const child of watched) child.kill('SIGKILL')
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The bundle alone in an empty folder, as on a device. */
async function startAgent(): Promise<RunningAgent> {
  const births = broker.of('birth').length
  const agent = startAgentCommand(['run', '--data-dir', dataDir], { entry, flags: AGENT_FLAGS, cwd: folder })
  agents.push(agent)
  await waitFor('the birth', () => broker.of('birth').length > births)
  return agent
}

const configure = (rev: number, profile: ProfileInput) =>
  broker.send(
    deviceId,
    'cfg',
    signDocument(key, 'k1cfg', deviceId, { rev, deviceId, issuedAt: Date.now(), profile: fillProfile(profile) }),
    true,
  )

/** Lines of a log at warn or above: a healthy agent has none it did not expect. */
const warnings = (agent: RunningAgent) =>
  agent
    .output()
    .split('\n')
    .filter(line => line !== '' && (!line.startsWith('{') || (JSON.parse(line) as { level: number }).level >= 40))

/** States of a signal in the order of their numbers; what was sent twice counts once, as on the server. */
const signalEvents = (signal: string) =>
  [...new Map(broker.of('evt').map(event => [`${event.message.e}/${event.message.q}`, event.message.d])).values()]
    .filter(data => data.signal === signal)
    .map(data => data.state)

function startWatched(seconds: string): ChildProcess {
  const child = spawn('sleep', [seconds], { stdio: 'ignore' })
  watched.push(child)
  return child
}

const childrenOf = (pid: number) =>
  readdirSync(`/proc/${pid}/task`).flatMap(thread =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  )

describe('the running agent, bundled', () => {
  it('is one file that runs alone', async () => {
    expect(readdirSync(bundleFolder)).toEqual(['kioskeeper-agent.mjs'])
    const version = await runAgentCommand(['version'], { entry, flags: AGENT_FLAGS, cwd: folder })
    expect(version).toMatchObject({ code: 0, err: '' })
    const inventory = await runAgentCommand(['inventory'], { entry, cwd: folder })
    expect(JSON.parse(inventory.out)).toMatchObject({ os: { platform: 'linux' } })
  })

  it('applies configuration, reports a killed process within 3 s with its level, and its return', async () => {
    const seconds = `${50_000 + process.pid}.25`
    const first = startWatched(seconds)
    const agent = await startAgent()
    await configure(3, { name: 'Checkout', processes: [{ name: 'kiosk', match: `sleep ${seconds}`, level: 1 }] })
    await waitFor('the report', () => broker.of('cfg').length === 1)
    expect(broker.of('cfg')[0]?.message.d).toMatchObject({ rev: 3, status: 'applied', hash: expect.any(String) })
    // seen alive once: two looks a second apart
    await sleep(1_500)
    expect(signalEvents('process.missing:kiosk')).toEqual([])
    const killedAtMs = Date.now()
    first.kill('SIGKILL')
    await waitFor('the fault', () => signalEvents('process.missing:kiosk').length === 1)
    expect(Date.now() - killedAtMs).toBeLessThan(3_000)
    const fault = broker.of('evt').find(event => event.message.d.signal === 'process.missing:kiosk')?.message.d
    expect(fault).toMatchObject({ state: 'failing', severity: 1, evidence: { metrics: { memoryUsedPercent: expect.any(Number) } } })
    startWatched(seconds)
    await waitFor('its end', () => signalEvents('process.missing:kiosk').length === 2)
    expect(signalEvents('process.missing:kiosk')).toEqual(['failing', 'ok'])
    expect(warnings(agent)).toEqual([])
  }, 60_000)

  it('keeps its configuration and its truth over a kill: says again what fails, and what has become well', async () => {
    const seconds = `${60_000 + process.pid}.25`
    const profile = {
      name: 'Checkout',
      processes: [
        { name: 'kiosk', match: `sleep ${seconds}` },
        { name: 'gone', match: 'no-such-program-anywhere' },
      ],
    }
    const agent = await startAgent()
    await configure(1, profile)
    await waitFor(
      'both faults',
      () => signalEvents('process.missing:kiosk').length === 1 && signalEvents('process.missing:gone').length === 1,
    )
    agent.child.kill('SIGKILL')
    await agent.finished
    await waitFor('the last will', () => broker.of('will').length === 1)
    startWatched(seconds)
    await startAgent()
    await waitFor(
      'both states again',
      () => signalEvents('process.missing:kiosk').length === 2 && signalEvents('process.missing:gone').length === 2,
    )
    expect(signalEvents('process.missing:kiosk')).toEqual(['failing', 'ok'])
    expect(signalEvents('process.missing:gone')).toEqual(['failing', 'failing'])
    expect(broker.of('birth').at(-1)?.message.d.configRev).toBe(1)
  }, 60_000)

  it('keeps what it has when a configuration is refused, says why once, and is well with the next good one', async () => {
    await startAgent()
    await configure(1, { name: 'Good' })
    await waitFor('the report', () => broker.of('cfg').length === 1)
    const bad = signDocument(key, 'k1cfg', deviceId, { rev: 2, deviceId, issuedAt: 1, profile: { name: '', surprise: true } })
    await broker.send(deviceId, 'cfg', bad)
    await broker.send(deviceId, 'cfg', bad)
    await waitFor('the signal', () => signalEvents('config.invalid').length === 1)
    expect(broker.of('cfg').at(-1)?.message.d).toMatchObject({
      rev: 2,
      status: 'invalid',
      errors: expect.arrayContaining([expect.stringContaining('profile/name')]),
    })
    expect(JSON.parse(readFileSync(join(dataDir, 'agent.json'), 'utf8'))).toMatchObject({ config: { rev: 1 } })
    await configure(3, { name: 'Better' })
    await waitFor('the end', () => signalEvents('config.invalid').length === 2)
    expect(broker.of('cfg').map(report => report.message.d.status)).toEqual(['applied', 'invalid', 'applied'])
  }, 60_000)

  it('counts business, and takes a configuration that an older version kept', async () => {
    const [port = 0] = await freePorts(1)
    const path = join(dataDir, 'agent.json')
    const state = JSON.parse(readFileSync(path, 'utf8')) as object
    // before there were peripherals of other kinds
    const old = {
      name: 'Old',
      critical: false,
      processes: [],
      units: [],
      urls: [],
      kioskApp: {},
      peripherals: [],
      displays: [],
      printers: ['till'],
      intervals: { sampleSeconds: 1, heartbeatSeconds: 10 },
    }
    writeFileSync(path, JSON.stringify({ ...state, config: { rev: 1, hash: 'x', profile: old }, failing: { 'usb.missing:scanner': 1 } }))
    const agent = await startAgent()
    await waitFor('the end of what is no longer watched', () => signalEvents('usb.missing:scanner').length === 1)
    expect(signalEvents('usb.missing:scanner')).toEqual(['ok'])
    await configure(2, { name: 'Till', business: { port, silentMinutes: 60 }, intervals: { sampleSeconds: 1 } })
    await waitFor(
      'the door',
      async () => (await fetch(`http://127.0.0.1:${port}/sale`, { method: 'POST' }).catch(() => null))?.status === 204,
    )
    await waitFor('the figure', () => broker.of('met').some(met => met.message.d.samples.some(sample => sample.m['businessPerHour'] === 1)))
    expect(warnings(agent)).toEqual([])
  }, 60_000)

  it('tells an unexpected reboot by the boot id and the missing goodbye', async () => {
    const path = join(dataDir, 'agent.json')
    const state = JSON.parse(readFileSync(path, 'utf8')) as object
    writeFileSync(path, JSON.stringify({ ...state, boot: { bootId: 'the-boot-before', clean: false } }))
    const agent = await startAgent()
    await waitFor('the finding', () => signalEvents('reboot.unexpected').length === 1)
    agent.child.kill('SIGTERM')
    await agent.finished
    writeFileSync(
      path,
      JSON.stringify({
        ...(JSON.parse(readFileSync(path, 'utf8')) as object),
        failing: {},
        boot: { bootId: 'the-boot-before', clean: true },
      }),
    )
    await startAgent()
    await waitFor('a sample', () => broker.of('met').length > 0)
    expect(signalEvents('reboot.unexpected')).toEqual(['failing'])
  }, 60_000)

  it('goes on working when its state and spool cannot be written, and says so', async () => {
    rmSync(join(dataDir, 'spool.db'), { force: true })
    mkdirSync(join(dataDir, 'spool.db'))
    await startAgent()
    await waitFor('a sample', () => broker.of('met').length > 0)
    expect(broker.of('birth')[0]?.message.d.inventory).toMatchObject({ spool: 'memory' })
  }, 60_000)

  it('starts no child process in steady state, with processes, addresses, units and hardware watched', async () => {
    const agent = await startAgent()
    await configure(1, {
      name: 'Watch',
      processes: [{ name: 'kiosk', match: 'no-such-program-anywhere' }],
      urls: [{ name: 'shop', url: 'http://127.0.0.1:1/' }],
      units: ['no-such-unit'],
      peripherals: [{ name: 'scanner', usb: '05e0:1200' }],
      displays: [{ width: 1920, height: 1080 }],
      printers: [{ name: 'till', uri: 'ipp://127.0.0.1:1/' }],
      intervals: { sampleSeconds: 1 },
    })
    await waitFor('the configuration', () => broker.of('cfg').length === 1)
    // the inventory's child runs once, a few seconds after the start
    await waitFor('the inventory', () => broker.of('birth').some(birth => (birth.message.d.inventory ?? {})['os'] !== undefined), 30_000)
    const pid = agent.child.pid ?? 0
    const seen = new Set<string>()
    const until = Date.now() + 6_000
    while (Date.now() < until) {
      for (const child of childrenOf(pid)) seen.add(child)
      await sleep(2)
    }
    expect([...seen]).toEqual([])
    // a network printer that does not answer, seen twice
    await waitFor('the printer', () => signalEvents('printer.offline:till').length === 1, 20_000)
    expect(signalEvents('printer.offline:till')).toEqual(['failing'])
    expect(broker.of('met').length).toBeGreaterThan(2)
  }, 60_000)
})
