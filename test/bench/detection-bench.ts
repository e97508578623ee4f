/**
 * From a fault to the notification, side by side on this machine: our server with the real agent and its default heartbeat and keepalive,
 * against Prometheus (scrape and evaluation every 1 s, rules without `for`), Alertmanager (group_wait 0 s) and node-exporter, which is far
 * faster than they come. Ours is measured twice: when the incident is in the API (what an operator sees), and when its ticket is there (what
 * tells people) with rules without a hold, as theirs are; theirs ends when Alertmanager's webhook arrives.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../support/until.ts'
import { startAgentHouse, type AgentRig } from './agent-rig.ts'
import type { BenchRow } from './bench-row.ts'
import { missingPackages, startPrometheus, type PrometheusRig } from './prometheus-rig.ts'

const REPETITIONS = 3
const LIMIT_MS = 120_000

type Fault = {
  name: string
  alert: 'DeviceDown' | 'ProcessMissing'
  signal: string
  /** Which process is hit, and how. */
  hit: 'reporter' | 'watched'
  with: NodeJS.Signals
}
const FAULTS: readonly Fault[] = [
  { name: 'killed device (SIGKILL)', alert: 'DeviceDown', signal: 'agent.offline', hit: 'reporter', with: 'SIGKILL' },
  {
    name: 'silent device (SIGSTOP), keepalive 20 s against a scrape each 1 s',
    alert: 'DeviceDown',
    signal: 'agent.offline',
    hit: 'reporter',
    with: 'SIGSTOP',
  },
  {
    name: 'watched process killed, looked at every 2 s against a textfile each 1 s',
    alert: 'ProcessMissing',
    signal: 'process.missing',
    hit: 'watched',
    with: 'SIGKILL',
  },
]

/** A program nobody else on this machine runs; its command line is what ours looks for. */
function startWatched(number: number): { child: ChildProcess; pid: number; match: string } {
  const seconds = String(800_000 + (process.pid % 9_000) * 10 + number)
  const child = spawn('sleep', [seconds], { stdio: 'ignore' })
  if (child.pid === undefined) throw new Error('could not start sleep, the watched program')
  return { child, pid: child.pid, match: `sleep ${seconds}` }
}
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
/** Faults do not wait for the second of whoever looks: each repetition hits another part of it. */
const phaseMs = (repetition: number): number => (repetition * 1000) / REPETITIONS

async function theirs(fault: Fault, repetition: number): Promise<number> {
  const watched = startWatched(repetition)
  let rig: PrometheusRig | null = null
  try {
    rig = await startPrometheus(watched.pid)
    const { exporter, toldAtMs } = rig
    await sleep(phaseMs(repetition))
    if (toldAtMs(fault.alert) !== undefined) throw new Error(`${fault.alert} was told before the fault`)
    const startMs = Date.now()
    ;(fault.hit === 'reporter' ? exporter : watched.child).kill(fault.with)
    return (await until(`Alertmanager tells of the ${fault.name}`, () => toldAtMs(fault.alert), LIMIT_MS)) - startMs
  } finally {
    await rig?.stop()
    await end(watched.child)
  }
}

type Detected = { incidentMs: number; ticketMs: number }

async function ours(house: Awaited<ReturnType<typeof startAgentHouse>>, fault: Fault, repetition: number): Promise<Detected> {
  const watched = startWatched(repetition)
  let rig: AgentRig | null = null
  try {
    rig = await house.startAgent(watched.match)
    const { agent, incident } = rig
    await sleep(phaseMs(repetition))
    if (await incident(fault.signal)) throw new Error(`${fault.signal} was told before the fault`)
    const startMs = Date.now()
    ;(fault.hit === 'reporter' ? agent : watched.child).kill(fault.with)
    await until(`the incident of the ${fault.name}`, () => incident(fault.signal), LIMIT_MS)
    const incidentMs = Date.now() - startMs
    await until(`the ticket of the ${fault.name}`, async () => (await incident(fault.signal))?.ticketId, LIMIT_MS)
    return { incidentMs, ticketMs: Date.now() - startMs }
  } finally {
    await rig?.stop()
    await end(watched.child)
  }
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** About 3 min. Medians of three, ms; throws with the command to run when a package is missing. */
export async function detectionBenches(): Promise<BenchRow[]> {
  const command = missingPackages()
  if (command !== null) throw new Error(`the peers are not on this machine; run as root: ${command}`)
  const house = await startAgentHouse(FAULTS.map(fault => fault.signal))
  const rows: BenchRow[] = []
  try {
    for (const fault of FAULTS) {
      const [mine, peers]: [Detected[], number[]] = [[], []]
      for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
        peers.push(await theirs(fault, repetition))
        mine.push(await ours(house, fault, repetition))
      }
      const baseline = median(peers)
      const row = (what: string, value: number): BenchRow => ({
        name: `detection: ${fault.name}, ${what}`,
        value,
        unit: 'ms',
        baseline,
        ratio: value / baseline,
      })
      rows.push(
        row('to the incident', median(mine.map(one => one.incidentMs))),
        row('to the ticket', median(mine.map(one => one.ticketMs))),
      )
    }
  } finally {
    await house.stop()
  }
  return rows
}
