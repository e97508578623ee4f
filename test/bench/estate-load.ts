/** Devices of the server benchmarks, in a process of their own: raw sockets, real messages, each with its own sequence. */
import net from 'node:net'
import { newEpoch, newSessionId } from '../../shared/ids.ts'
import { upTopic, type UpKind } from '../../shared/topics.ts'
import { connectPacket, publishPacket } from '../broker/raw-mqtt.ts'

export type Login = { id: string; secret: string }
export type EstateOrder = { port: number; logins: Login[]; births: boolean }
export type EstateCommand =
  /** As fast as answers come, `window` messages under way each. */
  | { kind: 'saturate'; seconds: number; window: number }
  /** `perSecond` in all, spread over the devices. */
  | { kind: 'pace'; seconds: number; perSecond: number }
  /** Cut every socket at once. */
  | { kind: 'drop' }
export type EstateAnswer =
  | { kind: 'connected' }
  | { kind: 'rate'; perSecond: number }
  | { kind: 'latency'; p50Ms: number; p99Ms: number; sent: number }
  | { kind: 'dropped'; atMs: number }

type Device = {
  login: Login
  socket: net.Socket
  epoch: string
  sequence: number
  sentAt: Map<number, number>
  packetId: number
  acked: number
  onAck(latencyMs: number): void
}

const CONNECT_AT_ONCE = 500
const METRICS = {
  cpuPercent: 12.5,
  memoryUsedPercent: 40.2,
  swapUsedPercent: 0,
  'diskUsedPercent:root': 55.1,
  'temperatureC:cpu': 47,
  netRxBytesPerSecond: 1234,
  netTxBytesPerSecond: 567,
  loadAverage1m: 0.4,
  psiCpuPercent: 0.1,
  psiMemoryPercent: 0,
  psiIoPercent: 0.2,
  uptimeSeconds: 86_400,
}

function message(device: Device, kind: UpKind, data: object): Buffer {
  device.sequence += 1
  device.packetId = (device.packetId % 60_000) + 1
  const upMs = Math.round(performance.now())
  const payload = Buffer.from(
    JSON.stringify({ v: 1, t: kind, e: device.epoch, q: device.sequence, ts: Date.now(), up: upMs, su: upMs, bid: 'bench', d: data }),
  )
  device.sentAt.set(device.packetId, performance.now())
  return publishPacket({ topic: upTopic(device.login.id, kind), payload, qos: 1, id: device.packetId })
}
const sample = (device: Device): Buffer => message(device, 'met', { samples: [{ up: Math.round(performance.now()), m: METRICS }] })

function readAnswers(device: Device): void {
  let rest: Buffer = Buffer.alloc(0)
  device.socket.on('data', (chunk: Buffer) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (;;) {
      let length = 0
      let digits = 0
      let digit = 0x80
      while (digit >= 0x80) {
        const next = rest[1 + digits]
        if (next === undefined) return
        digit = next
        length += (digit & 0x7f) * 128 ** digits
        digits += 1
      }
      const end = 1 + digits + length
      if (rest.length < end) return
      if ((rest[0] as number) >> 4 === 4) {
        const id = rest.readUInt16BE(1 + digits)
        const sentMs = device.sentAt.get(id)
        device.sentAt.delete(id)
        device.acked += 1
        if (sentMs !== undefined) device.onAck(performance.now() - sentMs)
      }
      rest = rest.subarray(end)
    }
  })
}

function connect(port: number, login: Login): Promise<Device> {
  const sid = newSessionId()
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      socket.write(
        connectPacket({
          id: login.id,
          user: login.id,
          password: login.secret,
          keepalive: 300,
          will: { topic: upTopic(login.id, 'will'), payload: JSON.stringify({ v: 1, t: 'will', sid }), qos: 1 },
        }),
      )
    })
    socket.once('error', reject)
    socket.once('data', answer => {
      if (answer[0] !== 0x20 || answer[3] !== 0) return reject(new Error(`refused: ${answer.toString('hex')}`))
      socket.on('error', () => undefined)
      const device: Device = {
        login,
        socket,
        epoch: newEpoch(),
        sequence: 0,
        sentAt: new Map(),
        packetId: 0,
        acked: 0,
        onAck: () => undefined,
      }
      readAnswers(device)
      return resolve(Object.assign(device, { sid }))
    })
  })
}

async function connectAll(order: EstateOrder): Promise<Device[]> {
  const devices: Device[] = []
  for (let start = 0; start < order.logins.length; start += CONNECT_AT_ONCE) {
    const batch = await Promise.all(order.logins.slice(start, start + CONNECT_AT_ONCE).map(login => connect(order.port, login)))
    if (order.births) {
      await Promise.all(
        batch.map(
          device =>
            new Promise<void>(resolve => {
              device.onAck = () => resolve()
              device.socket.write(
                message(device, 'birth', {
                  sid: (device as unknown as { sid: string }).sid,
                  agentVersion: '0.1.0',
                  hostname: 'bench',
                  platform: 'linux',
                }),
              )
            }),
        ),
      )
    }
    devices.push(...batch)
  }
  return devices
}

async function saturate(devices: Device[], seconds: number, window: number): Promise<EstateAnswer> {
  let isOver = false
  for (const device of devices) {
    device.onAck = () => void (isOver || device.socket.write(sample(device)))
    device.socket.write(Buffer.concat(Array.from({ length: window }, () => sample(device))))
  }
  const acked = (): number => devices.reduce((sum, device) => sum + device.acked, 0)
  await new Promise(resolve => setTimeout(resolve, 1000))
  const before = acked()
  const startMs = performance.now()
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  const perSecond = ((acked() - before) * 1000) / (performance.now() - startMs)
  isOver = true
  await new Promise(resolve => setTimeout(resolve, 500))
  return { kind: 'rate', perSecond }
}

async function pace(devices: Device[], seconds: number, perSecond: number): Promise<EstateAnswer> {
  const latencies: number[] = []
  for (const device of devices) device.onAck = latencyMs => void latencies.push(latencyMs)
  const startMs = performance.now()
  let sent = 0
  while (performance.now() - startMs < seconds * 1000) {
    const due = ((performance.now() - startMs) / 1000) * perSecond
    for (; sent < due; sent += 1) {
      const device = devices[sent % devices.length] as Device
      device.socket.write(sample(device))
    }
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  await new Promise(resolve => setTimeout(resolve, 500))
  latencies.sort((one, other) => one - other)
  const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return { kind: 'latency', p50Ms: at(0.5), p99Ms: at(0.99), sent }
}

let devices: Device[] = []
process.on('message', (order: EstateOrder | EstateCommand) => {
  void (async (): Promise<EstateAnswer> => {
    if (!('kind' in order)) {
      devices = await connectAll(order)
      return { kind: 'connected' }
    }
    if (order.kind === 'saturate') return saturate(devices, order.seconds, order.window)
    if (order.kind === 'pace') return pace(devices, order.seconds, order.perSecond)
    const atMs = Date.now()
    for (const device of devices) device.socket.resetAndDestroy()
    return { kind: 'dropped', atMs }
  })().then(answer => process.send?.(answer))
})
process.on('disconnect', () => process.exit(0))
