/** Observations become conditions, conditions incidents, incidents tickets. */
import type { Logger } from 'pino'
import { finishDue, abandon, holdAnew, putOff, takeObservation, type Condition, type Move, type Step } from './rules/condition.ts'
import { effectiveLevel } from './rules/condition-hold.ts'
import type { PlannedWork } from './rules/maintenance-windows.ts'
import type { Rule } from '../../shared/api/incidents/rule-api.ts'
import type { LevelNumber } from '../../shared/schema-pieces.ts'
import {
  conditionKey,
  lockConditions,
  lockDeviceConditions,
  readPlaces,
  findWaiting,
  type ConditionKey,
  type DevicePlace,
} from './store/condition-store.ts'
import type { Tx } from '../database/database.ts'
import type { IncidentRow } from '../database/tables/schema.ts'
import { countRepeats } from '../tickets/store/ticket-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import type { Change } from '../platform/change-bus.ts'
import { makeOpener } from './open-incident.ts'
import { addWork, loadWorks, newSession, termsOf, type Session } from './incident-session.ts'
import { addEvidence, newWork, takeMove, takeStep, writeLedger, type Work } from './incident-changes.ts'
import { seenOf, type Observation } from './observation.ts'
import { noteRemedies } from './remedy-history.ts'
import type { IncidentTickets } from './group-tickets.ts'
import type { NewConnection } from '../devices/rules/connection-change.ts'

export type { Observation } from './observation.ts'

/** Signals whose component has its own level in the profile. */
const PROFILE_LEVELS = { 'process.missing': 'processes', 'usb.missing': 'peripherals' } as const

const levelOf = async (session: Session, place: DevicePlace, rule: Rule, observation: Observation): Promise<LevelNumber> => {
  const list = PROFILE_LEVELS[observation.signal as keyof typeof PROFILE_LEVELS]
  const profile = observation.signal === 'agent.offline' || list !== undefined ? await session.profileOf(place.profileId) : null
  return effectiveLevel({
    ruleLevel: rule.level as LevelNumber,
    profileLevel:
      list === undefined
        ? undefined
        : (profile?.[list].find(item => item.name === observation.component)?.level as LevelNumber | undefined),
    severity: observation.severity,
    isCritical: observation.signal === 'agent.offline' && profile?.critical === true,
  })
}

/** Whether devices serve is judged anew after what was observed, in the same transaction. */
export type RefreshVerdicts = {
  /** Writes verdicts that changed, with `connections` that are not in the store yet. `places`: where the devices stand, as read before. */
  refresh(
    tx: Tx,
    deviceIds: readonly string[],
    nowMs: number,
    changes: Change[],
    known?: { connections?: ReadonlyMap<string, NewConnection>; places?: ReadonlyMap<string, DevicePlace> },
  ): Promise<void>
  /** As `refresh`, but waits for no device that is being written; gives those left out. */
  refreshFree(tx: Tx, deviceIds: readonly string[], nowMs: number, changes: Change[]): Promise<string[]>
}

/** Makes the incident service. */
export function makeIncidents(deps: {
  log: Logger
  now: () => number
  catalogue: Pick<Catalogue, 'rulesOf' | 'getProfile'>
  tickets: IncidentTickets
  verdicts: RefreshVerdicts
}) {
  const { log, now, catalogue, tickets, verdicts } = deps
  const opener = makeOpener({ tickets })

  /** Carries a step's moves out, in order. The condition each move speaks of is the step's last one. */
  const carryOut = async (session: Session, work: Work, step: Step): Promise<void> => {
    takeStep(session.ledger, work, step)
    for (const move of step.moves) await carryMove(session, work, move)
  }
  const carryMove = async (session: Session, work: Work, move: Move): Promise<void> => {
    if (move.kind === 'open') return opener.open(session, work, move)
    if (move.kind === 'close') return opener.close(session, work, move.atMs)
    if (move.kind === 'raise') return opener.raise(session, work)
    if (move.kind === 'unstable' || move.kind === 'calm') return opener.setUnstable(session, work, move.kind === 'unstable')
    if (move.kind === 'resume' && work.incident?.ticket_id) await tickets.resumed(session.tx, work.incident.ticket_id, session.nowMs)
    const endedId = move.kind === 'drop' || move.kind === 'mend' ? work.incident?.id : undefined
    takeMove(session.ledger, work, move, session.seen)
    if (endedId !== undefined) await opener.release(session, work, endedId, move.atMs)
    if (move.kind === 'resume') await opener.cover(session, work)
    return undefined
  }

  const take = async (session: Session, place: DevicePlace, observation: Observation): Promise<void> => {
    const rule = await session.ruleOf(place, observation.signal)
    const known = session.works.get(conditionKey(observation))
    const work = known ?? newWork(place, observation)
    if (!known) addWork(session, work)
    const before: Condition | null = known ? known.kept.condition : null
    const level = await levelOf(session, place, rule, observation)
    const step = takeObservation(before, seenOf(observation, level), await termsOf(session, place, observation.signal, rule))
    if (step.ignored) {
      log.debug(
        { deviceId: observation.deviceId, signal: observation.signal, component: observation.component },
        'observation is older than the newest taken',
      )
      return
    }
    session.seen = { nowMs: session.nowMs, remedies: observation.remedies ?? [] }
    // an end may take the incident away, a beginning makes it
    if (observation.state === 'ok') noteRemedies(session.ledger, work, observation, session.nowMs)
    await carryOut(session, work, step)
    if (observation.state !== 'ok') noteRemedies(session.ledger, work, observation, session.nowMs)
    if (observation.evidence === undefined || observation.state !== 'failing') return
    work.kept.evidence = JSON.stringify(observation.evidence)
    addEvidence(session.ledger, work, observation.evidence, observation.atMs)
  }

  const finishSession = async ({ tx, ledger }: Session): Promise<void> => {
    await writeLedger(tx, ledger)
    if (ledger.repeated.length > 0) await countRepeats(tx, ledger.repeated)
  }

  return {
    /**
     * Locks what several calls of `observe` in one transaction are about, in the one order that everybody keeps. Without it a worker
     * that takes many devices at once and ingest could wait for each other.
     */
    async lockAhead(tx: Tx, deviceIds: readonly string[], signals: readonly string[]): Promise<void> {
      await lockConditions(tx, [...new Set(deviceIds)], [...new Set(signals)])
    },

    /**
     * Takes observations inside the caller's transaction, in the order given. Reads and writes are bulk: thousands of devices at
     * once cost a few statements. Devices that are unknown or retired are left out. `connections` of observed devices are
     * written with their verdict.
     */
    async observe(
      tx: Tx,
      observations: readonly Observation[],
      changes: Change[],
      connections: ReadonlyMap<string, NewConnection> = new Map(),
    ): Promise<void> {
      if (observations.length === 0) return
      const nowMs = now()
      const deviceIds = [...new Set(observations.map(observation => observation.deviceId))]
      const places = await readPlaces(tx, deviceIds)
      const signals = [...new Set(observations.map(observation => observation.signal))]
      const session = newSession(catalogue, tx, nowMs, changes)
      await loadWorks(session, await lockConditions(tx, deviceIds, signals), places)
      for (const observation of observations) {
        const place = places.get(observation.deviceId)
        if (place && place.state !== 'retired') await take(session, place, observation)
      }
      await finishSession(session)
      await verdicts.refresh(tx, [...places.keys()], nowMs, changes, { places, connections })
    },

    /**
     * Opens or closes what became due on these conditions, which are of different devices or one alone; gives those that were done.
     * Another worker may have been faster.
     */
    async runDue(tx: Tx, keys: readonly ConditionKey[], changes: Change[]): Promise<number> {
      const nowMs = now()
      const deviceIds = [...new Set(keys.map(key => key.deviceId))]
      const session = newSession(catalogue, tx, nowMs, changes)
      const kept = await lockConditions(tx, deviceIds, [...new Set(keys.map(key => key.signal))])
      await loadWorks(session, kept, await readPlaces(tx, deviceIds))
      let done = 0
      for (const key of keys) {
        const work = session.works.get(conditionKey(key))
        if (!work) continue
        const rule = await session.ruleOf(work.place, key.signal)
        const later = putOff(work.kept.condition, nowMs, await termsOf(session, work.place, key.signal, rule))
        if (later) {
          work.kept.condition = later
          session.ledger.works.add(work)
          done += 1
          continue
        }
        const isOff = work.kept.condition.opensAtMs !== null && !rule.enabled
        const step = isOff ? abandon(work.kept.condition, nowMs) : finishDue(work.kept.condition, nowMs)
        if (step.moves.length === 0) continue
        await carryOut(session, work, step)
        done += 1
      }
      if (done === 0) return 0
      await finishSession(session)
      await verdicts.refreshFree(tx, deviceIds, nowMs, changes)
      return done
    },

    /** Devices lost with an outage whose incident has a ticket already hang under it: their tickets become one with its. */
    async adopt(tx: Tx, outage: { incident: IncidentRow; why: string }, deviceIds: readonly string[], changes: Change[]): Promise<void> {
      const { incident, why } = outage
      const session = newSession(catalogue, tx, now(), changes)
      await loadWorks(session, await lockConditions(tx, deviceIds, ['agent.offline']), await readPlaces(tx, deviceIds))
      for (const work of session.works.values()) {
        if (work.kept.signal !== 'agent.offline' || work.incident?.state !== 'open' || work.incident.parent_id !== null) continue
        const ticketId = work.incident.ticket_id
        work.incident.ticket_id = null
        await opener.attach(session, work, { incidentId: incident.id, ticketId: null, why })
        if (ticketId !== null)
          await tickets.mergeInto(tx, { ticketId, intoTicketId: incident.ticket_id, why, nowMs: session.nowMs }, changes)
      }
      await finishSession(session)
    },

    /** The outage these devices hung under is over: what still fails stands for itself, and is due now. Gives how many. */
    async releaseFrom(
      tx: Tx,
      outage: { incidentId: string; why: string },
      deviceIds: readonly string[],
      changes: Change[],
    ): Promise<number> {
      let released = 0
      const nowMs = now()
      const session = newSession(catalogue, tx, nowMs, changes)
      await loadWorks(session, await lockConditions(tx, deviceIds, ['agent.offline']), await readPlaces(tx, deviceIds))
      for (const work of session.works.values()) {
        if (work.incident?.parent_id !== outage.incidentId || work.kept.condition.state !== 'failing') continue
        opener.watchAnew(session, work, outage.why)
        const rule = await session.ruleOf(work.place, work.kept.signal)
        const terms = { ...(await termsOf(session, work.place, work.kept.signal, rule)), holdSeconds: 0, ladderSeconds: 0 }
        work.kept.condition = holdAnew(work.kept.condition, nowMs, nowMs, terms)
        session.ledger.works.add(work)
        released += 1
      }
      await finishSession(session)
      return released
    },

    /** Planned work is called off: what waited for its end is held as if it had not been planned. */
    async resume(tx: Tx, work: PlannedWork, changes: Change[]): Promise<void> {
      const nowMs = now()
      const waiting = (await findWaiting(tx, nowMs, work.scope)).filter(
        key => work.scope.signal === undefined || key.signal === work.scope.signal,
      )
      const deviceIds = [...new Set(waiting.map(key => key.deviceId))]
      const session = newSession(catalogue, tx, nowMs, changes)
      const kept = await lockConditions(tx, deviceIds, [...new Set(waiting.map(key => key.signal))])
      await loadWorks(session, kept, await readPlaces(tx, deviceIds))
      for (const key of waiting) {
        const one = session.works.get(conditionKey(key))
        if (!one || one.kept.condition.opensAtMs === null) continue
        const rule = await session.ruleOf(one.place, key.signal)
        const terms = await termsOf(session, one.place, key.signal, rule)
        one.kept.condition = holdAnew(one.kept.condition, one.kept.condition.sinceAtMs, nowMs, terms)
        session.ledger.works.add(one)
      }
      await finishSession(session)
    },

    /** These devices became covered: what is open on them without a ticket gets one. */
    async coverDevices(tx: Tx, deviceIds: readonly string[], changes: Change[]): Promise<void> {
      const places = await readPlaces(tx, deviceIds)
      const session = newSession(catalogue, tx, now(), changes)
      for (const deviceId of deviceIds.toSorted()) await loadWorks(session, await lockDeviceConditions(tx, deviceId), places)
      for (const work of session.works.values()) await opener.cover(session, work)
      await finishSession(session)
    },

    /** The device is retired: its open incidents end now, its tickets as if the fault were over. */
    async forgetDevice(tx: Tx, deviceId: string, changes: Change[]): Promise<void> {
      const nowMs = now()
      const session = newSession(catalogue, tx, nowMs, changes)
      await loadWorks(session, await lockDeviceConditions(tx, deviceId), await readPlaces(tx, [deviceId]))
      for (const work of session.works.values()) await carryOut(session, work, abandon(work.kept.condition, nowMs))
      await finishSession(session)
    },
  }
}
export type Incidents = ReturnType<typeof makeIncidents>
