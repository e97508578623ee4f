/** Lives through the month in virtual time: the messages of every device go through the real services on a store in memory. */
import { makeDeadlines } from '../../server/operations/deadlines.ts'
import type { DeviceMessage } from '../../server/telemetry/ingest.ts'
import { inTransaction, openStore } from '../../server/database/database.ts'
import type { TicketRow } from '../../server/database/tables/schema.ts'
import type { Rule } from '../../shared/api/incidents/rule-api.ts'
import { seededRandom } from '../demo/demo-random.ts'
import { makeVirtualTime } from '../demo/virtual-time.ts'
import { testLog } from '../support/test-log.ts'
import { makeTestHouse } from '../support/test-house.ts'
import { END_MS, START_MS, type Layout } from './layout.ts'
import { makeReplayDevice, type ReplayDevice } from './replay-device.ts'
import type { LinkState, SignalState, Truth } from './truth.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** After a change of contact the workers are asked at these times; in between nothing they look at changes. */
const LOOKS_AFTER_MS = [SECOND, 20 * SECOND, 62 * SECOND, 125 * SECOND, 185 * SECOND]
const SWEEP_EVERY_MS = 5 * SECOND
const SHARE_SENT_TWICE = 0.05

export type ReplayTicket = Pick<
  TicketRow,
  'id' | 'device_id' | 'site_id' | 'signal' | 'component' | 'created_at' | 'level' | 'occurrences' | 'subject'
> & { device: number | null; site: number | null }
export type Replayed = { tickets: ReplayTicket[]; messages: number }
/** `judgement` off: rules without hold and quiet time, sites without hours, no outages looked for, no planned work. */
export type ReplayOptions = { seed: number; isJudging: boolean; progress?: (line: string) => void }

type House = ReturnType<typeof makeTestHouse>

/** Replays a month and gives every ticket that was made. Deterministic but for ids. */
export async function replayMonth(layout: Layout, { causes, around }: Truth, options: ReplayOptions): Promise<Replayed> {
  const store = await openStore(':memory:')
  const { db } = store
  const random = seededRandom(options.seed + 7)
  const clock = { now: (): number => START_MS }
  const makeServices = async () => {
    const made = makeTestHouse(store, () => clock.now(), { deskEmail: null })
    await made.catalogue.load()
    const { incidents, ticketing, verdicts, visits, bus } = made
    const blind = makeDeadlines({
      db,
      log: testLog(),
      now: () => clock.now(),
      bus,
      incidents,
      ticketing,
      verdicts,
      visits,
      outages: { run: () => Promise.resolve(0) },
    })
    return { house: made, deadlines: options.isJudging ? made.deadlines : blind }
  }
  const server = await makeServices()
  const { house } = server
  const live = (): House => server.house
  let isUp = true

  const customerIds: string[] = []
  const siteIds: string[] = []
  const devices: ReplayDevice[] = []
  for (const timeZone of layout.zones)
    customerIds.push((await house.customers.create({ name: `Shops of ${timeZone}`, planId: 'ombori-enterprise', timeZone })).id)
  for (const site of layout.sites) {
    const hours = options.isJudging && site.hours !== null ? { openingHours: { hours: site.hours } } : {}
    const customerId = customerIds[site.customer] as string
    siteIds.push((await house.sites.createSite(customerId, { name: `Site ${site.index}`, timeZone: site.timeZone, ...hours })).id)
  }
  const tokens = new Map<number, string>()
  for (const { index, site } of layout.devices) {
    if (!tokens.has(site.index)) {
      const maxUses = site.devices.length
      const where = { customerId: customerIds[site.customer] as string, siteId: siteIds[site.index] as string }
      const { token } = await house.enrolment.createToken({ ...where, maxUses, expiresAtMs: null, createdBy: 'replay' })
      tokens.set(site.index, token)
    }
    const machine = { machineId: `machine-${index}`, hostname: `kiosk-${index}`, platform: 'linux-x64', agentVersion: '1.0.0' }
    const outcome = await house.enrolment.enrol({ token: tokens.get(site.index) as string, ...machine })
    if (!outcome.admitted) throw new Error(`device ${index} was not admitted`)
    devices.push(makeReplayDevice(outcome.answer.deviceId, START_MS))
  }
  const putRule = (signal: string, scope: string, change: (rule: Rule) => Partial<Rule>): Promise<unknown> =>
    inTransaction(db, async tx => {
      const place = { customerId: '', siteId: '', profileId: null, deviceId: '' }
      const rule = await house.catalogue.ruleFor(tx, signal, place)
      return house.catalogue.putRule(tx, { signal, scope, rule: { ...rule, ...change(rule) }, by: 'replay' })
    })
  if (options.isJudging)
    for (const { customer, signal } of around.disabled)
      await putRule(signal, `customer:${customerIds[customer] as string}`, () => ({ enabled: false }))
  else
    for (const { signal } of await house.catalogue.listRules(db, ''))
      await putRule(signal, '', () => ({ holdSeconds: 0, clearSeconds: 0, ladderSeconds: 0, remedies: [] }))

  let messages = 0
  const commit = async (group: DeviceMessage[]): Promise<void> => {
    if (group.length === 0) return
    messages += group.length
    await live().ingest.commit(group)
    // The network brings some of them twice.
    const twice = group.filter(message => message.kind !== 'will' && random.chance(SHARE_SENT_TWICE))
    if (twice.length > 0) await live().ingest.commit(twice.map(message => ({ ...message, receivedAtMs: clock.now() })))
  }
  const time = makeVirtualTime({ db, startMs: START_MS, runDue: () => server.deadlines.runDue() })
  clock.now = time.now

  /** Devices that are heard at this moment; the sweep then judges the others. */
  const sweep = async (): Promise<void> => {
    for (const device of devices) if (device.isLinked) live().presence.heard(device.deviceId, time.now())
    await live().presence.sweep()
  }
  const looks = new Set<number>()
  const lookAt = (atMs: number): void => {
    const slot = Math.ceil(atMs / SECOND) * SECOND
    if (looks.has(slot) || slot > END_MS) return
    looks.add(slot)
    time.at(slot, async () => {
      looks.delete(slot)
      if (!isUp) return
      await sweep()
      await server.deadlines.runDue()
      if (!options.isJudging) return
      for (const row of await db.selectFrom('outages').selectAll().execute()) {
        if (row.state === 'pending') lookAt(Math.max(row.opens_at, time.now() + SECOND))
        if (row.recovered_at !== null) lookAt(Math.max(row.recovered_at + 2 * MINUTE, time.now() + SECOND))
      }
    })
  }
  const lookSoon = (): void => {
    for (const afterMs of LOOKS_AFTER_MS) lookAt(time.now() + afterMs)
  }
  const sweepFor = (ms: number): void => {
    for (let afterMs = SWEEP_EVERY_MS; afterMs <= ms; afterMs += SWEEP_EVERY_MS) lookAt(time.now() + afterMs)
  }

  const isAway = new Set<number>()
  const connect = async (index: number): Promise<void> => {
    const device = devices[index]
    if (!device || !isUp || device.isLinked || isAway.has(index)) return
    live().presence.admitted(device.deviceId, customerIds[layout.devices[index]?.site.customer ?? 0] as string)
    live().presence.connected(device.deviceId, index, false)
    await commit(device.connect(time.now()))
    lookSoon()
  }
  const planLink = (link: LinkState): void => {
    const device = devices[link.device] as ReplayDevice
    const wasUnclean = link.boots && link.how !== 'goodbye'
    time.at(link.fromMs, async () => {
      isAway.add(link.device)
      if (!device.isLinked) return
      device.isLinked = false
      if (link.how === 'silent') {
        live().presence.heard(device.deviceId, time.now())
        return sweepFor(100 * SECOND)
      }
      live().presence.disconnected(device.deviceId, link.device)
      const { reason = 'shutdown', expectedBackMs } = link
      const last = link.how === 'will' ? device.will(time.now()) : device.goodbye(time.now(), reason, expectedBackMs)
      if (link.expectedBackMs !== undefined) for (const afterMs of LOOKS_AFTER_MS) lookAt(link.expectedBackMs + afterMs)
      await commit([last])
      lookSoon()
      return undefined
    })
    time.at(link.toMs, async () => {
      isAway.delete(link.device)
      if (link.boots) device.restart(time.now())
      await connect(link.device)
      if (!link.boots) return
      time.at(time.now() + 4 * SECOND, async () => {
        await commit(device.findAgain(time.now()))
        if (!wasUnclean) return
        await commit(device.say(time.now(), { signal: 'reboot.unexpected', state: 'failing', text: 'It restarted without a goodbye' }))
        time.at(time.now() + 10 * MINUTE, () =>
          commit(device.say(time.now(), { signal: 'reboot.unexpected', state: 'ok', text: 'Running since the restart' })),
        )
      })
    })
  }
  const planSignal = (signal: SignalState): void => {
    const device = devices[signal.device] as ReplayDevice
    const failing = { signal: signal.key, state: 'failing' as const, text: `${signal.key} fails` }
    const told = { ...failing, exhausted: signal.exhausted }
    time.at(signal.fromMs, () => commit(device.say(time.now(), told)))
    if (signal.repeatEveryMs !== undefined)
      for (let atMs = signal.fromMs + signal.repeatEveryMs; atMs < signal.toMs; atMs += signal.repeatEveryMs)
        time.at(atMs, () => commit(device.say(time.now(), told)))
    const remedies =
      signal.mendedBy === null
        ? {}
        : { remedies: [{ id: signal.mendedBy, outcome: 'worked', at: new Date(signal.toMs).toISOString(), tookMs: 4000 }] }
    time.at(signal.toMs, () =>
      commit(device.say(time.now(), { signal: signal.key, state: 'ok', text: `${signal.key} is well`, ...remedies })),
    )
  }
  const planRestart = ({ atMs, downMs }: { atMs: number; downMs: number }): void => {
    time.at(atMs, () => {
      isUp = false
      for (const device of devices) device.isLinked = false
    })
    time.at(atMs + downMs, async () => {
      Object.assign(server, await makeServices())
      await live().presence.start()
      isUp = true
      for (const [index] of devices.entries()) time.at(time.now() + Math.round(random.between(1, 110) * SECOND), () => connect(index))
      lookAt(time.now() + 211 * SECOND)
      lookAt(time.now() + 400 * SECOND)
    })
  }

  for (const [index] of devices.entries()) time.at(START_MS + 10 * MINUTE + (index % 60) * SECOND, () => connect(index))
  for (const restart of around.restarts) planRestart(restart)
  for (const { device, atMs, byMs } of around.clockJumps) time.at(atMs, () => devices[device]?.jump(byMs))
  for (const effects of [around, ...causes]) {
    for (const link of effects.links) planLink(link)
    for (const signal of effects.signals) planSignal(signal)
  }
  if (options.isJudging)
    for (const { device, site, fromMs, toMs } of around.maintenance)
      time.at(fromMs - HOUR, () => {
        const scope = device === null ? { siteId: siteIds[site ?? 0] as string } : { deviceId: devices[device]?.deviceId as string }
        const [from, to] = [fromMs, toMs].map(ms => new Date(ms).toISOString()) as [string, string]
        const by = { kind: 'user', id: 'u', name: 'Ada', role: 'desk', customerIds: null, partnerId: null } as const
        return live().maintenance.plan({ scope, from, to, reason: 'New parts' }, by)
      })
  for (let hour = 1; START_MS + hour * HOUR < END_MS; hour += 1)
    time.at(START_MS + hour * HOUR, async () => {
      lookAt(time.now())
      if (isUp) await live().presence.findMissing()
      if (hour % 120 === 0) options.progress?.(`day ${hour / 24}`)
    })
  await time.liveUntil(END_MS)

  const rows = await db
    .selectFrom('tickets')
    .select(['id', 'device_id', 'site_id', 'signal', 'component', 'created_at', 'level', 'occurrences', 'subject', 'status'])
    .where('source', '=', 'monitoring')
    .orderBy('created_at')
    .execute()
  const deviceOf = new Map(devices.map((device, index) => [device.deviceId, index]))
  const siteOf = new Map(siteIds.map((id, index) => [id, index]))
  await store.close()
  return {
    messages,
    tickets: rows.map(row => ({
      ...row,
      device: row.device_id === null ? null : (deviceOf.get(row.device_id) ?? null),
      site: row.site_id === null ? null : (siteOf.get(row.site_id) ?? null),
    })),
  }
}
