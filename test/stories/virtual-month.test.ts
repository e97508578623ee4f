/** A month of 500 devices and 2,000 tickets in virtual time: everything fires once, as a recount says, also when the server is killed. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Plan } from '../../shared/api/plans/plan-api.ts'
import { openStore, type Database, type Store } from '../../server/database/database.ts'
import { makeRecount, type CountedCustomer, type CountedTicket, type Fact } from './month/month-recount.ts'
import { CUSTOMERS, DEVICES, MINUTES, monthActs, START_MS } from './month/month-script.ts'

const SEED = 20_261_005
const KILLS = 20
const MINUTE_MS = 60_000
const MARGIN_MINUTES = 14 * 24 * 60
const PROGRAM = new URL('./month/month-program.ts', import.meta.url).pathname

/** Runs the program until it ends, or kills it as soon as it has carried out this many acts. */
async function run(location: string, killAfterAct = Number.POSITIVE_INFINITY): Promise<{ isOver: boolean; lastAct: number }> {
  const child = spawn(process.execPath, [PROGRAM, location, String(SEED)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Started two dozen times: what was compiled once is kept.
    env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(location), 'compiled') },
  })
  let [lastAct, isOver, errors, rest] = [0, false, '', '']
  child.stderr.on('data', (chunk: Buffer) => void (errors += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === 'over') isOver = true
      else lastAct = Number(line)
    }
    // The child runs on meanwhile: where the kill meets it is anybody's guess.
    if (lastAct >= killAfterAct) child.kill('SIGKILL')
  })
  const [code, signal] = await new Promise<[number | null, string | null]>(resolve => child.once('close', (...end) => resolve(end)))
  if (errors !== '' || (code !== 0 && signal !== 'SIGKILL'))
    throw new Error(`the month ended with ${code ?? signal ?? ''}: ${errors.slice(0, 2000)}`)
  return { isOver, lastAct }
}

async function runKilled(location: string, acts: number): Promise<number> {
  let kills = 0
  // Thresholds spread over the month, each at a random place of its part.
  for (let kill = 0; kill < KILLS; kill += 1) {
    const threshold = Math.floor(((kill + Math.random()) * acts) / (KILLS + 1)) + 1
    const { isOver } = await run(location, threshold)
    if (!isOver) kills += 1
  }
  expect((await run(location)).isOver).toBe(true)
  return kills
}

/** Tickets by a name that is the same in every run. */
async function namesOf(db: Database): Promise<Map<string, string>> {
  const rows = await db.selectFrom('tickets').select(['id', 'source', 'subject', 'device_id', 'signal']).execute()
  return new Map(
    rows.map(row => [
      row.id,
      row.source === 'contact' ? row.subject : `D${Number(row.device_id?.replace(/^da*/, '') ?? 0)} ${row.signal ?? ''}`,
    ]),
  )
}

/** Everything that fired and was told, and every clock, with names instead of ids. */
async function everything(db: Database): Promise<Record<string, string[]>> {
  const names = await namesOf(db)
  const spelled = (rows: readonly object[], without: readonly string[]): string[] =>
    rows
      .map(row =>
        JSON.stringify(Object.entries(row).filter(([column]) => !without.includes(column)))
          .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, id => names.get(id) ?? '*')
          // the secret of a link is another one each time
          .replaceAll(/kst_[0-9a-z]+/g, 'kst_*'),
      )
      .toSorted()
  return {
    events: spelled(await db.selectFrom('clock_events').selectAll().execute(), ['id']),
    clocks: spelled(await db.selectFrom('clocks').selectAll().execute(), ['id']),
    notices: spelled(await db.selectFrom('outbox').selectAll().execute(), ['id']),
    tickets: spelled(await db.selectFrom('tickets').selectAll().execute(), ['incident_id']),
  }
}

async function readTickets(db: Database): Promise<CountedTicket[]> {
  const names = await namesOf(db)
  const events = await db.selectFrom('ticket_events').selectAll().execute()
  // What a message does to the status is written beside it, at its instant.
  const order = (kind: string): number => (kind === 'status' ? 1 : 0)
  const history = Map.groupBy(
    events.toSorted((one, other) => one.at - other.at || order(one.kind) - order(other.kind)),
    event => event.ticket_id,
  )
  return (await db.selectFrom('tickets').selectAll().execute()).map(ticket => {
    const facts = (history.get(ticket.id) ?? []).map((row): Fact => ({
      atMs: row.at,
      kind: row.kind,
      text: row.text,
      author: row.author_kind,
      isPublic: row.visibility === 'public',
      data: row.data === null ? null : (JSON.parse(row.data) as Fact['data']),
    }))
    const flags = JSON.parse(ticket.flags) as string[]
    const firstLevel = facts.find(fact => fact.kind === 'level')?.text
    return {
      key: names.get(ticket.id) ?? '',
      planId: ticket.plan_id,
      level: firstLevel === undefined ? ticket.level : Number(/Level (\d)/.exec(firstLevel)?.[1]),
      isMonitored: ticket.source === 'monitoring',
      waitsForApproval: flags.includes('case-quota-exceeded') && !flags.includes('pay-per-incident'),
      facts,
    }
  })
}

/** The log as the recount spells it; the minute is the one that is over when it happened. */
async function readLog(db: Database): Promise<string[]> {
  const names = await namesOf(db)
  const rows = await db.selectFrom('clock_events').selectAll().where('what', '!=', 'retargeted').execute()
  return rows.map(({ ticket_id: id, kind, cycle, what, step, at, used_seconds: used }) => {
    const isEnd = what === 'met' || what === 'ended' || what === 'cancelled'
    const more = isEnd ? ` used:${used / 60}` : step === null ? '' : ` ${step}`
    return `${names.get(id) ?? ''} ${kind} ${cycle} ${what}${more} @${Math.ceil((at - START_MS) / MINUTE_MS)}`
  })
}

function customersOfMonth(): Map<string, CountedCustomer> {
  const folder = new URL('../../server/catalogue/plans/', import.meta.url)
  const plans = readdirSync(folder).map(file => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Plan)
  return new Map(
    CUSTOMERS.map(({ planId, timeZone, overrides }) => {
      const plan = plans.find(one => one.id === planId)
      if (!plan) throw new Error(`no plan ${planId}`)
      return [planId, { plan, timeZone, holidays: (overrides.holidays as string[] | undefined) ?? [] }]
    }),
  )
}

describe('a month', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-month-'))
  const stores: Store[] = []
  let whole: Store
  let killed: Store
  let kills = 0

  beforeAll(async () => {
    const [one, other] = [join(folder, 'whole.db'), join(folder, 'killed.db')]
    const acts = monthActs(SEED).length
    ;[, kills] = await Promise.all([run(one), runKilled(other, acts)])
    whole = await openStore(one)
    killed = await openStore(other)
    stores.push(whole, killed)
  }, 180_000)
  afterAll(async () => {
    for (const store of stores) await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('has 500 devices and 2,000 tickets on all fourteen plans', async () => {
    const { db } = whole
    expect(await db.selectFrom('devices').select('id').execute()).toHaveLength(DEVICES)
    const tickets = await db.selectFrom('tickets').select(['plan_id', 'occurrences']).execute()
    expect([tickets.length, new Set(tickets.map(ticket => ticket.plan_id)).size]).toEqual([2000, 14])
    const log = await readLog(db)
    for (const what of ['warned', 'escalated', 'passed-over', 'breached', 'reminded', 'paused', 'resumed', 'met', 'ended', 'cancelled'])
      expect(log.filter(line => line.includes(` ${what} `)).length, what).toBeGreaterThan(2)
    expect(tickets.filter(ticket => ticket.occurrences > 1).length).toBeGreaterThan(50)
  })

  it('fires each breach, warning, reminder and step once, and exactly those that a walk over the minutes finds', async () => {
    const recount = makeRecount({ startMs: START_MS, minutes: MINUTES, marginMinutes: MARGIN_MINUTES })
    const expected = recount.linesOf(await readTickets(whole.db), customersOfMonth()).toSorted()
    const found = (await readLog(whole.db)).toSorted()
    const [inExpected, inFound] = [new Set(expected), new Set(found)]
    expect(found.filter(line => !inExpected.has(line)).slice(0, 20), 'fired, but not owed').toEqual([])
    expect(expected.filter(line => !inFound.has(line)).slice(0, 20), 'owed, but not fired').toEqual([])
    expect(found).toEqual(expected)
    expect(new Set(found).size).toBe(found.length)
  })

  it('tells each of them once to each address', async () => {
    const names = await namesOf(whole.db)
    const told = (await whole.db.selectFrom('outbox').select(['dedup_key', 'address', 'ticket_id', 'body']).execute())
      .map(row => ({ ...row, kind: row.dedup_key.split(':')[0] ?? '' }))
      .filter(({ kind }) => kind.startsWith('clock-') || kind === 'update-reminder')
    const steps = (await readLog(whole.db)).filter(line => / (warned|escalated|reminded) /.test(line))
    const desk = told.filter(({ address }) => address === 'desk@example.com')
    // Steps for the manager alone are not told to the desk.
    const forDesk = steps.filter(line => !line.includes('overdue:30'))
    expect(desk).toHaveLength(forDesk.length)
    expect(new Set(desk.map(({ ticket_id: id, dedup_key: key }) => `${names.get(id ?? '') ?? ''} ${key}`)).size).toBe(desk.length)
  })

  it(`is the same month when the server is killed ${KILLS} times in it`, async () => {
    expect(kills).toBeGreaterThanOrEqual(KILLS - 2)
    const [one, other] = [await everything(whole.db), await everything(killed.db)]
    for (const part of Object.keys(one)) {
      const known = new Set(one[part])
      expect(other[part]?.filter(line => !known.has(line)).slice(0, 3), `${part} of the killed run only`).toEqual([])
      expect(other[part]?.length, part).toBe(one[part]?.length)
    }
  })
})
