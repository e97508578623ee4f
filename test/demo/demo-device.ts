/** One device of the demo's past: speaks the same messages as an agent, at the instant of virtual time. */
import { newEpoch, newSessionId } from '../../shared/ids.ts'
import type { WillMessage } from '../../shared/messages.ts'
import type { UpKind } from '../../shared/topics.ts'
import type { DeviceMessage } from '../../server/telemetry/ingest.ts'
import { metricsAt } from '../simulate/daily-curve.ts'
import { MODELS, type ProfileId } from './demo-estate.ts'
import { INVENTORIES } from './demo-inventory.ts'

/** What is kept of a device for the time after the history. */
export type DemoLogin = {
  deviceId: string
  password: string
  hostname: string
  profile: ProfileId
  /** Character of its metrics, and local time less UTC. */
  seed: number
  offsetHours: number
  /** Whether it is there when the demo runs; the others stay as the history left them. */
  presence: 'live' | 'away'
}
export type DemoDevice = {
  login: DemoLogin
  customer: string
  site: string
  isOnline: boolean
  birth(nowMs: number): DeviceMessage
  event(
    nowMs: number,
    signal: string,
    state: 'failing' | 'ok',
    text: string,
    more?: { remedies?: object[]; exhausted?: boolean; evidence?: unknown },
  ): DeviceMessage
  /** Samples of the last `minutes`, `count` of them. */
  samples(nowMs: number, minutes: number, count: number): DeviceMessage
  configApplied(nowMs: number, rev: number): DeviceMessage
  /** The last will, as the broker publishes it when the connection dies. */
  will(nowMs: number): DeviceMessage
  goodbye(nowMs: number, reason: NonNullable<WillMessage['reason']>, expectedBackAtMs: number | null): DeviceMessage
}

/** Makes a device from its login. */
export function makeDemoDevice(place: { customer: string; site: string }, login: DemoLogin, startMs: number): DemoDevice {
  const epoch = newEpoch()
  let sequence = 0
  let bootId = newSessionId()
  let bootAtMs = startMs - 3_600_000
  let sid = ''
  const message = (kind: UpKind, body: object, nowMs: number): DeviceMessage => ({
    deviceId: login.deviceId,
    kind,
    payload: Buffer.from(JSON.stringify(body)),
    receivedAtMs: nowMs,
  })
  const envelope = (kind: UpKind, d: object, nowMs: number): DeviceMessage => {
    const up = nowMs - bootAtMs
    sequence += 1
    return message(kind, { v: 1, t: kind, e: epoch, q: sequence, ts: nowMs, up, su: up, bid: bootId, d }, nowMs)
  }
  const device: DemoDevice = {
    login,
    ...place,
    isOnline: false,
    birth(nowMs) {
      sid = newSessionId()
      bootId = newSessionId()
      bootAtMs = nowMs - 40_000
      device.isOnline = true
      return envelope(
        'birth',
        {
          sid,
          agentVersion: '0.1.0',
          hostname: login.hostname,
          platform: 'linux-x64',
          model: MODELS[login.profile],
          inventory: INVENTORIES[login.profile],
        },
        nowMs,
      )
    },
    event: (nowMs, signal, state, text, more = {}) => envelope('evt', { signal, state, text, ...more }, nowMs),
    samples(nowMs, minutes, count) {
      const up = nowMs - bootAtMs
      const samples = Array.from({ length: count }, (_, position) => ((count - 1 - position) * minutes * 60_000) / count)
        .filter(ageMs => ageMs <= up)
        .map(ageMs => ({ up: up - ageMs, m: metricsAt(login.seed, nowMs - ageMs, login.offsetHours) }))
      return envelope('met', { samples }, nowMs)
    },
    configApplied: (nowMs, rev) => envelope('cfg', { rev, status: 'applied' }, nowMs),
    will(nowMs) {
      device.isOnline = false
      return message('will', { v: 1, t: 'will', sid }, nowMs)
    },
    goodbye(nowMs, reason, expectedBackAtMs) {
      device.isOnline = false
      return message(
        'will',
        {
          v: 1,
          t: 'will',
          sid,
          bye: true,
          reason,
          expectedBackAt: expectedBackAtMs === null ? null : new Date(expectedBackAtMs).toISOString(),
        },
        nowMs,
      )
    },
  }
  return device
}
