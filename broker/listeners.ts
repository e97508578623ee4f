/** The doors: TCP, TLS and WebSocket, one budget of sockets over all of them. */
import http from 'node:http'
import type https from 'node:https'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { createWebSocketStream, WebSocketServer, type WebSocket } from 'ws'
import type { BrokerLimits, RejectReason } from './limits.ts'

/** SYNs of a whole estate coming back at once wait here; Node's default of 511 would cost them a second each. */
const BACKLOG = 4096
/** Largest WebSocket frame: one packet of the largest class, with room for its neighbours. */
const MAX_FRAME_BYTES = 128 * 1024

type Upgrade = (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void
export type Listeners = {
  listenTcp(o: { host: string; port: number }): Promise<number>
  listenTls(o: { host: string; port: number; key: string; cert: string }): Promise<number>
  attachWebSocket(server: http.Server | https.Server, path: string): void
  /** Takes no more connections; open ones are the caller's. */
  close(): void
}

/** What addresses are counted by: an IPv4 address, or the /64 an IPv6 customer gets. */
export function budgetKey(address: string): string {
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
  if (!plain.includes(':')) return plain
  const [front = '', back] = plain.replace(/%.*/, '').split('::')
  const head = front === '' ? [] : front.split(':')
  const tail = back ? back.split(':') : []
  const gap = back === undefined ? 0 : 8 - head.length - tail.length
  return [...head, ...Array<string>(Math.max(0, gap)).fill('0'), ...tail].slice(0, 4).join(':')
}

export type ListenersOptions = {
  limits: BrokerLimits
  handle: (connection: Duplex, address: string) => void
  refused: (reason: RejectReason, address: string) => void
}

/** Makes the listeners; each connection within the budget is handed to `handle`. */
export function makeListeners({ limits, handle, refused }: ListenersOptions): Listeners {
  const closers: (() => void)[] = []
  const perAddress = new Map<string, number>()
  let open = 0

  /** Counts the socket for as long as it lives; null when it is over the budget (and gone). */
  function admit(socket: net.Socket): string | null {
    const address = socket.remoteAddress
    if (address === undefined) {
      socket.destroy()
      return null
    }
    const key = budgetKey(address)
    const ofAddress = perAddress.get(key) ?? 0
    if (open >= limits.connections || ofAddress >= limits.connectionsPerAddress) {
      refused(open >= limits.connections ? 'connection-budget' : 'address-budget', address)
      socket.destroy()
      return null
    }
    open++
    perAddress.set(key, ofAddress + 1)
    socket.once('close', () => {
      open--
      const left = (perAddress.get(key) ?? 1) - 1
      if (left > 0) perAddress.set(key, left)
      else perAddress.delete(key)
    })
    return address
  }

  function listen(o: { host: string; port: number }, accept: (socket: net.Socket) => void): Promise<number> {
    const server = net.createServer({ noDelay: true }, accept)
    closers.push(() => server.close())
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: o.host, port: o.port, backlog: BACKLOG }, () => {
        server.off('error', reject)
        // Accepting can fail for a moment (out of descriptors); the server goes on.
        server.on('error', () => refused('connection-budget', 'listener'))
        const address = server.address()
        resolve(typeof address === 'object' && address ? address.port : o.port)
      })
    })
  }

  function listenTls({ host, port, key, cert }: { host: string; port: number; key: string; cert: string }): Promise<number> {
    const handshakes = tls.createServer({ key, cert, minVersion: 'TLSv1.2', handshakeTimeout: limits.tlsHandshakeMs })
    handshakes.on('secureConnection', socket => {
      if (socket.remoteAddress === undefined) socket.destroy()
      else handle(socket, socket.remoteAddress)
    })
    handshakes.on('tlsClientError', (_error, socket) => {
      refused('tls-handshake', socket.remoteAddress ?? 'gone')
      // Node leaves the socket open after a handshake that timed out.
      socket.destroy()
    })
    return listen({ host, port }, socket => {
      socket.on('error', () => socket.destroy())
      if (admit(socket) !== null) handshakes.emit('connection', socket)
    })
  }

  function serveWebSocket(socket: WebSocket, address: string): void {
    const stream = createWebSocketStream(socket)
    socket.on('error', () => socket.terminate())
    socket.on('message', (_data, isBinary) => {
      // MQTT 6.0.0-1: binary frames only.
      if (!isBinary) stream.destroy(Object.assign(new Error('text frame'), { code: 'WS_ERR_TEXT_FRAME' }))
    })
    handle(stream, address)
  }

  function attachWebSocket(server: http.Server | https.Server, path: string): void {
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      handleProtocols: offered => (offered.has('mqtt') ? 'mqtt' : false),
    })
    const upgrade: Upgrade = (request, socket, head) => {
      socket.on('error', () => socket.destroy())
      if (request.url?.split('?')[0] !== path) {
        if (server.listenerCount('upgrade') === 1) socket.destroy()
        return
      }
      const address = admit(request.socket)
      if (address === null) return
      const offersMqtt = (request.headers['sec-websocket-protocol'] ?? '').split(',').some(name => name.trim() === 'mqtt')
      if (!offersMqtt) {
        refused('websocket', address)
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', () => socket.destroy())
        return
      }
      sockets.handleUpgrade(request, socket, head, accepted => serveWebSocket(accepted, address))
    }
    sockets.on('wsClientError', (_error, socket, request) => {
      refused('websocket', request.socket.remoteAddress ?? 'gone')
      socket.destroy()
    })
    server.on('upgrade', upgrade)
    closers.push(() => {
      server.off('upgrade', upgrade)
      sockets.close()
    })
  }

  return {
    listenTcp: o =>
      listen(o, socket => {
        const address = admit(socket)
        if (address !== null) handle(socket, address)
      }),
    listenTls,
    attachWebSocket,
    close: () => {
      for (const close of closers.splice(0)) close()
    },
  }
}
