/** The door under load, beside a bare Node server that only answers: connect storm, durable ingest, and the commit gate alone. */
import { fork } from 'node:child_process'
import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import pino from 'pino'
import { makeBroker } from '../../broker/broker.ts'
import { makeCommitGate } from '../../broker/commit-gate.ts'
import { DEFAULT_LIMITS } from '../../broker/limits.ts'
import { newDeviceId, newDeviceSecret, sha256Hex } from '../../shared/ids.ts'
import type { BenchRow } from './bench-row.ts'
import type { LoadOrder, LoadResult } from './broker-load.ts'

const CONNECTS = 5_000
const PUBLISHERS = 500
const ROUNDS = 2

type Login = { id: string; secret: string }
type Target = { port: number; stop(): Promise<void> }

async function load(order: LoadOrder): Promise<number> {
  const child = fork(new URL('broker-load.ts', import.meta.url))
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the load generator ended with ${String(code)}`)
  })
  const answered = new Promise<LoadResult>(resolve => child.once('message', (result: LoadResult) => resolve(result)))
  child.send(order)
  const { value } = await Promise.race([answered, failed])
  await failed.catch(() => undefined)
  return value
}

/** The floor of Node: the first bytes get CONNACK, every frame after it PUBACK; nothing is looked at. */
async function bareServer(): Promise<Target> {
  const sockets = new Set<net.Socket>()
  const connack = Buffer.from([0x20, 2, 0, 0])
  const puback = Buffer.from([0x40, 2, 0, 1])
  const server = net.createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    let rest: Buffer = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    socket.once('data', () => {
      socket.write(connack)
      socket.on('data', (chunk: Buffer) => {
        rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
        let at = 0
        const answers: Buffer[] = []
        for (let end = frameEnd(rest, at); end !== null && end <= rest.length; end = frameEnd(rest, at)) {
          at = end
          answers.push(puback)
        }
        rest = rest.subarray(at)
        if (answers.length > 0) socket.write(Buffer.concat(answers))
      })
    })
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function frameEnd(bytes: Buffer, at: number): number | null {
  let length = 0
  for (let index = 1; index < 5; index++) {
    const digit = bytes[at + index]
    if (digit === undefined) return null
    length += (digit & 0x7f) * 128 ** (index - 1)
    if (digit < 0x80) return at + index + 1 + length
  }
  return null
}

/** The broker with real credentials and a store that takes no time: what the door itself costs. */
async function brokerServer(logins: Login[]): Promise<Target> {
  const hashes = new Map(logins.map(({ id, secret }) => [id, Buffer.from(sha256Hex(secret))]))
  const nothing = () => undefined
  const broker = makeBroker({
    log: pino({ level: 'silent' }),
    nowMs: () => Date.now(),
    authenticate: async ({ deviceId, secretSha256 }) => {
      const known = hashes.get(deviceId)
      return known && timingSafeEqual(known, Buffer.from(secretSha256)) ? 'accepted' : 'refused'
    },
    commit: async () => undefined,
    heartbeat: nothing,
    heard: nothing,
    connected: nothing,
    disconnected: nothing,
    desiredConfig: async () => null,
    counters: { rejected: nothing, message: nothing, connections: nothing, commitSeconds: nothing },
  })
  return { port: await broker.listenTcp({ host: '127.0.0.1', port: 0 }), stop: () => broker.stop() }
}

/** Both targets in turn, so that the machine's mood hits both; the best of the rounds counts. */
async function sideBySide(
  logins: Login[],
  order: (port: number) => LoadOrder,
  best: (values: number[]) => number,
): Promise<[number, number]> {
  const values: number[] = []
  const baselines: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (const [list, start] of [
      [baselines, bareServer],
      [values, () => brokerServer(logins)],
    ] as const) {
      const target = await start()
      list.push(await load(order(target.port)))
      await target.stop()
    }
  }
  return [best(values), best(baselines)]
}

const row = (name: string, value: number, unit: string, baseline: number | null): BenchRow => ({
  name,
  value,
  unit,
  baseline,
  ratio: baseline === null ? null : value / baseline,
})

async function gateThroughput(): Promise<number> {
  const gate = makeCommitGate<number>({
    commit: async () => undefined,
    bytesOf: () => 500,
    committed: () => undefined,
    limits: DEFAULT_LIMITS,
  })
  let answered = 0
  const startMs = performance.now()
  for (let burst = 0; burst < 500; burst++) {
    for (let item = 0; item < 2_000; item++) gate.offer(item, () => void answered++)
    await gate.drain()
  }
  return (answered * 1000) / (performance.now() - startMs)
}

/** About 20 s: connect storm (s, lower is better), ingest (messages/s) against the bare server, and the gate alone (items/s). */
export async function brokerBenches(): Promise<BenchRow[]> {
  const logins = Array.from({ length: CONNECTS }, () => ({ id: newDeviceId(), secret: newDeviceSecret() }))
  const [connects, bareConnects] = await sideBySide(
    logins,
    port => ({ kind: 'connect', port, logins }),
    values => Math.min(...values),
  )
  const publishers = logins.slice(0, PUBLISHERS)
  const publish =
    (window: number) =>
    (port: number): LoadOrder => ({ kind: 'publish', port, logins: publishers, seconds: 2, window, payloadBytes: 500 })
  const [ingest, bareIngest] = await sideBySide(logins, publish(10), values => Math.max(...values))
  return [
    row(`broker: ${CONNECTS} logins at once`, connects, 's', bareConnects),
    row(`broker: acknowledged ingest, ${PUBLISHERS} devices, 10 under way each`, ingest, 'messages/s', bareIngest),
    row('broker: commit gate alone', await gateThroughput(), 'items/s', null),
  ]
}
