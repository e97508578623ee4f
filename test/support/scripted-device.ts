/** A device whose every message a test decides: real MQTT, no agent. */
import mqtt, { type MqttClient } from 'mqtt'
import type { Enrolled } from '../../shared/api/devices/device-api.ts'
import { encodeMessage } from '../../shared/decode.ts'
import { newEpoch, newSessionId } from '../../shared/ids.ts'
import { downTopic, upTopic, type UpKind } from '../../shared/topics.ts'

export type Credential = Pick<Enrolled, 'deviceId' | 'mqtt'>
export type ScriptedDevice = {
  id: string
  epoch: string
  connect(options?: { keepalive?: number }): Promise<void>
  birth(): Promise<void>
  event(signal: string, state: 'failing' | 'ok', text?: string): Promise<void>
  metrics(metrics: Record<string, number>): Promise<void>
  /** Publishes anything to an `up` topic and waits for the PUBACK. */
  publish(kind: UpKind, message: object | Buffer): Promise<void>
  envelope(kind: UpKind, data: object): object
  goodbye(reason?: string): Promise<void>
  /** Cuts the socket without a word, as a killed process does. */
  kill(): void
  received: { topic: string; payload: Buffer; retain: boolean }[]
  client: MqttClient | null
}

/** Connects and subscribes as an agent does; the will speaks for session `sid`. Nothing connects again by itself. */
export async function openSession(
  credential: Credential,
  sid: string,
  options: { keepalive: number; onMessage(topic: string, payload: Buffer, retain: boolean): void },
): Promise<MqttClient> {
  const id = credential.deviceId
  const url = new URL(credential.mqtt.urls[0] as string)
  const client = mqtt.connect({
    protocol: 'mqtt',
    host: url.hostname,
    port: Number(url.port),
    protocolVersion: 4,
    clientId: id,
    username: id,
    password: credential.mqtt.password,
    clean: true,
    keepalive: options.keepalive,
    reconnectPeriod: 0,
    queueQoSZero: false,
    will: { topic: upTopic(id, 'will'), payload: Buffer.from(JSON.stringify({ v: 1, t: 'will', sid })), qos: 1, retain: false },
  })
  client.on('message', (topic, payload, packet) => options.onMessage(topic, payload, packet.retain))
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
    client.once('close', () => reject(new Error('closed before connect')))
  })
  client.on('error', () => undefined)
  await client.subscribeAsync(
    (['cfg', 'cmd', 'ack', 'sys'] as const).map(kind => downTopic(id, kind)),
    { qos: 1 },
  )
  return client
}

/** Makes a device from what enrolment answered. */
export function scriptedDevice(credential: Credential, bootId = 'boot-1'): ScriptedDevice {
  const id = credential.deviceId
  const epoch = newEpoch()
  const startedMs = performance.now()
  let sequence = 0
  let sid = ''
  const upMs = (): number => Math.round(performance.now() - startedMs + 1000)
  const device: ScriptedDevice = {
    id,
    epoch,
    client: null,
    received: [],
    async connect({ keepalive = 20 } = {}) {
      sid = newSessionId()
      device.client = await openSession(credential, sid, {
        keepalive,
        onMessage: (topic, payload, retain) => void device.received.push({ topic, payload, retain }),
      })
    },
    envelope: (kind, data) => ({ v: 1, t: kind, e: epoch, q: ++sequence, ts: Date.now(), up: upMs(), su: upMs(), bid: bootId, d: data }),
    async publish(kind, message) {
      if (!device.client) throw new Error('not connected')
      await device.client.publishAsync(upTopic(id, kind), Buffer.isBuffer(message) ? message : encodeMessage(message), { qos: 1 })
    },
    birth: () =>
      device.publish(
        'birth',
        device.envelope('birth', { sid, agentVersion: '0.1.0', hostname: `host-${id.slice(0, 6)}`, platform: 'linux' }),
      ),
    event: (signal, state, text = `${signal} is ${state}`) => device.publish('evt', device.envelope('evt', { signal, state, text })),
    metrics: metrics => device.publish('met', device.envelope('met', { samples: [{ up: upMs(), m: metrics }] })),
    async goodbye(reason = 'shutdown') {
      await device.publish('will', { v: 1, t: 'will', sid, bye: true, reason, expectedBackAt: null })
      await device.client?.endAsync()
      device.client = null
    },
    kill() {
      device.client?.stream.destroy()
      device.client = null
    },
  }
  return device
}

/** Enrols and connects a device in one go. */
export async function enrolledDevice(url: string, token: string, machineId: string): Promise<ScriptedDevice> {
  const response = await fetch(`${url}/api/v1/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, machineId, hostname: `kiosk-${machineId}`, platform: 'linux', agentVersion: '0.1.0' }),
  })
  if (response.status !== 201) throw new Error(`enrol: ${response.status} ${await response.text()}`)
  return scriptedDevice((await response.json()) as Enrolled)
}
