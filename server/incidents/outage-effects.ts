/** What follows from an outage: its incident, its one ticket or the word to the staff, and the devices that hang under it. */
import { TAKEOVER_MS } from './rules/cause.ts'
import { outageKey } from './rules/incident.ts'
import { TOGETHER_MS, type Burst } from './rules/outage.ts'
import { spellLoss, writePlatformLetter } from './rules/outage-words.ts'
import { readPlaces, type DevicePlace } from './store/condition-store.ts'
import type { Tx } from '../database/database.ts'
import { deleteIncidents, findIncident, writeIncidents } from './store/incident-store.ts'
import { addNotice } from '../notifications/store/outbox-store.ts'
import type { OutageRow } from '../database/tables/outage-rows.ts'
import {
  deleteOutages,
  hasCoveredDevice,
  insertOutages,
  listChildDevices,
  listLosses,
  readLastContacts,
  updateOutage,
  type LossRow,
} from './store/outage-store.ts'
import type { IncidentRow } from '../database/tables/schema.ts'
import { listDeskAddresses } from '../accounts/store/staff-address-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change } from '../platform/change-bus.ts'
import { addWhy, type EvidenceItem } from './incident-changes.ts'
import type { Incidents } from './incidents.ts'
import type { IncidentTickets } from './group-tickets.ts'
import { newRowId } from '../database/row-id.ts'

const RELEASED_AT_ONCE = 500
/** Devices named in the evidence. */
const MAX_NAMED = 100

/** Makes the desk. Everything runs in the caller's transaction. */
export function makeOutageDesk(deps: {
  now: () => number
  catalogue: Pick<Catalogue, 'rulesOf'>
  incidents: Pick<Incidents, 'adopt' | 'releaseFrom'>
  tickets: Pick<IncidentTickets, 'openFor' | 'recovered' | 'resumed'>
  deskEmail: string | null
  /** Address a device's newest connection came from, while the server remembers it. */
  addressOf(deviceId: string): string | null
}) {
  const { now, catalogue, incidents, tickets } = deps

  const told = (changes: Change[], row: Pick<OutageRow, 'site_id' | 'customer_id'>): void =>
    void changes.push({ kind: 'site', id: row.site_id ?? 'platform', customerId: row.customer_id ?? '' })

  const incidentOf = async (tx: Tx, row: OutageRow): Promise<IncidentRow> => {
    const incident = await findIncident(tx, row.incident_id)
    if (!incident) throw new Error(`The outage ${row.incident_id} has no incident`)
    return incident
  }

  /** Which devices, when each was heard last, and whether they share a way out; other sites lost from the same address are named. */
  const evidenceOf = async (tx: Tx, here: readonly LossRow[], elsewhere: readonly LossRow[]): Promise<EvidenceItem> => {
    const lostAt = new Map(here.map(loss => [loss.deviceId, loss.atMs]))
    const contacts = await readLastContacts(tx, [...lostAt.keys()].slice(0, MAX_NAMED))
    const devices = contacts.map(({ id, name, lastSeenAtMs }) => ({
      deviceId: id,
      name,
      lostAt: new Date(lostAt.get(id) ?? 0).toISOString(),
      lastContactAt: lastSeenAtMs === null ? null : new Date(lastSeenAtMs).toISOString(),
      publicAddress: deps.addressOf(id),
    }))
    const addresses = [...new Set(here.flatMap(loss => deps.addressOf(loss.deviceId) ?? []))]
    const alike = elsewhere.filter(loss => addresses.includes(deps.addressOf(loss.deviceId) ?? ''))
    const data = {
      kind: 'state',
      lost: here.length,
      devices,
      publicAddresses: addresses.slice(0, MAX_NAMED),
      sharesOneAddress: addresses.length === 1,
      sameAddressAtOtherSites: [...Map.groupBy(alike, loss => loss.siteId)]
        .slice(0, MAX_NAMED)
        .map(([siteId, of]) => ({ siteId, devices: of.length })),
    }
    return { id: newRowId(), kind: 'state', at: now(), data }
  }

  /** The ticket of a site outage; null where none of its devices is covered. */
  const raise = async (tx: Tx, incident: IncidentRow, place: DevicePlace, changes: Change[]): Promise<string | null> => {
    if (!(await hasCoveredDevice(tx, place.siteId))) return null
    const rule = (await catalogue.rulesOf(tx, 'site.offline'))({ ...place, profileId: null, deviceId: '' })
    incident.level = rule.level
    return tickets.openFor(tx, { incident, place: { ...place, deviceId: null, name: place.siteName }, rule, nowMs: now() }, changes)
  }

  const tellStaff = async (tx: Tx, incident: IncidentRow, losses: readonly LossRow[]): Promise<void> => {
    const letter = writePlatformLetter({
      text: incident.text,
      sinceMs: incident.started_at,
      sites: new Set(losses.map(loss => loss.siteId)).size,
      customers: new Set(losses.map(loss => loss.customerId)).size,
    })
    const addresses = deps.deskEmail === null ? await listDeskAddresses(tx, '') : [deps.deskEmail]
    for (const address of addresses)
      await addNotice(tx, { channel: 'email', dedupKey: `platform-outage:v1:${incident.id}:${address}`, address, nowMs: now(), ...letter })
  }

  const releaseAll = async (tx: Tx, row: OutageRow, why: string, changes: Change[]): Promise<void> => {
    for (;;) {
      const deviceIds = await listChildDevices(tx, row.incident_id, RELEASED_AT_ONCE)
      if (deviceIds.length === 0) return
      if ((await incidents.releaseFrom(tx, { incidentId: row.incident_id, why }, deviceIds, changes)) === 0) return
    }
  }

  return {
    /** An outage was found: pending until its hold is over. `place` null = of the platform. */
    async begin(
      tx: Tx,
      found: { place: DevicePlace | null; burst: Burst; expected: number; opensAtMs: number },
      changes: Change[],
    ): Promise<void> {
      const { place, burst, expected, opensAtMs } = found
      const row: OutageRow = {
        incident_id: newRowId(),
        kind: place ? 'site' : 'platform',
        site_id: place?.siteId ?? null,
        customer_id: place?.customerId ?? null,
        state: 'pending',
        began_at: burst.beganAtMs,
        opens_at: opensAtMs,
        recovered_at: null,
      }
      const lastMs = burst.losses.at(-1)?.atMs ?? burst.beganAtMs
      const text = spellLoss(burst.losses.length, expected, lastMs - burst.beganAtMs)
      const incident: IncidentRow = {
        id: row.incident_id,
        kind: row.kind,
        customer_id: row.customer_id,
        site_id: row.site_id,
        device_id: null,
        signal: place ? 'site.offline' : 'platform.offline',
        component: '',
        state: 'pending',
        open_key: outageKey(row.site_id),
        unstable: 0,
        level: 1,
        text,
        ticket_id: null,
        parent_id: null,
        evidence: '[]',
        remedies: '[]',
        ladder: 'none',
        started_at: burst.beganAtMs,
        ended_at: null,
        opened_count: 0,
        opened_at: null,
        why: JSON.stringify([
          `${text}: one cause, one incident. It opens when they are still away at ${new Date(opensAtMs).toISOString()}.`,
        ]),
      }
      await writeIncidents(tx, [incident])
      await insertOutages(tx, [row])
      told(changes, row)
    },

    /** It never was an outage: it leaves no trace but in the timelines of the devices. */
    async drop(tx: Tx, row: OutageRow, why: string, changes: Change[]): Promise<void> {
      await deleteOutages(tx, [row.incident_id])
      await releaseAll(tx, row, why, changes)
      await deleteIncidents(tx, [row.incident_id])
      told(changes, row)
    },

    /** The hold is over: one ticket for the site, or one word to the staff; tickets that single devices got just before become one with it. */
    async open(tx: Tx, row: OutageRow, changes: Change[]): Promise<void> {
      const nowMs = now()
      const incident = await incidentOf(tx, row)
      const losses = await listLosses(tx, row.began_at - Math.max(TOGETHER_MS, TAKEOVER_MS))
      const here = row.site_id === null ? losses : losses.filter(loss => loss.siteId === row.site_id)
      const elsewhere = row.site_id === null ? [] : losses.filter(loss => loss.siteId !== row.site_id)
      Object.assign(incident, { state: 'open', opened_count: incident.opened_count + 1, opened_at: nowMs })
      incident.evidence = JSON.stringify([await evidenceOf(tx, here, elsewhere)])
      const first = here[0]?.deviceId ?? ''
      const place = row.site_id === null ? undefined : (await readPlaces(tx, [first])).get(first)
      if (row.kind === 'platform') {
        await tellStaff(tx, incident, here)
        addWhy(incident, 'That many at once is most likely our own fault: no tickets while it lasts, the staff was told once.')
      } else if (place) {
        incident.ticket_id = await raise(tx, incident, place, changes)
        addWhy(
          incident,
          incident.ticket_id === null
            ? 'None of its devices is covered by the plan: no ticket.'
            : 'One ticket for the site; its devices have none of their own.',
        )
      }
      await writeIncidents(tx, [incident])
      await updateOutage(tx, row.incident_id, { state: 'open' })
      const ticketed = here.filter(loss => loss.hasTicket && loss.parentId === null).map(loss => loss.deviceId)
      const why =
        row.kind === 'platform'
          ? 'Part of an outage of the platform: no ticket of its own.'
          : 'Part of the site outage: no ticket of its own.'
      if (ticketed.length > 0) await incidents.adopt(tx, { incident, why }, ticketed, changes)
      told(changes, row)
    },

    /** Contact returned for so many that it is no outage any more, or was lost again within the grace. */
    async turn(tx: Tx, row: OutageRow, move: 'recover' | 'resume', away: number, changes: Change[]): Promise<void> {
      const nowMs = now()
      const incident = await incidentOf(tx, row)
      const isOver = move === 'recover'
      incident.state = isOver ? 'recovering' : 'open'
      addWhy(
        incident,
        isOver
          ? `Contact returned at ${new Date(nowMs).toISOString()}, ${away} still away: they have 2 minutes, then what still fails stands for itself.`
          : `Contact was lost again, ${away} are away.`,
      )
      await writeIncidents(tx, [incident])
      await updateOutage(tx, row.incident_id, isOver ? { state: 'recovering', recovered_at: nowMs } : { state: 'open', recovered_at: null })
      if (!isOver && incident.ticket_id !== null) await tickets.resumed(tx, incident.ticket_id, nowMs)
      told(changes, row)
    },

    /** Lets the devices that still fail stand for themselves. */
    async release(tx: Tx, row: OutageRow, changes: Change[]): Promise<void> {
      const since = new Date(row.recovered_at ?? now()).toISOString()
      const why = `Contact with the others returned at ${since}; this device is still away after 2 minutes of grace.`
      await releaseAll(tx, row, why, changes)
    },

    /** It is over since contact returned. */
    async close(tx: Tx, row: OutageRow, changes: Change[]): Promise<void> {
      const nowMs = now()
      const incident = await incidentOf(tx, row)
      const endedAtMs = row.recovered_at ?? nowMs
      Object.assign(incident, { state: 'closed', open_key: null, ended_at: endedAtMs })
      await writeIncidents(tx, [incident])
      await deleteOutages(tx, [row.incident_id])
      if (incident.ticket_id !== null)
        await tickets.recovered(tx, { ticketId: incident.ticket_id, recoveredAtMs: endedAtMs, nowMs }, changes)
      told(changes, row)
    },
  }
}
export type OutageDesk = ReturnType<typeof makeOutageDesk>
