/** Tries rules on the past thirty days, and reports the signals that only make noise. */
import { RuleBody, type Rule } from '../../shared/api/incidents/rule-api.ts'
import type { NoiseItem, NoiseReport, RuleTrial, TrialCounts } from '../../shared/api/incidents/rule-trial-api.ts'
import type { Calendar } from '../calendars/rules/calendar.ts'
import { isCustomerFacing } from './rules/condition-hold.ts'
import { invalidInput } from '../platform/errors.ts'
import { holdsToTry, isWorthIt, measureNoise, type Noise } from './rules/noise.ts'
import { schemaFaults } from '../platform/schema-faults.ts'
import {
  judgeTickets,
  missedBy,
  replayRule,
  type JudgedTicket,
  type PastEvent,
  type PastTicket,
  type TrialTicket,
} from './rules/rule-trial.ts'
import { listCurrent } from '../plans/store/catalogue-store.ts'
import { readPlaces, type DevicePlace } from './store/condition-store.ts'
import type { Database } from '../database/database.ts'
import { readPastEvents, readPastTickets, type PastEventRow } from './store/rule-trial-store.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import { scopesOf } from '../plans/catalogue-rules.ts'
import { openingCalendar } from '../calendars/site-hours.ts'
import { DAY_MS } from '../../shared/units.ts'
import { iso } from '../../shared/instants.ts'

const TRIAL_DAYS = 30
const MAX_EVENTS = 100_000
const EXAMPLES = 20
const NOISE_DAYS = 7

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

/** Everything of the past that a trial of one signal asks for, read once however many drafts are tried. */
type Past = {
  signal: string
  fromMs: number
  toMs: number
  events: PastEvent[]
  isCut: boolean
  tickets: PastTicket[]
  places: Map<string, DevicePlace>
}

const keyOf = (deviceId: string, component: string | null): string => `${deviceId}/${component ?? ''}`
const deviceOf = (key: string): string => key.slice(0, key.indexOf('/'))

/** Contact is told by the connection; everything else says its state itself. Words that say neither way are left out. */
function stateOf(row: PastEventRow): PastEvent['state'] | null {
  if (row.state === 'failing' || row.state === 'ok' || row.state === 'unknown') return row.state
  if (row.state === 'offline') return 'failing'
  return row.state === 'online' || row.state === 'planned-offline' ? 'ok' : null
}

function count(tickets: readonly JudgedTicket[]): TrialCounts {
  const of = (judged: JudgedTicket['judged']): number => tickets.filter(ticket => ticket.judged === judged).length
  return { tickets: tickets.length, real: of('real'), noise: of('noise'), unseen: of('unseen') }
}

function whyOf(now: TrialCounts, draft: TrialCounts, missed: number): string {
  const real = draft.tickets === 0 ? '' : `, ${draft.real} of them real`
  const before = `now ${now.tickets}, ${now.real} of them real`
  const lost = missed === 0 ? 'It misses none that people acted on.' : `It misses ${missed} that people acted on.`
  return `Would have opened ${plural(draft.tickets, 'ticket')}${real} (${before}) in the last ${TRIAL_DAYS} days. ${lost}`
}

/** What of the past lies in a scope: its numbers are about the devices it may rule over, and about nobody else's. */
function inScope(past: Past, scope: string): Past {
  const isIn = ({ key }: { key: string }): boolean => {
    const place = past.places.get(deviceOf(key))
    return place !== undefined && scopesOf(place).includes(scope)
  }
  return { ...past, events: past.events.filter(isIn), tickets: past.tickets.filter(isIn) }
}

/** Makes the service. */
export function makeRuleTrials(deps: { db: Database; now: () => number; catalogue: Pick<Catalogue, 'rulesOf' | 'listRules'> }) {
  const { db, now, catalogue } = deps

  const readPast = async (signal: string): Promise<Past> => {
    const toMs = now()
    const fromMs = toMs - TRIAL_DAYS * DAY_MS
    const rows = await readPastEvents(db, { signal, fromMs, limit: MAX_EVENTS + 1 })
    const events = rows.slice(-MAX_EVENTS).flatMap((row): PastEvent[] => {
      const state = stateOf(row)
      return state === null
        ? []
        : [{ key: keyOf(row.device_id, row.component), state, text: row.text, atMs: row.at, receivedAtMs: row.received_at }]
    })
    const tickets = (await readPastTickets(db, { signal, fromMs })).flatMap((row): PastTicket[] =>
      row.device_id === null
        ? []
        : [
            {
              id: row.id,
              reference: row.reference,
              key: keyOf(row.device_id, row.component),
              fromMs: row.created_at,
              toMs: row.resolved_at,
              acted: row.acted,
            },
          ],
    )
    const places = await readPlaces(db, [...new Set([...events, ...tickets].map(item => deviceOf(item.key)))])
    return { signal, fromMs, toMs, events, isCut: rows.length > MAX_EVENTS, tickets, places }
  }

  /** Replays the past with the rule each device has now, or would have with the draft. */
  const replay = (past: Past, ruleAt: (place: DevicePlace) => Rule): TrialTicket[] => {
    const hoursOf = (key: string): Calendar | null => {
      const place = past.places.get(deviceOf(key))
      return place && isCustomerFacing(past.signal)
        ? openingCalendar({ openingHours: place.openingHours, timeZone: place.siteTimeZone })
        : null
    }
    const byDevice = Map.groupBy(past.events, event => deviceOf(event.key))
    return [...byDevice]
      .flatMap(([deviceId, events]) => {
        const place = past.places.get(deviceId)
        return place ? replayRule(events, ruleAt(place), past.toMs, hoursOf) : []
      })
      .toSorted((one, other) => one.openedAtMs - other.openedAtMs)
  }

  /** The draft where it would rule: in its scope, unless something more specific does. */
  const withDraft = async (signal: string, scope: string, draft: Rule): Promise<(place: DevicePlace) => Rule> => {
    const current = await catalogue.rulesOf(db, signal)
    const others = new Set((await listCurrent(db, { kind: 'rule', id: signal })).map(row => row.scope))
    return place => {
      const scopes = scopesOf(place)
      const at = scopes.indexOf(scope)
      if (at < 0 || scopes.slice(0, at).some(narrower => others.has(narrower))) return current(place)
      return draft
    }
  }

  const tryOn = async (past: Past, scope: string, draft: Rule) => {
    const before = judgeTickets(replay(past, await catalogue.rulesOf(db, past.signal)), past.tickets)
    const tickets = replay(past, await withDraft(past.signal, scope, draft))
    // what the rule in force would not open either was opened by another rule: that is not the draft's doing
    const missedNow = new Set(missedBy(before, past.tickets).map(ticket => ticket.id))
    const missed = missedBy(tickets, past.tickets).filter(ticket => !missedNow.has(ticket.id))
    return { before, after: judgeTickets(tickets, past.tickets), missed }
  }

  const fixOf = async (rule: Rule, noise: Noise): Promise<NoiseItem['fix']> => {
    const past = await readPast(rule.signal)
    for (const holdSeconds of holdsToTry(noise, rule.holdSeconds)) {
      const draft = { ...rule, holdSeconds }
      const { before, after, missed } = await tryOn(past, '', draft)
      const [old, next] = [count(before), count(after)]
      if (!isWorthIt(old, next, missed.length)) continue
      return {
        label: `Hold ${holdSeconds < 60 ? `${holdSeconds} s` : `${holdSeconds / 60} min`} before a ticket`,
        rule: draft,
        why: whyOf(old, next, 0),
      }
    }
    if (noise.acted > 0 || rule.level === 1) return null
    const draft = { ...rule, enabled: false }
    const { before, after, missed } = await tryOn(past, '', draft)
    return missed.length > 0
      ? null
      : { label: 'Raise no tickets for it', rule: draft, why: `${whyOf(count(before), count(after), 0)} Its events stay in the timeline.` }
  }

  return {
    /** Tries a draft; saves nothing. Throws `invalid-input` with every wrong field. */
    async tryRule(signal: string, scope: string, body: unknown): Promise<RuleTrial> {
      const faults = schemaFaults(RuleBody, body)
      if (faults.length > 0) throw invalidInput(faults)
      const past = inScope(await readPast(signal), scope)
      const { before, after, missed } = await tryOn(past, scope, { ...(body as RuleBody), signal })
      const nameOf = (key: string): string => past.places.get(deviceOf(key))?.name ?? 'a device that is gone'
      const [old, next] = [count(before), count(after)]
      return {
        signal,
        from: iso(past.fromMs),
        to: iso(past.toMs),
        events: past.events.length,
        isCut: past.isCut,
        now: old,
        draft: next,
        missed: missed
          .slice(0, EXAMPLES)
          .map(ticket => ({ ticketId: ticket.id, reference: ticket.reference, deviceName: nameOf(ticket.key) })),
        examples: after
          .slice(-EXAMPLES)
          .toReversed()
          .map(ticket => ({
            deviceId: deviceOf(ticket.key),
            deviceName: nameOf(ticket.key),
            component: ticket.key.slice(ticket.key.indexOf('/') + 1),
            openedAt: iso(ticket.openedAtMs),
            endedAt: ticket.endedAtMs === null ? null : iso(ticket.endedAtMs),
            text: ticket.text,
            judged: ticket.judged,
            reference: ticket.reference,
          })),
        why: whyOf(old, next, missed.length),
      }
    },

    /** Signals whose tickets nobody acted on, with a fix that was tried on the past before it is offered. */
    async noise(days = NOISE_DAYS): Promise<NoiseReport> {
      const toMs = now()
      const fromMs = toMs - days * DAY_MS
      const rows = (await readPastTickets(db, { fromMs })).filter(row => row.resolved_at !== null && row.signal !== null)
      const found = measureNoise(
        rows.map(row => ({ signal: row.signal ?? '', createdAtMs: row.created_at, resolvedAtMs: row.resolved_at, acted: row.acted })),
      )
      const rules = new Map((await catalogue.listRules(db, '')).map(rule => [rule.signal, rule]))
      const items: NoiseItem[] = []
      for (const noise of found) {
        const rule = rules.get(noise.signal)
        items.push({
          signal: noise.signal,
          title: rule?.title ?? noise.signal,
          tickets: noise.tickets,
          acted: noise.acted,
          unacted: noise.unacted,
          medianMinutes: noise.medianMs === null ? null : Math.round(noise.medianMs / 6_000) / 10,
          why: `${noise.unacted} of ${plural(noise.tickets, 'ticket')} ended by themselves before anybody did anything about them.`,
          fix: rule ? await fixOf(rule, noise) : null,
        })
      }
      return { from: iso(fromMs), to: iso(toMs), tickets: rows.length, unacted: rows.filter(row => !row.acted).length, items }
    },
  }
}
export type RuleTrials = ReturnType<typeof makeRuleTrials>
