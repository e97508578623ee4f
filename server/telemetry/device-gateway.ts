/** Between the broker and the services: who may log in, what is stored, and what the server says to a device. */
import { decodeUp } from '../../shared/decode.ts'
import type { SystemMessage } from '../../shared/messages.ts'
import type { DownKind, UpKind } from '../../shared/topics.ts'
import type { DeviceConfig } from '../devices/device-config.ts'
import type { DeviceResults } from './device-results.ts'
import type { Enrolment } from '../enrolment/enrolment.ts'
import type { DeviceMessage, Ingest } from './ingest.ts'
import type { Presence } from './presence.ts'

const HEARTBEAT_SECONDS = 10
/** A device hears the server's clock at least this often; the acknowledgement itself is the PUBACK. */
const CLOCK_EVERY_MS = 60_000

type Publish = (deviceId: string, kind: DownKind, payload: string, options: { qos: 0 | 1; retain?: boolean }) => boolean

/** What the server says to devices. */
export function makeDeviceSpeaker(deps: { now: () => number; publish: Publish }) {
  const toldClockAt = new Map<string, number>()
  const system = (deviceId: string, message: SystemMessage): boolean => deps.publish(deviceId, 'sys', JSON.stringify(message), { qos: 1 })
  return {
    /** After a birth: how to acknowledge and what time it is. The configuration went out when the device subscribed. */
    born: (deviceId: string): void =>
      void system(deviceId, { type: 'hello', ackMode: 'puback', now: deps.now(), heartbeatSeconds: HEARTBEAT_SECONDS }),
    /** After a commit: how far the epoch is stored, and the time. */
    stored(deviceId: string, epoch: string, mark: number): void {
      const nowMs = deps.now()
      if (nowMs - (toldClockAt.get(deviceId) ?? 0) < CLOCK_EVERY_MS) return
      toldClockAt.set(deviceId, nowMs)
      deps.publish(deviceId, 'ack', JSON.stringify({ e: epoch, q: mark, now: nowMs }), { qos: 0 })
    },
    forget: (deviceId: string): void => void toldClockAt.delete(deviceId),
  }
}
export type DeviceSpeaker = ReturnType<typeof makeDeviceSpeaker>

/** The calls the broker makes, answered by the services. */
export function makeDeviceDoor(deps: {
  enrolment: Enrolment
  ingest: Ingest
  presence: Presence
  speaker: DeviceSpeaker
  config: DeviceConfig
  results: Pick<DeviceResults, 'deliver'>
  counted: { message(kind: UpKind): void; quarantined(fault: string): void }
}) {
  const { enrolment, ingest, presence } = deps
  return {
    authenticate: async (login: { deviceId: string; secretSha256: string }): Promise<'accepted' | 'refused'> => {
      const result = await enrolment.authenticate(login)
      if (result.outcome === 'refused') return 'refused'
      presence.admitted(login.deviceId, result.customerId)
      return 'accepted'
    },
    commit: (group: readonly DeviceMessage[]): Promise<void> => ingest.commit(group),
    heartbeat: (message: { deviceId: string; payload: Uint8Array; receivedAtMs: number }): void => {
      presence.heard(message.deviceId, message.receivedAtMs)
      const decoded = decodeUp('hb', message.payload)
      if (decoded.ok) deps.counted.message('hb')
      else deps.counted.quarantined(decoded.fault)
    },
    heard: (deviceId: string, atMs: number): void => presence.heard(deviceId, atMs),
    connected: (session: { deviceId: string; connectionId: number; address: string; takeover: boolean }): void =>
      presence.connected(session.deviceId, session.connectionId, session.takeover, session.address),
    disconnected: (session: { deviceId: string; connectionId: number }): void => {
      presence.disconnected(session.deviceId, session.connectionId)
      deps.speaker.forget(session.deviceId)
    },
    /** Asked when a device has subscribed: what waits for it goes with its configuration. */
    desiredConfig(deviceId: string): Promise<string | null> {
      deps.results.deliver([deviceId])
      return deps.config.desired(deviceId)
    },
  }
}
