/** The real agent, as one file, against the real server: what a field engineer and an operator see. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AGENT_FLAGS, buildAgent } from '../../server/build-agent.ts'
import { until } from '../support/until.ts'
import { makeWorld, type World } from '../support/world.ts'

type Page<Item> = { items: Item[]; total: number }
type Event = { kind: string; signal?: string; state?: string; text: string; sequence?: number; epoch?: string }

describe('an agent on this machine', () => {
  let world: World
  let folder: string
  let bundle: string
  let place: { customerId: string; siteId: string }
  let agent: ChildProcess | null = null
  let watched: ChildProcess | null = null
  let deviceId = ''
  // A duration nobody else on this machine sleeps for is the name of the watched program.
  const marker = String(900_000 + (process.pid % 90_000))

  /** One command of the agent; the server is in this process, so nothing may wait without letting it work. */
  const run = async (dataDir: string, machine: string, ...words: string[]): Promise<{ status: number | null; output: string }> => {
    const child = spawn(process.execPath, [...AGENT_FLAGS, bundle, ...words, '--data-dir', join(folder, dataDir)], {
      stdio: 'pipe',
      env: { ...process.env, KIOSKEEPER_AGENT_MACHINE_ID: machine },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()))
    const status = await new Promise<number | null>(resolve => child.once('close', resolve))
    return { status, output }
  }
  const startAgent = (): void => {
    agent = spawn(process.execPath, [...AGENT_FLAGS, bundle, 'run', '--data-dir', join(folder, 'a')], {
      stdio: 'ignore',
      env: { ...process.env, KIOSKEEPER_AGENT_MACHINE_ID: 'machine-a' },
    })
  }
  const stopAgent = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = new Promise(resolve => agent?.once('exit', resolve))
    agent?.kill(signal)
    await ended
  }
  const startWatched = (): void => void (watched = spawn('sleep', [marker], { stdio: 'ignore' }))
  const stopWatched = (): void => void watched?.kill('SIGKILL')
  const is = (connection: string, limitMs?: number) =>
    until(connection, async () => (await world.device(deviceId)).connection === connection, limitMs)
  const events = async (): Promise<Event[]> =>
    (await world.ok<Page<Event>>('GET', `/devices/${deviceId}/timeline?limit=500`)).items.filter(item => item.kind === 'event')

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kioskeeper-agent-story-'))
    bundle = (await buildAgent(folder)).file
    world = await makeWorld()
    place = await world.makeCustomer('ombori-free')
    await world.ok('PUT', '/profiles/till', {
      name: 'Till',
      processes: [{ name: 'till', match: `sleep ${marker}` }],
      intervals: { sampleSeconds: 1 },
    })
  })
  afterAll(async () => {
    stopWatched()
    if (agent?.exitCode === null && agent.signalCode === null) await stopAgent('SIGKILL')
    await world.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('enrols with one command, is online with samples, and applies its configuration', async () => {
    const token = await world.enrolmentToken(place)
    const enrolled = await run('a', 'machine-a', 'enrol', '--server', world.url, '--token', token)
    expect(enrolled.status, enrolled.output).toBe(0)
    deviceId = (await world.devices())[0]?.id ?? ''
    startWatched()
    startAgent()
    await is('online')
    await world.ok('PATCH', `/devices/${deviceId}`, { profileId: 'till' })
    const device = await until('configuration applied', async () => {
      const read = await world.device(deviceId)
      return read.config.applied === read.config.wanted && read.config.status === 'applied' ? read : null
    })
    expect(device.inventory).not.toBeNull()
    const { points } = await until('samples', async () => {
      const read = await world.ok<{ points: unknown[] }>('GET', `/devices/${deviceId}/samples?metric=cpuPercent`)
      return read.points.length >= 2 ? read : null
    })
    expect(points.length).toBeGreaterThanOrEqual(2)
  })

  it('tells of a killed program within five seconds, and of its return', async () => {
    stopWatched()
    const killedMs = Date.now()
    await until(
      'incident',
      async () => (await world.ok<Page<unknown>>('GET', `/incidents?deviceId=${deviceId}&signal=process.missing`)).total > 0,
      5000,
    )
    expect(Date.now() - killedMs).toBeLessThan(5000)
    startWatched()
    await until('ok event', async () => (await events()).some(event => event.signal === 'process.missing' && event.state === 'ok'))
  })

  it('loses and doubles nothing while the server is away', async () => {
    const before = await events()
    await world.server.stop()
    stopWatched()
    const known = (): string[] =>
      Object.keys((JSON.parse(readFileSync(join(folder, 'a', 'agent.json'), 'utf8')) as { failing: Record<string, unknown> }).failing)
    await until('the agent has written down that it is gone', () => known().includes('process.missing:till'))
    startWatched()
    await until(
      'the agent has seen its return',
      async () => (JSON.parse((await run('a', 'machine-a', 'status', '--json')).output) as { spool: { events: number } }).spool.events >= 2,
    )
    await world.restart()
    // the longer it was away, the longer the agent waits between attempts: up to half a minute by now
    await is('online', 60_000)
    const after = await until(
      'both events',
      async () => {
        const read = await events()
        return read.length >= before.length + 2 ? read : null
      },
      30_000,
    )
    const added = after.slice(0, after.length - before.length).map(event => event.state)
    expect(added).toHaveLength(2)
    expect(new Set(added)).toEqual(new Set(['failing', 'ok']))
    const keys = after.map(event => `${event.epoch} ${event.sequence}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('killed it is offline at once, stopped it is planned-offline', async () => {
    await stopAgent('SIGKILL')
    await is('offline')
    startAgent()
    await is('online')
    await stopAgent('SIGTERM')
    await is('planned-offline')
    expect((await world.device(deviceId)).verdict).toBe('closed')
  })

  it('says on the screen why it must wait, and enters when a place is freed', async () => {
    const token = await world.enrolmentToken(place)
    for (const machine of ['b', 'c'])
      expect((await run(machine, `machine-${machine}`, 'enrol', '--server', world.url, '--token', token)).status).toBe(0)
    const refused = await run('d', 'machine-d', 'enrol', '--server', world.url, '--token', token)
    expect(refused.status).toBe(3)
    expect(refused.output).toMatch(/3 (of 3 )?devices|includes 3/)
    const [other] = (await world.devices()).filter(device => device.id !== deviceId && device.state === 'active')
    await world.ok('POST', `/devices/${other?.id}/retire`)
    expect((await run('d', 'machine-d', 'enrol', '--server', world.url, '--token', token)).status).toBe(0)
    expect((await run('e', 'machine-e', 'enrol', '--server', world.url, '--token', 'ket_wrong')).status).toBe(4)
  })
})
