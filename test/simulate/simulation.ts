/** A simulation: enrols devices, keeps them talking, lets the script happen, and counts what came of it. */
import type { Customer, Site } from '../../shared/api/contracts/customer-api.ts'
import type { Enrolled } from '../../shared/api/devices/device-api.ts'
import { metricsAt } from './daily-curve.ts'
import { chooseDevices, type Fault } from './fault-file.ts'
import type { ServerApi } from './server-api.ts'
import { makeSimDevice, newTally, type SimDevice, type Tally } from './sim-device.ts'

const DEVICES_PER_SITE = 50
const AT_ONCE = 40
const TICK_MS = 100
const PROGRESS_MS = 5000
/** How long the last messages may take at the end. */
const DRAIN_MS = 15_000

export type SimulationOptions = {
  api: ServerApi
  devices: number
  seconds: number
  faults: readonly Fault[]
  customerId?: string | undefined
  siteId?: string | undefined
  progress(line: string): void
  /** Ends the simulation early, with its summary. */
  stop: AbortSignal
}
export type Summary = {
  devices: number
  connected: number
  messages: { sent: number; acknowledged: number; lost: number; repeated: number }
  pubackMs: { p50: number | null; p99: number | null }
  reconnects: number
  faults: number
  incidents: number
  tickets: number
  durationSeconds: number
}
type Place = { customerId: string; siteIds: string[] }
type Page<Item> = { items: Item[]; total: number; next: string | null }

/** Where the devices are enrolled: the customer 'Simulation' (made when it is not there) or the one given. */
async function findPlace({ api, devices, customerId, siteId }: SimulationOptions): Promise<Place> {
  if (siteId !== undefined && customerId === undefined) throw new Error('--site needs the --customer it belongs to.')
  const known =
    customerId ??
    (await api.call<Page<Customer>>('GET', '/customers?q=Simulation&limit=500')).items.find(customer => customer.name === 'Simulation')?.id
  const id =
    known ??
    (await api.call<Customer>('POST', '/customers', { name: 'Simulation', planId: 'ombori-enterprise', timeZone: 'Europe/Stockholm' })).id
  if (siteId !== undefined) return { customerId: id, siteIds: [siteId] }
  const sites = (await api.call<Page<Site>>('GET', `/customers/${id}/sites`)).items
  const siteIds: string[] = []
  for (let number = 1; number <= Math.ceil(devices / DEVICES_PER_SITE); number += 1) {
    const name = `Simulation site ${number}`
    siteIds.push((sites.find(site => site.name === name) ?? (await api.call<Site>('POST', `/customers/${id}/sites`, { name }))).id)
  }
  return { customerId: id, siteIds }
}

/** Runs over all items, so many at a time. */
async function pooled<Item>(
  items: readonly Item[],
  atOnce: number,
  stop: AbortSignal,
  work: (item: Item, position: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length && !stop.aborted) {
      const position = next
      next += 1
      await work(items[position] as Item, position)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane))
}

async function enrolAll(options: SimulationOptions, place: Place, tally: Tally): Promise<SimDevice[]> {
  const { api, devices: count, stop } = options
  const perSite = Math.ceil(count / place.siteIds.length)
  const devices: SimDevice[] = []
  for (const [siteNumber, siteId] of place.siteIds.entries()) {
    const first = siteNumber * perSite
    const numbers = Array.from({ length: Math.max(0, Math.min(perSite, count - first)) }, (_, position) => first + position)
    for (let start = 0; start < numbers.length; start += 5000) {
      const part = numbers.slice(start, start + 5000)
      const { token } = await api.call<{ token: string }>('POST', '/enrolment-tokens', {
        customerId: place.customerId,
        siteId,
        maxUses: part.length,
      })
      await pooled(part, 8, stop, async number => {
        const facts = { hostname: `sim-${String(number).padStart(5, '0')}`, platform: 'linux-x64', model: 'Simulated kiosk' }
        // The same number is the same device in the next simulation: it takes no new place.
        const credential = await api.call<Enrolled>('POST', '/enrol', {
          token,
          machineId: `simulation-${number}`,
          agentVersion: '0.1.0',
          ...facts,
        })
        devices[number] = makeSimDevice({ credential, birth: facts, tally })
      })
    }
  }
  return devices.filter(Boolean)
}

/** Incidents and tickets there are at the place now. */
async function countTrouble(api: ServerApi, place: Place): Promise<{ incidents: number; tickets: number }> {
  const { total: tickets } = await api.call<Page<unknown>>('GET', `/tickets?customerId=${place.customerId}&limit=1`)
  let incidents = 0
  for (const siteId of place.siteIds) incidents += (await api.call<Page<unknown>>('GET', `/incidents?siteId=${siteId}&limit=1`)).total
  return { incidents, tickets }
}

/** Lets one fault happen on its devices; gives how many. */
function strike(
  fault: Fault,
  devices: readonly SimDevice[],
  spikes: Map<number, { values: Record<string, number>; untilMs: number }>,
  failed: (error: Error) => void,
): number {
  const struck = chooseDevices(fault.devices, devices.length)
  for (const number of struck) {
    const device = devices[number] as SimDevice
    if (fault.do === 'event')
      device.send('evt', {
        signal: fault.signal,
        state: fault.state,
        text: fault.text ?? `${fault.signal} is ${fault.state}`,
        ...(fault.severity === undefined ? {} : { severity: fault.severity }),
      })
    else if (fault.do === 'kill') device.kill()
    else if (fault.do === 'silence') device.silence()
    else if (fault.do === 'goodbye') void device.goodbye(fault.reason ?? 'shutdown')
    else if (fault.do === 'reconnect') device.connect().catch(failed)
    else spikes.set(number, { values: fault.values, untilMs: performance.now() + fault.seconds * 1000 })
  }
  return struck.length
}

function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return value === undefined ? null : Math.round(value * 10) / 10
}

/** Runs a simulation to its end, or until it is stopped; gives the summary either way. */
export async function runSimulation(options: SimulationOptions): Promise<Summary> {
  const { api, seconds, progress, stop } = options
  const startedMs = performance.now()
  const tally = newTally()
  const place = await findPlace(options)
  const before = await countTrouble(api, place)
  const devices = await enrolAll(options, place, tally)
  progress(`${devices.length} devices enrolled`)
  let connected = 0
  let refused = 0
  await pooled(devices, AT_ONCE, stop, async device => {
    await device.connect().then(
      () => void (connected += 1),
      () => void (refused += 1),
    )
  })
  progress(`${connected} connected${refused > 0 ? `, ${refused} could not` : ''}`)

  const beginMs = performance.now()
  // Each device starts at its own point of the interval, so that the load is even.
  const nextSampleMs = devices.map((device, number) => beginMs + ((number * 7919) % 1000) * device.intervals.sampleSeconds)
  const nextHeartbeatMs = devices.map((device, number) => beginMs + ((number * 104_729) % 1000) * device.intervals.heartbeatSeconds)
  const spikes = new Map<number, { values: Record<string, number>; untilMs: number }>()
  const script = [...options.faults]
  let faults = 0
  let progressMs = beginMs + PROGRESS_MS
  while (!stop.aborted && performance.now() - beginMs < seconds * 1000) {
    const nowMs = performance.now()
    while (script[0] && script[0].at * 1000 <= nowMs - beginMs) {
      faults += strike(script.shift() as Fault, devices, spikes, error => progress(`a device could not connect: ${error.message}`))
    }
    for (const [number, device] of devices.entries()) {
      if (nowMs >= (nextHeartbeatMs[number] as number)) {
        device.heartbeat()
        nextHeartbeatMs[number] = nowMs + device.intervals.heartbeatSeconds * 1000
      }
      if (nowMs < (nextSampleMs[number] as number)) continue
      const spike = spikes.get(number)
      if (spike && spike.untilMs < nowMs) spikes.delete(number)
      device.sample({ ...metricsAt(number, Date.now()), ...(spike && spike.untilMs >= nowMs ? spike.values : {}) })
      nextSampleMs[number] = nowMs + device.intervals.sampleSeconds * 1000
    }
    if (nowMs >= progressMs) {
      progressMs = nowMs + PROGRESS_MS
      const online = devices.filter(device => device.mode === 'online').length
      progress(
        `${Math.round((nowMs - beginMs) / 1000)} s: ${online} online, ${tally.acknowledged}/${tally.sent} messages acknowledged, ${faults} faults, ${tally.reconnects} reconnects`,
      )
    }
    await new Promise(resolve => setTimeout(resolve, TICK_MS))
  }

  const drainUntilMs = performance.now() + DRAIN_MS
  const isDrained = (): boolean =>
    devices.every(device => device.unacknowledged() === 0 || device.mode === 'away' || device.mode === 'silent')
  while (!isDrained() && performance.now() < drainUntilMs) await new Promise(resolve => setTimeout(resolve, TICK_MS))
  const after = await countTrouble(api, place).catch(() => before)
  await Promise.all(devices.map(device => device.goodbye('shutdown')))
  for (const device of devices) device.drop()

  const sorted = tally.pubackMs.toSorted((one, other) => one - other)
  return {
    devices: devices.length,
    connected,
    messages: { sent: tally.sent, acknowledged: tally.acknowledged, lost: tally.sent - tally.acknowledged, repeated: tally.repeated },
    pubackMs: { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) },
    reconnects: tally.reconnects,
    faults,
    incidents: after.incidents - before.incidents,
    tickets: after.tickets - before.tickets,
    durationSeconds: Math.round((performance.now() - startedMs) / 100) / 10,
  }
}
