/** A line between the agent and its broker that counts what goes over it and when the first report did. */
import { createServer, Socket } from 'node:net'

/** First byte of an MQTT PUBLISH, without its flags. */
const PUBLISH = 0x30

export type ByteMeter = { port: number; bytes(): number; firstReportMs(): number | null; close(): void }

/** Opens it in front of a port of this machine. Bytes of both directions, as TCP carries them; `firstReportMs` by `performance.now()`. */
export async function openByteMeter(targetPort: number): Promise<ByteMeter> {
  let bytes = 0
  let firstReportMs: number | null = null
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    const far = new Socket()
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
      socket.on('data', (chunk: Buffer) => void (bytes += chunk.length))
    }
    near.on('data', (chunk: Buffer) => {
      if (((chunk[0] ?? 0) & 0xf0) === PUBLISH) firstReportMs ??= performance.now()
    })
    near.pipe(far).pipe(near)
    far.connect(targetPort, '127.0.0.1')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    bytes: () => bytes,
    firstReportMs: () => firstReportMs,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
