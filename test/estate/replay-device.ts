/** A device of the replay: numbers its messages, keeps them while it has no contact, and has a clock of its own that may be wrong. */
import { newEpoch, newSessionId } from '../../shared/ids.ts'
import type { UpKind } from '../../shared/topics.ts'
import type { DeviceMessage } from '../../server/telemetry/ingest.ts'

type Kept = { kind: UpKind; q: number; ts: number; up: number; bid: string; d: object }

/** Makes a device that is not connected yet. */
export function makeReplayDevice(deviceId: string, startMs: number) {
  const epoch = newEpoch()
  const boot = { id: newSessionId(), atMs: startMs - 3_600_000, skewMs: 0 }
  let [sequence, sid] = [0, '']
  const spool: Kept[] = []
  const failing = new Map<string, object>()

  const raw = (kind: UpKind, body: object, nowMs: number): DeviceMessage => ({
    deviceId,
    kind,
    payload: Buffer.from(JSON.stringify(body)),
    receivedAtMs: nowMs,
  })
  const send = ({ kind, q, ts, up, bid, d }: Kept, nowMs: number): DeviceMessage => {
    // What an earlier boot kept has no monotonic time of this one.
    const su = bid === boot.id ? { su: nowMs - boot.atMs } : {}
    return raw(kind, { v: 1, t: kind, e: epoch, q, ts, up, ...su, bid, d }, nowMs)
  }
  const note = (kind: UpKind, d: object, nowMs: number): Kept => {
    sequence += 1
    return { kind, q: sequence, ts: nowMs + boot.skewMs, up: nowMs - boot.atMs, bid: boot.id, d }
  }

  const device = {
    deviceId,
    isLinked: false,
    /** Still counts as connected for the broker although nothing comes: no will, no packet. */
    isHalfOpen: false,
    jump: (byMs: number): void => void (boot.skewMs += byMs),
    restart(nowMs: number): void {
      Object.assign(boot, { id: newSessionId(), atMs: nowMs - 30_000 })
    },
    /** Connects: a birth, then everything that was kept. */
    connect(nowMs: number): DeviceMessage[] {
      sid = newSessionId()
      Object.assign(device, { isLinked: true, isHalfOpen: false })
      const birth = note('birth', { sid, agentVersion: '1.0.0', hostname: deviceId.slice(0, 8), platform: 'linux-x64' }, nowMs)
      return [send(birth, nowMs), ...spool.splice(0).map(kept => send(kept, nowMs))]
    },
    /** Says something now, or keeps it for later. */
    say(nowMs: number, d: { signal: string; state: 'failing' | 'ok'; text: string; exhausted?: boolean; remedies?: object[] }) {
      if (d.state === 'failing') failing.set(d.signal, d)
      else failing.delete(d.signal)
      const kept = note('evt', d, nowMs)
      if (device.isLinked) return [send(kept, nowMs)]
      spool.push(kept)
      return []
    },
    /** After a start of its own the agent finds what fails anew. */
    findAgain(nowMs: number): DeviceMessage[] {
      return device.isLinked ? [...failing.values()].map(d => send(note('evt', d, nowMs), nowMs)) : []
    },
    will: (nowMs: number): DeviceMessage => raw('will', { v: 1, t: 'will', sid }, nowMs),
    goodbye: (nowMs: number, reason: string, expectedBackMs: number | undefined): DeviceMessage =>
      raw(
        'will',
        {
          v: 1,
          t: 'will',
          sid,
          bye: true,
          reason,
          expectedBackAt: expectedBackMs === undefined ? null : new Date(expectedBackMs).toISOString(),
        },
        nowMs,
      ),
  }
  return device
}
export type ReplayDevice = ReturnType<typeof makeReplayDevice>
