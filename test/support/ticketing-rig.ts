/** The server's judging half on a real store, in virtual time: what tests of incidents, tickets and deadlines start from. */
import type { Store } from '../../server/database/database.ts'
import { inTransaction } from '../../server/database/database.ts'
import { insertContact, insertCustomer, insertSite } from '../../server/customers/store/customer-store.ts'
import { insertDevice } from '../../server/devices/store/device-store.ts'
import type { DeviceState, IncidentRow, OutboxRow, TicketRow, TimelineRow } from '../../server/database/tables/schema.ts'
import { makeCatalogue } from '../../server/plans/catalogue.ts'
import { makeChangeBus, type Change } from '../../server/platform/change-bus.ts'
import { makeDeadlines } from '../../server/operations/deadlines.ts'
import { makeIncidents, type Observation } from '../../server/incidents/incidents.ts'
import { makeIncidentReader } from '../../server/incidents/incident-view.ts'
import { makeOutageDesk } from '../../server/incidents/outage-effects.ts'
import { makeOutages } from '../../server/incidents/outages.ts'
import { makePartners } from '../../server/customers/partners.ts'
import type { Author } from '../../server/tickets/ticket-context.ts'
import { makePlanNotices } from '../../server/contracts/plan-notifications.ts'
import { makeUsage } from '../../server/contracts/plan-usage.ts'
import { makeTicketing } from '../../server/tickets/tickets.ts'
import { TICKET_FOLLOWERS, TICKET_INCIDENTS } from '../../server/modules.ts'
import { makeIncidentTickets } from '../../server/incidents/group-tickets.ts'
import { visitUnderWay } from '../../server/visits/visit-follower.ts'
import { makeVisits } from '../../server/visits/visits.ts'
import { makeVerdicts } from '../../server/verdicts/verdicts.ts'
import { newDeviceId } from '../../shared/ids.ts'
import type { PlanOverrides } from '../../shared/api/plans/plan-api.ts'
import type { TicketInput } from '../../shared/api/tickets/ticket-api.ts'
import { testLog } from './test-log.ts'

/** Monday 16 November 2026, 10:00 in Stockholm: inside everybody's service hours. */
export const MONDAY_MS = Date.parse('2026-11-16T10:00:00+01:00')
export const AGENT: Author = { author_kind: 'person', author_name: 'Ada of the desk' }
export const CUSTOMER: Author = { author_kind: 'customer', author_name: 'Carl' }

/** Services on a store; `again()` makes them anew on the same store, as a restart does. */
export async function makeRig(store: Store) {
  const { db } = store
  const time = { nowMs: MONDAY_MS }
  const now = (): number => time.nowMs
  const told: Change[] = []
  const addresses = new Map<string, string>()
  const heard = new Map<string, number>()
  const bus = makeChangeBus()
  bus.subscribe(changes => told.push(...changes))
  const log = testLog()
  const wire = () => {
    const catalogue = makeCatalogue({ db, log, now })
    const notices = makePlanNotices({ now, catalogue, deskEmail: 'desk@example.com' })
    const usage = makeUsage({ catalogue, notices, now })
    const ticketing = makeTicketing({
      db,
      log,
      now,
      bus,
      catalogue,
      deskEmail: 'desk@example.com',
      caseCounted: usage.review,
      followers: TICKET_FOLLOWERS,
      incidents: TICKET_INCIDENTS,
    })
    const tickets = makeIncidentTickets(ticketing.desk, visitUnderWay)
    const verdicts = makeVerdicts({ db, now, bus })
    const incidents = makeIncidents({ log, now, catalogue, tickets, verdicts })
    const addressOf = (deviceId: string): string | null => addresses.get(deviceId) ?? null
    const desk = makeOutageDesk({ now, catalogue, incidents, tickets, deskEmail: 'desk@example.com', addressOf })
    const outages = makeOutages({ db, log, now, bus, catalogue, desk })
    const visits = makeVisits({ db, log, now, bus, desk: ticketing.desk, heardAt: deviceId => heard.get(deviceId) ?? null })
    return {
      visits,
      catalogue,
      ticketing,
      incidentTickets: tickets,
      verdicts,
      incidents,
      deadlines: makeDeadlines({ db, log, now, bus, incidents, outages, ticketing, verdicts, visits }),
      partners: makePartners({ db, now }),
      reader: makeIncidentReader({ db }),
    }
  }
  const first = wire()
  await first.catalogue.load()
  let count = 0

  const rig = {
    db,
    time,
    told,
    /** Public address of a device's newest connection. */
    addresses,
    /** When a device was last heard. */
    heard,
    ...first,
    again: () => void Object.assign(rig, wire()),

    async customer(more: { planId?: string; timeZone?: string; overrides?: PlanOverrides; webhookUrl?: string } = {}): Promise<string> {
      const id = crypto.randomUUID()
      await inTransaction(db, tx =>
        insertCustomer(tx, {
          id,
          name: 'Corner Shops',
          plan_id: more.planId ?? 'ombori-production',
          time_zone: more.timeZone ?? 'Europe/Stockholm',
          overrides: JSON.stringify(more.overrides ?? {}),
          webhook_url: more.webhookUrl ?? null,
          webhook_secret: null,
          downgrade_until: null,
          created_at: time.nowMs,
        }),
      )
      return id
    },
    async contact(customerId: string, email: string, name = 'Carl Contact'): Promise<string> {
      const id = crypto.randomUUID()
      await inTransaction(db, tx =>
        insertContact(tx, { id, customer_id: customerId, name, email, phone: '+46 70 123 45 67', created_at: time.nowMs }),
      )
      return id
    },
    async site(customerId: string, more: { openingHours?: object; partnerId?: string; region?: string } = {}): Promise<string> {
      const id = crypto.randomUUID()
      const openingHours = more.openingHours === undefined ? null : JSON.stringify(more.openingHours)
      await inTransaction(db, tx =>
        insertSite(tx, {
          id,
          customer_id: customerId,
          name: 'Central Station',
          time_zone: 'Europe/Stockholm',
          address: 'Centralplan 15',
          region: more.region ?? null,
          latitude: null,
          longitude: null,
          opening_hours: openingHours,
          partner_id: more.partnerId ?? null,
          created_at: time.nowMs,
        }),
      )
      return id
    },
    async device(customerId: string, siteId: string, more: { state?: DeviceState; profileId?: string } = {}): Promise<string> {
      count += 1
      const id = newDeviceId()
      await inTransaction(db, tx =>
        insertDevice(tx, {
          id,
          device_no: count,
          customer_id: customerId,
          site_id: siteId,
          profile_id: more.profileId ?? null,
          name: `Kiosk ${count}`,
          machine_id: `machine-${id}`,
          hostname: `kiosk-${count}`,
          platform: 'linux-x64',
          model: null,
          agent_version: '1.0.0',
          public_key: null,
          state: more.state ?? 'active',
          secret_sha256: null,
          next_secret_sha256: null,
          secret_until: null,
          enrolled_at: time.nowMs,
          waiting_since: null,
          retired_at: null,
          enrolment_token_id: null,
        }),
      )
      await db
        .updateTable('device_states')
        .set({ connection: 'online', connection_since: time.nowMs })
        .where('device_id', '=', id)
        .execute()
      return id
    },
    /** A customer with one site and one device. */
    async kiosk(
      more: {
        planId?: string
        overrides?: PlanOverrides
        openingHours?: object
        partnerId?: string
        region?: string
        state?: DeviceState
        profileId?: string
      } = {},
    ) {
      const customerId = await rig.customer(more)
      const siteId = await rig.site(customerId, more)
      return { customerId, siteId, deviceId: await rig.device(customerId, siteId, more) }
    },

    /** One observation, now unless `atMs` says otherwise. */
    async observe(...observations: (Pick<Observation, 'deviceId' | 'signal' | 'state'> & Partial<Observation>)[]): Promise<Change[]> {
      const changes: Change[] = []
      const whole = observations.map((one): Observation => ({
        component: '',
        text: `${one.signal} is ${one.state}`,
        atMs: time.nowMs,
        receivedAtMs: time.nowMs,
        ...one,
      }))
      await inTransaction(db, tx => rig.incidents.observe(tx, whole, changes))
      return changes
    },
    /** Time goes on; the worker runs every `stepMs`. */
    async pass(ms: number, stepMs = ms): Promise<void> {
      const endMs = time.nowMs + ms
      while (time.nowMs < endMs) {
        time.nowMs = Math.min(endMs, time.nowMs + stepMs)
        await rig.deadlines.runDue()
      }
    },
    /** The ticket of a fault of one minute, by default of level 1. */
    async fault(deviceId: string, signal = 'screen.blank'): Promise<string> {
      await rig.observe({ deviceId, signal, state: 'failing' })
      await rig.pass(60_000)
      const ticket = (await rig.tickets()).findLast(row => row.device_id === deviceId && row.signal === signal)
      return ticket?.id ?? ''
    },
    tickets: (): Promise<TicketRow[]> => db.selectFrom('tickets').selectAll().orderBy('created_at').orderBy('reference').execute(),
    allIncidents: (): Promise<IncidentRow[]> => db.selectFrom('incidents').selectAll().orderBy('started_at').execute(),
    timeline: (deviceId: string): Promise<TimelineRow[]> =>
      db.selectFrom('timeline').selectAll().where('device_id', '=', deviceId).orderBy('at').execute(),
    outbox: (): Promise<OutboxRow[]> => db.selectFrom('outbox').selectAll().orderBy('dedup_key').execute(),
    report: (customerId: string, more: Partial<TicketInput> = {}): TicketInput => ({
      customerId,
      level: 2,
      subject: 'The queue numbers are wrong',
      description: 'Since this morning.',
      channel: 'form',
      reporter: { name: 'Carl Contact', email: 'carl@example.com' },
      ...more,
    }),
  }
  return rig
}
export type Rig = Awaited<ReturnType<typeof makeRig>>
