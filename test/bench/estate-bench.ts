/** A server with 10,000 connected devices: what it costs at rest, when all die at once, and how soon people see one die. */
import { openStore } from '../../server/database/database.ts'
import { freePorts } from '../support/free-ports.ts'
import { startServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import type { BenchRow } from './bench-row.ts'
import { seedDevices, startEstate, temporaryFolder } from './estate.ts'
import { readFileSync, readdirSync } from 'node:fs'

const DEVICES = 10_000
const REPORT_EVERY_SECONDS = 30
const REST_SECONDS = 20
const KILLS = 20
const TOKEN = 'bench-admin-token-0123456789-0123456789'

/** Processor time of a process so far, ms. */
function cpuMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6,
    0,
  )
}
function residentMib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
}

/** Instants at which the event stream told of devices, by device. */
async function listenToChanges(httpUrl: string, seen: (deviceId: string) => void): Promise<() => void> {
  const abort = new AbortController()
  const response = await fetch(`${httpUrl}/api/v1/events`, { headers: { authorization: `Bearer ${TOKEN}` }, signal: abort.signal })
  void (async () => {
    let text = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const id = /^event: device\ndata: \{"id":"([^"]+)"/m.exec(text.slice(0, end))?.[1]
        text = text.slice(end + 2)
        if (id) seen(id)
      }
    }
  })().catch(() => undefined)
  return () => abort.abort()
}

/** About 70 s. */
export async function estateBenches(): Promise<BenchRow[]> {
  const folder = temporaryFolder()
  const store = await openStore(folder.databaseFile)
  const logins = await seedDevices(store, DEVICES + KILLS)
  await store.close()
  const [http, https, mqtt, mqtts] = (await freePorts(4)) as [number, number, number, number]
  const server = await startServerProcess(
    folder.path,
    { http, https, mqtt, mqtts },
    { KIOSKEEPER_ADMIN_TOKEN: TOKEN, KIOSKEEPER_LOG_LEVEL: 'warn' },
  )
  const rows: BenchRow[] = []
  const emptyMib = residentMib(server.pid)

  const connectStartMs = performance.now()
  const estate = await startEstate({ port: mqtt, logins: logins.slice(0, DEVICES), births: true })
  const connectSeconds = (performance.now() - connectStartMs) / 1000
  rows.push({
    name: `estate: ${DEVICES} devices connected and born, births committed, against 10 s`,
    value: connectSeconds,
    unit: 's',
    baseline: 10,
    ratio: connectSeconds / 10,
  })
  const fullMib = residentMib(server.pid)
  rows.push({
    name: `estate: resident memory with ${DEVICES} devices against none`,
    value: fullMib,
    unit: 'MiB',
    baseline: emptyMib,
    ratio: fullMib / emptyMib,
  })

  const cpuBeforeMs = cpuMs(server.pid)
  const restStartMs = performance.now()
  const paced = await estate.run({ kind: 'pace', seconds: REST_SECONDS, perSecond: DEVICES / REPORT_EVERY_SECONDS })
  const share = (cpuMs(server.pid) - cpuBeforeMs) / (performance.now() - restStartMs)
  rows.push({
    name: `estate: one core used by ${DEVICES} devices, a report each ${REPORT_EVERY_SECONDS} s`,
    value: share * 100,
    unit: '% of a core',
    baseline: 100,
    ratio: share,
  })
  if (paced.kind === 'latency')
    rows.push({
      name: `estate: PUBACK p99 then, against the 20 ms window`,
      value: paced.p99Ms,
      unit: 'ms',
      baseline: 20,
      ratio: paced.p99Ms / 20,
    })

  // One device after the other dies; the console hears of it over its event stream.
  const heardAtMs = new Map<string, number>()
  const stopListening = await listenToChanges(server.httpUrl, id => void heardAtMs.set(id, performance.now()))
  const delays: number[] = []
  for (const login of logins.slice(DEVICES)) {
    const single = await startEstate({ port: mqtt, logins: [login], births: true })
    await until('birth seen', () => heardAtMs.has(login.id))
    heardAtMs.delete(login.id)
    const killedMs = performance.now()
    single.process.kill('SIGKILL')
    const seenMs = await until('death seen', () => heardAtMs.get(login.id) ?? null)
    delays.push(seenMs - killedMs)
  }
  stopListening()
  delays.sort((one, other) => one - other)
  const worstMs = delays.at(-1) ?? 0
  rows.push({
    name: `estate: killed device to its change in the event stream, worst of ${KILLS}, against 200 ms`,
    value: worstMs,
    unit: 'ms',
    baseline: 200,
    ratio: worstMs / 200,
  })

  const dropped = await estate.run({ kind: 'drop' })
  const dropAtMs = dropped.kind === 'dropped' ? dropped.atMs : Date.now()
  const reader = await openStore(folder.databaseFile)
  await until(
    'all offline',
    async () => {
      const row = await reader.db
        .selectFrom('device_states')
        .select(e => e.fn.countAll<number>().as('n'))
        .where('connection', '=', 'offline')
        .executeTakeFirstOrThrow()
      return row.n >= DEVICES + KILLS
    },
    30_000,
  )
  const stormSeconds = (Date.now() - dropAtMs) / 1000
  rows.push({
    name: `estate: will storm, ${DEVICES} devices die at once, last one committed offline, against 1 s`,
    value: stormSeconds,
    unit: 's',
    baseline: 1,
    ratio: stormSeconds / 1,
  })

  await reader.close()
  await estate.stop()
  await server.kill('SIGTERM')
  folder.remove()
  return rows
}
