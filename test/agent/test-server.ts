/** A small real HTTP(S) server that plays the enrolment end of the product for the agent's tests. */
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { newDeviceSecret } from '../../shared/ids.ts'
import { shardOf } from '../../shared/topics.ts'

export type Outcome = 'active' | 'additional' | 'waiting' | 'token-refused' | 'broken' | 'nonsense'
export type EnrolServer = {
  url: string
  requests: Record<string, unknown>[]
  outcome: Outcome
  /** Downloads: path to content. */
  files: Map<string, Buffer>
  /** Answers a path with its head and nothing more until what is given back is called. */
  hold(path: string): () => void
  /** Extra fields of the 201 answer. */
  extra: Record<string, unknown>
  close(): Promise<void>
}

/** Starts the server; `tls` makes it HTTPS. `deviceId` is the one it gives to everyone. */
export async function startEnrolServer(options: {
  deviceId: string
  mqttUrl: string
  tls?: { key: string; cert: string }
  port?: number
}): Promise<EnrolServer> {
  const { deviceId, mqttUrl } = options
  const answer = (response: ServerResponse, status: number, body: object) => {
    response.writeHead(status, { 'content-type': status < 300 ? 'application/json' : 'application/problem+json' })
    response.end(JSON.stringify(body))
  }
  const holds = new Map<string, Promise<void>>()
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/healthz') return answer(response, 200, { status: 'ok' })
    const file = server.files.get(request.url ?? '')
    if (file) {
      const held = holds.get(request.url ?? '')
      if (held) response.flushHeaders()
      await held
      response.end(file)
      return undefined
    }
    if (request.method !== 'POST' || request.url !== '/api/v1/enrol')
      return answer(response, 404, { type: '/problems/not-found', title: 'Not found', status: 404 })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    server.requests.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>)
    switch (server.outcome) {
      case 'active':
      case 'additional': {
        const mqtt = { urls: [mqttUrl], clientId: deviceId, username: deviceId, password: newDeviceSecret(), shard: shardOf(deviceId) }
        return answer(response, 201, { deviceId, state: server.outcome, mqtt, signingKeys: {}, ...server.extra })
      }
      case 'waiting':
        return answer(response, 403, {
          type: 'https://kioskeeper.example/problems/device-limit-reached',
          title: 'Device limit reached',
          status: 403,
          detail: 'The plan is full.',
          deviceId,
          state: 'waiting',
          included: 5,
          covered: 5,
        })
      case 'token-refused':
        return answer(response, 401, {
          type: '/problems/enrolment-token-invalid',
          title: 'Token refused',
          status: 401,
          detail: 'The enrolment token is unknown, used up or expired.',
        })
      case 'nonsense':
        return answer(response, 201, { deviceId: '../../etc', state: 'active' })
      default:
        return answer(response, 500, { type: '/problems/internal', title: 'Internal error', status: 500 })
    }
  }
  const listener = (request: IncomingMessage, response: ServerResponse) => void handle(request, response)
  const http = options.tls ? createHttps(options.tls, listener) : createHttp(listener)
  await new Promise<void>(resolve => http.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const server: EnrolServer = {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests: [],
    outcome: 'active',
    extra: {},
    files: new Map(),
    hold(path) {
      const { promise, resolve } = Promise.withResolvers<void>()
      holds.set(path, promise)
      return () => {
        holds.delete(path)
        resolve()
      }
    },
    close: () =>
      new Promise(resolve => {
        http.closeAllConnections()
        http.close(() => resolve())
      }),
  }
  return server
}
