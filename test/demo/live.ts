/** The estate after its history: the same devices as real MQTT clients, with an occasional fault. */
import { shardOf } from '../../shared/topics.ts'
import type { Enrolled } from '../../shared/api/devices/device-api.ts'
import { metricsAt } from '../simulate/daily-curve.ts'
import { makeSimDevice, newTally, type SimDevice } from '../simulate/sim-device.ts'
import type { DemoLogin } from './demo-device.ts'
import { MODELS } from './demo-estate.ts'
import { INVENTORIES } from './demo-inventory.ts'
import { KINDS, type FaultKind } from './fault-kinds.ts'

const TICK_MS = 250
const AT_ONCE = 10
const FIRST_FAULT_MS = 20_000
const between = (low: number, high: number): number => low + (high - low) * Math.random()

export type LiveEstate = { online(): number; stop(): Promise<void> }

/** Faults that come and go while somebody watches. */
const kindsFor = (login: DemoLogin): FaultKind[] =>
  KINDS.filter(kind => kind.minutes[0] < 30 && kind.signal !== 'reboot.unexpected' && (!kind.only || kind.only.includes(login.profile)))

/** Connects the devices that are there and keeps them talking until stopped. */
export async function startLiveEstate(options: {
  logins: readonly DemoLogin[]
  mqttPort: number
  signingKeys: Record<string, string>
}): Promise<LiveEstate> {
  const tally = newTally()
  const present = options.logins.filter(login => login.presence === 'live')
  const devices = present.map(
    (login): { login: DemoLogin; sim: SimDevice; nextSampleMs: number; nextHeartbeatMs: number; isBusy: boolean } => {
      const credential: Enrolled = {
        deviceId: login.deviceId,
        state: 'active',
        mqtt: {
          urls: [`mqtt://127.0.0.1:${options.mqttPort}`],
          clientId: login.deviceId,
          username: login.deviceId,
          password: login.password,
          shard: shardOf(login.deviceId),
        },
        ca: null,
        signingKeys: options.signingKeys,
        keepaliveSeconds: 20,
        heartbeatSeconds: 10,
      }
      const birth = {
        hostname: login.hostname,
        platform: 'linux-x64',
        model: MODELS[login.profile],
        inventory: INVENTORIES[login.profile],
      }
      return { login, sim: makeSimDevice({ credential, birth, tally }), nextSampleMs: 0, nextHeartbeatMs: 0, isBusy: false }
    },
  )
  for (let start = 0; start < devices.length; start += AT_ONCE)
    await Promise.all(devices.slice(start, start + AT_ONCE).map(({ sim }) => sim.connect()))

  const timers = new Set<NodeJS.Timeout>()
  const later = (ms: number, run: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, ms)
    timers.add(timer)
  }
  const strike = (): void => {
    later(between(45_000, 110_000), strike)
    const device = devices[Math.floor(Math.random() * devices.length)]
    if (!device || device.isBusy || device.sim.mode !== 'online') return
    const kinds = kindsFor(device.login)
    const kind = kinds[Math.floor(Math.random() * kinds.length)] as FaultKind
    device.isBusy = true
    const lastsMs = between(40_000, 300_000)
    if (kind.signal === 'agent.offline') device.sim.kill()
    else device.sim.send('evt', { signal: kind.signal, state: 'failing', text: kind.failing, exhausted: true })
    later(lastsMs, () => {
      device.isBusy = false
      if (kind.signal === 'agent.offline') void device.sim.connect().catch(() => undefined)
      else device.sim.send('evt', { signal: kind.signal, state: 'ok', text: kind.ok })
    })
  }
  later(FIRST_FAULT_MS, strike)

  const turn = setInterval(() => {
    const nowMs = performance.now()
    for (const device of devices) {
      const { sim, login } = device
      if (nowMs >= device.nextHeartbeatMs) {
        sim.heartbeat()
        device.nextHeartbeatMs = nowMs + sim.intervals.heartbeatSeconds * 1000 * between(0.8, 1.2)
      }
      if (nowMs < device.nextSampleMs) continue
      sim.sample(metricsAt(login.seed, Date.now(), login.offsetHours))
      device.nextSampleMs = nowMs + sim.intervals.sampleSeconds * 1000 * between(0.9, 1.1)
    }
    // Nobody asks for these numbers here, and a demo may run for days.
    tally.pubackMs.length = 0
  }, TICK_MS)

  return {
    online: () => devices.filter(({ sim }) => sim.mode === 'online').length,
    /** The devices vanish without a goodbye: at the next start they come back as if only the server had been away. */
    stop() {
      clearInterval(turn)
      for (const timer of timers) clearTimeout(timer)
      for (const { sim } of devices) sim.drop()
      return Promise.resolve()
    },
  }
}
