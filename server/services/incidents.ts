/** Observations become conditions, conditions incidents, incidents tickets. */
import type { Logger } from 'pino'
import { finishDue, abandon, takeObservation, type Condition, type Move, type Step } from '../domain/condition.ts'
import { effectiveLevel, isCustomerFacing } from '../domain/condition-hold.ts'
import { signalKey, type RemedyNote } from '../domain/incident.ts'
import type { Rule } from '../../shared/api/rule-api.ts'
import type { LevelNumber } from '../../shared/schema.ts'
import {
  conditionKey,
  lockConditions,
  lockDeviceConditions,
  readPlaces,
  type ConditionKey,
  type DevicePlace,
  type KeptCondition,
} from '../store/condition-store.ts'
import type { Tx } from '../store/database.ts'
import { readIncidents } from '../store/incident-store.ts'
import { countRepeats } from '../store/ticket-store.ts'
import type { Catalogue, StoredProfile } from './catalogue.ts'
import type { Change } from './changes.ts'
import {
  addEvidence,
  emptyLedger,
  endIncident,
  noteIncident,
  takeMove,
  newWork,
  takeStep,
  writeLedger,
  type Ledger,
  type Work,
} from './incident-work.ts'
import { seenOf, type Observation } from './observation.ts'
import { noteRemedies } from './remedy-notes.ts'
import { openingCalendar } from './site-hours.ts'
import type { Ticketing } from './ticketing.ts'
import type { NewConnection, Verdicts } from './verdicts.ts'

export type { Observation } from './observation.ts'

const isCovered = (place: DevicePlace): boolean => place.state === 'active' || place.state === 'additional'

/** Signals whose component has its own level in the profile. */
const PROFILE_LEVELS = { 'process.missing': 'processes', 'usb.missing': 'peripherals' } as const

type Session = {
  tx: Tx
  nowMs: number
  ledger: Ledger
  changes: Change[]
  seen: { nowMs: number; remedies: readonly RemedyNote[] }
  /** Read once each, however many devices ask. */
  rules: Map<string, (place: DevicePlace) => Rule>
  profiles: Map<string, StoredProfile | null>
}

/** Makes the incident service. */
export function makeIncidents(deps: {
  log: Logger
  now: () => number
  catalogue: Pick<Catalogue, 'rulesOf' | 'getProfile'>
  ticketing: Pick<Ticketing, 'openFor' | 'recovered' | 'raiseLevel' | 'resumed'>
  verdicts: Pick<Verdicts, 'refresh' | 'refreshFree'>
}) {
  const { log, now, catalogue, ticketing, verdicts } = deps

  const ruleOf = async ({ tx, rules }: Session, place: DevicePlace, signal: string): Promise<Rule> => {
    const known = rules.get(signal) ?? (await catalogue.rulesOf(tx, signal))
    rules.set(signal, known)
    return known(place)
  }
  const profileOf = async ({ tx, profiles }: Session, profileId: string | null): Promise<StoredProfile | null> => {
    if (profileId === null) return null
    const known = profiles.has(profileId) ? (profiles.get(profileId) ?? null) : await catalogue.getProfile(tx, profileId)
    profiles.set(profileId, known)
    return known
  }

  const levelOf = async (session: Session, place: DevicePlace, rule: Rule, observation: Observation): Promise<LevelNumber> => {
    const list = PROFILE_LEVELS[observation.signal as keyof typeof PROFILE_LEVELS]
    const profile = observation.signal === 'agent.offline' || list !== undefined ? await profileOf(session, place.profileId) : null
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

  /** Opens the incident of a work: its ticket is raised, reopened, or not owed. */
  const open = async (session: Session, work: Work, atMs: number): Promise<void> => {
    const { tx, nowMs, ledger, changes } = session
    const { incident, place, kept } = work
    if (!incident) return
    const rule = await ruleOf(session, place, kept.signal)
    incident.state = kept.condition.state === 'recovering' ? 'recovering' : 'open'
    incident.opened_count += 1
    incident.level = kept.condition.level ?? rule.level
    incident.text = kept.condition.text
    ledger.incidents.add(incident)
    if (isCovered(place)) incident.ticket_id = await ticketing.openFor(tx, { incident, place, rule, nowMs }, changes)
    noteIncident(ledger, work, { atMs, nowMs, text: `Incident opened: ${kept.condition.text}`, state: 'open' })
    changes.push({ kind: 'device', id: place.deviceId, customerId: place.customerId })
  }

  /** An incident that opened while its device was not covered gets its ticket as soon as it is. */
  const cover = async (session: Session, work: Work): Promise<void> => {
    const { tx, nowMs, ledger, changes } = session
    const { incident, place, kept } = work
    if (incident?.state !== 'open' || incident.ticket_id !== null || !isCovered(place)) return
    const rule = await ruleOf(session, place, kept.signal)
    incident.ticket_id = await ticketing.openFor(tx, { incident, place, rule, nowMs }, changes)
    ledger.incidents.add(incident)
    noteIncident(ledger, work, { atMs: nowMs, nowMs, text: 'Covered by the plan now: the incident has a ticket', state: 'open' })
  }

  const close = async ({ tx, nowMs, ledger, changes }: Session, work: Work, atMs: number): Promise<void> => {
    const { incident, place, kept } = work
    if (!incident) return
    noteIncident(ledger, work, {
      atMs,
      nowMs,
      text: `Incident closed: ${signalKey(kept.signal, kept.component)} is well again`,
      state: 'closed',
    })
    const ticketId = incident.ticket_id
    endIncident(ledger, work, atMs)
    if (ticketId) await ticketing.recovered(tx, { ticketId, recoveredAtMs: atMs, nowMs }, changes)
    changes.push({ kind: 'device', id: place.deviceId, customerId: place.customerId })
  }

  const raise = async ({ tx, nowMs, ledger, changes }: Session, work: Work): Promise<void> => {
    const { incident, kept } = work
    if (!incident) return
    const level = kept.condition.level ?? (incident.level as LevelNumber)
    incident.level = level
    incident.text = kept.condition.text
    ledger.incidents.add(incident)
    if (incident.ticket_id)
      await ticketing.raiseLevel(tx, { ticketId: incident.ticket_id, level, why: kept.condition.text, nowMs }, changes)
  }

  /** Carries a step's moves out, in order. The condition each move speaks of is the step's last one. */
  const carryOut = async (session: Session, work: Work, step: Step): Promise<void> => {
    takeStep(session.ledger, work, step)
    for (const move of step.moves) await carryMove(session, work, move)
  }
  const carryMove = async (session: Session, work: Work, move: Move): Promise<void> => {
    if (move.kind === 'open') return open(session, work, move.atMs)
    if (move.kind === 'close') return close(session, work, move.atMs)
    if (move.kind === 'raise') return raise(session, work)
    if (move.kind === 'resume' && work.incident?.ticket_id) await ticketing.resumed(session.tx, work.incident.ticket_id, session.nowMs)
    takeMove(session.ledger, work, move, session.seen)
    if (move.kind === 'resume') await cover(session, work)
    return undefined
  }

  const loadWorks = async (tx: Tx, kept: readonly KeptCondition[], places: Map<string, DevicePlace>): Promise<Map<string, Work>> => {
    const incidents = await readIncidents(
      tx,
      kept.flatMap(item => item.incidentId ?? []),
    )
    const works = new Map<string, Work>()
    for (const item of kept) {
      const place = places.get(item.deviceId)
      if (place)
        works.set(conditionKey(item), {
          place,
          kept: item,
          incident: item.incidentId === null ? null : (incidents.get(item.incidentId) ?? null),
        })
    }
    return works
  }

  const take = async (session: Session, works: Map<string, Work>, place: DevicePlace, observation: Observation): Promise<void> => {
    const rule = await ruleOf(session, place, observation.signal)
    const known = works.get(conditionKey(observation))
    const work = known ?? newWork(place, observation)
    works.set(conditionKey(observation), work)
    const before: Condition | null = known ? known.kept.condition : null
    const openingHours = isCustomerFacing(observation.signal)
      ? openingCalendar({ openingHours: place.openingHours, timeZone: place.siteTimeZone })
      : null
    const step = takeObservation(before, seenOf(observation, await levelOf(session, place, rule, observation)), {
      enabled: rule.enabled,
      holdSeconds: rule.holdSeconds,
      clearSeconds: rule.clearSeconds,
      ladderSeconds: rule.ladderSeconds,
      hasRemedies: rule.remedies.length > 0,
      openingHours,
    })
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

  const newSession = (tx: Tx, nowMs: number, changes: Change[]): Session => ({
    tx,
    nowMs,
    ledger: emptyLedger(),
    changes,
    seen: { nowMs, remedies: [] },
    rules: new Map(),
    profiles: new Map(),
  })

  const finishSession = async ({ tx, ledger }: Session): Promise<void> => {
    await writeLedger(tx, ledger)
    if (ledger.repeated.length > 0) await countRepeats(tx, ledger.repeated)
  }

  return {
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
      const works = await loadWorks(tx, await lockConditions(tx, deviceIds, signals), places)
      const session = newSession(tx, nowMs, changes)
      for (const observation of observations) {
        const place = places.get(observation.deviceId)
        if (place && place.state !== 'retired') await take(session, works, place, observation)
      }
      await finishSession(session)
      await verdicts.refresh(tx, [...places.keys()], nowMs, changes, { places, connections })
    },

    /** Opens or closes what became due on one condition; false when another worker was faster. */
    async runDue(tx: Tx, key: ConditionKey, changes: Change[]): Promise<boolean> {
      const nowMs = now()
      const kept = (await lockConditions(tx, [key.deviceId], [key.signal])).filter(item => item.component === key.component)
      const [work] = (await loadWorks(tx, kept, await readPlaces(tx, [key.deviceId]))).values()
      if (!work) return false
      const session = newSession(tx, nowMs, changes)
      const isOff = work.kept.condition.opensAtMs !== null && !(await ruleOf(session, work.place, key.signal)).enabled
      const step = isOff ? abandon(work.kept.condition, nowMs) : finishDue(work.kept.condition, nowMs)
      if (step.moves.length === 0) return false
      await carryOut(session, work, step)
      await finishSession(session)
      await verdicts.refreshFree(tx, [key.deviceId], nowMs, changes)
      return true
    },

    /** These devices became covered: what is open on them without a ticket gets one. */
    async coverDevices(tx: Tx, deviceIds: readonly string[], changes: Change[]): Promise<void> {
      const places = await readPlaces(tx, deviceIds)
      const session = newSession(tx, now(), changes)
      for (const deviceId of deviceIds.toSorted()) {
        const works = await loadWorks(tx, await lockDeviceConditions(tx, deviceId), places)
        for (const work of works.values()) await cover(session, work)
      }
      await finishSession(session)
    },

    /** The device is retired: its open incidents end now, its tickets as if the fault were over. */
    async forgetDevice(tx: Tx, deviceId: string, changes: Change[]): Promise<void> {
      const nowMs = now()
      const works = await loadWorks(tx, await lockDeviceConditions(tx, deviceId), await readPlaces(tx, [deviceId]))
      const session = newSession(tx, nowMs, changes)
      for (const work of works.values()) await carryOut(session, work, abandon(work.kept.condition, nowMs))
      await finishSession(session)
    },
  }
}
export type Incidents = ReturnType<typeof makeIncidents>
