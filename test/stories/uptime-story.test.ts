/** The platform is killed, stopped for maintenance and watched from outside: what its customers are told of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UptimeReport } from '../../shared/api/uptime/uptime-api.ts'
import { startProbe, type Probe } from '../../server/cli/probe.ts'
import { freePorts } from '../support/free-ports.ts'
import { startServerProcess, type Ports, type ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const TOKEN = 'uptime-story-token-0123456789-0123456789'

describe('the uptime of the platform', () => {
  let folder: string
  let ports: Ports
  let server: ServerProcess
  let probe: Probe
  let customerId: string
  const said: string[] = []

  const boot = async (): Promise<void> => {
    server = await startServerProcess(join(folder, 'data'), ports, { KIOSKEEPER_ADMIN_TOKEN: TOKEN, KIOSKEEPER_LOG_LEVEL: 'warn' })
  }
  const api = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const response = await fetch(`${server.httpUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Body
  }
  const month = async () => (await api<UptimeReport>('GET', `/customers/${customerId}/uptime?months=1`)).months[0]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kioskeeper-uptime-'))
    const [http, https, mqtt, mqtts] = (await freePorts(4)) as [number, number, number, number]
    ports = { http, https, mqtt, mqtts }
    await boot()
    customerId = (
      await api<{ id: string }>('POST', '/customers', { name: 'Corner shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
    ).id
    probe = startProbe({
      url: server.httpUrl,
      name: 'across-the-street',
      token: TOKEN,
      everyMs: 200,
      stateFile: join(folder, 'probe.json'),
      now: () => Date.now(),
      say: text => said.push(text),
    })
    await until('the probe sees the platform', () => said.includes('up'))
  })
  afterAll(async () => {
    await probe?.stop()
    await server?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  it('a killed server is down time, seen from inside and outside, until it is ready again', async () => {
    await server.kill('SIGKILL')
    const killedMs = Date.now()
    await until('the probe sees it down', () => said.some(text => text.startsWith('down: ECONNREFUSED')))
    await boot()
    const backMs = Date.now()
    const seen = await until('both have told', async () => {
      const now = await month()
      return now?.gaps.some(gap => gap.seenBy.includes('across-the-street')) ? now : null
    })
    const unplanned = seen.gaps.filter(gap => !gap.planned && gap.seenBy.includes('inside'))
    expect(unplanned.length).toBeGreaterThan(0)
    expect(unplanned[0]?.reason).toContain('without a goodbye')
    // From the last beat (up to a second before the kill) until the server was ready.
    expect(seen.downSeconds).toBeGreaterThan((backMs - killedMs) / 1000 - 1.5)
    expect(seen.downSeconds).toBeLessThan((backMs - killedMs) / 1000 + 4)
  })

  it('what was announced before is told apart', async () => {
    const before = await month()
    await api('POST', '/uptime/maintenance', {
      from: new Date(Date.now() + 500).toISOString(),
      to: new Date(Date.now() + 60_000).toISOString(),
      reason: 'New release',
    })
    const fromMs = Date.now() + 600
    await until('the announced time has begun', () => Date.now() > fromMs)
    await server.kill('SIGTERM')
    await boot()
    const after = await until('the gap is in the log', async () => {
      const now = await month()
      return now?.gaps.some(gap => gap.planned) ? now : null
    })
    expect(after.gaps.find(gap => gap.planned)).toMatchObject({ reason: 'New release' })
    expect(after.plannedSeconds).toBeGreaterThan(0)
    expect(after.downSeconds).toBeLessThan((before?.downSeconds ?? 0) + 1)
  })

  it('the probe keeps what the server has not taken yet', async () => {
    const kept = (): unknown[] => (JSON.parse(readFileSync(join(folder, 'probe.json'), 'utf8')) as { spans: unknown[] }).spans
    await until('the server has taken all but the span that still grows', () => kept().length === 1)
    expect(kept()).toMatchObject([{ isUp: true }])
  })
})
