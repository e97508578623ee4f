/** Maintenance windows: planned, listed, called off. What they mute is decided where incidents are judged. */
import type { MaintenanceScope, MaintenanceWindow, MaintenanceWindowInput } from '../../shared/api/incidents/maintenance-api.ts'
import { isTimeZone } from '../calendars/rules/calendar-spec.ts'
import { seesCustomer, type Caller } from '../platform/caller.ts'
import { invalidInput, notFound, type FieldError } from '../platform/errors.ts'
import { MAX_RECURRING_MS, MAX_WINDOW_MS, nextTime, type PlannedWork } from './rules/maintenance-windows.ts'
import { findCustomer, findSite } from '../customers/store/customer-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findDevice } from '../devices/store/device-store.ts'
import type { MaintenanceRow } from '../database/tables/maintenance-rows.ts'
import { cancelMaintenance, findMaintenance, insertMaintenance, listMaintenance, toPlannedWork } from './store/maintenance-store.ts'
import { toPage } from '../database/paging.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import { newRowId } from '../database/row-id.ts'
import { DAY_MS } from '../../shared/units.ts'
import { iso, isoOrNull } from '../../shared/instants.ts'

type Named = { customer: string | null; site: string | null; profile: string | null; device: string | null }
/** A scope whose parts exist and fit each other, with the customer they belong to, their names, and the zone they lie in. */
type CheckedScope = { scope: MaintenanceScope; timeZone: string; named: Named }

/** What a window is about, in words: `screen.blank of Till 3`, `Central Station`, `everything`. */
function scopeWords(signal: string | undefined, named: Named): string {
  const where =
    named.device ??
    [named.site, named.customer].find(name => name !== null) ??
    (named.profile === null ? 'the whole estate' : 'every customer')
  const what = named.profile === null ? where : `${named.profile} at ${where}`
  return signal === undefined ? what : `${signal} of ${what}`
}

function timeFaults(input: MaintenanceWindowInput, nowMs: number): FieldError[] {
  const [fromMs, toMs] = [Date.parse(input.from), Date.parse(input.to)]
  const longest = input.recurrence ? MAX_RECURRING_MS : MAX_WINDOW_MS
  const faults: FieldError[] = []
  if (!(fromMs < toMs)) faults.push({ path: 'body/to', message: 'must be after `from`: a window has an end' })
  else if (toMs - fromMs > longest)
    faults.push({
      path: 'body/to',
      message: `one time may last ${longest / DAY_MS} days at most${input.recurrence ? ' when it recurs' : ''}`,
    })
  else if (!input.recurrence && toMs <= nowMs) faults.push({ path: 'body/to', message: 'lies in the past: nothing would be muted' })
  if (input.recurrence?.until !== undefined && input.recurrence.until < input.from.slice(0, 10))
    faults.push({ path: 'body/recurrence/until', message: 'must not be before the first time' })
  if (input.timeZone !== undefined && !isTimeZone(input.timeZone))
    faults.push({ path: 'body/timeZone', message: `is not a time zone: ${input.timeZone}. Use an IANA name such as Europe/Stockholm` })
  return faults
}

/** Makes the service. `resume` judges anew what waited for a window that is called off. */
export function makeMaintenance(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  catalogue: Pick<Catalogue, 'getProfile'>
  resume(tx: Tx, work: PlannedWork, changes: Change[]): Promise<void>
}) {
  const { db, now, bus, catalogue } = deps

  /** Looks everything up; a part that is not there, or belongs to somebody else, is a fault of its own field. */
  const check = async (scope: MaintenanceScope, caller: Caller | null): Promise<CheckedScope> => {
    const faults: FieldError[] = []
    const fault = (name: string, message: string): null => {
      faults.push({ path: `body/scope/${name}`, message })
      return null
    }
    // What a caller may not see is not there for them.
    const seen = <Row>(row: Row | null, customerIdOf: (row: Row) => string): Row | null =>
      row !== null && (caller === null || seesCustomer(caller, customerIdOf(row))) ? row : null
    const device =
      scope.deviceId === undefined
        ? null
        : (seen(await findDevice(db, scope.deviceId), row => row.customer_id) ?? fault('deviceId', 'is not a known device'))
    const site =
      scope.siteId === undefined
        ? null
        : (seen(await findSite(db, scope.siteId), row => row.customer_id) ?? fault('siteId', 'is not a known site'))
    const customerId = scope.customerId ?? device?.customer_id ?? site?.customer_id
    const customer = customerId === undefined ? null : seen(await findCustomer(db, customerId), row => row.id)
    const profile =
      scope.profileId === undefined
        ? null
        : ((await catalogue.getProfile(db, scope.profileId)) ?? fault('profileId', 'is not a known profile'))
    if (scope.customerId !== undefined && !customer) fault('customerId', 'is not a known customer')
    if (site && customer && site.customer_id !== customer.id) fault('siteId', 'is not a site of this customer')
    if (device && customer && device.customer_id !== customer.id) fault('deviceId', 'is not a device of this customer')
    if (device && site && device.site_id !== site.id) fault('deviceId', 'does not stand at this site')
    if (caller !== null && caller.customerIds !== null && customerId === undefined)
      fault('customerId', 'is needed: you look after some customers only')
    if (faults.length > 0) throw invalidInput(faults)
    return {
      scope: { ...scope, ...(customer ? { customerId: customer.id } : {}) },
      timeZone: site?.time_zone ?? customer?.time_zone ?? 'UTC',
      named: { customer: customer?.name ?? null, site: site?.name ?? null, profile: profile?.name ?? null, device: device?.name ?? null },
    }
  }

  const toWindow = async (row: MaintenanceRow): Promise<MaintenanceWindow> => {
    const work = toPlannedWork(row)
    const nowMs = now()
    const next = row.cancelled_at === null ? nextTime(work, nowMs) : null
    // names as they are now; a place that is gone since is told by its id
    const checked = await check(work.scope, null).catch(() => null)
    const named = checked?.named ?? { customer: row.customer_id, site: row.site_id, profile: row.profile_id, device: row.device_id }
    return {
      id: row.id,
      scope: work.scope,
      scopeText: scopeWords(work.scope.signal, named),
      from: iso(row.from_at),
      to: iso(row.to_at),
      recurrence: work.recurrence,
      timeZone: row.time_zone,
      reason: row.reason,
      isActive: next !== null && next.fromMs <= nowMs,
      nextFrom: isoOrNull(next?.fromMs),
      nextTo: isoOrNull(next?.toMs),
      createdBy: row.created_by,
      createdAt: iso(row.created_at),
    }
  }

  const tell = (customerId: string | null): void => {
    if (customerId !== null) bus.publish([{ kind: 'site', id: customerId, customerId }])
  }

  return {
    /** Plans work. Throws `invalid-input` with every fault at its field. */
    async plan(input: MaintenanceWindowInput, caller: Caller): Promise<MaintenanceWindow> {
      const faults = timeFaults(input, now())
      if (faults.length > 0) throw invalidInput(faults)
      const { scope, timeZone: placeZone } = await check(input.scope, caller)
      const timeZone = input.timeZone ?? placeZone
      const [fromMs, toMs] = [Date.parse(input.from), Date.parse(input.to)]
      const until = input.recurrence?.until
      const row: MaintenanceRow = {
        id: newRowId(),
        customer_id: scope.customerId ?? null,
        site_id: scope.siteId ?? null,
        profile_id: scope.profileId ?? null,
        device_id: scope.deviceId ?? null,
        signal: scope.signal ?? null,
        from_at: fromMs,
        to_at: toMs,
        ends_at: !input.recurrence
          ? toMs
          : until === undefined
            ? null
            : Temporal.PlainDate.from(until).add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds + (toMs - fromMs),
        recurrence: input.recurrence ? JSON.stringify(input.recurrence) : null,
        time_zone: timeZone,
        reason: input.reason,
        created_by: caller.name,
        created_at: now(),
        cancelled_at: null,
      }
      await inTransaction(db, tx => insertMaintenance(tx, row))
      tell(row.customer_id)
      return toWindow(row)
    },

    async list(query: {
      all?: boolean | undefined
      customerId?: string | undefined
      limit?: number | undefined
      cursor?: string | undefined
      scope: readonly string[] | null
    }) {
      const limit = query.limit ?? 50
      const { rows, total } = await listMaintenance(db, { ...query, nowMs: query.all ? null : now(), customerIds: query.scope, limit })
      const page = toPage(
        rows,
        limit,
        total,
        row => row,
        row => [row.from_at, row.id],
      )
      return { ...page, items: await Promise.all(page.items.map(toWindow)) }
    },

    /** One window. Throws `not-found`, also for one of a customer the caller may not see. */
    async read(id: string, caller: Caller): Promise<MaintenanceWindow> {
      return toWindow(await mustFind(id, caller))
    },

    /** Calls a window off: what waited for its end is judged at once. */
    async cancel(id: string, caller: Caller): Promise<void> {
      const row = await mustFind(id, caller)
      const changes: Change[] = []
      await inTransaction(db, async tx => {
        if (await cancelMaintenance(tx, id, now())) await deps.resume(tx, toPlannedWork(row), changes)
      })
      bus.publish(changes)
      tell(row.customer_id)
    },
  }

  async function mustFind(id: string, caller: Caller): Promise<MaintenanceRow> {
    const row = await findMaintenance(db, id)
    if (!row || row.cancelled_at !== null) throw notFound('maintenance window')
    if (row.customer_id !== null && !seesCustomer(caller, row.customer_id)) throw notFound('maintenance window')
    return row
  }
}
export type Maintenance = ReturnType<typeof makeMaintenance>
