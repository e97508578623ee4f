/** Lives the month on a store, through the real house in virtual time. Started again after a kill it goes on where the store says. */
import { newSigningKey } from '../../../shared/signing.ts'
import { DomainError } from '../../../server/platform/errors.ts'
import { makeHouse } from '../../../server/modules.ts'
import type { Author } from '../../../server/tickets/ticket-context.ts'
import { insertContact, insertCustomer, insertSite } from '../../../server/customers/store/customer-store.ts'
import { inTransaction, openStore, type Database } from '../../../server/database/database.ts'
import { insertDevice } from '../../../server/devices/store/device-store.ts'
import pino from 'pino'
import { makeVirtualTime } from '../../demo/virtual-time.ts'
import { CUSTOMERS, customerOfDevice, DEVICES, END_MS, monthActs, START_MS, type MonthAct } from './month-script.ts'

const AGENT: Author = { author_kind: 'person', author_name: 'Ada' }
const CUSTOMER: Author = { author_kind: 'customer', author_name: 'Carl' }
const deviceId = (device: number): string => `d${String(device).padStart(25, 'a')}`
const customerId = (customer: number): string => `customer-${customer}`

/** Customers with a contact, their devices, a manager: in one transaction, so that it is there whole or not at all. */
async function setUp(db: Database): Promise<void> {
  if (await db.selectFrom('customers').select('id').limit(1).executeTakeFirst()) return
  await inTransaction(db, async tx => {
    for (const [index, { planId, timeZone, overrides }] of CUSTOMERS.entries()) {
      const id = customerId(index)
      await insertCustomer(tx, {
        id,
        name: planId,
        plan_id: planId,
        time_zone: timeZone,
        overrides: JSON.stringify(overrides),
        webhook_url: null,
        webhook_secret: null,
        downgrade_until: null,
        created_at: START_MS,
      })
      await insertContact(tx, {
        id: `contact-${index}`,
        customer_id: id,
        name: 'Carl',
        email: `carl${index}@example.com`,
        phone: '1',
        created_at: START_MS,
      })
      await insertSite(tx, {
        id: `site-${index}`,
        customer_id: id,
        name: 'Site',
        time_zone: timeZone,
        address: null,
        region: null,
        latitude: null,
        longitude: null,
        opening_hours: null,
        partner_id: null,
        created_at: START_MS,
      })
    }
    for (let device = 0; device < DEVICES; device += 1) {
      const customer = customerOfDevice(device)
      await insertDevice(tx, {
        id: deviceId(device),
        device_no: device + 1,
        customer_id: customerId(customer),
        site_id: `site-${customer}`,
        profile_id: null,
        name: `D${device}`,
        machine_id: `m${device}`,
        hostname: `k${device}`,
        platform: 'linux',
        model: null,
        agent_version: '1.0.0',
        public_key: null,
        state: 'active',
        secret_sha256: null,
        next_secret_sha256: null,
        secret_until: null,
        enrolled_at: START_MS,
        waiting_since: null,
        retired_at: null,
        enrolment_token_id: null,
      })
    }
    const who = { id: 'mia', email: 'mia@example.com', name: 'Mia', role: 'manager', customer_ids: '[]', password_hash: 'x' }
    await tx
      .insertInto('users')
      .values({ ...who, disabled_at: null, created_at: START_MS })
      .execute()
  })
}

/** The newest act the store holds: each leaves its number, or the instant of its observation. */
async function lastDone(db: Database, acts: readonly MonthAct[]): Promise<number> {
  const texts = [
    ...(await db.selectFrom('ticket_events').select('text').where('kind', 'in', ['message', 'reason', 'approved']).execute()),
    ...(await db.selectFrom('tickets').select('description as text').where('source', '=', 'contact').execute()),
    ...(await db.selectFrom('tickets').select('impact as text').where('impact', 'is not', null).execute()),
  ]
  const seen = await db
    .selectFrom('conditions')
    .select(e => e.fn.max('observed_at').as('at'))
    .executeTakeFirst()
  const observed = acts.findLast(act => act.kind === 'observe' && act.atMs === seen?.at)?.number ?? 0
  return Math.max(observed, ...texts.map(({ text }) => Number(/#(\d+)/.exec(text ?? '')?.[1] ?? 0)))
}

/** The ticket of a key, known or looked up once: after a restart in the store. */
function makeTicketBook(db: Database, acts: readonly MonthAct[]) {
  const known = new Map<string, string>()
  const faults = new Map(acts.flatMap(act => (act.kind === 'observe' ? [[act.key, act] as const] : [])))
  return {
    known,
    async idOf(key: string): Promise<string> {
      const fault = faults.get(key)
      let id = known.get(key)
      if (id === undefined) {
        const tickets = db.selectFrom('tickets').select('id').orderBy('created_at', 'desc')
        const query = fault
          ? tickets.where('device_id', '=', deviceId(fault.device)).where('signal', '=', fault.signal)
          : tickets.where('subject', '=', key)
        id = (await query.executeTakeFirst())?.id
      }
      if (id === undefined) throw new Error(`there is no ticket ${key}`)
      known.set(key, id)
      return id
    },
  }
}

/** Runs the month; `done` hears of each act that was carried out. */
async function live(location: string, seed: number, done: (act: MonthAct) => void): Promise<void> {
  const store = await openStore(location)
  const { db } = store
  const clock = { now: (): number => START_MS }
  const house = makeHouse({
    db,
    log: pino({ level: 'error' }),
    now: () => clock.now(),
    deskEmail: 'desk@example.com',
    retention: { sampleDays: 14, rollup5mDays: 90, rollup1hDays: 800, timelineDays: 400 },
    signingKey: newSigningKey('month'),
    counted: { message: () => undefined, quarantined: () => undefined },
    link: () => ({ mqttUrls: [], caPem: null, signingKeys: {} }),
    publish: () => false,
    disconnect: () => undefined,
    evidence: { folder: '', uploadUrl: () => '' },
  })
  await house.catalogue.load()
  await setUp(db)
  const acts = monthActs(seed)
  const book = makeTicketBook(db, acts)
  const { ticketing, incidents } = house

  const carryOut = async (act: MonthAct): Promise<void> => {
    const mark = `#${act.number}`
    if (act.kind === 'register') {
      const plan = await house.catalogue.effectivePlanOf(db, customerId(act.customer))
      const reporter = { name: 'Carl', email: `carl${act.customer}@example.com`, phone: '1', organisation: 'Shops' }
      const report = { level: act.level, subject: act.key, description: mark, channel: plan.channels[0] ?? 'form', reporter }
      const versions = { softwareVersion: '1', platformVersion: '1', impact: 'x' }
      const { id } = await ticketing.register({ customerId: customerId(act.customer), ...report, ...versions }, AGENT)
      book.known.set(act.key, id)
    } else if (act.kind === 'observe') {
      const { signal, state, atMs } = act
      const observation = { deviceId: deviceId(act.device), signal, component: '', state, text: mark, atMs, receivedAtMs: atMs }
      await inTransaction(db, tx => incidents.observe(tx, [observation], []))
    } else {
      const id = await book.idOf(act.key)
      if (act.kind === 'message') {
        const author = act.by === 'person' ? AGENT : CUSTOMER
        await ticketing.write(id, { visibility: 'public', body: mark, asks: act.asks }, author)
      } else if (act.kind === 'move') await ticketing.move(id, { to: act.to, reason: mark }, AGENT)
      else if (act.kind === 'level') await ticketing.patch(id, { level: act.level, impact: mark }, AGENT)
      else await ticketing.approve(id, { reason: mark }, AGENT)
    }
  }
  const time = makeVirtualTime({ db, startMs: START_MS, runDue: () => house.deadlines.runDue() })
  clock.now = time.now
  for (const act of acts.slice(await lastDone(db, acts))) {
    time.at(act.atMs, async () => {
      await carryOut(act).catch((error: unknown) => {
        // What the script asks for in vain (nothing to approve, closed meanwhile) changes nothing, in every run alike.
        if (!(error instanceof DomainError) || error.code !== 'conflict') throw error
      })
      done(act)
    })
  }
  await time.liveUntil(END_MS)
  await store.close()
}

const [location = '', seed = '1'] = process.argv.slice(2)
await live(location, Number(seed), act => void process.stdout.write(`${act.number}\n`))
process.stdout.write('over\n')
