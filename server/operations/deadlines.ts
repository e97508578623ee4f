/** The deadline worker: deadlines are columns, and whoever asks finds what is due, also after a restart. */
import type { Logger } from 'pino'
import { conditionKey, findDueConditions, findDueOffline } from '../incidents/store/condition-store.ts'
import { inTransaction, type Database, type Tx } from '../database/database.ts'
import { findDueTickets } from '../tickets/store/ticket-store.ts'
import type { Change, ChangeBus } from '../platform/change-bus.ts'
import type { Incidents } from '../incidents/incidents.ts'
import type { Outages } from '../incidents/outages.ts'
import type { Ticketing } from '../tickets/tickets.ts'
import type { Visits } from '../visits/visits.ts'
import type { Verdicts } from '../verdicts/verdicts.ts'

const BATCH = 200
const OFFLINE_BATCH = 500
/** From so many due at once on, devices without contact are taken together: they were lost or came back together. */
const MANY = 20
const HOURS_EVERY_MS = 30_000

/** Makes the worker. */
export function makeDeadlines(deps: {
  db: Database
  log: Logger
  now: () => number
  bus: ChangeBus
  incidents: Pick<Incidents, 'runDue'>
  outages: Pick<Outages, 'run'>
  ticketing: Pick<Ticketing, 'runDueTicket'>
  verdicts: Pick<Verdicts, 'followOpeningHours'>
  visits: Pick<Visits, 'findDue' | 'runDueVisit'>
}) {
  const { db, log, now, bus, incidents, outages, ticketing, verdicts, visits } = deps
  let hoursJudgedAtMs = Number.NEGATIVE_INFINITY

  /** One item in its own transaction; what fails is tried again at the next run and holds up nobody else. */
  const runOne = async (what: Record<string, string>, work: (tx: Tx, changes: Change[]) => Promise<boolean>): Promise<boolean> => {
    const changes: Change[] = []
    try {
      const isDone = await inTransaction(db, tx => work(tx, changes))
      bus.publish(changes)
      return isDone
    } catch (error) {
      log.error({ err: error, ...what }, 'a deadline could not be carried out')
      return false
    }
  }

  /** Repeats a batch until nothing new is due; an item is taken once a run. */
  const drain = async <Item>(
    find: (limit: number) => Promise<Item[]>,
    keyOf: (item: Item) => string,
    run: (item: Item) => Promise<boolean>,
  ): Promise<number> => {
    const taken = new Set<string>()
    let done = 0
    // What stays due after its turn (it failed) must not hide the rest.
    let stuck = 0
    for (;;) {
      const items = (await find(BATCH + stuck)).filter(item => !taken.has(keyOf(item)))
      if (items.length === 0) return done
      for (const item of items) {
        taken.add(keyOf(item))
        if (await run(item)) done += 1
        else stuck += 1
      }
    }
  }

  /** Devices without contact, many in one transaction. What fails is left to be taken one by one. */
  const runOffline = async (): Promise<number> => {
    let done = 0
    for (;;) {
      const keys = await findDueOffline(db, now(), OFFLINE_BATCH)
      if (keys.length < MANY) return done
      const changes: Change[] = []
      try {
        const ofThese = await inTransaction(db, tx => incidents.runDue(tx, keys, changes))
        bus.publish(changes)
        if (ofThese === 0) return done
        done += ofThese
      } catch (error) {
        log.warn({ err: error, devices: keys.length }, 'devices without contact could not be judged together')
        return done
      }
    }
  }

  return {
    /** Carries out everything that is due; gives how many things were done. Each is done once, however often or late this is called. */
    async runDue(): Promise<number> {
      // Outages first: a device that is part of one has no ticket of its own.
      const ofOutages = await outages.run()
      const ofOffline = await runOffline()
      const ofConditions = await drain(
        limit => findDueConditions(db, now(), limit),
        conditionKey,
        key =>
          runOne({ deviceId: key.deviceId, signal: key.signal, component: key.component }, (tx, changes) =>
            incidents.runDue(tx, [key], changes).then(done => done > 0),
          ),
      )
      const ofTickets = await drain(
        limit => findDueTickets(db, now(), limit),
        id => id,
        id => runOne({ ticketId: id }, (tx, changes) => ticketing.runDueTicket(tx, id, changes)),
      )
      const ofVisits = await drain(
        visits.findDue,
        id => id,
        id => runOne({ visitId: id }, (tx, changes) => visits.runDueVisit(tx, id, changes)),
      )
      const done = ofOutages + ofOffline + ofConditions + ofTickets + ofVisits
      if (now() - hoursJudgedAtMs < HOURS_EVERY_MS) return done
      hoursJudgedAtMs = now()
      return done + (await verdicts.followOpeningHours())
    },
  }
}
