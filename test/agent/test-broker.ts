/** A real broker for the agent's tests: aedes on a free port, keeping every message the device sent, decoded by the wire contract. */
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes, type Client } from 'aedes'
import { decodeUp } from '../../shared/decode.ts'
import type { UpMessage } from '../../shared/messages.ts'
import { downTopic, parseTopic, type DownKind } from '../../shared/topics.ts'

export type Heard = UpMessage & { bytes: number; atMs: number }

export type TestBroker = {
  port: number
  heard: Heard[]
  connects: number
  /** Messages of one kind, in the order they came. */
  of<Kind extends UpMessage['kind']>(kind: Kind): Extract<Heard, { kind: Kind }>[]
  send(deviceId: string, kind: DownKind, payload: object | string, retain?: boolean): Promise<void>
  /** Answer of the next logins: 0 admits, 4 and 5 refuse. */
  loginCode: 0 | 4 | 5
  /** Kinds of all messages that arrived, kept or not. */
  arrived: string[]
  /** While true no PUBACK is given. */
  isMute: boolean
  /** Cuts every line without a word. */
  cut(): void
  close(): Promise<void>
}

/** Starts the broker; a payload the wire contract refuses fails the test that reads `heard`. */
export async function startTestBroker(port = 0, tls?: { key: string; cert: string }): Promise<TestBroker> {
  const aedes = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const onSocket = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    aedes.handle(socket)
  }
  const server: Server = tls ? createTlsServer(tls, onSocket) : createServer(onSocket)
  const heard: Heard[] = []
  const broker: TestBroker = {
    port: 0,
    heard,
    connects: 0,
    loginCode: 0,
    arrived: [],
    isMute: false,
    of: kind => heard.filter(message => message.kind === kind) as never,
    send: (deviceId, kind, payload, retain = false) =>
      new Promise((resolve, reject) => {
        const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
        const packet = {
          cmd: 'publish' as const,
          topic: downTopic(deviceId, kind),
          payload: Buffer.from(body),
          qos: 1 as const,
          retain,
          dup: false,
        }
        aedes.publish(packet, error => (error ? reject(error) : resolve()))
      }),
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy()
        server.close(() => aedes.close(() => resolve()))
      }),
  }
  aedes.authenticate = (_client: Client, _user, _password, done) => {
    if (broker.loginCode === 0) {
      broker.connects++
      done(null, true)
    } else {
      done(Object.assign(new Error('refused'), { returnCode: broker.loginCode }), false)
    }
  }
  aedes.authorizePublish = (client, packet, done) => {
    if (client) broker.arrived.push(parseTopic(packet.topic)?.kind ?? packet.topic)
    if (client && !broker.isMute) {
      const topic = parseTopic(packet.topic)
      if (topic?.direction !== 'up') throw new Error(`unexpected topic ${packet.topic}`)
      const payload = Buffer.from(packet.payload)
      const decoded = decodeUp(topic.kind, payload)
      if (!decoded.ok) throw new Error(`refused by the wire contract: ${decoded.fault} ${decoded.detail}: ${payload.toString()}`)
      heard.push({ ...decoded.value, bytes: payload.byteLength, atMs: Date.now() })
    }
    // a mute broker never calls back: the message is neither kept nor acknowledged
    if (!client || !broker.isMute) done(null)
  }
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  broker.port = typeof address === 'object' && address ? address.port : 0
  return broker
}
