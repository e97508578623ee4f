/** Raises the level of faults that stay open too long or spread, as their rules say. Run by one worker. */
import { risesOf, type RiseReason } from './rules/level-escalation-rules.ts'
import type { Rule } from '../../shared/api/incidents/rule-api.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import { listCurrent } from '../plans/store/catalogue-store.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { listRising, lockRising, writeRise, type RisingRow } from './store/level-escalation-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { IncidentTickets } from './group-tickets.ts'

/** Makes the worker. */
export function makeLevelRises(deps: {
  db: Database
  now: () => number
  bus: ChangeBus
  catalogue: Pick<Catalogue, 'rulesOf'>
  tickets: Pick<IncidentTickets, 'raiseLevel'>
}) {
  const { db, now, bus, catalogue, tickets } = deps

  const raise = async (row: RisingRow, terms: NonNullable<Rule['raise']>, devicesHere: number): Promise<boolean> => {
    const changes: Change[] = []
    const isDone = await inTransaction(db, async tx => {
      const locked = await lockRising(tx, row.id)
      if (!locked) return false
      const fault = { level: locked.level as LevelNumber, openedAtMs: row.opened_at ?? now(), done: locked.rises, devicesHere }
      const rises = risesOf(terms, fault, now())
      const last = rises.at(-1)
      if (!last) return false
      const done: RiseReason[] = [...locked.rises, ...rises.map(rise => rise.reason)]
      await writeRise(tx, row.id, { level: last.level, rises: done })
      const why = rises.map(rise => rise.why).join(', and ')
      if (row.ticket_id) await tickets.raiseLevel(tx, { ticketId: row.ticket_id, level: last.level, why, nowMs: now() }, changes)
      if (row.device_id && row.customer_id) changes.push({ kind: 'device', id: row.device_id, customerId: row.customer_id })
      return true
    })
    bus.publish(changes)
    return isDone
  }

  return {
    /** Raises what is due; gives how many. Asks nothing of the incidents while no rule says that anything may rise. */
    async run(): Promise<number> {
      const rules = (await listCurrent(db, { kind: 'rule' })).map(row => JSON.parse(row.body) as Rule)
      const signals = [...new Set(rules.filter(rule => rule.raise && rule.enabled).map(rule => rule.signal))]
      if (signals.length === 0) return 0
      const rows = await listRising(db, signals)
      const here = Map.groupBy(rows, row => `${row.site_id} ${row.signal}`)
      let done = 0
      for (const row of rows) {
        if (row.level === 1) continue
        const place = {
          customerId: row.customer_id ?? '',
          siteId: row.site_id ?? '',
          profileId: row.profile_id,
          deviceId: row.device_id ?? '',
        }
        const { raise: terms } = (await catalogue.rulesOf(db, row.signal))(place)
        const together = here.get(`${row.site_id} ${row.signal}`) ?? []
        if (terms && (await raise(row, terms, new Set(together.map(other => other.device_id)).size))) done += 1
      }
      return done
    },
  }
}
