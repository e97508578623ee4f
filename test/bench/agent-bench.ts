/** What the agent costs a kiosk: memory against a bare Node, processor time, child processes. Each program runs from its own copy of the Node binary, so none borrows the other's file pages. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readRunReport } from '../../agent/link/run-report.ts'
import { AGENT_FLAGS, buildAgent } from '../../server/build-agent.ts'
import { newDeviceId } from '../../shared/ids.ts'
import { fillProfile, type ProfileInput } from '../../shared/profile.ts'
import { shardOf } from '../../shared/topics.ts'
import { startChromium } from '../agent/kiosk/chromium.ts'
import { startPeers } from './agent-peers.ts'
import type { BenchRow } from './bench-row.ts'
import { openByteMeter, type ByteMeter } from './byte-meter.ts'
import { HEALTHY_HARDWARE, makeHealthyRoots, openPrintService, pointAgentAt } from './healthy-kiosk.ts'

/** The engine tidies its memory once about 30 s after the start; that is start, not steady state. */
const SETTLE_MS = 45_000
const DEFAULT_MEASURE_SECONDS = 120

const round = (value: number) => Math.round(value * 100) / 100

/** Proportional share of memory of one process, MiB: what a device pays that runs nothing else from this binary. */
function pssMib(pid: number): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  return Number(match?.[1] ?? 0) / 1024
}

/** Processor time of all threads so far, ms, to the nanosecond. */
function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6, 0)
}

function childCount(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).length,
    0,
  )
}

function ownNode(folder: string, name: string): string {
  const path = join(folder, name)
  copyFileSync(process.execPath, path)
  chmodSync(path, 0o755)
  return path
}

/** Starts a broker in another process; answers its port. */
async function startBroker(running: ChildProcess[]): Promise<number> {
  const script = fileURLToPath(new URL('../agent/bench-broker.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  running.push(child)
  const line = await new Promise<string>(resolve => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())))
  return Number(line)
}

/** The state of an admitted device, as enrolment leaves it; with a profile as if the server had sent one. */
function writeState(dataDir: string, port: number, profile: ProfileInput | null): void {
  const deviceId = newDeviceId()
  const mqtt = { urls: [`mqtt://127.0.0.1:${port}`], clientId: deviceId, username: deviceId, password: 'secret', shard: shardOf(deviceId) }
  const config = profile && { rev: 1, hash: 'bench', profile: fillProfile(profile) }
  mkdirSync(dataDir, { mode: 0o700 })
  writeFileSync(
    join(dataDir, 'agent.json'),
    JSON.stringify({ format: 1, serverUrl: 'http://127.0.0.1:1/', enrolment: 'active', deviceId, mqtt, ...(config && { config }) }),
    { mode: 0o600 },
  )
}

/** Every probe on, for a kiosk that is well. */
function fullProfile(shopUrl: string, browser: { devToolsUrl: string; match: string }): ProfileInput {
  return {
    name: 'Bench',
    processes: [{ name: 'browser', match: browser.match }],
    units: ['cron.service'],
    urls: [{ name: 'shop', url: shopUrl }],
    kioskApp: { devToolsUrl: browser.devToolsUrl, match: browser.match, url: shopUrl },
    ...HEALTHY_HARDWARE,
  }
}

async function openPage(): Promise<Server> {
  const page = '<title>Shop</title><body style="margin:0"><div style="background:#046;height:40vh"></div><h1>Touch to begin</h1>'
  const server = createServer((_, answer) => void answer.writeHead(200, { 'content-type': 'text/html' }).end(page))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

type Cost = { pssMib: number; cpuMs: number; children: number }

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Measures programs side by side; processor time is scaled to 120 s. */
async function measure(pids: readonly number[], seconds: number): Promise<Cost[]> {
  const watched = pids.map(pid => ({ pid, before: cpuMs(pid), pss: [] as number[], children: 0 }))
  for (let second = 0; second < seconds; second++) {
    await sleep(1_000)
    for (const program of watched) {
      program.children = Math.max(program.children, childCount(program.pid))
      if (second % 10 === 0) program.pss.push(pssMib(program.pid))
    }
  }
  return watched.map(({ pid, before, pss, children }) => ({
    pssMib: median(pss),
    cpuMs: (cpuMs(pid) - before) * (120 / seconds),
    children,
  }))
}

/** Rows of one program; the baseline is the other one. */
function costRows(name: string, cost: Cost, base: Cost, baseName: string): BenchRow[] {
  const against = (value: number, baseline: number) => ({
    value: round(value),
    baseline: round(baseline),
    ratio: baseline > 0 ? round(value / baseline) : null,
  })
  return [
    { name: `${name} memory (PSS) against ${baseName}`, unit: 'MiB', ...against(cost.pssMib, base.pssMib) },
    { name: `${name} processor time per 120 s`, unit: 'ms', ...against(cost.cpuMs, base.cpuMs) },
    { name: `${name} child processes in steady state`, value: cost.children, unit: 'processes', baseline: 0, ratio: null },
  ]
}

function wireRows(meter: ByteMeter, bytes: number, seconds: number, startedAtMs: number): BenchRow[] {
  const perDay = (bytes * 86_400) / seconds
  const firstMs = meter.firstReportMs()
  return [
    { name: 'agent with a kiosk bytes on the wire per day', value: Math.round(perDay), unit: 'bytes', baseline: null, ratio: null },
    ...(firstMs === null
      ? []
      : [
          {
            name: 'agent with a kiosk start to first report',
            value: round(firstMs - startedAtMs),
            unit: 'ms',
            baseline: null,
            ratio: null,
          },
        ]),
  ]
}

/**
 * Memory, processor time and children of the bundled agent with the recommended flags, connected, 30-s samples: with its default checks, and
 * with every probe and a kiosk's browser; beside a bare Node with one timer and the monitors of the distribution.
 */
export async function agentBenches(measureSeconds = DEFAULT_MEASURE_SECONDS): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kk-agent-bench-'))
  const running: ChildProcess[] = []
  const shop = await openPage()
  const shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`
  const browser = await startChromium()
  const peers = await startPeers(folder)
  const broker = await startBroker(running)
  const meter = await openByteMeter(broker)
  const printService = await openPrintService()
  try {
    const { file } = await buildAgent(join(folder, 'bundle'))
    await browser.show(shopUrl)
    const start = (name: string, words: string[], environment: Record<string, string> = {}): number => {
      const child = spawn(ownNode(folder, `node-${name}`), words, { stdio: 'ignore', env: { ...process.env, ...environment } })
      running.push(child)
      if (child.pid === undefined) throw new Error(`${name} did not start`)
      return child.pid
    }
    const dataDirOf = (name: string) => join(folder, `data-${name}`)
    const startAgent = (name: string, program: string, port: number, profile: ProfileInput | null): number => {
      writeState(dataDirOf(name), port, profile)
      return start(name, [...AGENT_FLAGS, program, 'run', '--data-dir', dataDirOf(name)], { CUPS_SERVER: printService.server })
    }
    const bare = start('bare', ['-e', 'setInterval(() => {}, 30_000)'])
    const plain = startAgent('plain', file, broker, null)
    const kioskFile = join(folder, 'bundle', 'kiosk.mjs')
    pointAgentAt(file, kioskFile, makeHealthyRoots(join(folder, 'devices')))
    const kiosk = startAgent('kiosk', kioskFile, meter.port, fullProfile(shopUrl, browser))
    // before this its copy of the binary was made
    const startedAtMs = performance.now()
    await sleep(SETTLE_MS)
    const ended = running.find(child => child.exitCode !== null)
    if (ended) throw new Error(`${ended.spawnargs.join(' ')} ended with ${ended.exitCode}`)
    const others = peers.filter(peer => peer.process !== null)
    const bytesBefore = meter.bytes()
    const otherPids = others.flatMap(peer => peer.process?.pid ?? [])
    const [base, plainCost, kioskCost, ...otherCosts] = await measure([bare, plain, kiosk, ...otherPids], measureSeconds)
    if (!base || !plainCost || !kioskCost) throw new Error('nothing was measured')
    const failing = readRunReport(dataDirOf('kiosk'), kiosk)?.failing
    if (failing?.length !== 0) throw new Error(`the kiosk is not well: ${failing?.join() ?? 'it reports nothing'}`)
    const missing = peers.filter(peer => peer.process === null)
    return [
      ...costRows('agent', plainCost, base, 'bare Node'),
      ...costRows('agent with a kiosk', kioskCost, base, 'bare Node'),
      ...wireRows(meter, meter.bytes() - bytesBefore, measureSeconds, startedAtMs),
      ...others.flatMap((peer, index) =>
        costRows(`agent beside: ${peer.name}`, otherCosts[index] ?? base, kioskCost, 'the agent').slice(0, 2),
      ),
      ...missing.map(peer => ({ name: `agent beside: ${peer.name} is missing`, value: 0, unit: 'programs', baseline: null, ratio: null })),
    ]
  } finally {
    for (const peer of peers) {
      peer.stop()
      peer.process?.kill('SIGKILL')
    }
    for (const child of running) child.kill('SIGKILL')
    meter.close()
    printService.close()
    await browser.stop()
    shop.closeAllConnections()
    shop.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
