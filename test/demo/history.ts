/** Thirty days of the past, made in virtual time: every row comes from the same services that run in the server. */
import pino from 'pino'
import { makeDelivery } from '../../server/notifications/delivery.ts'
import { makeHouse } from '../../server/modules.ts'
import type { DeviceMessage } from '../../server/telemetry/ingest.ts'
import type { Store } from '../../server/database/database.ts'
import { sql } from 'kysely'
import type { SigningKey } from '../../shared/signing.ts'
import type { DemoDevice, DemoLogin } from './demo-device.ts'
import { seededRandom, type Random } from './demo-random.ts'
import { makeEstate, type House, type MadeCustomer } from './demo-setup.ts'
import { planFaults, type PlannedFault } from './fault-kinds.ts'
import { answerQuestions, countHelp } from './opinions.ts'
import { makePeople } from './people.ts'
import { planPresent, type LeftAlone } from './present.ts'
import { makeUptimePast } from './uptime-past.ts'
import { makeVirtualTime, type VirtualTime } from './virtual-time.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Random faults are over by then: the present is scripted. */
const QUIET_MS = 50 * MINUTE_MS
/** Samples are a minute apart in the last day, ten minutes before. */
const FINE_MS = 25 * HOUR_MS

export type HistoryOptions = {
  store: Store
  endMs: number
  days: number
  seed: number
  /** Faults a device has in a month, on average. */
  faultsPerMonth: number
  /** How many of the estate's customers, from the first. */
  customers: number
  signingKey: SigningKey
  deskEmail: string | null
  progress(line: string): void
}
export type History = { logins: DemoLogin[]; here: { customerId: string; siteId: string } }

/** A minute away from full hours, always the same for a device: nothing happens to all at once. */
const apart = (device: DemoDevice): number => (device.login.seed % 40) * 1000

function planDevice(
  device: DemoDevice,
  faults: readonly PlannedFault[],
  scene: { time: VirtualTime; house: House; alone: LeftAlone; commit(...messages: DeviceMessage[]): Promise<void> },
): void {
  const { time, commit } = scene
  for (const fault of faults) {
    const { signal, failing, ok } = fault.kind
    if (signal === 'agent.offline') {
      time.at(fault.atMs, () => (device.isOnline ? commit(device.will(time.now())) : undefined))
      time.at(fault.endMs, () => (device.isOnline ? undefined : commit(device.birth(time.now()))))
      continue
    }
    time.at(fault.atMs, () =>
      device.isOnline
        ? commit(device.event(time.now(), signal, 'failing', failing, fault.mendedBy === null ? { exhausted: true } : {}))
        : undefined,
    )
    time.at(fault.endMs, () => {
      const remedies =
        fault.mendedBy === null
          ? {}
          : { remedies: [{ id: fault.mendedBy, outcome: 'worked', at: new Date(time.now()).toISOString(), tookMs: 4100 }] }
      return device.isOnline ? commit(device.event(time.now(), signal, 'ok', ok, remedies)) : undefined
    })
  }
}

/** One day something comes and goes all the time, and one site loses its line. */
function planRarities(
  customers: readonly MadeCustomer[],
  scene: { time: VirtualTime; endMs: number; days: number; alone: LeftAlone; commit(...messages: DeviceMessage[]): Promise<void> },
): void {
  const { time, endMs, days, alone, commit } = scene
  const shaky = customers[0]?.devices.find(device => !alone.devices.has(device))
  if (shaky && days > 12) {
    for (let flap = 0; flap < 7; flap += 1) {
      const fromMs = endMs - 12 * DAY_MS + flap * 6 * MINUTE_MS
      time.at(fromMs, () =>
        shaky.isOnline
          ? commit(shaky.event(time.now(), 'usb.missing:scanner', 'failing', 'Scanner 05e0:1200 is not on the bus', { exhausted: true }))
          : undefined,
      )
      time.at(fromMs + 2 * MINUTE_MS, () =>
        shaky.isOnline ? commit(shaky.event(time.now(), 'usb.missing:scanner', 'ok', 'Scanner 05e0:1200 is back')) : undefined,
      )
    }
  }
  const [site] = customers.flatMap(customer => customer.devices.map(device => device.site)).filter(name => name === 'Livs Haga')
  const cut = customers.flatMap(customer => customer.devices).filter(device => device.site === site && !alone.devices.has(device))
  if (cut.length >= 4 && days > 6) {
    const atMs = endMs - 6 * DAY_MS
    time.at(atMs, () => commit(...cut.filter(device => device.isOnline).map(device => device.will(time.now()))))
    time.at(atMs + 26 * MINUTE_MS, () => commit(...cut.filter(device => !device.isOnline).map(device => device.birth(time.now()))))
  }
}

/** What customers ask by themselves. */
function planQuestions(
  customers: readonly MadeCustomer[],
  scene: { time: VirtualTime; house: House; random: Random; fromMs: number; toMs: number },
): void {
  const { time, house, random, fromMs, toMs } = scene
  const subjects = [
    'Receipt logo is blurred',
    'How do I change opening hours?',
    'Card payments are slow',
    'Please add a language',
    'Brightness at night',
    'Weekly report missing',
    'Staff card not accepted',
  ]
  for (const customer of customers) {
    for (let atMs = fromMs + random.between(1, 9) * DAY_MS; atMs < toMs; atMs += random.between(5, 14) * DAY_MS) {
      const subject = random.pick(subjects)
      const level = random.pick([3, 3, 3, 4, 2])
      const channel = random.pick(['form', 'email', 'phone', 'portal'] as const)
      time.at(atMs, async () => {
        const [contact] = await house.customers.listContacts(customer.id)
        if (!contact) return
        await house.ticketing.register(
          {
            customerId: customer.id,
            level,
            subject,
            description: `${subject}. We saw it this morning.`,
            channel,
            reporter: { name: contact.name, email: contact.email, ...(contact.phone === null ? {} : { phone: contact.phone }) },
            softwareVersion: '4.2.1',
            platformVersion: 'Debian 13',
            impact: 'one device',
          },
          { author_kind: 'customer', author_name: contact.name },
        )
      })
    }
  }
}

/** Makes the history in an empty store. Deterministic but for ids: the same seed and end give the same past. */
export async function makeHistory(options: HistoryOptions): Promise<History> {
  const { store, endMs, days, progress } = options
  const { db } = store
  const startMs = Math.floor((endMs - days * DAY_MS) / HOUR_MS) * HOUR_MS
  const random = seededRandom(options.seed)
  // Warnings of a past that never was would only confuse; errors still show.
  const log = pino({ level: 'error' }, pino.destination(2))
  // Nothing here is worth a write through: an interrupted history is made anew.
  if (store.kind === 'sqlite') await sql`pragma synchronous = off`.execute(db)

  const clock = { time: null as VirtualTime | null }
  const now = (): number => clock.time?.now() ?? startMs
  const house = makeHouse({
    db,
    log,
    now,
    deskEmail: options.deskEmail,
    retention: { sampleDays: 14, rollup5mDays: 90, rollup1hDays: 800, timelineDays: 400 },
    signingKey: options.signingKey,
    counted: { message: () => undefined, quarantined: fault => log.error({ fault }, 'the demo made a message that breaks the contract') },
    link: () => ({ mqttUrls: [], caPem: null, signingKeys: {} }),
    publish: () => false,
    disconnect: () => undefined,
    evidence: { folder: '', uploadUrl: () => '' },
  })
  await house.catalogue.load()
  const time = makeVirtualTime({ db, startMs, runDue: house.deadlines.runDue })
  clock.time = time
  // The world outside: in the past, every mail arrived.
  const arrived = (): Promise<{ outcome: 'sent'; reason: string }> => Promise.resolve({ outcome: 'sent', reason: 'delivered' })
  const delivery = makeDelivery({ db, log, now, channels: { email: arrived, webhook: arrived }, publicUrl: () => '' })
  const commit = (...messages: DeviceMessage[]): Promise<void> =>
    messages.length === 0 ? Promise.resolve() : house.ingest.commit(messages)

  const { customers, here } = await makeEstate(db, house, { customers: options.customers, now })
  const devices = customers.flatMap(customer => customer.devices)
  progress(`${customers.length} customers, ${devices.length} devices; ${days} days to live through`)

  const alone = planPresent({ house, time, endMs, customers, commit })
  const people = makePeople({
    ticketing: house.ticketing,
    time,
    random: seededRandom(options.seed + 1),
    endMs,
    isLeftAlone: ticket =>
      alone.subjects.has(ticket.subject) ||
      (Date.parse(ticket.createdAt) > endMs - 12 * HOUR_MS &&
        devices.some(device => device.login.deviceId === ticket.deviceId && alone.devices.has(device))),
  })
  const unsubscribe = house.bus.subscribe(changes => {
    for (const change of changes) if (change.kind === 'ticket') time.at(time.now(), () => people.notice(change.id))
  })

  for (const device of devices) {
    time.at(startMs + 10 * MINUTE_MS + apart(device), async () => {
      await commit(device.birth(time.now()))
      const { config } = await house.fleet.read(device.login.deviceId)
      await commit(device.configApplied(time.now(), config.wanted))
    })
    // A scripted device keeps its last day for the script.
    const toMs = alone.devices.has(device) ? endMs - (device.login.presence === 'away' ? 9 * DAY_MS : 12 * HOUR_MS) : endMs - QUIET_MS
    planDevice(device, planFaults(random, device.login.profile, { fromMs: startMs + HOUR_MS, toMs }, options.faultsPerMonth), {
      time,
      house,
      alone,
      commit,
    })
  }
  planRarities(customers, { time, endMs, days, alone, commit })
  planQuestions(customers, { time, house, random, fromMs: startMs, toMs: endMs - 2 * DAY_MS })

  const opinions = seededRandom(options.seed + 2)
  for (let hour = 1; startMs + hour * HOUR_MS <= endMs; hour += 1) {
    time.at(startMs + hour * HOUR_MS, async () => {
      const count = endMs - time.now() < FINE_MS ? 60 : 6
      await commit(...devices.filter(device => device.isOnline).map(device => device.samples(time.now(), 60, count)))
      await answerQuestions(db, house, opinions)
      await delivery.deliverDue()
      await house.deadlines.runDue()
      if (hour % 24 !== 0) return
      await house.samples.rollUp()
      await house.presence.findMissing()
      await house.downgrades.remind()
      await house.downgrades.endGrace()
      await house.statements.issueDue()
      if (hour % 120 === 0) progress(`day ${hour / 24} of ${days}`)
    })
  }
  await time.liveUntil(endMs)
  const minutes = Math.floor((endMs - startMs) / MINUTE_MS) % 60
  if (minutes > 0) await commit(...devices.filter(device => device.isOnline).map(device => device.samples(endMs, minutes, minutes)))
  await delivery.deliverDue()
  await house.samples.rollUp()
  await house.samples.forget()
  await countHelp(house, opinions)
  await makeUptimePast(db, startMs, endMs)
  unsubscribe()
  if (store.kind === 'sqlite') await sql`pragma synchronous = full`.execute(db)
  return { logins: devices.map(device => device.login), here }
}
