/** Finds outages of sites and of the platform in when devices were lost, and takes them through their life. Run by one worker. */
import type { Logger } from 'pino'
import { findBurst, findPlatformBurst, moveOutage, platformThreshold, siteThreshold, TOGETHER_MS, type Burst } from './rules/outage.ts'
import { plannedTimes, quietTimes, plannedUntil } from './rules/maintenance-windows.ts'
import { readPlannedWork } from './store/maintenance-store.ts'
import { holdEnd } from './rules/condition-hold.ts'
import { readPlaces, type DevicePlace } from './store/condition-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import type { OutageRow } from '../database/tables/outage-rows.ts'
import { countAway, countExpected, listLosses, listOutages, type LossRow } from './store/outage-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { OutageDesk } from './outage-effects.ts'
import { openingCalendar } from '../calendars/site-hours.ts'

/** Losses older than this begin no outage: what was alone for so long stays alone. */
const LOOK_BACK_MS = 5 * 60_000
/** Fewer losses than this are no outage of anything. */
const FEWEST = 3

/**
 * When no look is begun after one that took `tookMs`. That is told by a clock which nobody sets: measured by the system's, a step of it
 * during a look made us blind for ten times as long.
 */
const pauseAfter = (fromMs: number, tookMs: number) => ({ fromMs, untilMs: fromMs + 10 * tookMs })

/** Makes the finder. `desk` carries out what it decides. */
export function makeOutages(deps: {
  db: Database
  log: Logger
  now: () => number
  bus: ChangeBus
  catalogue: Pick<Catalogue, 'rulesOf'>
  desk: OutageDesk
}) {
  const { db, log, now, bus, catalogue, desk } = deps
  /** No look is begun within this, ms: a long one is not taken again at once. */
  let pause = { fromMs: 0, untilMs: 0 }

  const act = async (work: (tx: Tx, changes: Change[]) => Promise<void>): Promise<void> => {
    const changes: Change[] = []
    await inTransaction(db, tx => work(tx, changes))
    bus.publish(changes)
  }

  /** When the hold of an outage is over: that of a device without contact, or of the site's own rule when it is longer. */
  const opensAt = async (tx: Tx, place: DevicePlace, beganAtMs: number): Promise<number | null> => {
    const where = { customerId: place.customerId, siteId: place.siteId, profileId: null, deviceId: '' }
    const ofDevice = (await catalogue.rulesOf(tx, 'agent.offline'))(where)
    const ofSite = (await catalogue.rulesOf(tx, 'site.offline'))(where)
    if (!ofSite.enabled) return null
    const hours = openingCalendar({ openingHours: place.openingHours, timeZone: place.siteTimeZone })
    return holdEnd(beganAtMs, Math.max(ofDevice.holdSeconds, ofSite.holdSeconds), hours)
  }

  /** Losses without those of devices that people are working on: those were to be expected. */
  const unplanned = async (reader: Database | Tx, losses: readonly LossRow[]): Promise<readonly LossRow[]> => {
    if (losses.length < FEWEST) return losses
    const planned = plannedTimes(await readPlannedWork(reader, now()), now())
    if (planned.length === 0) return losses
    const places = await readPlaces(
      reader,
      losses.map(loss => loss.deviceId),
    )
    return losses.filter(loss => {
      const place = places.get(loss.deviceId)
      return !place || plannedUntil(quietTimes(planned, place, 'agent.offline'), loss.atMs) === null
    })
  }

  /** Sites of which more than the threshold were lost together, each with its burst. */
  const burstsOf = async (
    reader: Database | Tx,
    losses: readonly LossRow[],
  ): Promise<{ siteId: string; burst: Burst; expected: number }[]> => {
    const bySite = Map.groupBy(losses, loss => loss.siteId)
    const suspects = [...bySite].filter(([, ofSite]) => ofSite.length >= FEWEST)
    if (suspects.length === 0) return []
    const expected = await countExpected(
      reader,
      suspects.map(([siteId]) => siteId),
    )
    return suspects.flatMap(([siteId, ofSite]) => {
      const devices = expected.get(siteId) ?? 0
      const burst = findBurst(ofSite, siteThreshold(devices))
      return burst ? [{ siteId, burst, expected: devices }] : []
    })
  }

  /** Begins site outages for what was lost together. `opensAtMs` is given when their hold is over already. Gives how many. */
  const beginSites = async (tx: Tx, losses: readonly LossRow[], changes: Change[], opensAtMs?: number): Promise<number> => {
    const found = await burstsOf(tx, losses)
    const places = await readPlaces(
      tx,
      found.map(({ burst }) => burst.losses[0]?.deviceId ?? ''),
    )
    let begun = 0
    for (const { burst, expected } of found) {
      const place = places.get(burst.losses[0]?.deviceId ?? '')
      const heldUntilMs = place && (await opensAt(tx, place, burst.beganAtMs))
      if (!place || heldUntilMs == null) continue
      await desk.begin(tx, { place, burst, expected, opensAtMs: opensAtMs ?? heldUntilMs }, changes)
      begun += 1
    }
    return begun
  }

  const findPlatform = async (losses: readonly LossRow[], rows: readonly OutageRow[]): Promise<boolean> => {
    if (losses.length <= FEWEST) return false
    const expected = [...(await countExpected(db, 'all')).values()].reduce((sum, count) => sum + count, 0)
    const burst = findPlatformBurst(losses, expected)
    if (!burst) return false
    await act(async (tx, changes) => {
      const rule = (await catalogue.rulesOf(tx, 'agent.offline'))({ customerId: '', siteId: '', profileId: null, deviceId: '' })
      const opensAtMs = burst.beganAtMs + rule.holdSeconds * 1000
      await desk.begin(tx, { place: null, burst, expected, opensAtMs }, changes)
      for (const row of rows) if (row.state === 'pending') await desk.drop(tx, row, 'An outage of the platform explains it.', changes)
    })
    log.warn({ lost: burst.losses.length, expected }, 'a large part of all devices lost contact together')
    return true
  }

  /** One step of one outage that is not over. */
  const step = async (
    row: OutageRow,
    facts: { away: number; threshold: number | null; isHeld: boolean; quietMs: number },
  ): Promise<boolean> => {
    const state = { state: row.state, opensAtMs: row.opens_at, recoveredAtMs: row.recovered_at }
    const move = moveOutage(state, { ...facts, nowMs: now() })
    switch (move) {
      case 'none':
        return false
      case 'drop':
        await act((tx, changes) => desk.drop(tx, row, 'Contact returned before it was an outage.', changes))
        return true
      case 'open':
        await act((tx, changes) => desk.open(tx, row, changes))
        return true
      case 'recover':
      case 'resume':
        await act((tx, changes) => desk.turn(tx, row, move, facts.away, changes))
        return true
      case 'close':
        await act(async (tx, changes) => {
          const left = row.kind === 'platform' ? await listLosses(tx, row.began_at - TOGETHER_MS) : []
          await desk.close(tx, row, changes)
          // What a whole site has in common is found before its devices stand for themselves.
          await beginSites(tx, left, changes, now())
          await desk.release(tx, row, changes)
        })
        return true
    }
  }

  const look = async (): Promise<number> => {
    const rows = await listOutages(db)
    let done = 0
    if (!rows.some(row => row.kind === 'platform')) {
      const losses = await unplanned(db, await listLosses(db, now() - LOOK_BACK_MS))
      if (losses.length >= FEWEST) {
        if (await findPlatform(losses, rows)) return 1
        const known = new Set(rows.map(row => row.site_id))
        const alone = losses.filter(loss => loss.parentId === null && !known.has(loss.siteId))
        // Asked without a transaction first: almost always there is nothing.
        if ((await burstsOf(db, alone)).length > 0) {
          await act(async (tx, changes) => {
            done += await beginSites(tx, alone, changes)
          })
        }
      }
    }
    const current = done > 0 ? await listOutages(db) : rows
    if (current.length === 0) return done
    const isHeld = current.some(row => row.kind === 'platform')
    const siteIds = current.flatMap(row => row.site_id ?? [])
    const sinceMs = Math.min(...current.map(row => row.began_at)) - TOGETHER_MS
    const away = await countAway(db, sinceMs, isHeld ? 'all' : siteIds)
    const expected = await countExpected(db, isHeld ? 'all' : siteIds)
    const sumOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, count) => sum + count, 0)
    const siteRule = await catalogue.rulesOf(db, 'site.offline')
    for (const row of current) {
      const { customer_id: customerId, site_id: siteId } = row
      const rule = siteRule({ customerId: customerId ?? '', siteId: siteId ?? '', profileId: null, deviceId: '' })
      const quietMs = siteId === null ? 0 : rule.clearSeconds * 1000
      const facts =
        siteId === null
          ? { away: sumOf(away), threshold: platformThreshold(sumOf(expected)), isHeld: false }
          : { away: away.get(siteId) ?? 0, threshold: siteThreshold(expected.get(siteId) ?? 0), isHeld }
      if (await step(row, { ...facts, quietMs })) done += 1
    }
    return done
  }

  return {
    /** Looks for outages and moves those there are; gives how many things were done. */
    async run(): Promise<number> {
      if (now() > pause.fromMs && now() < pause.untilMs) return 0
      const startedMs = performance.now()
      try {
        return await look()
      } catch (error) {
        log.error({ err: error }, 'outages could not be judged')
        return 0
      } finally {
        pause = pauseAfter(now(), performance.now() - startedMs)
      }
    },
  }
}
export type Outages = ReturnType<typeof makeOutages>
