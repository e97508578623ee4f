/** Customers, sites and contacts: what the desk sets up before the first device. */
import { randomUUIDv7 } from 'node:crypto'
import type {
  ChangedCustomer,
  Contact,
  ContactInput,
  Customer,
  CustomerInput,
  CustomerPatch,
  Site,
  SiteInput,
  SitePatch,
} from '../../shared/api/customer-api.ts'
import type { PlanOverrides } from '../../shared/api/plan-api.ts'
import { isTimeZone } from '../domain/calendar-spec.ts'
import { DomainError, invalidInput, notFound, type FieldError } from '../domain/errors.ts'
import { escalationFaults } from '../domain/escalation-faults.ts'
import { mergePlan } from '../domain/plan.ts'
import { overrideFaults } from '../domain/plan-faults.ts'
import type { CustomerListRow } from '../store/customer-store.ts'
import {
  deleteContact,
  findCustomer,
  findSite,
  insertContact,
  insertCustomer,
  insertSite,
  listContacts,
  listCustomers,
  listSites,
  updateCustomer,
  updateSite,
} from '../store/customer-store.ts'
import { inTransaction, lockCustomer, type Database, type Tx } from '../store/database.ts'
import type { ContactRow, CustomerRow, SiteRow } from '../store/schema.ts'
import type { Catalogue } from './catalogue.ts'
import { holidayFaults } from './catalogue-holidays.ts'
import type { Change, ChangeBus } from './changes.ts'
import type { Places } from './places.ts'
import { openingFaults } from './site-hours.ts'
import type { Ticketing } from './ticketing.ts'
import type { PlanNotices } from './plan-notices.ts'
import { NO_WEBHOOK, webhookChange } from './webhook-secrets.ts'

const GRACE_MS = 14 * 86_400_000
const iso = (ms: number): string => new Date(ms).toISOString()

function zoneFaults(timeZone: string | undefined, path: string): FieldError[] {
  if (timeZone === undefined || isTimeZone(timeZone)) return []
  return [{ path, message: `is not a time zone: ${timeZone}. Use an IANA name such as Europe/Stockholm` }]
}

/** A zone that is wrong is told once, not again with the hours. */
function placeFaults(place: { timeZone?: string | undefined; openingHours?: unknown }, timeZone: string): FieldError[] {
  const faults = zoneFaults(place.timeZone, 'body/timeZone')
  const { openingHours } = place
  if (faults.length > 0 || openingHours === undefined || openingHours === null) return faults
  return openingFaults(openingHours, timeZone).map(fault => ({ path: `body/openingHours${fault.path}`, message: fault.message }))
}

const toSite = (row: SiteRow): Site => ({
  id: row.id,
  customerId: row.customer_id,
  name: row.name,
  timeZone: row.time_zone,
  address: row.address,
  region: row.region,
  location: row.latitude === null || row.longitude === null ? null : { lat: row.latitude, lon: row.longitude },
  openingHours: row.opening_hours === null ? null : (JSON.parse(row.opening_hours) as Site['openingHours']),
  partnerId: row.partner_id,
  createdAt: iso(row.created_at),
})
const toContact = (row: ContactRow): Contact => ({
  id: row.id,
  customerId: row.customer_id,
  name: row.name,
  email: row.email,
  phone: row.phone,
  createdAt: iso(row.created_at),
})

/** Makes the customers service. */
export function makeCustomers(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  catalogue: Catalogue
  places: Places
  notices: PlanNotices
  replan: Ticketing['replan']
}) {
  const { db, now, bus, catalogue, places, notices } = deps

  const toCustomer = async (row: CustomerListRow): Promise<Customer> => ({
    id: row.id,
    name: row.name,
    planId: row.plan_id,
    planName: (await catalogue.getPlan(db, row.plan_id))?.name ?? row.plan_id,
    timeZone: row.time_zone,
    overrides: JSON.parse(row.overrides) as Customer['overrides'],
    webhookUrl: row.webhook_url,
    downgradeUntil: row.downgrade_until === null ? null : iso(row.downgrade_until),
    createdAt: iso(row.created_at),
    deviceCount: Number(row.device_count),
    siteCount: Number(row.site_count),
  })
  const read = async (id: string): Promise<Customer> => {
    const row = await findCustomer(db, id)
    if (!row) throw notFound('customer')
    return toCustomer(row)
  }
  const checkTerms = async (input: CustomerPatch, before?: Pick<CustomerRow, 'plan_id' | 'overrides'>): Promise<void> => {
    const faults = zoneFaults(input.timeZone, 'body/timeZone')
    if (input.planId !== undefined && !(await catalogue.getPlan(db, input.planId)))
      faults.push({ path: 'body/planId', message: `is not a plan of the catalogue: ${input.planId}` })
    if (input.overrides !== undefined) {
      const wrong = overrideFaults(input.overrides)
      if (wrong.length === 0) wrong.push(...(await holidayFaults((input.overrides as PlanOverrides).holidays, now())))
      faults.push(...wrong.map(fault => ({ path: `body/overrides${fault.path}`, message: fault.message })))
    }
    if (faults.length === 0) faults.push(...(await togetherFaults(input, before)))
    if (faults.length > 0) throw invalidInput(faults)
  }
  /** What is right by itself and wrong with the rest: own terms over a plan they do not fit. */
  const togetherFaults = async (input: CustomerPatch, before?: Pick<CustomerRow, 'plan_id' | 'overrides'>): Promise<FieldError[]> => {
    const plan = await catalogue.getPlan(db, input.planId ?? before?.plan_id ?? '')
    const overrides = (input.overrides ?? JSON.parse(before?.overrides ?? '{}')) as PlanOverrides
    if (!plan || (input.planId === undefined && input.overrides === undefined)) return []
    const part = input.overrides === undefined ? 'body/planId' : 'body/overrides'
    return escalationFaults(mergePlan(plan, overrides)).map(fault => ({ path: `${part}${fault.path}`, message: fault.message }))
  }
  /** More devices hold a place than the plan gives: 14 days in which everything active stays active; an end that is set stays. */
  const downgradeUntil = async (tx: Tx, id: string): Promise<number | null> => {
    const { included, more } = (await catalogue.effectivePlanOf(tx, id)).devices
    const held = await tx
      .selectFrom('devices')
      .select(e => e.fn.countAll<number>().as('n'))
      .where('customer_id', '=', id)
      .where('state', 'in', ['active', 'additional'])
      .executeTakeFirstOrThrow()
    if (more !== 'refused' || included === null || held.n <= included) return null
    return (await findCustomer(tx, id))?.downgrade_until ?? now() + GRACE_MS
  }

  const customers = {
    read,
    /** Throws invalid-input for terms that the customer cannot have. `before`: the customer as stored. */
    checkTerms,
    async list(query: {
      scope: readonly string[] | null
      q?: string | undefined
      limit: number
      cursor?: string | undefined
    }): Promise<{ rows: Customer[]; more: CustomerListRow[]; total: number }> {
      const { rows, total } = await listCustomers(db, query)
      return { rows: await Promise.all(rows.map(toCustomer)), more: rows, total }
    },

    /** Makes a customer; throws invalid-input for an unknown plan, zone or override. A webhook's secret is in this answer only. */
    async create(input: CustomerInput): Promise<ChangedCustomer> {
      await checkTerms(input)
      const row: Omit<CustomerRow, 'lock_version'> = {
        id: randomUUIDv7(),
        name: input.name,
        plan_id: input.planId,
        time_zone: input.timeZone,
        overrides: JSON.stringify(input.overrides ?? {}),
        ...NO_WEBHOOK,
        ...webhookChange(NO_WEBHOOK, input.webhookUrl),
        downgrade_until: null,
        created_at: now(),
      }
      await inTransaction(db, tx => insertCustomer(tx, row))
      return { ...(await read(row.id)), webhookSecret: row.webhook_secret }
    },

    /** Changes a customer; a new plan is applied to its devices at once, a smaller one with 14 days of grace. A new webhook address gets a new secret. */
    async update(id: string, patch: CustomerPatch): Promise<ChangedCustomer> {
      const stored = await findCustomer(db, id)
      if (!stored) throw notFound('customer')
      await checkTerms(patch, stored)
      const changes: Change[] = []
      const webhookSecret = await inTransaction(db, async tx => {
        await lockCustomer(tx, id)
        const before = await findCustomer(tx, id)
        const hook = webhookChange(before ?? NO_WEBHOOK, patch.webhookUrl)
        await updateCustomer(tx, id, {
          ...(patch.name === undefined ? {} : { name: patch.name }),
          ...(patch.planId === undefined ? {} : { plan_id: patch.planId }),
          ...(patch.timeZone === undefined ? {} : { time_zone: patch.timeZone }),
          ...(patch.overrides === undefined ? {} : { overrides: JSON.stringify(patch.overrides) }),
          ...hook,
        })
        const untilMs = await downgradeUntil(tx, id)
        await updateCustomer(tx, id, { downgrade_until: untilMs })
        if (untilMs !== null && before?.downgrade_until === null) await notices.graceBegins(tx, { customerId: id, untilMs })
        await places.reassess(tx, id, changes)
        await deps.replan(tx, id, changes)
        return hook.webhook_secret ?? null
      })
      bus.publish(changes)
      return { ...(await read(id)), webhookSecret }
    },

    /** After a downgrade: the operator says which devices stay covered. */
    async chooseCovered(id: string, deviceIds: readonly string[]): Promise<void> {
      const changes: Change[] = []
      await inTransaction(db, async tx => {
        if (!(await lockCustomer(tx, id))) throw notFound('customer')
        await updateCustomer(tx, id, { downgrade_until: null })
        await places.reassess(tx, id, changes, deviceIds)
      })
      bus.publish(changes)
    },

    /** A plan of the catalogue changed: its customers' devices follow, with the grace of a downgrade where fewer are included. */
    async followPlans(planIds: readonly string[]): Promise<void> {
      const affected = await db
        .selectFrom('customers')
        .select('id')
        .where('plan_id', 'in', planIds.length > 0 ? planIds : [''])
        .execute()
      for (const { id } of affected) await customers.update(id, {})
    },

    /** Ends the grace of downgrades that are over; answers how many customers it touched. */
    async endGrace(): Promise<number> {
      const due = await db
        .selectFrom('customers')
        .select('id')
        .where('downgrade_until', 'is not', null)
        .where('downgrade_until', '<=', now())
        .execute()
      for (const { id } of due) {
        const changes: Change[] = []
        await inTransaction(db, async tx => {
          await lockCustomer(tx, id)
          await updateCustomer(tx, id, { downgrade_until: null })
          await places.reassess(tx, id, changes)
        })
        bus.publish(changes)
      }
      return due.length
    },

    async createSite(customerId: string, input: SiteInput): Promise<Site> {
      const customer = await read(customerId)
      const timeZone = input.timeZone ?? customer.timeZone
      const faults = placeFaults(input, timeZone)
      if (faults.length > 0) throw invalidInput(faults)
      await mustBePartner(input.partnerId)
      const row: SiteRow = {
        id: randomUUIDv7(),
        customer_id: customerId,
        name: input.name,
        time_zone: timeZone,
        address: input.address ?? null,
        region: input.region ?? null,
        latitude: input.location?.lat ?? null,
        longitude: input.location?.lon ?? null,
        opening_hours: input.openingHours === undefined ? null : JSON.stringify(input.openingHours),
        partner_id: input.partnerId ?? null,
        created_at: now(),
      }
      await inTransaction(db, tx => insertSite(tx, row))
      return toSite(row)
    },

    async updateSite(customerId: string, siteId: string, patch: SitePatch): Promise<Site> {
      const site = await findSite(db, siteId)
      if (!site || site.customer_id !== customerId) throw notFound('site')
      const faults = placeFaults(patch, patch.timeZone ?? site.time_zone)
      if (faults.length > 0) throw invalidInput(faults)
      await mustBePartner(patch.partnerId)
      const change: Partial<SiteRow> = {
        ...(patch.name === undefined ? {} : { name: patch.name }),
        ...(patch.timeZone === undefined ? {} : { time_zone: patch.timeZone }),
        ...(patch.address === undefined ? {} : { address: patch.address }),
        ...(patch.region === undefined ? {} : { region: patch.region }),
        ...(patch.location === undefined ? {} : { latitude: patch.location.lat, longitude: patch.location.lon }),
        ...(patch.openingHours === undefined
          ? {}
          : { opening_hours: patch.openingHours === null ? null : JSON.stringify(patch.openingHours) }),
        ...(patch.partnerId === undefined ? {} : { partner_id: patch.partnerId }),
      }
      await inTransaction(db, tx => updateSite(tx, siteId, change))
      bus.publish([{ kind: 'site', id: siteId, customerId }])
      return toSite({ ...site, ...change })
    },

    async listSites(customerId: string): Promise<Site[]> {
      return (await listSites(db, customerId)).map(toSite)
    },

    /** Names a contact; throws contact-limit-reached when the plan names no more, exact under concurrency. */
    async addContact(customerId: string, input: ContactInput): Promise<Contact> {
      const row: ContactRow = {
        id: randomUUIDv7(),
        customer_id: customerId,
        name: input.name,
        email: input.email,
        phone: input.phone ?? null,
        created_at: now(),
      }
      await inTransaction(db, async tx => {
        if (!(await lockCustomer(tx, customerId))) throw notFound('customer')
        const { contacts, name } = await catalogue.effectivePlanOf(tx, customerId)
        const used = (await listContacts(tx, customerId)).length
        if (contacts.included !== null && used >= contacts.included) {
          throw new DomainError(
            'conflict',
            'contact-limit-reached',
            `The plan ${name} names ${contacts.included} contacts and all are used. Remove one, or agree a higher number with an override.`,
            { extra: { included: contacts.included, used } },
          )
        }
        await insertContact(tx, row)
      })
      return toContact(row)
    },

    async removeContact(customerId: string, contactId: string): Promise<void> {
      if (!(await inTransaction(db, tx => deleteContact(tx, customerId, contactId)))) throw notFound('contact')
    },

    async listContacts(customerId: string): Promise<Contact[]> {
      return (await listContacts(db, customerId)).map(toContact)
    },
  }
  return customers

  async function mustBePartner(partnerId: string | null | undefined): Promise<void> {
    if (!partnerId) return
    const known = await db.selectFrom('partners').select('id').where('id', '=', partnerId).executeTakeFirst()
    if (!known) throw invalidInput([{ path: 'body/partnerId', message: 'is not a known partner' }])
  }
}
export type Customers = ReturnType<typeof makeCustomers>
