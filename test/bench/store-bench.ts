/** The store: latest state against history, one device's day at ten times the rows, bytes per sample, roll-ups. */
import { sql } from 'kysely'
import { encodeSample, type SlotValue } from '../../server/devices/rules/sample-codec.ts'
import { inTransaction, openStore, type Database, type Store } from '../../server/database/database.ts'
import { writeLatest } from '../../server/telemetry/store/ingest-store.ts'
import { insertSamples, insertSlots } from '../../server/devices/store/sample-store.ts'
import { makeTestHouse } from '../support/test-house.ts'
import type { BenchRow } from './bench-row.ts'
import { seededStore, temporaryFolder, type Folder } from './estate.ts'
import type { Login } from './estate-load.ts'

const DEVICES = 10_000
const INTERVAL_MS = 30_000
const DAY_SAMPLES = 2_880
const DAY_MS = DAY_SAMPLES * INTERVAL_MS
/** So many devices have a whole day in the history; the rest share what is left of its rows. */
const FULL_DAY_DEVICES = 100
const PAGE = 500
const VERDICTS = ['serving', 'degraded', 'not-serving', 'closed', 'unknown'] as const
const METRICS = [
  'cpuPercent',
  'memoryUsedPercent',
  'swapUsedPercent',
  'diskUsedPercent:root',
  'temperatureC:cpu',
  'netRxBytesPerSecond',
  'netTxBytesPerSecond',
  'loadAverage1m',
  'psiCpuPercent',
  'psiMemoryPercent',
  'psiIoPercent',
  'uptimeSeconds',
]

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}
const row = (name: string, value: number, unit: string, baseline: number | null): BenchRow => ({
  name,
  value,
  unit,
  baseline,
  ratio: baseline === null ? null : value / baseline,
})

/** Values as an agent sends them: a few digits each, different every time. */
function sampleValues(seed: number): SlotValue[] {
  return METRICS.map((_, slot) => ({ slot, value: Math.round(((seed * 7919 + slot * 104_729) % 100_000) * 1.1) / 10 ** (slot % 3) }))
}

async function nameSlots(db: Database, deviceNos: readonly number[]): Promise<void> {
  await inTransaction(db, tx =>
    insertSlots(
      tx,
      deviceNos.flatMap(deviceNo => METRICS.map((name, slot) => ({ device_no: deviceNo, slot, name }))),
    ),
  )
}

/** Fills the history up to `rows` samples that end at `endMs`, in key order and with the index made afterwards: quicker than message by message, the same tables in the end. */
async function fillHistory(db: Database, rows: number, endMs: number): Promise<void> {
  const perOther = Math.floor((rows - FULL_DAY_DEVICES * DAY_SAMPLES) / (DEVICES - FULL_DAY_DEVICES))
  const data = encodeSample(sampleValues(1))
  await nameSlots(
    db,
    Array.from({ length: FULL_DAY_DEVICES }, (_, index) => index + 1),
  )
  await sql`pragma journal_mode = off`.execute(db)
  await sql`drop index samples_at`.execute(db)
  await sql`
    with recursive device(no) as (select 1 union all select no + 1 from device where no < ${DEVICES}),
    step(n) as (select 1 union all select n + 1 from step where n < ${DAY_SAMPLES})
    insert into samples (device_no, at, data)
    select device.no, ${endMs} - (case when device.no <= ${FULL_DAY_DEVICES} then ${DAY_SAMPLES} else ${perOther} end - step.n + 1) * ${INTERVAL_MS}, ${data}
    from device join step on step.n <= (case when device.no <= ${FULL_DAY_DEVICES} then ${DAY_SAMPLES} else ${perOther} end)`.execute(db)
  await sql`create index samples_at on samples (at)`.execute(db)
  await sql`pragma journal_mode = wal`.execute(db)
}

type Filled = { store: Store; logins: Login[]; folder: Folder; endMs: number }

async function filledStore(rows: number): Promise<Filled> {
  const { store, logins, folder } = await seededStore(DEVICES)
  const endMs = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS
  await fillHistory(store.db, rows, endMs)
  return { store, logins, folder, endMs }
}

/** Median time of reading one metric of one device over a day, different devices in turn, ms. */
async function dayReadMs({ store, logins, endMs }: Filled): Promise<number> {
  const { samples } = makeTestHouse(store, () => endMs)
  const read = async (login: Login): Promise<void> => {
    const { points } = await samples.read(login.id, { metric: 'cpuPercent', fromMs: endMs - DAY_MS, toMs: endMs })
    if (points.length !== DAY_SAMPLES) throw new Error(`a day has ${points.length} points`)
  }
  const times: number[] = []
  for (const login of logins.slice(0, FULL_DAY_DEVICES)) times.push(await timed(() => read(login)))
  return median(times.slice(FULL_DAY_DEVICES / 4))
}

/** The whole fleet as the API lists it, and how many devices there are of each verdict. */
async function readFleet({ store, endMs }: Filled): Promise<void> {
  const { fleet } = makeTestHouse(store, () => endMs)
  let cursor: string | undefined
  let devices = 0
  do {
    const page = await fleet.list({ scope: null, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
    devices += page.items.length
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  let judged = 0
  for (const verdict of VERDICTS) judged += (await fleet.list({ scope: null, limit: 1, verdict })).total
  if (devices !== DEVICES || judged !== DEVICES) throw new Error(`the fleet has ${devices} devices, ${judged} of them judged`)
}

/** Every device has sent its newest sample, as ingest would have kept it. */
async function fillLatest({ store, logins, endMs }: Filled): Promise<void> {
  const metrics = JSON.stringify(Object.fromEntries(sampleValues(1).map(({ slot, value }) => [METRICS[slot] ?? '', value])))
  await inTransaction(store.db, tx =>
    writeLatest(
      tx,
      logins.map(({ id }) => ({ device_id: id, last_seen_at: endMs, metrics_at: endMs, metrics })),
    ),
  )
}

async function readLatest({ store: { db } }: Filled): Promise<void> {
  const rows = await db.selectFrom('device_latest').select(['device_id', 'metrics_at', 'metrics']).execute()
  if (rows.length !== DEVICES) throw new Error(`the latest state knows ${rows.length} devices`)
}

async function readHistoryNewest({ store: { db } }: Filled): Promise<void> {
  const newest = db
    .selectFrom('samples')
    .select(e => ['device_no', e.fn.max('at').as('at')])
    .groupBy('device_no')
    .as('newest')
  const rows = await db
    .selectFrom('samples')
    .innerJoin(newest, join => join.onRef('newest.device_no', '=', 'samples.device_no').onRef('newest.at', '=', 'samples.at'))
    .select(['samples.device_no', 'samples.at', 'samples.data'])
    .execute()
  if (rows.length !== DEVICES) throw new Error(`the history knows ${rows.length} devices`)
}

async function latestAndHistory(): Promise<BenchRow[]> {
  const small = await filledStore(1_000_000)
  const smallDayMs = await dayReadMs(small)
  await small.store.close()
  small.folder.remove()
  const large = await filledStore(10_000_000)
  try {
    const largeDayMs = await dayReadMs(large)
    await fillLatest(large)
    await readFleet(large)
    const fleetMs = median([await timed(() => readFleet(large)), await timed(() => readFleet(large)), await timed(() => readFleet(large))])
    const latestMs = median([
      await timed(() => readLatest(large)),
      await timed(() => readLatest(large)),
      await timed(() => readLatest(large)),
    ])
    const historyMs = await timed(() => readHistoryNewest(large))
    return [
      row(
        `store: latest state of ${DEVICES} devices (list of ${PAGE} a page, count of each verdict) against the newest sample of each in 10 M`,
        fleetMs,
        'ms',
        historyMs,
      ),
      row(
        `store: newest metrics of ${DEVICES} devices from the latest state against the same from 10 M samples`,
        latestMs,
        'ms',
        historyMs,
      ),
      row(`store: one device's day, ${DAY_SAMPLES} samples, at 10 M rows against 1 M`, largeDayMs, 'ms', smallDayMs),
      row(`store: one device's day at 10 M rows against 10 ms`, largeDayMs, 'ms', 10),
    ]
  } finally {
    await large.store.close()
    large.folder.remove()
  }
}

async function usedBytes(db: Database): Promise<number> {
  const pages = await sql<{ page_count: number }>`pragma page_count`.execute(db)
  const size = await sql<{ page_size: number }>`pragma page_size`.execute(db)
  return (pages.rows[0]?.page_count ?? 0) * (size.rows[0]?.page_size ?? 0)
}

/** Both as they grow in service: every device a sample, round after round. */
async function bytesPerSample(): Promise<BenchRow> {
  const devices = 1_000
  const rounds = 100
  const folder = temporaryFolder()
  const { db, close } = await openStore(folder.databaseFile)
  const grow = async (write: (deviceNo: number[], atMs: number) => Promise<unknown>): Promise<number> => {
    const before = await usedBytes(db)
    for (let round = 0; round < rounds; round++)
      await write(
        Array.from({ length: devices }, (_, index) => index + 1),
        1_790_000_000_000 + round * INTERVAL_MS,
      )
    return ((await usedBytes(db)) - before) / (devices * rounds)
  }
  const ours = await grow((deviceNos, at) =>
    inTransaction(db, tx =>
      insertSamples(
        tx,
        deviceNos.map(deviceNo => ({ device_no: deviceNo, at, data: encodeSample(sampleValues(deviceNo + at)) })),
      ),
    ),
  )
  await sql`create table json_samples (device_no integer not null, at bigint not null, data text not null, primary key (device_no, at)) without rowid`.execute(
    db,
  )
  await sql`create index json_samples_at on json_samples (at)`.execute(db)
  const json = await grow((deviceNos, at) => {
    const rows = deviceNos.map(deviceNo => [
      deviceNo,
      JSON.stringify(Object.fromEntries(sampleValues(deviceNo + at).map(({ slot, value }) => [METRICS[slot] ?? '', value]))),
    ])
    return sql`insert into json_samples select value ->> 0, ${at}, value ->> 1 from json_each(${JSON.stringify(rows)})`.execute(db)
  })
  await close()
  folder.remove()
  return row(
    `store: a sample of ${METRICS.length} metrics, key and index included, against its JSON text kept the same way`,
    ours,
    'bytes',
    json,
  )
}

/** An hour of a hundred devices, rolled up to five minutes and an hour. */
async function rollUpRate(): Promise<BenchRow> {
  const devices = 100
  const perHour = 3_600_000 / INTERVAL_MS
  const { store, folder } = await seededStore(devices)
  const endMs = Math.floor(Date.now() / 3_600_000) * 3_600_000
  const deviceNos = Array.from({ length: devices }, (_, index) => index + 1)
  await nameSlots(store.db, deviceNos)
  for (let step = perHour; step > 0; step--)
    await inTransaction(store.db, tx =>
      insertSamples(
        tx,
        deviceNos.map(deviceNo => ({
          device_no: deviceNo,
          at: endMs - step * INTERVAL_MS,
          data: encodeSample(sampleValues(deviceNo + step)),
        })),
      ),
    )
  const { samples } = makeTestHouse(store, () => endMs)
  const ms = await timed(samples.rollUp)
  await store.close()
  folder.remove()
  return row(
    `store: roll-up of ${devices} devices' hour, against the ${DEVICES / 30} samples/s of ${DEVICES} devices`.replace(/(\.\d)\d+/, '$1'),
    (devices * perHour * 1000) / ms,
    'samples/s',
    DEVICES / 30,
  )
}

/** About 70 s and 1.5 GB of temporary disk. */
export async function storeBenches(): Promise<BenchRow[]> {
  return [...(await latestAndHistory()), await bytesPerSample(), await rollUpRate()]
}
