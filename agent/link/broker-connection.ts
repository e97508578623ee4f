/** One attempt to reach the broker: one client object that never reconnects by itself, with everything of it gone after `drop`. The only import of mqtt. */
import { connect as connectTcp, isIP } from 'node:net'
import { MqttClient, type IClientOptions } from 'mqtt'
import { DOWN_KINDS, downTopic, upTopic, type DownKind, type UpKind } from '../../shared/topics.ts'
import { tls } from '../platform/builtin.ts'
import type { MqttLogin } from '../platform/state.ts'

const CONNECT_TIMEOUT_MS = 20_000

export type Connection = {
  /** Sends one message; `onAcked` is called when the broker took it (QoS 1). It is never called when the line breaks. */
  publish(kind: UpKind, payload: Buffer, qos: 0 | 1, onAcked?: () => void): void
  /** MQTT DISCONNECT, then the end of the line. */
  disconnect(): void
  /** The end of the line, at once and without a word: the server publishes the last will. */
  drop(): void
}

export type ConnectionEvents = {
  onConnected(): void
  onMessage(kind: DownKind, payload: Buffer): void
  /** Once, when the line is gone or was never there. `refused` = CONNACK 4 or 5: wrong or revoked credentials. */
  onClosed(cause: { refused: boolean; text: string }): void
}

export type ConnectionOptions = { url: string; login: MqttLogin; caPem: string | null; keepaliveSeconds: number; will: Buffer }
export type Connect = (options: ConnectionOptions, events: ConnectionEvents) => Connection

/** Host, port and kind of line of a broker address; null when this program does not speak it. */
export function parseBrokerUrl(url: string): { host: string; port: number; isTls: boolean } | null {
  const parsed = URL.parse(url)
  if (!parsed) return null
  const isTls = parsed.protocol === 'mqtts:' || parsed.protocol === 'ssl:'
  if (!isTls && parsed.protocol !== 'mqtt:' && parsed.protocol !== 'tcp:') return null
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: parsed.port === '' ? (isTls ? 8883 : 1883) : Number(parsed.port), isTls }
}

/** Opens one line to the broker. */
export const connectBroker: Connect = ({ url, login, caPem, keepaliveSeconds, will }, events) => {
  const target = parseBrokerUrl(url)
  const deviceId = login.clientId
  let isClosed = false
  let fault: { refused: boolean; text: string } | null = null
  const options: IClientOptions = {
    protocolVersion: 4,
    clientId: deviceId,
    username: login.username,
    password: login.password,
    clean: true,
    keepalive: keepaliveSeconds,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // switches off a table of 65,536 packet numbers: 12 to 18 MB on a kiosk
    writeCache: false,
    timerVariant: 'native',
    will: { topic: upTopic(deviceId, 'will'), payload: will, qos: 1, retain: false },
  }
  const openStream = () => {
    if (!target) throw new Error(`cannot speak ${url}`)
    const { host, port, isTls } = target
    if (!isTls) return connectTcp({ host, port, noDelay: true })
    return tls().connect({
      host,
      port,
      ...(isIP(host) === 0 && { servername: host }),
      ...(caPem !== null && { ca: caPem }),
      minVersion: 'TLSv1.2',
    })
  }
  const client = new MqttClient(openStream, options)

  const close = () => {
    if (isClosed) return
    isClosed = true
    // our listeners stay, deaf from now on: the client's own end its timers, which would otherwise hold it for half a minute
    client.end(true)
    client.stream.destroy()
    events.onClosed(fault ?? { refused: false, text: 'the line was closed' })
  }
  client.on('error', error => {
    if (isClosed) return
    const code = (error as { code?: unknown }).code
    fault = { refused: code === 4 || code === 5, text: error.message || String(code) }
    close()
  })
  client.on('close', close)
  client.on('connect', () => {
    if (isClosed) return
    client.subscribe(
      Object.fromEntries(DOWN_KINDS.map(kind => [downTopic(deviceId, kind), { qos: kind === 'cfg' || kind === 'cmd' ? 1 : 0 }])),
    )
    events.onConnected()
  })
  client.on('message', (topic, payload) => {
    const kind = DOWN_KINDS.find(name => downTopic(deviceId, name) === topic)
    if (kind && !isClosed) events.onMessage(kind, payload)
  })
  return {
    publish(kind, payload, qos, onAcked) {
      client.publish(upTopic(deviceId, kind), payload, { qos }, error => {
        if (!error && !isClosed) onAcked?.()
      })
    },
    disconnect() {
      if (isClosed) return
      isClosed = true
      client.end(false, () => client.stream.destroy())
    },
    drop: close,
  }
}
