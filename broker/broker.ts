/** The door for devices: aedes with a guard in front, the access table of shared/topics, and PUBACK only after the commit. */
import { createHash } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'
import { Aedes, type Client, type PublishPacket } from 'aedes'
import { downTopic, maySubscribe, parseTopic } from '../shared/topics.ts'
import { guardParser, keepNothing, missingParts, readWhole, routeNothing } from './aedes-internals.ts'
import type { Broker, BrokerDeps, Inbound } from './broker-types.ts'
import { makeCommitGate } from './commit-gate.ts'
import { makeDelivery } from './message-delivery.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { makeLinkGuard } from './link-guard.ts'
import { makeLinks, type Link } from './links.ts'
import { makeListeners } from './listeners.ts'
import { makeLogLimiter } from './log-limiter.ts'
import { makeHookFailed, makeObservers } from './observers.ts'
import { CONNACK, publishVerdict } from './packet-guard.ts'

export type { Broker, BrokerDeps, Inbound } from './broker-types.ts'

/** Packets a client may send before CONNACK: one read of its socket bounds them, not a count. */
const PIPELINED_PACKETS = 10_000

/**
 * Makes the broker; nothing listens yet. Throws when this version of aedes has lost a part the guard stands on.
 * What decides (authenticate, commit) fails closed when it throws; what only watches (heard, connected, counters ...) fails open and is logged.
 */
export function makeBroker(deps: BrokerDeps): Broker {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits }
  const logLine = makeLogLimiter({ log: deps.log, nowMs: () => performance.now() })
  let stopping = false

  const failed = makeHookFailed(logLine)
  const observers = makeObservers(deps, failed)
  const links = makeLinks({ limits, observers, logLine })
  const gate = makeCommitGate<Inbound>({
    commit: deps.commit,
    bytesOf: message => message.payload.length + 256,
    committed: observers.counters.commitSeconds,
    limits,
  })

  const guardOf = makeLinkGuard({ links, heard: observers.heard, nowMs: deps.nowMs, failed })
  const delivery = makeDelivery({ limits, links, desiredConfig: deps.desiredConfig, rejected: observers.counters.rejected, failed })

  const aedes = new Aedes({
    concurrency: 1000,
    drainTimeout: limits.drainMs,
    // The login deadline of a link covers CONNECT and the credential check; this one only backs it.
    connectTimeout: limits.loginMs * 2,
    queueLimit: PIPELINED_PACKETS,
    mq: routeNothing(),
    persistence: keepNothing(),
    authenticate: (client, _user, password, done) => {
      logIn(client, password, done).catch((error: unknown) => hookFailed('authenticate', client, error))
    },
    authorizePublish: closing('authorizePublish', authorizePublish),
    authorizeSubscribe: closing('authorizeSubscribe', authorizeSubscribe),
    authorizeForward: (client, packet) => (maySubscribe(client.id, packet.topic).allowed ? packet : null),
  })
  // Publishes of devices end in the store. Nothing is routed, so no device can ever read another.
  aedes.publish = (_packet: unknown, client: unknown, done?: () => void) => {
    const callback = done ?? client
    if (typeof callback === 'function') callback()
  }
  // Just before CONNACK: whoever sees the answer is already connected here.
  aedes.on('client', client => {
    const link = links.of(client)
    if (link) links.ready(link)
  })
  aedes.on('subscribe', (subscriptions, client) => {
    const link = links.of(client)
    if (link && subscriptions.some(given => given.topic === downTopic(link.deviceId, 'cfg'))) void delivery.sendConfig(link)
  })
  aedes.on('unsubscribe', (topics, client) => {
    for (const topic of topics) {
      const parsed = parseTopic(topic)
      if (parsed?.direction === 'dn') links.of(client)?.granted.delete(parsed.kind)
    }
  })
  aedes.on('keepaliveTimeout', client => {
    const link = links.of(client)
    if (link) link.keepaliveEnded = true
  })
  for (const event of ['clientError', 'connectionError'] as const) aedes.on(event, (client, error) => connectionFailed(client, error))
  const events: EventEmitter = aedes
  events.on('error', error => failed('aedes', error))

  const unfit = missingPartsOf(aedes)
  if (unfit.length > 0) {
    throw new Error(
      `The installed aedes lacks what the packet guard stands on (${unfit.join(', ')}); the broker does not start unguarded. Install the pinned version.`,
    )
  }
  const started = aedes.listen()

  function hookFailed(hook: string, client: Client | null, error: unknown): void {
    failed(hook, error)
    const link = links.of(client)
    if (link) links.reject(link, 'internal')
  }

  /** An exception inside a hook of aedes would end the process; here it ends the connection. */
  function closing<Given extends [Client | null, ...unknown[]]>(hook: string, decide: (...given: Given) => void) {
    return (...given: Given) => {
      try {
        decide(...given)
      } catch (error) {
        hookFailed(hook, given[0], error)
      }
    }
  }

  function connectionFailed(client: Client, error: Error & { code?: string }): void {
    const link = links.of(client)
    if (!link || link.phase === 'gone') return
    if (link.keepaliveEnded) links.leave(link, 'keepalive')
    else if (error.message === 'drain timeout') links.reject(link, 'slow-reader')
    else if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') links.reject(link, 'too-large')
    else if (error.code?.startsWith('WS_ERR')) links.reject(link, 'websocket')
    else if (error.code) links.leave(link, 'closed')
    else links.reject(link, 'malformed')
  }

  async function logIn(client: Client, password: Buffer | undefined, done: (error: null, accepted: boolean) => void): Promise<void> {
    const link = links.of(client)
    if (!link) return
    let outcome: 'accepted' | 'refused' | 'unavailable'
    let deadline: NodeJS.Timeout | undefined
    try {
      const secretSha256 = createHash('sha256')
        .update(password ?? '')
        .digest('hex')
      const late = new Promise<'unavailable'>(resolve => {
        deadline = setTimeout(resolve, limits.authenticateMs, 'unavailable')
      })
      outcome = await Promise.race([deps.authenticate({ deviceId: link.deviceId, secretSha256, address: link.address }), late])
    } catch (error) {
      failed('authenticate', error)
      outcome = 'unavailable'
    }
    clearTimeout(deadline)
    if (link.phase !== 'login' || stopping) return
    if (outcome === 'accepted') {
      links.claim(link)
      done(null, true)
    } else if (outcome === 'refused') links.reject(link, 'credentials', CONNACK.notAuthorized)
    else links.reject(link, 'auth-unavailable', CONNACK.unavailable)
  }

  function authorizePublish(client: Client | null, publish: PublishPacket, done: (error?: Error | null) => void): void {
    const link = links.of(client)
    if (!link) return done(new Error('unknown connection'))
    const payload = typeof publish.payload === 'string' ? Buffer.from(publish.payload) : publish.payload
    if (publish === link.will) return takeWill(link, payload, publish.qos === 1 ? 1 : 0, done)
    // Never answered: the connection is closed, or the device keeps the message for the next server.
    if (link.phase !== 'ready' || stopping) return
    const verdict = publishVerdict(link.deviceId, publish, payload.length)
    if (!verdict.allowed) return links.reject(link, verdict.reason)
    const message: Inbound = {
      deviceId: link.deviceId,
      kind: verdict.kind,
      payload,
      qos: publish.qos === 1 ? 1 : 0,
      receivedAtMs: deps.nowMs(),
      connectionId: link.id,
      isLastWill: false,
    }
    observers.counters.message(message.kind)
    const slot = link.acks.enter(() => done(null))
    if (message.kind === 'hb') {
      observers.heartbeat(message)
      link.acks.settle(slot)
    } else if (!gate.offer(message, error => (error ? links.reject(link, 'store-failed') : link.acks.settle(slot)))) {
      links.reject(link, 'overloaded')
    }
  }

  function takeWill(link: Link, payload: Buffer, qos: 0 | 1, done: (error?: Error | null) => void): void {
    links.leave(link, link.keepaliveEnded ? 'keepalive' : 'closed')
    if (stopping) return done(new Error('the server is stopping'))
    const { deviceId, id: connectionId } = link
    observers.counters.message('will')
    const message: Inbound = {
      deviceId,
      kind: 'will',
      payload,
      qos: qos === 1 ? 1 : 0,
      receivedAtMs: deps.nowMs(),
      connectionId,
      isLastWill: true,
    }
    if (!gate.offer(message, done)) {
      observers.counters.rejected('overloaded')
      done(new Error('overloaded'))
    }
  }

  function authorizeSubscribe(
    client: Client,
    wanted: { topic: string; qos: 0 | 1 | 2 },
    done: (error: null, granted: { topic: string; qos: 0 | 1 | 2 } | null) => void,
  ): void {
    const link = links.of(client)
    if (!link || link.phase === 'gone') return
    const decision = maySubscribe(link.deviceId, wanted.topic)
    const parsed = parseTopic(wanted.topic)
    if (decision.allowed && parsed?.direction === 'dn') link.granted.set(parsed.kind, wanted.qos === 0 ? 0 : 1)
    else if (!decision.allowed) {
      observers.counters.rejected('subscribe-denied')
      logLine(
        'warn',
        link.deviceId,
        { reason: 'subscribe-denied', why: decision.reason, deviceId: link.deviceId },
        'mqtt subscription denied',
      )
    }
    done(null, decision.allowed ? wanted : null)
  }

  function handle(connection: Duplex, address: string): void {
    if (stopping) return void connection.destroy()
    readWhole(connection)
    const client = aedes.handle(connection)
    guardParser(client, guardOf(links.open(client, connection, address)))
  }

  const listeners = makeListeners({
    limits,
    handle,
    refused(reason, address) {
      observers.counters.rejected(reason)
      logLine('warn', address, { reason, address }, 'mqtt connection refused')
    },
  })

  return {
    listenTcp: o => started.then(() => listeners.listenTcp(o)),
    listenTls: o => started.then(() => listeners.listenTls(o)),
    attachWebSocket: (server, path) => listeners.attachWebSocket(server, path),
    publish(deviceId, kind, payload, { qos }) {
      const link = links.holder(deviceId)
      return (
        link !== undefined &&
        delivery.send(link, kind, typeof payload === 'string' ? Buffer.from(payload) : payload, { qos, retain: false })
      )
    },
    disconnect(deviceId, reason) {
      const found = [...links.all()].filter(link => link.deviceId === deviceId && link.phase !== 'gone')
      for (const link of found) {
        link.will = null
        links.end(link, reason)
      }
      return found.length > 0
    },
    connectionCount: () => links.readyCount(),
    isConnected: deviceId => links.holder(deviceId)?.phase === 'ready',
    async stop() {
      stopping = true
      listeners.close()
      await started
      await withDeadline(gate.drain(), limits.stopMs)
      const open = [...links.all()]
      const closed = open.map(link => new Promise<void>(resolve => void link.connection.once('close', () => resolve())))
      for (const link of open) {
        links.leave(link, 'stopped')
        link.connection.end()
      }
      await withDeadline(Promise.all(closed), FAREWELL_MS)
      for (const link of links.all()) link.client.close()
      await new Promise<void>(resolve => aedes.close(resolve))
    },
  }
}

const FAREWELL_MS = 500

/** Waits for the work, but no longer than the deadline. */
async function withDeadline(work: Promise<unknown>, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, deadlineMs)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}

/** Looks into a client made for a socket that is none. */
function missingPartsOf(aedes: Aedes): string[] {
  const client = aedes.handle(new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }))
  const missing = missingParts(client)
  client.close()
  return missing
}
