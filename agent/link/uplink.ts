/** The line to the server: connects, says who it is, empties the spool, listens. Nothing is taken from the spool before the server has it. */
import { encodeMessage } from '../../shared/decode.ts'
import { newSessionId } from '../../shared/ids.ts'
import type { BirthData } from '../../shared/messages.ts'
import { untilNextMs } from '../platform/agent-clock.ts'
import { backoffMs, STABLE_MS, type BackoffReason } from './backoff.ts'
import { connectBroker, type Connection } from './broker-connection.ts'
import { parseAck, parseSystem } from './down-messages.ts'
import type { SpoolRecord } from './spool-types.ts'
import type { LinkState, Uplink, UplinkOptions } from './uplink-types.ts'
import { makeRateLimit, makeSendWindow, type RateLimit } from './uplink-window.ts'

const ACK_TIMEOUT_MS = 30_000
const GOODBYE_MS = 3_000

type Session = {
  sid: string
  connection: Connection
  connectedAtMs: number | null
  /** Birth sent and not yet acknowledged since this moment, or null. */
  birthAtMs: number | null
  epoch: string
  /** Highest number stored before this session: what is not above it is backlog. */
  backlogTo: number
  sentTo: { evt: number; met: number }
  rate: RateLimit
  ackMode: 'puback' | 'app'
  unconfirmed: Map<number, number>
  cancelTimers: Map<'heartbeat' | 'watch' | 'rate', () => void>
}

/** Makes the uplink; `start` begins to connect, for ever, with full-jitter back-off. */
export function makeUplink(options: UplinkOptions): Uplink {
  const { login, spool, clock, log, bootId } = options
  const random = options.random ?? Math.random
  const connect = options.connect ?? connectBroker
  const window = makeSendWindow()
  let heartbeatSeconds = options.heartbeatSeconds
  let session: Session | null = null
  let isStopped = false
  let attempts = 0
  let failures = 0
  let lastReason: BackoffReason = 'network'
  let retryAfterMs: number | null = null
  let cancelAttempt = () => {}
  let state: LinkState = { connected: false, url: '', sinceMs: clock.wallMs(), failures: 0, lastError: null, nextAttemptInMs: 0 }

  function setState(change: Partial<LinkState>): void {
    state = { ...state, ...change, failures }
    options.onState?.(state)
  }

  function attempt(): void {
    const url = login.urls[attempts++ % login.urls.length] ?? ''
    const sid = newSessionId()
    const own: Session = {
      sid,
      connection: { publish() {}, disconnect() {}, drop() {} },
      connectedAtMs: null,
      birthAtMs: null,
      epoch: spool.epoch,
      backlogTo: 0,
      sentTo: { evt: 0, met: 0 },
      rate: makeRateLimit(clock.monotonicMs()),
      ackMode: 'puback',
      unconfirmed: new Map(),
      cancelTimers: new Map(),
    }
    session = own
    const will = Buffer.from(JSON.stringify({ v: 1, t: 'will', sid }))
    const events = {
      onConnected: () => opened(own, url),
      onMessage: (kind: 'cfg' | 'cmd' | 'ack' | 'sys', payload: Buffer) => {
        if (session === own) heard(own, kind, payload)
      },
      onClosed: (cause: { refused: boolean; text: string }) => closed(own, cause),
    }
    try {
      own.connection = connect({ url, login, caPem: options.caPem, keepaliveSeconds: options.keepaliveSeconds, will }, events)
    } catch (error) {
      closed(own, { refused: false, text: (error as Error).message })
    }
  }

  function opened(own: Session, url: string): void {
    own.connectedAtMs = clock.monotonicMs()
    log.info({ deviceId: login.clientId, sid: own.sid, url }, 'connected')
    setState({ connected: true, url, sinceMs: clock.wallMs(), lastError: null, nextAttemptInMs: null })
    window.clear()
    spool.flush()
    sendBirth(own)
    planHeartbeat(own)
  }

  function closed(own: Session, cause: { refused: boolean; text: string }): void {
    if (session !== own) return
    session = null
    for (const cancel of own.cancelTimers.values()) cancel()
    window.clear()
    if (isStopped) return
    const livedMs = own.connectedAtMs === null ? 0 : clock.monotonicMs() - own.connectedAtMs
    const reason: BackoffReason = cause.refused ? 'credentials' : 'network'
    if (livedMs >= STABLE_MS || reason !== lastReason) failures = 0
    lastReason = reason
    failures++
    const delayMs = retryAfterMs ?? backoffMs(reason, failures, random())
    retryAfterMs = null
    log.warn(
      { deviceId: login.clientId, cause: cause.text, refused: cause.refused, failures, delayMs },
      own.connectedAtMs === null ? 'connection failed' : 'connection lost',
    )
    setState({ connected: false, sinceMs: clock.wallMs(), lastError: cause.text, nextAttemptInMs: delayMs })
    cancelAttempt = clock.after(delayMs, attempt)
  }

  function envelope(t: string, data: object): object {
    const up = clock.monotonicMs()
    return { v: 1, t, ts: clock.wallMs(), up, su: up, bid: bootId, d: data }
  }

  function sendBirth(own: Session): void {
    const q = spool.takeNumber()
    if (own.epoch !== spool.epoch || own.backlogTo === 0) {
      own.epoch = spool.epoch
      own.backlogTo = q
      own.sentTo = { evt: 0, met: 0 }
      own.unconfirmed.clear()
      window.clear()
    }
    const sentAtMs = clock.monotonicMs()
    own.birthAtMs = sentAtMs
    watchAcks(own)
    const data: BirthData = { sid: own.sid, ...options.birth() }
    own.connection.publish('birth', encodeMessage({ ...envelope('birth', data), e: own.epoch, q }), 1, () => {
      if (session !== own || own.birthAtMs !== sentAtMs) return
      own.birthAtMs = null
      pump()
    })
  }

  function planHeartbeat(own: Session): void {
    own.cancelTimers.get('heartbeat')?.()
    const beat = () => {
      own.connection.publish('hb', encodeMessage(envelope('hb', options.health())), 0)
      own.cancelTimers.set('heartbeat', clock.after(untilNextMs(clock, heartbeatSeconds * 1000), beat))
    }
    own.cancelTimers.set('heartbeat', clock.after(untilNextMs(clock, heartbeatSeconds * 1000), beat))
  }

  /** Nothing acknowledged for 30 s: the line is dropped, and the next session starts from the lowest record the server does not have.
   * One look is planned when something leaves, and again while something is on its way. */
  function watchAcks(own: Session): void {
    if (own.cancelTimers.has('watch')) return
    const look = () => {
      own.cancelTimers.delete('watch')
      const [oldestUnconfirmed = null] = own.unconfirmed.values()
      const sentAt = [window.oldestAtMs(), own.birthAtMs, oldestUnconfirmed].filter(at => at !== null)
      if (sentAt.length === 0) return
      const waitedMs = clock.monotonicMs() - Math.min(...sentAt)
      if (waitedMs >= ACK_TIMEOUT_MS) {
        log.warn({ deviceId: login.clientId, sid: own.sid }, 'no acknowledgement for 30 s: dropping the line')
        own.connection.drop()
      } else {
        own.cancelTimers.set('watch', clock.after(ACK_TIMEOUT_MS - waitedMs, look))
      }
    }
    own.cancelTimers.set('watch', clock.after(ACK_TIMEOUT_MS, look))
  }

  /** Events first, then metrics; with `app` acknowledgement strictly by number, because that acknowledgement is cumulative. */
  function nextRecord(own: Session): SpoolRecord | null {
    if (own.ackMode === 'app') return spool.next(null, Math.max(own.sentTo.evt, own.sentTo.met))
    return spool.next('evt', own.sentTo.evt) ?? spool.next('met', own.sentTo.met)
  }

  function pump(): void {
    const own = session
    if (!own || own.connectedAtMs === null || own.birthAtMs !== null || isStopped) return
    if (own.epoch !== spool.epoch) {
      sendBirth(own)
      return
    }
    while (window.hasRoom()) {
      const record = nextRecord(own)
      if (!record) return
      const waitMs = own.rate.take(record.lane === 'met' && record.q <= own.backlogTo, clock.monotonicMs())
      if (waitMs > 0) {
        own.cancelTimers.get('rate')?.()
        own.cancelTimers.set('rate', clock.after(waitMs, pump))
        return
      }
      send(own, record)
    }
  }

  function send(own: Session, record: SpoolRecord): void {
    const { q, kind, ts, up, bid } = record
    const nowMs = clock.monotonicMs()
    // the two monotonic readings compare only within one boot
    const su = bid === bootId ? { su: nowMs } : {}
    const payload = encodeMessage({ v: 1, t: kind, e: own.epoch, q, ts, up, ...su, bid, d: JSON.parse(record.d) as unknown })
    window.add(q, payload.byteLength, nowMs)
    if (own.ackMode === 'app') own.unconfirmed.set(q, nowMs)
    own.sentTo[record.lane] = q
    watchAcks(own)
    const { epoch } = own
    own.connection.publish(kind, payload, 1, () => {
      if (session !== own) return
      window.remove(q)
      if (own.ackMode === 'puback') spool.acked(epoch, q)
      pump()
    })
  }

  function heard(own: Session, kind: 'cfg' | 'cmd' | 'ack' | 'sys', payload: Buffer): void {
    if (kind === 'cfg') {
      if (payload.byteLength > 0) options.onConfig(payload.toString('utf8'))
      return
    }
    if (kind === 'cmd') {
      options.onCommand(payload.toString('utf8'))
      return
    }
    if (kind === 'ack') {
      const ack = parseAck(payload)
      if (!ack) return
      options.onClockOffset(ack.now - clock.wallMs())
      if (own.ackMode !== 'app') return
      spool.ackedUpTo(ack.e, ack.q)
      for (const q of own.unconfirmed.keys()) if (q <= ack.q) own.unconfirmed.delete(q)
      return
    }
    if (kind === 'sys') heardSystem(own, payload)
  }

  function heardSystem(own: Session, payload: Buffer): void {
    const message = parseSystem(payload)
    switch (message?.type) {
      case 'hello':
        own.ackMode = message.ackMode
        options.onClockOffset(message.now - clock.wallMs())
        heartbeatSeconds = message.heartbeatSeconds
        planHeartbeat(own)
        break
      case 'rebirth':
        sendBirth(own)
        options.onRebirth()
        break
      case 'retry-after':
        retryAfterMs = message.seconds * 1000
        own.connection.drop()
        break
      case 'revoked':
        log.warn({ deviceId: login.clientId }, 'the server revoked this device')
        retryAfterMs = backoffMs('credentials', 1, random())
        own.connection.drop()
        break
      default:
        log.debug('unknown dn/sys message ignored')
    }
  }

  spool.onStored = pump
  return {
    start: attempt,
    rebirth() {
      if (session && session.connectedAtMs !== null) sendBirth(session)
    },
    setHeartbeatSeconds(seconds) {
      heartbeatSeconds = seconds
      if (session && session.connectedAtMs !== null) planHeartbeat(session)
    },
    state: () => state,
    async stop(reason, expectedBackAt) {
      isStopped = true
      cancelAttempt()
      const own = session
      if (!own) return
      for (const cancel of own.cancelTimers.values()) cancel()
      if (own.connectedAtMs !== null) {
        const goodbye = { v: 1, t: 'will', sid: own.sid, bye: true, reason, expectedBackAt }
        await new Promise<void>(resolve => {
          const cancel = clock.after(GOODBYE_MS, resolve)
          own.connection.publish('will', Buffer.from(JSON.stringify(goodbye)), 1, () => {
            cancel()
            resolve()
          })
        })
        own.connection.disconnect()
      } else {
        own.connection.drop()
      }
      session = null
      setState({ connected: false, sinceMs: clock.wallMs(), nextAttemptInMs: null })
    },
  }
}
