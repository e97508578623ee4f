/** PUBACK means stored: the server is killed again and again while devices send, and nothing acknowledged is lost or doubled. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePorts } from '../support/free-ports.ts'
import { enrolledDevice, type ScriptedDevice } from '../support/scripted-device.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { openStore } from '../../server/database/database.ts'

const DEVICES = 10
const MESSAGES_EACH = 2000
const WINDOW = 32
const KILLS = 8
const ADMIN = 'kill-test-admin-token-0123456789-0123456789'

/** Sends its messages with a window, again after every lost connection, until each is acknowledged. */
async function sendAll(device: ScriptedDevice, acknowledged: (sequence: number) => void): Promise<void> {
  const pending = new Map<number, object>()
  for (let index = 0; index < MESSAGES_EACH; index += 1) {
    const envelope = device.envelope('evt', { signal: 'app.errors', state: 'ok', text: `message ${index}` }) as { q: number }
    pending.set(envelope.q, envelope)
  }
  while (pending.size > 0) {
    try {
      if (!device.client?.connected) await device.connect()
    } catch {
      await new Promise(resolve => setTimeout(resolve, 50))
      continue
    }
    const client = device.client
    const lost = new Promise<never>((_resolve, reject) => client?.once('close', () => reject(new Error('connection lost'))))
    lost.catch(() => undefined)
    const queue = [...pending]
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [sequence, envelope] = next
        await Promise.race([device.publish('evt', envelope), lost])
        pending.delete(sequence)
        acknowledged(sequence)
      }
    }
    await Promise.all(Array.from({ length: WINDOW }, lane)).catch(() => device.kill())
  }
  device.kill()
}

it(
  `loses none of ${DEVICES * MESSAGES_EACH} acknowledged messages and doubles none over ${KILLS} kills of the server`,
  { timeout: 240_000 },
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kioskeeper-kill-'))
    const [http, https, mqtt, mqtts] = (await freePorts(4)) as [number, number, number, number]
    const start = (): Promise<ServerProcess> =>
      startServerProcess(dataDir, { http, https, mqtt, mqtts }, { KIOSKEEPER_ADMIN_TOKEN: ADMIN, KIOSKEEPER_LOG_LEVEL: 'warn' })
    let server = await start()
    const call = async (path: string, body: object): Promise<{ id: string; token: string }> => {
      const response = await fetch(`${server.httpUrl}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return (await response.json()) as { id: string; token: string }
    }
    const customer = await call('/customers', { name: 'Shop', planId: 'ombori-production', timeZone: 'Europe/Stockholm' })
    const site = await call(`/customers/${customer.id}/sites`, { name: 'Site' })
    const { token } = await call('/enrolment-tokens', { customerId: customer.id, siteId: site.id, maxUses: DEVICES })
    const devices = await Promise.all(Array.from({ length: DEVICES }, (_, index) => enrolledDevice(server.httpUrl, token, `m${index}`)))

    const acknowledged = new Set<string>()
    const sending = Promise.all(devices.map(device => sendAll(device, sequence => acknowledged.add(`${device.id} ${sequence}`))))
    const total = DEVICES * MESSAGES_EACH
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const goal = Math.floor((total * kill) / (KILLS + 1))
      while (acknowledged.size < goal) await new Promise(resolve => setTimeout(resolve, 5))
      await server.kill('SIGKILL')
      server = await start()
    }
    await sending
    await server.kill('SIGTERM')

    const store = await openStore(join(dataDir, 'kioskeeper.db'))
    const rows = await store.db.selectFrom('timeline').select(['device_id', 'sequence']).where('kind', '=', 'event').execute()
    await store.close()
    const stored = rows.map(row => `${row.device_id} ${row.sequence}`)
    expect(acknowledged.size).toBe(total)
    expect(new Set(stored).size, 'no message twice').toBe(stored.length)
    const storedSet = new Set(stored)
    expect(
      [...acknowledged].filter(key => !storedSet.has(key)),
      'acknowledged but not stored',
    ).toEqual([])
    expect(server.output()).not.toMatch(/"level":50/)
    rmSync(dataDir, { recursive: true, force: true })
  },
)
