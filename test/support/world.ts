/** A whole server on free ports with its own data folder, and a person with an administrator's token in front of it. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { Device, DeviceDetail } from '../../shared/api/devices/device-api.ts'
import { readSettings } from '../../server/config.ts'
import { startServer, type RunningServer } from '../../server/main.ts'
import { startMailbox, type Mailbox } from './mailbox.ts'
import { testLog } from './test-log.ts'

export const ADMIN_TOKEN = 'test-admin-token-0123456789-0123456789'

export type Answer<Body> = { status: number; body: Body; headers: Headers }
export type World = {
  server: RunningServer
  mailbox: Mailbox
  dataDir: string
  url: string
  api<Body = Record<string, unknown>>(method: string, path: string, body?: unknown, token?: string): Promise<Answer<Body>>
  /** As `api`, but throws unless the call succeeds. */
  ok<Body = Record<string, unknown> & { id: string }>(method: string, path: string, body?: unknown): Promise<Body>
  makeCustomer(planId: string): Promise<{ customerId: string; siteId: string }>
  enrolmentToken(place: { customerId: string; siteId: string }, maxUses?: number): Promise<string>
  device(id: string): Promise<DeviceDetail>
  devices(): Promise<Device[]>
  /** Stops and starts the server on the same data and ports. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Starts a world. `now` is the server's clock, for a test that has no minutes to wait. */
export async function makeWorld(environment: Record<string, string> = {}, now: () => number = Date.now): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kioskeeper-world-'))
  copyFileSync(inject('sqliteTemplate'), join(dataDir, 'kioskeeper.db'))
  const mailbox = await startMailbox()
  const base = {
    KIOSKEEPER_DATA_DIR: dataDir,
    KIOSKEEPER_ADMIN_TOKEN: ADMIN_TOKEN,
    KIOSKEEPER_SMTP_URL: mailbox.url,
    KIOSKEEPER_DESK_EMAIL: 'desk@kioskeeper.example',
    KIOSKEEPER_ALLOW_PRIVATE_WEBHOOKS: 'true',
    ...environment,
  }
  const ports = { KIOSKEEPER_HTTP_PORT: '0', KIOSKEEPER_HTTPS_PORT: '0', KIOSKEEPER_MQTT_PORT: '0', KIOSKEEPER_MQTTS_PORT: '0' }
  let server = await startServer(readSettings({ ...ports, ...base }), testLog(), now)
  const samePorts = (): Record<string, string> => ({
    KIOSKEEPER_HTTP_PORT: String(server.ports.http),
    KIOSKEEPER_HTTPS_PORT: String(server.ports.https),
    KIOSKEEPER_MQTT_PORT: String(server.ports.mqtt),
    KIOSKEEPER_MQTTS_PORT: String(server.ports.mqtts),
  })
  const url = `http://127.0.0.1:${server.ports.http}`
  const world: World = {
    get server() {
      return server
    },
    mailbox,
    dataDir,
    url,
    async api<Body>(method: string, path: string, body?: unknown, token = ADMIN_TOKEN) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Body, headers: response.headers }
    },
    async ok<Body>(method: string, path: string, body?: unknown) {
      const answer = await world.api<Body>(method, path, body)
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body
    },
    async makeCustomer(planId) {
      const customer = await world.ok('POST', '/customers', { name: 'Corner shop', planId, timeZone: 'Europe/Stockholm' })
      const site = await world.ok('POST', `/customers/${customer.id}/sites`, { name: 'High street' })
      return { customerId: customer.id, siteId: site.id }
    },
    async enrolmentToken(place, maxUses = 100) {
      return (await world.ok<{ token: string }>('POST', '/enrolment-tokens', { ...place, maxUses })).token
    },
    device: id => world.ok<DeviceDetail>('GET', `/devices/${id}`),
    devices: async () => (await world.ok<{ items: Device[] }>('GET', '/devices?limit=500')).items,
    async restart() {
      const kept = samePorts()
      await server.stop()
      server = await startServer(readSettings({ ...kept, ...base }), testLog(), now)
    },
    async stop() {
      await server.stop()
      await mailbox.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  return world
}
