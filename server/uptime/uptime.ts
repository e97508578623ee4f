/** The platform's own availability: a heartbeat log written every second, what outside probes saw, and what a plan promises of it. */
import type {
  PlannedMaintenance,
  PlannedMaintenanceInput,
  ProbeResults,
  UptimeMonth,
  UptimeReport,
} from '../../shared/api/uptime/uptime-api.ts'
import { DomainError, invalidInput, notFound, type FieldError } from '../platform/errors.ts'
import { takeBeat, type Run } from './rules/heartbeat.ts'
import { lastMonths, measureUptime, type BeatSpan, type PlannedSpan, type ProbeLog } from './rules/availability.ts'
import type { Span } from '../calendars/rules/spans.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import { inTransaction, type Database } from '../database/database.ts'
import {
  beginRun,
  cancelMaintenance,
  endRun,
  extendRun,
  insertMaintenance,
  listMaintenance,
  listProbes,
  listProbeSpans,
  listRuns,
  putProbeSpans,
} from './store/uptime-store.ts'
import type { PlatformMaintenanceRow } from '../database/tables/uptime-rows.ts'
import type { Catalogue } from '../plans/catalogue.ts'
import { newRowId } from '../database/row-id.ts'
import { iso } from '../../shared/instants.ts'

const KILLED = 'the server ended without a goodbye (killed, crashed or without power)'
const STOPPED = 'the server was stopped'
/** How far a probe's clock may be ahead. */
const SKEW_MS = 60_000
const MAX_MONTHS = 36

const seconds = (ms: number): number => Math.round(ms) / 1000

const toMaintenance = (row: PlatformMaintenanceRow): PlannedMaintenance => ({
  id: row.id,
  from: iso(row.from_at),
  to: iso(row.to_at),
  reason: row.reason,
  announcedAt: iso(row.announced_at),
  cancelledAt: row.cancelled_at === null ? null : iso(row.cancelled_at),
})

/** `99.9987 %`: five digits, as promises are written. */
const percentText = (percent: number): string => `${Number(percent.toFixed(5))} %`

function why(month: { promisePercent: number | null; percent: number | null; downMs: number; allowedMs: number | null }): string {
  const { promisePercent, percent, downMs, allowedMs } = month
  if (percent === null) return 'Nothing was measured in this month.'
  const measured = `${percentText(percent)} measured, ${seconds(downMs)} s down`
  if (promisePercent === null || allowedMs === null) return `${measured}. The plan promises no uptime.`
  const verdict = downMs > allowedMs ? 'The promise is broken' : 'The promise is kept'
  return `${verdict}: ${measured}; ${promisePercent} % allows ${seconds(allowedMs)} s in this month.`
}

type Facts = { beats: BeatSpan[]; probes: ProbeLog[]; planned: PlannedSpan[] }

/** Makes the uptime service. `monotonicMs` never jumps; `notReady` says what keeps the platform from working, or null. */
export function makeUptime(deps: {
  db: Database
  now: () => number
  monotonicMs: () => number
  notReady: () => Promise<string | null>
  catalogue: Pick<Catalogue, 'effectivePlanOf'>
}) {
  const { db, now, monotonicMs } = deps
  let run: Run | null = null

  const begin = async (ended: string): Promise<void> => {
    const started = now()
    const id = newRowId()
    await beginRun(db, { id, started_at: started }, ended)
    run = { id, lastMs: started, monotonicMs: monotonicMs() }
  }

  const read = async (span: Span): Promise<Facts> => {
    const probes = Map.groupBy(await listProbeSpans(db, span), row => row.probe)
    return {
      beats: (await listRuns(db, span)).map(row => ({ fromMs: row.started_at, toMs: row.last_at, ended: row.ended })),
      probes: [...probes].map(([name, rows]) => ({
        name,
        spans: rows.map(row => ({ fromMs: row.from_at, toMs: row.to_at, isUp: row.is_up === 1, reason: row.reason })),
      })),
      planned: (await listMaintenance(db, true)).map(row => ({
        fromMs: row.from_at,
        toMs: row.to_at,
        announcedAtMs: row.announced_at,
        reason: row.reason,
      })),
    }
  }

  /** Months of a zone; `sinceMs` is when measuring began to matter to this customer. */
  const report = async (options: {
    timeZone: string
    months: number
    promisePercent: number | null
    sinceMs: number
  }): Promise<UptimeReport> => {
    const nowMs = now()
    const { promisePercent, sinceMs, timeZone } = options
    const spans = lastMonths(nowMs, timeZone, Math.min(options.months, MAX_MONTHS)).filter(month => month.toMs > sinceMs)
    const whole = { fromMs: Math.max(sinceMs, spans.at(-1)?.fromMs ?? nowMs), toMs: nowMs }
    const facts = await read(whole)
    // The run that is on has its newest beat up to a second ago: the platform answers this very question, so it is there.
    const beats = facts.beats.map(beat => (run !== null && beat.ended === null ? { ...beat, toMs: Math.max(beat.toMs, nowMs) } : beat))
    const months = spans.map((month): UptimeMonth => {
      const window = { fromMs: Math.max(month.fromMs, sinceMs), toMs: month.toMs }
      const measured = measureUptime({ ...facts, beats, window, nowMs, promisePercent })
      return {
        month: month.month,
        from: iso(window.fromMs),
        to: iso(window.toMs),
        promisePercent,
        measuredPercent: measured.percent === null ? null : Number(measured.percent.toFixed(6)),
        state: measured.state,
        measuredSeconds: seconds(measured.measuredMs),
        downSeconds: seconds(measured.downMs),
        plannedSeconds: seconds(measured.plannedMs),
        allowedSeconds: measured.allowedMs === null ? null : seconds(measured.allowedMs),
        gaps: measured.down.map(gap => ({
          from: iso(gap.fromMs),
          to: iso(gap.toMs),
          seconds: seconds(gap.toMs - gap.fromMs),
          seenBy: gap.seenBy,
          planned: gap.planned,
          reason: gap.reason,
        })),
        why: why({ ...measured, promisePercent }),
      }
    })
    // Months in which nothing was measured say nothing; the running one is always shown.
    const measured = months.filter((month, index) => index === 0 || month.measuredSeconds > 0)
    const probes = (await listProbes(db)).map(({ probe, to_at, is_up }) => ({ name: probe, lastAt: iso(to_at), isUp: is_up === 1 }))
    return { timeZone, months: measured, probes }
  }

  return {
    /** Begins the log of this process; what came before it ended without a goodbye unless it said one. */
    start: (): Promise<void> => begin(KILLED),

    /** One beat, every second: only while the platform works. */
    async beat(): Promise<void> {
      if ((await deps.notReady()) !== null || run === null) return
      const beat = { wallMs: now(), monotonicMs: monotonicMs() }
      const step = takeBeat(run, beat)
      if (step.kind === 'new') return begin(step.ended)
      await extendRun(db, run.id, beat.wallMs)
      run = { ...run, lastMs: beat.wallMs, monotonicMs: beat.monotonicMs }
    },

    /** The last beat, at a stop in good order. */
    async stop(): Promise<void> {
      if (run === null) return
      await endRun(db, run.id, Math.max(now(), run.lastMs), STOPPED)
      run = null
    },

    /** The platform as a whole, months in UTC. */
    platform: (months: number): Promise<UptimeReport> => report({ timeZone: 'Etc/UTC', months, promisePercent: null, sinceMs: 0 }),

    /** Against a customer's promise, in the months of their plan's zone, since they are a customer. Throws `not-found`. */
    async ofCustomer(customerId: string, months: number): Promise<UptimeReport> {
      const customer = await findCustomer(db, customerId)
      if (!customer) throw notFound('customer')
      const plan = await deps.catalogue.effectivePlanOf(db, customerId)
      return report({ timeZone: plan.timeZone, months, promisePercent: plan.uptimePercent, sinceMs: customer.created_at })
    },

    /** Takes what a probe saw; the same spans again change nothing. Throws `invalid-input` for times that cannot be. */
    async takeProbe(name: string, results: ProbeResults): Promise<{ taken: number }> {
      const nowMs = now()
      const faults: FieldError[] = []
      const rows = results.spans.map(({ from, to, isUp, reason }, index) => {
        const [fromMs, toMs] = [Date.parse(from), Date.parse(to)]
        if (Number.isNaN(fromMs) || Number.isNaN(toMs)) faults.push({ path: `body/spans/${index}`, message: 'is not a span of instants' })
        else if (toMs <= fromMs) faults.push({ path: `body/spans/${index}/to`, message: 'must be after from' })
        else if (toMs > nowMs + SKEW_MS) faults.push({ path: `body/spans/${index}/to`, message: 'lies in the future: check the clock' })
        return { probe: name, from_at: fromMs, to_at: toMs, is_up: isUp ? 1 : 0, reason: reason ?? null, received_at: nowMs }
      })
      if (faults.length > 0) throw invalidInput(faults)
      await inTransaction(db, tx => putProbeSpans(tx, rows))
      return { taken: rows.length }
    },

    /** Announces maintenance. What has begun already is refused: it cannot be announced any more. */
    async announce(input: PlannedMaintenanceInput): Promise<PlannedMaintenance> {
      const nowMs = now()
      const [fromMs, toMs] = [Date.parse(input.from), Date.parse(input.to)]
      if (Number.isNaN(fromMs) || Number.isNaN(toMs) || toMs <= fromMs)
        throw invalidInput([{ path: 'body/to', message: 'must be an instant after from' }])
      if (fromMs < nowMs)
        throw invalidInput([{ path: 'body/from', message: 'has passed: only what is announced before it begins counts as planned' }])
      const row: PlatformMaintenanceRow = {
        id: newRowId(),
        from_at: fromMs,
        to_at: toMs,
        reason: input.reason,
        announced_at: nowMs,
        cancelled_at: null,
      }
      await insertMaintenance(db, row)
      return toMaintenance(row)
    },

    async listMaintenance(): Promise<PlannedMaintenance[]> {
      return (await listMaintenance(db, false)).map(toMaintenance)
    },

    /** Cancels maintenance that has not begun. Throws `conflict` when it has, or was cancelled before. */
    async cancel(id: string): Promise<void> {
      if (await cancelMaintenance(db, id, now())) return
      if (!(await listMaintenance(db, false)).some(row => row.id === id)) throw notFound('maintenance')
      throw new DomainError('conflict', 'conflict', 'It has begun or was cancelled before; what was announced stays in the record.')
    },
  }
}
export type Uptime = ReturnType<typeof makeUptime>
