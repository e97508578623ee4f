/** The server is down when the kiosk app is killed: the device mends it by itself, and what happened is told afterwards with its own times. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runAgentCommand, startAgentCommand } from '../agent/agent-process.ts'
import { freePorts } from '../support/free-ports.ts'
import { startServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const ADMIN = 'away-test-admin-token-0123456789-0123456789'
// a duration nobody else on this machine sleeps for is the name of the kiosk app
const APP = `sleep ${String(700_000 + (process.pid % 90_000))}`

type Item = { at: string; receivedAt: string; kind: string; signal?: string; state?: string; text: string }
type Page<Row> = { items: Row[]; total: number }

/** Processes with exactly this command line. */
const pidsOf = (command: string): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() === command
      } catch {
        return false
      }
    })
    .map(Number)

it('tells failing, remedy and recovery with the times of the device, and raises no ticket', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-away-'))
  const dataDir = join(folder, 'agent')
  const [http, https, mqtt, mqtts] = (await freePorts(4)) as [number, number, number, number]
  const start = () =>
    startServerProcess(
      join(folder, 'server'),
      { http, https, mqtt, mqtts },
      { KIOSKEEPER_ADMIN_TOKEN: ADMIN, KIOSKEEPER_LOG_LEVEL: 'warn' },
    )
  let server = await start()
  const call = async <Body = { id: string }>(method: string, path: string, body?: object): Promise<Body> => {
    const response = await fetch(`${server.httpUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Body
  }
  const customer = await call('POST', '/customers', { name: 'Shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
  const site = await call('POST', `/customers/${customer.id}/sites`, { name: 'Site' })
  const { token } = await call<{ token: string }>('POST', '/enrolment-tokens', { customerId: customer.id, siteId: site.id })
  await call('PUT', '/profiles/kiosk', { name: 'Kiosk', kioskApp: { match: APP, startCommand: `exec ${APP}` } })
  const environment = { KIOSKEEPER_AGENT_MACHINE_ID: 'away', KIOSKEEPER_HELPER_SOCKET: join(folder, 'no-helper.sock') }
  const enrolled = await runAgentCommand(['enrol', '--server', server.httpUrl, '--token', token, '--data-dir', dataDir], { environment })
  expect(enrolled.code, enrolled.err).toBe(0)
  // it runs already: what is told is about its end alone
  const app = spawn('sleep', APP.split(' ').slice(1), { stdio: 'ignore' })
  const agent = startAgentCommand(['run', '--data-dir', dataDir], { environment })
  try {
    const [device] = (await call<Page<{ id: string }>>('GET', '/devices')).items
    await call('PATCH', `/devices/${device?.id}`, { profileId: 'kiosk' })
    const timeline = async () => (await call<Page<Item>>('GET', `/devices/${device?.id}/timeline?limit=200`)).items.toReversed()
    await until(
      'app seen',
      async () => (await call<{ config: { wanted: number; applied: number } }>('GET', `/devices/${device?.id}`)).config.applied >= 2,
    )
    await until(
      'app seen by the watch',
      async () => (await call<{ verdict: string }>('GET', `/devices/${device?.id}`)).verdict === 'serving',
    )
    await until('rules kept', () => readFileSync(join(dataDir, 'agent.json'), 'utf8').includes('"restart-session"'))

    await server.kill('SIGTERM')
    const killedAtMs = Date.now()
    app.kill('SIGKILL')
    await until('mended', () => agent.output().includes('"outcome":"worked"'), 40_000)
    const mendedAtMs = Date.now()
    expect(pidsOf(APP)).toHaveLength(1)
    expect(pidsOf(APP)[0]).not.toBe(app.pid)
    server = await start()
    const items = await until(
      'told',
      async () => {
        const all = (await timeline()).filter(item => item.signal === 'app.crashed')
        return all.some(item => item.kind === 'mended') ? all : null
      },
      60_000,
    )
    const backAtMs = Date.now()

    const told = items.map(item => `${item.kind} ${item.state ?? ''}`.trim())
    expect(told.filter(each => each.startsWith('event'))[0]).toBe('event failing')
    expect(told).toContain('remedy failed')
    expect(told).toContain('remedy worked')
    expect(told).toContain('event ok')
    expect(items.find(item => item.kind === 'mended')?.text).toMatch(/^fixed by itself: restarted app, \d+ s$/)
    for (const item of items) {
      expect(Date.parse(item.at), `${item.kind} ${item.text}`).toBeGreaterThanOrEqual(killedAtMs - 1_000)
      expect(Date.parse(item.at), `${item.kind} ${item.text}`).toBeLessThanOrEqual(mendedAtMs + 1_000)
      expect(Date.parse(item.receivedAt)).toBeGreaterThan(mendedAtMs - 1_000)
      expect(Date.parse(item.receivedAt)).toBeLessThanOrEqual(backAtMs)
    }
    const order = ['event failing', 'remedy failed', 'remedy worked', 'event ok'].map(each => told.indexOf(each))
    expect(order, told.join(', ')).toEqual(order.toSorted((one, other) => one - other))
    expect((await call<Page<object>>('GET', `/tickets?deviceId=${device?.id}`)).items).toEqual([])
    expect((await call<Page<object>>('GET', `/incidents?deviceId=${device?.id}&signal=app.crashed`)).items).toEqual([])
  } finally {
    agent.child.kill('SIGTERM')
    await agent.finished
    for (const pid of pidsOf(APP)) process.kill(pid, 'SIGKILL')
    await server.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
  expect(server.output()).not.toMatch(/"level":50/)
})
