/** Load of the broker benchmarks, in a process of its own: raw sockets and ready-made packets, so that the server is what is measured. */
import net from 'node:net'
import { connectPacket, publishPacket } from '../broker/raw-mqtt.ts'
import { upTopic } from '../../shared/topics.ts'

export type LoadOrder =
  | { kind: 'connect'; port: number; logins: { id: string; secret: string }[] }
  | { kind: 'publish'; port: number; logins: { id: string; secret: string }[]; seconds: number; window: number; payloadBytes: number }
/** `connect`: seconds until the last CONNACK. `publish`: acknowledged messages per second. */
export type LoadResult = { value: number }

const CONNACK_BYTES = 4
const PUBACK_BYTES = 4

function connectAll(port: number, logins: { id: string; secret: string }[]): Promise<net.Socket[]> {
  return Promise.all(
    logins.map(
      ({ id, secret }) =>
        new Promise<net.Socket>((resolve, reject) => {
          const socket = net.connect(
            { port, host: '127.0.0.1', noDelay: true },
            () => void socket.write(connectPacket({ id, user: id, password: secret })),
          )
          socket.once('error', reject)
          socket.once('data', answer => {
            if (answer.length === CONNACK_BYTES && answer[3] === 0) resolve(socket)
            else reject(new Error(`refused: ${answer.toString('hex')}`))
          })
        }),
    ),
  )
}

async function publishFor(sockets: net.Socket[], order: Extract<LoadOrder, { kind: 'publish' }>): Promise<number> {
  let acked = 0
  let over = false
  for (const [index, socket] of sockets.entries()) {
    const packet = publishPacket({
      topic: upTopic(order.logins[index]?.id ?? '', 'met'),
      payload: Buffer.alloc(order.payloadBytes, 120),
      qos: 1,
      id: 1,
    })
    let bytes = 0
    socket.on('data', chunk => {
      bytes += chunk.length
      const answers = Math.floor(bytes / PUBACK_BYTES)
      bytes -= answers * PUBACK_BYTES
      acked += answers
      if (!over) socket.write(answers === 1 ? packet : Buffer.concat(Array<Buffer>(answers).fill(packet)))
    })
    socket.write(Buffer.concat(Array<Buffer>(order.window).fill(packet)))
  }
  await new Promise(resolve => setTimeout(resolve, 500))
  const before = acked
  const startMs = performance.now()
  await new Promise(resolve => setTimeout(resolve, order.seconds * 1000))
  const rate = ((acked - before) * 1000) / (performance.now() - startMs)
  over = true
  return rate
}

process.once('message', (order: LoadOrder) => {
  void (async () => {
    const startMs = performance.now()
    const sockets = await connectAll(order.port, order.logins)
    const value = order.kind === 'connect' ? (performance.now() - startMs) / 1000 : await publishFor(sockets, order)
    for (const socket of sockets) socket.on('error', () => undefined).destroy()
    process.send?.({ value } satisfies LoadResult, () => process.disconnect?.())
  })()
})
