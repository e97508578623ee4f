/** A hundred people at the desk and ten thousand open tickets: how long they wait for a page of the queue and for a search, while tickets change. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../server/database/database.ts'
import { freePorts } from '../support/free-ports.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { makeTestHouse } from '../support/test-house.ts'
import type { BenchRow } from './bench-row.ts'
import { temporaryFolder } from './estate.ts'

const OPERATORS = 100
const MANY_TICKETS = 10_000
const FEW_TICKETS = 100
const CUSTOMERS = 20
/** Each operator looks at the queue or searches about so often. */
const PAUSE_MS = 2_000
const SECONDS = 20
const SPREAD_MS = 45 * 60_000
const CHANGES_PER_SECOND = 2
const TOKEN = 'bench-admin-token-0123456789-0123456789'

const SUBJECTS = ['Receipt printer jams', 'Touch screen does not answer', 'Screen stays dark', 'Wrong price shown', 'Card reader is slow']
const WORDS = ['printer', 'screen dark', 'price', 'store 1042', 'reader', 'nobody wrote this']
/** What the queue page asks. */
const PAGES = ['', '&level=1', '&assignee=nobody', '&overdue=true']

const at = <Item>(list: readonly Item[], index: number): Item => list[index % list.length] as Item

/** Registers so many tickets over the last minutes, before the server starts: the oldest critical ones are overdue, and that was told. */
async function seed(databaseFile: string, count: number): Promise<void> {
  const store = await openStore(databaseFile)
  let nowMs = Date.now() - SPREAD_MS
  const stepMs = SPREAD_MS / count
  const house = makeTestHouse(store, () => nowMs, { deskEmail: null })
  await house.catalogue.load()
  const places = []
  for (let index = 0; index < CUSTOMERS; index++) {
    const customer = await house.customers.create({ name: `Chain ${index}`, planId: 'ombori-enterprise', timeZone: 'Europe/Stockholm' })
    await house.customers.addContact(customer.id, { name: 'Bo Berg', email: `bo@chain${index}.example` })
    places.push({ customerId: customer.id, email: `bo@chain${index}.example` })
  }
  for (let index = 0; index < count; index++) {
    const { customerId, email } = at(places, index)
    await house.ticketing.register(
      {
        customerId,
        level: (index % 4) + 1,
        subject: `${at(SUBJECTS, index)} in store ${1000 + (index % 500)}`,
        description: `Seen by the staff at checkout ${index % 12}. ${'It began this morning and comes back after a restart. '.repeat(6)}`,
        channel: 'form',
        reporter: { name: 'Bo Berg', email },
      },
      { author_kind: 'customer', author_name: 'Bo Berg' },
    )
    nowMs += stepMs
  }
  while ((await house.deadlines.runDue()) > 0);
  await store.close()
}

const percentile = (values: readonly number[], share: number) =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0

type Waits = { queue: number[]; search: number[] }

/** One person: a page, a search, a page ... each after a pause. */
async function work(ask: (path: string) => Promise<unknown>, operator: number, untilMs: number, waits: Waits): Promise<void> {
  await sleep((operator / OPERATORS) * PAUSE_MS)
  for (let turn = operator; performance.now() < untilMs; turn++) {
    const isSearch = turn % 3 === 0
    const path = isSearch ? `&q=${encodeURIComponent(at(WORDS, turn))}` : at(PAGES, turn)
    const startMs = performance.now()
    await ask(`/tickets?open=true&order=due&limit=50${path}`)
    waits[isSearch ? 'search' : 'queue'].push(performance.now() - startMs)
    await sleep(PAUSE_MS * (0.75 + (turn % 5) / 10))
  }
}

/** Tickets that change meanwhile: each change is written and told to everybody who listens. */
async function change(server: ServerProcess, ids: readonly string[], untilMs: number): Promise<void> {
  for (let turn = 0; performance.now() < untilMs; turn++) {
    await send(server, 'POST', `/tickets/${at(ids, turn)}/messages`, { visibility: 'internal', body: `Looked at it, ${turn}.` })
    await sleep(1_000 / CHANGES_PER_SECOND)
  }
}

async function send<Body>(server: ServerProcess, method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await fetch(`${server.httpUrl}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Body
}

async function measure(count: number): Promise<Waits> {
  const folder = temporaryFolder()
  await seed(folder.databaseFile, count)
  const [http, https, mqtt, mqtts] = (await freePorts(4)) as [number, number, number, number]
  const environment = { KIOSKEEPER_ADMIN_TOKEN: TOKEN, KIOSKEEPER_LOG_LEVEL: 'error' }
  const server = await startServerProcess(folder.path, { http, https, mqtt, mqtts }, environment)
  try {
    const ask = (path: string) => send<{ items: { id: string }[]; total: number }>(server, 'GET', path)
    const first = await ask('/tickets?open=true&order=due&limit=50')
    if (first.total < count) throw new Error(`only ${first.total} of ${count} tickets are open`)
    const waits: Waits = { queue: [], search: [] }
    const untilMs = performance.now() + SECONDS * 1_000
    const operators = Array.from({ length: OPERATORS }, (_, operator) => work(ask, operator, untilMs, waits))
    const ids = first.items.map(item => item.id)
    await Promise.all([...operators, change(server, ids, untilMs)])
    return waits
  } finally {
    await server.kill('SIGKILL')
    folder.remove()
  }
}

/** About two minutes. The baseline is the same work over a hundred tickets. */
export async function deskBenches(): Promise<BenchRow[]> {
  const few = await measure(FEW_TICKETS)
  const many = await measure(MANY_TICKETS)
  return (['queue', 'search'] as const).map(what => {
    const [value, baseline] = [percentile(many[what], 0.95), percentile(few[what], 0.95)]
    const name = `desk ${what === 'queue' ? 'queue page' : 'search'} p95 with ${OPERATORS} people and ${MANY_TICKETS} open tickets`
    return { name, value, unit: 'ms', baseline, ratio: value / baseline }
  })
}
