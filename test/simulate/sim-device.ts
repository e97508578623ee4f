/** A simulated device: real MQTT, sends what it was told until the server has it, comes back when the line breaks. */
import type { MqttClient } from 'mqtt'
import type { Enrolled } from '../../shared/api/devices/device-api.ts'
import { encodeMessage } from '../../shared/decode.ts'
import { newEpoch, newSessionId } from '../../shared/ids.ts'
import type { DesiredConfig, WillMessage } from '../../shared/messages.ts'
import type { Profile } from '../../shared/profile.ts'
import { verifyDocument } from '../../shared/signing.ts'
import { downTopic, upTopic, type UpKind } from '../../shared/topics.ts'
import { openSession } from '../support/scripted-device.ts'

/** What all devices of a simulation have counted together. */
export type Tally = { sent: number; acknowledged: number; repeated: number; reconnects: number; pubackMs: number[] }
export const newTally = (): Tally => ({ sent: 0, acknowledged: 0, repeated: 0, reconnects: 0, pubackMs: [] })

/** `away`: switched off by the script, comes back by the script only. */
type Mode = 'away' | 'connecting' | 'online' | 'lost' | 'silent'
type Pending = { kind: UpKind; payload: Buffer; wasSent: boolean }

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

export type SimDevice = {
  readonly id: string
  readonly mode: Mode
  readonly intervals: { sampleSeconds: number; heartbeatSeconds: number }
  /** Messages the server has not acknowledged. */
  unacknowledged(): number
  connect(): Promise<void>
  send(kind: 'evt' | 'met', data: object): void
  sample(metrics: Record<string, number>): void
  heartbeat(): void
  /** The process is gone: the socket dies without a word. */
  kill(): void
  /** Half-open: the connection stands, nothing comes and nothing goes. */
  silence(): void
  goodbye(reason: NonNullable<WillMessage['reason']>, expectedBackAt?: string | null): Promise<void>
  /** Ends what is left without a word. */
  drop(): void
}

/** Makes a device from what enrolment answered. `birth` are its facts (host name, platform, model, inventory). */
export function makeSimDevice(options: {
  credential: Enrolled
  birth: Record<string, unknown> & { hostname: string; platform: string }
  tally: Tally
  random?: () => number
}): SimDevice {
  const { credential, tally, random = Math.random } = options
  const id = credential.deviceId
  const bootId = newSessionId()
  const startedMs = performance.now() - 60_000
  const epoch = newEpoch()
  let sequence = 0
  let sid = ''
  let mode: Mode = 'away'
  let client: MqttClient | null = null
  let failures = 0
  let retry: NodeJS.Timeout | undefined
  let intervals = { sampleSeconds: 30, heartbeatSeconds: credential.heartbeatSeconds }
  let appliedRev = 0
  /** In order; a message leaves when its PUBACK has come. */
  const pending = new Set<Pending>()
  const upMs = (): number => Math.round(performance.now() - startedMs)

  const publish = (message: Pending): void => {
    const through = client
    if (!through) return
    if (message.wasSent) tally.repeated += 1
    message.wasSent = true
    const sentMs = performance.now()
    through.publish(upTopic(id, message.kind), message.payload, { qos: 1 }, error => {
      if (error || through !== client || !pending.delete(message)) return
      tally.acknowledged += 1
      tally.pubackMs.push(performance.now() - sentMs)
    })
  }
  const enqueue = (kind: UpKind, data: object): void => {
    const atUp = upMs()
    sequence += 1
    const message: Pending = {
      kind,
      payload: encodeMessage({ v: 1, t: kind, e: epoch, q: sequence, ts: Date.now(), up: atUp, su: atUp, bid: bootId, d: data }),
      wasSent: false,
    }
    pending.add(message)
    tally.sent += 1
    if (mode === 'online') publish(message)
  }

  const onConfig = (wire: string): void => {
    const verified = verifyDocument(credential.signingKeys, 'k1cfg', id, wire)
    if (!verified.ok) return
    const { rev, profile } = verified.document as DesiredConfig
    intervals = { ...(profile as Profile).intervals }
    if (rev === appliedRev) return
    appliedRev = rev
    enqueue('cfg', { rev, status: 'applied' })
  }

  const onClose = (): void => {
    client = null
    if (mode !== 'online') return
    mode = 'lost'
    comeBack()
  }
  const comeBack = (): void => {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * random()
    failures += 1
    retry = setTimeout(() => {
      if (mode !== 'lost') return
      tally.reconnects += 1
      void attempt().catch(() => {
        if (mode === 'connecting') mode = 'lost'
        if (mode === 'lost') comeBack()
      })
    }, pauseMs)
  }

  const attempt = async (): Promise<void> => {
    mode = 'connecting'
    sid = newSessionId()
    const opened = await openSession(credential, sid, {
      keepalive: credential.keepaliveSeconds,
      onMessage: (topic, payload) => {
        if (topic === downTopic(id, 'cfg')) onConfig(payload.toString())
      },
    })
    if (mode !== 'connecting') {
      opened.stream.destroy()
      return
    }
    client = opened
    opened.once('close', onClose)
    if (!opened.connected) return onClose()
    mode = 'online'
    failures = 0
    const waiting = [...pending]
    enqueue('birth', { sid, agentVersion: '0.1.0', ...options.birth, configRev: appliedRev })
    for (const message of waiting) publish(message)
    return undefined
  }
  const leave = (next: Mode): MqttClient | null => {
    clearTimeout(retry)
    const left = client
    client = null
    mode = next
    return left
  }

  return {
    id,
    get mode() {
      return mode
    },
    get intervals() {
      return intervals
    },
    unacknowledged: () => pending.size,
    async connect() {
      if (mode === 'online' || mode === 'connecting') return
      leave('away')?.stream.destroy()
      await attempt()
    },
    send(kind, data) {
      if (mode !== 'away' && mode !== 'silent') enqueue(kind, data)
    },
    sample(metrics) {
      if (mode !== 'away' && mode !== 'silent') enqueue('met', { samples: [{ up: upMs(), m: metrics }] })
    },
    heartbeat() {
      if (mode !== 'online' || !client) return
      const up = upMs()
      client.publish(upTopic(id, 'hb'), JSON.stringify({ v: 1, t: 'hb', ts: Date.now(), up, su: up, bid: bootId }), { qos: 0 })
    },
    kill() {
      // What it had not sent stays on its disk: the next process sends it.
      leave('away')?.stream.destroy()
    },
    silence() {
      if (mode !== 'online' || !client) return
      client.keepaliveManager.destroy()
      client.stream.cork()
      client.stream.pause()
      mode = 'silent'
    },
    async goodbye(reason, expectedBackAt = null) {
      const left = mode === 'online' ? leave('away') : null
      if (!left) return
      await left
        .publishAsync(upTopic(id, 'will'), JSON.stringify({ v: 1, t: 'will', sid, bye: true, reason, expectedBackAt }), { qos: 1 })
        .catch(() => undefined)
      await left.endAsync().catch(() => undefined)
    },
    drop: () => void leave('away')?.stream.destroy(),
  }
}
