/** Customers and their contacts: what the desk sets up before the first device. */
import type {
  ChangedCustomer,
  Contact,
  ContactInput,
  Customer,
  CustomerInput,
  CustomerPatch,
} from '../../shared/api/contracts/customer-api.ts'
import type { PlanOverrides } from '../../shared/api/plans/plan-api.ts'
import { unknownEntitlements } from './rules/entitlement.ts'
import { DomainError, invalidInput, notFound, type FieldError } from '../platform/errors.ts'
import { languageOf } from '../../shared/languages.ts'
import { escalationFaults } from '../plans/rules/escalation-faults.ts'
import { mergePlan } from '../plans/rules/plan.ts'
import { overrideFaults } from '../plans/rules/plan-faults.ts'
import { readOverrides } from '../plans/rules/stored-plan.ts'
import type { CustomerListRow } from '../customers/store/customer-store.ts'
import {
  deleteContact,
  findCustomer,
  insertContact,
  insertCustomer,
  listContacts,
  listCustomers,
  updateCustomer,
  listCustomersOfPlans,
} from '../customers/store/customer-store.ts'
import { inTransaction, lockCustomer, type Database } from '../database/database.ts'
import type { ContactRow, CustomerRow } from '../database/tables/schema.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import { holidayFaults } from '../calendars/holidays.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { Downgrades } from './downgrades.ts'
import type { Places } from './device-cover.ts'
import { zoneFaults } from '../customers/sites.ts'
import type { Statements } from './statements.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import type { UsageService } from './plan-usage.ts'
import { NO_WEBHOOK, webhookChange } from '../customers/webhook-secrets.ts'
import { newRowId } from '../database/row-id.ts'
import { iso } from '../../shared/instants.ts'

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
  usage: Pick<UsageService, 'review'>
  downgrades: Pick<Downgrades, 'begin'>
  statements: Pick<Statements, 'issueEnded'>
  replan: Ticketing['replan']
}) {
  const { db, now, bus, catalogue, places } = deps

  const toCustomer = async (row: CustomerListRow): Promise<Customer> => ({
    id: row.id,
    name: row.name,
    planId: row.plan_id,
    planName: (await catalogue.getPlan(db, row.plan_id))?.name ?? row.plan_id,
    timeZone: row.time_zone,
    overrides: readOverrides(row.overrides),
    webhookUrl: row.webhook_url,
    language: languageOf(row.language),
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
    const overrides = (input.overrides as PlanOverrides | undefined) ?? readOverrides(before?.overrides ?? '{}')
    if (!plan || (input.planId === undefined && input.overrides === undefined)) return []
    const part = input.overrides === undefined ? 'body/planId' : 'body/overrides'
    return [
      ...escalationFaults(mergePlan(plan, overrides)).map(fault => ({ path: `${part}${fault.path}`, message: fault.message })),
      ...unknownEntitlements(overrides.entitlements, plan).map(fault => ({ path: `body/overrides${fault.path}`, message: fault.message })),
    ]
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
      const row: Omit<CustomerRow, 'lock_version' | 'downgrade_reminded_for'> = {
        id: newRowId(),
        name: input.name,
        plan_id: input.planId,
        time_zone: input.timeZone,
        overrides: JSON.stringify(input.overrides ?? {}),
        ...NO_WEBHOOK,
        ...webhookChange(NO_WEBHOOK, input.webhookUrl),
        language: input.language ?? 'en',
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
        await deps.statements.issueEnded(tx, id)
        const before = await findCustomer(tx, id)
        const hook = webhookChange(before ?? NO_WEBHOOK, patch.webhookUrl)
        await updateCustomer(tx, id, {
          ...(patch.name === undefined ? {} : { name: patch.name }),
          ...(patch.planId === undefined ? {} : { plan_id: patch.planId }),
          ...(patch.timeZone === undefined ? {} : { time_zone: patch.timeZone }),
          ...(patch.overrides === undefined ? {} : { overrides: JSON.stringify(patch.overrides) }),
          ...(patch.language === undefined ? {} : { language: patch.language }),
          ...hook,
        })
        await deps.downgrades.begin(tx, id)
        await places.reassess(tx, id, changes)
        await deps.usage.review(tx, id)
        await deps.replan(tx, id, changes)
        return hook.webhook_secret ?? null
      })
      bus.publish(changes)
      return { ...(await read(id)), webhookSecret }
    },

    /** A plan of the catalogue changed: its customers' devices follow, with the grace of a downgrade where fewer are included. */
    async followPlans(planIds: readonly string[]): Promise<void> {
      for (const id of await listCustomersOfPlans(db, planIds)) await customers.update(id, {})
    },

    /** Names a contact; throws contact-limit-reached when the plan names no more, exact under concurrency. */
    async addContact(customerId: string, input: ContactInput): Promise<Contact> {
      const row: ContactRow = {
        id: newRowId(),
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
            `The plan ${name} names ${contacts.included} ${contacts.included === 1 ? 'contact' : 'contacts'} and all are used. Remove one, or agree a higher number with an override.`,
            { extra: { included: contacts.included, used } },
          )
        }
        await insertContact(tx, row)
        await deps.usage.review(tx, customerId)
      })
      return toContact(row)
    },

    async removeContact(customerId: string, contactId: string): Promise<void> {
      await inTransaction(db, async tx => {
        await lockCustomer(tx, customerId)
        if (!(await deleteContact(tx, customerId, contactId))) throw notFound('contact')
        await deps.usage.review(tx, customerId)
      })
    },

    async listContacts(customerId: string): Promise<Contact[]> {
      return (await listContacts(db, customerId)).map(toContact)
    },
  }
  return customers
}
export type Customers = ReturnType<typeof makeCustomers>
