/** A kiosk fails while it is off the net; when it is back, what it recorded is on the ticket with the right times. */
import { spawn, type ChildProcess } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, Socket, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAgent, type Agent } from '../../agent/agent.ts'
import { systemClock } from '../../agent/platform/agent-clock.ts'
import type { Bundle } from '../../agent/recorder/bundles.ts'
import { openAgentStore, type MqttLogin } from '../../agent/platform/state.ts'
import type { DeviceCommand } from '../../shared/api/devices/command-api.ts'
import type { Evidence, Ticket } from '../../shared/api/tickets/ticket-api.ts'
import { runAgentCommand, startAgentCommand, type RunningAgent } from '../agent/agent-process.ts'
import { startChromium, type Chromium } from '../agent/kiosk/chromium.ts'
import { testLog } from '../support/test-log.ts'
import { until } from '../support/until.ts'
import { ADMIN_TOKEN, makeWorld, type World } from '../support/world.ts'

type Page<Item> = { items: Item[] }

/** A line between agent and broker that can be cut and mended. */
async function makeLine(targetPort: number) {
  const sockets = new Set<Socket>()
  let isCut = false
  const server: Server = createServer(near => {
    const far = new Socket()
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    if (isCut) near.destroy()
    else far.connect(targetPort, '127.0.0.1', () => near.pipe(far).pipe(near))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cut = (): void => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut,
    mend: (): void => void (isCut = false),
    close(): void {
      cut()
      server.close()
    },
  }
}

describe('evidence of a failure', () => {
  const marker = String(800_000 + (process.pid % 90_000))
  const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-evidence-story-'))
  let world: World
  let chromium: Chromium
  let line: Awaited<ReturnType<typeof makeLine>>
  let agent: Agent
  let watched: ChildProcess
  let deviceId = ''
  let place: { customerId: string; siteId: string }

  const file = async (path: string, token = ADMIN_TOKEN): Promise<Response> =>
    fetch(`${world.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
  const unpacked = async (evidence: readonly Evidence[], kind: Evidence['kind']): Promise<Record<string, unknown>> => {
    const response = await file(evidence.find(item => item.kind === kind && item.url.startsWith('/api/v1/evidence/'))?.url ?? '')
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/)
    return JSON.parse(gunzipSync(Buffer.from(await response.arrayBuffer())).toString()) as Record<string, unknown>
  }
  /** Bundles on a device's disk, only looked at: opening them would tidy under the agent's hands. */
  const waitingIn = (name: string): Bundle[] =>
    globSync(join(folder, name, 'recorder/bundles/*/bundle.json')).map(path => JSON.parse(readFileSync(path, 'utf8')) as Bundle)
  const is = (connection: string) => until(connection, async () => (await world.device(deviceId)).connection === connection, 30_000)

  beforeAll(async () => {
    world = await makeWorld()
    line = await makeLine(world.server.ports.mqtt)
    chromium = await startChromium()
    watched = spawn('sleep', [marker], { stdio: 'ignore' })
    place = await world.makeCustomer('ombori-production')
    await world.ok('PUT', '/rules/process.missing', {
      ...(await world.ok<Page<Record<string, unknown>>>('GET', '/rules')).items.find(rule => rule['signal'] === 'process.missing'),
      holdSeconds: 0,
      remedies: [],
    })
    await world.ok('PUT', '/profiles/till', {
      name: 'Till',
      processes: [{ name: 'till', match: `sleep ${marker}` }],
      kioskApp: { devToolsUrl: chromium.devToolsUrl },
      intervals: { sampleSeconds: 1 },
    })
    await world.ok('PUT', '/profiles/killed', {
      name: 'Killed',
      processes: [{ name: 'till', match: `sleep ${marker}1` }],
      intervals: { sampleSeconds: 1 },
    })
    const enrolled = await runAgentCommand(
      ['enrol', '--server', world.url, '--token', await world.enrolmentToken(place), '--data-dir', join(folder, 'a')],
      { environment: { KIOSKEEPER_AGENT_MACHINE_ID: 'machine-evidence' } },
    )
    expect(enrolled.code, enrolled.err).toBe(0)
    deviceId = (await world.devices())[0]?.id ?? ''
    await world.ok('PATCH', `/devices/${deviceId}`, { profileId: 'till' })
    const store = await openAgentStore(join(folder, 'a'))
    const login: MqttLogin = { ...(store.data.mqtt as MqttLogin), urls: [`mqtt://127.0.0.1:${line.port}`] }
    agent = await startAgent({
      dataDir: join(folder, 'a'),
      store,
      login,
      clock: systemClock,
      log: testLog(),
      entryPath: join(import.meta.dirname, '../../agent/main.ts'),
      evidenceAfterMs: 1500,
    })
    await is('online')
    await until('applied', async () => (await world.device(deviceId)).config.applied === (await world.device(deviceId)).config.wanted)
  }, 120_000)
  afterAll(async () => {
    await agent.stop('maintenance', null)
    watched.kill('SIGKILL')
    line.close()
    await chromium.stop()
    await world.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('sends a picture when it is asked for one, once, and shows it on the device', async () => {
    await until('the browser is watched', async () => {
      const order = await world.ok<DeviceCommand>('POST', `/devices/${deviceId}/commands`, { kind: 'take-picture' })
      const ended = await until('an answer', async () => {
        const { items } = await world.ok<Page<DeviceCommand>>('GET', `/devices/${deviceId}/commands`)
        return items.find(item => item.id === order.id && item.state !== 'queued' && item.state !== 'sent')
      })
      return ended.state === 'done'
    })
    const picture = await until('the picture', async () => (await world.device(deviceId)).picture)
    const response = await file(picture.url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
    const audit = await world.ok<Page<{ kind: string; evidenceIds?: string[] }>>('GET', `/devices/${deviceId}/timeline`)
    expect(audit.items.find(item => item.kind === 'evidence')?.evidenceIds).toHaveLength(1)
  }, 60_000)

  it('refuses a remedy that this device does not have, in words', async () => {
    const order = await world.ok<DeviceCommand>('POST', `/devices/${deviceId}/commands`, { kind: 'run-remedy', id: 'fly-away' })
    const answered = await until('an answer', async () => {
      const { items } = await world.ok<Page<DeviceCommand>>('GET', `/devices/${deviceId}/commands`)
      return items.find(item => item.id === order.id && item.result !== null)
    })
    expect(answered).toMatchObject({
      state: 'failed',
      result: 'refused',
      resultText: 'This agent does not know the remedy: it is older than the server.',
    })
  })

  it('keeps what happened while it was off the net, and puts it on the ticket with the time of the failure', async () => {
    line.cut()
    await is('offline')
    const failedAtMs = Date.now()
    watched.kill('SIGKILL')
    await until('the bundle is whole', () => waitingIn('a').some(bundle => bundle.signal === 'process.missing' && bundle.isWhole))
    expect(
      (await world.ok<Page<Ticket>>('GET', `/tickets?deviceId=${deviceId}`)).items.filter(ticket => ticket.signal === 'process.missing'),
    ).toEqual([])
    line.mend()
    const kinds = ['log', 'metrics', 'screenshot', 'state']
    const ticket = await until(
      'the ticket with its evidence',
      async () => {
        const { items } = await world.ok<Page<Ticket>>('GET', `/tickets?deviceId=${deviceId}`)
        const found = items.find(item => item.signal === 'process.missing')
        const has = new Set(found?.evidence.filter(item => item.url.startsWith('/api/v1/evidence/')).map(item => item.kind))
        return kinds.every(kind => has.has(kind as Evidence['kind'])) && found
      },
      60_000,
    )
    for (const item of ticket.evidence) expect(Math.abs(Date.parse(item.at) - failedAtMs), item.kind).toBeLessThan(5_000)
    const { samples } = (await unpacked(ticket.evidence, 'metrics')) as { samples: { at: string; metrics: Record<string, number> }[] }
    expect(samples.length).toBeGreaterThan(1)
    expect(samples.every(sample => Object.keys(sample.metrics).length > 3)).toBe(true)
    const { lines } = (await unpacked(ticket.evidence, 'log')) as { lines: { from: string; text: string }[] }
    expect(lines.some(item => item.text.startsWith('process.missing:till failing'))).toBe(true)
    const state = await unpacked(ticket.evidence, 'state')
    expect(state).toMatchObject({
      signal: 'process.missing:till',
      configuration: { rev: expect.any(Number) },
      versions: { node: process.version },
    })
    const incidents = await world.ok<Page<{ ticketId: string; evidence: Evidence[] }>>(
      'GET',
      `/incidents?deviceId=${deviceId}&signal=process.missing`,
    )
    expect(incidents.items[0]?.evidence.map(item => item.kind)).toEqual(expect.arrayContaining(kinds))
  }, 120_000)

  it('outlives a kill of the agent in the minute after the failure', async () => {
    const dataDir = join(folder, 'b')
    const environment = { KIOSKEEPER_AGENT_MACHINE_ID: 'machine-killed' }
    const token = (await world.ok<{ token: string }>('POST', '/enrolment-tokens', { ...place, maxUses: 1 })).token
    const enrolled = await runAgentCommand(['enrol', '--server', world.url, '--token', token, '--data-dir', dataDir], { environment })
    expect(enrolled.code, enrolled.err).toBe(0)
    const id = (await world.devices()).find(device => device.id !== deviceId)?.id ?? ''
    await world.ok('PATCH', `/devices/${id}`, { profileId: 'killed' })
    const program = spawn('sleep', [`${marker}1`], { stdio: 'ignore' })
    const start = (): RunningAgent => startAgentCommand(['run', '--data-dir', dataDir], { environment })
    const first = start()
    await until('samples', async () => (await world.device(id)).latest !== null && (await world.device(id)).config.applied > 0, 30_000)
    program.kill('SIGKILL')
    await until('the failure is captured', () => waitingIn('b').some(bundle => bundle.signal === 'process.missing'))
    first.child.kill('SIGKILL')
    await first.finished
    const second = start()
    try {
      const { items } = await until(
        'evidence of the incident',
        async () => {
          const page = await world.ok<Page<{ evidence: Evidence[] }>>('GET', `/incidents?deviceId=${id}&signal=process.missing`)
          const files = page.items[0]?.evidence.filter(item => item.url.startsWith('/api/v1/evidence/'))
          return (files?.length ?? 0) >= 3 && page
        },
        40_000,
      )
      const { samples } = (await unpacked(items[0]?.evidence ?? [], 'metrics')) as { samples: unknown[] }
      expect(samples.length).toBeGreaterThan(0)
      await until('it is not kept any longer', () => !waitingIn('b').some(bundle => bundle.signal === 'process.missing'))
    } finally {
      second.child.kill('SIGTERM')
      await second.finished
    }
  }, 120_000)
})
