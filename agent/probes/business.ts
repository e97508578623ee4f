/** The heartbeat of the business: the kiosk app touches a file, or posts to a door on this machine, for each transaction. */
import { createServer, type Server, type Socket } from 'node:net'
import { statSync } from 'node:fs'

const HOST = '127.0.0.1'
const MAX_HEAD_BYTES = 8 * 1024
const MAX_BODY_BYTES = 64 * 1024
const MAX_CONNECTIONS = 16
const TIME_LIMIT_MS = 2_000
/** More than this a second is no business: it is a loop. */
const MAX_POSTS_PER_SECOND = 20
const HEAD_END = '\r\n\r\n'

/** Time of change of the heartbeat's file, ms since 1970; null while there is none. */
export function readBusinessFile(path: string): number | null {
  try {
    return statSync(path).mtimeMs
  } catch {
    return null
  }
}

/** Pages may call it from anywhere: all they can do is say "a transaction". Browsers ask first whether a page may speak to this machine. */
const OPEN_TO_PAGES = [
  'Access-Control-Allow-Origin: *',
  'Access-Control-Allow-Methods: POST',
  'Access-Control-Allow-Headers: *',
  'Access-Control-Allow-Private-Network: true',
]

function answerOf(requestLine: string, take: () => boolean): string {
  const method = /^([A-Z]{1,16}) \/\S{0,2000} HTTP\/1\.[01]$/.exec(requestLine)?.[1]
  if (method === undefined) return '400 Bad Request'
  if (method === 'OPTIONS') return '204 No Content'
  if (method !== 'POST') return '405 Method Not Allowed'
  return take() ? '204 No Content' : '429 Too Many Requests'
}

/** One request per connection. What comes after its head is thrown away. */
function serve(socket: Socket, take: () => boolean): void {
  let head = ''
  let bytes = 0
  let isAnswered = false
  socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy())
  const deadline = setTimeout(() => socket.destroy(), TIME_LIMIT_MS * 2)
  socket.on('close', () => clearTimeout(deadline))
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_HEAD_BYTES + MAX_BODY_BYTES) socket.destroy()
    if (isAnswered) return
    head += chunk.toString('latin1')
    const end = head.indexOf(HEAD_END)
    if (end === -1 && head.length < MAX_HEAD_BYTES) return
    isAnswered = true
    const status = end === -1 ? '431 Request Header Fields Too Large' : answerOf(head.slice(0, head.indexOf('\r\n')), take)
    socket.end([`HTTP/1.1 ${status}`, ...OPEN_TO_PAGES, 'Content-Length: 0', 'Connection: close', '', ''].join('\r\n'))
  })
}

/** Opens the door; `onTransaction` hears each post within the rate. Answers its port and how to close it; rejects when the port is taken. */
export function openBusinessDoor(
  port: number,
  monotonicMs: () => number,
  onTransaction: () => void,
): Promise<{ port: number; close(): void }> {
  let second = -1
  let posts = 0
  const take = () => {
    const now = Math.floor(monotonicMs() / 1000)
    posts = now === second ? posts + 1 : 1
    second = now
    if (posts > MAX_POSTS_PER_SECOND) return false
    onTransaction()
    return true
  }
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, take)
  })
  server.maxConnections = MAX_CONNECTIONS
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: HOST }, () => {
      server.off('error', reject)
      server.on('error', () => {})
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        close() {
          server.close()
          for (const socket of sockets) socket.destroy()
        },
      })
    })
  })
}
