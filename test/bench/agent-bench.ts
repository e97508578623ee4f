/** What the agent costs a kiosk: memory against a bare Node, processor time, child processes. Each program runs from its own copy of the Node binary, so none borrows the other's file pages. */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { AGENT_FLAGS, buildAgent } from '../../server/build-agent.ts'
import { newDeviceId } from '../../shared/ids.ts'
import { shardOf } from '../../shared/topics.ts'

export type BenchRow = { name: string; value: number; unit: string; baseline: number | null; ratio: number | null }

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

/** The state of an admitted device, as enrolment leaves it. */
function writeState(dataDir: string, port: number): void {
  const deviceId = newDeviceId()
  const mqtt = { urls: [`mqtt://127.0.0.1:${port}`], clientId: deviceId, username: deviceId, password: 'secret', shard: shardOf(deviceId) }
  mkdirSync(dataDir, { mode: 0o700 })
  writeFileSync(
    join(dataDir, 'agent.json'),
    JSON.stringify({ format: 1, serverUrl: 'http://127.0.0.1:1/', enrolment: 'active', deviceId, mqtt }),
    { mode: 0o600 },
  )
}

/** Memory and processor time of the bundled agent with the recommended flags, connected, 30-s samples, default checks; and of a bare Node with one timer. */
export async function agentBenches(measureSeconds = DEFAULT_MEASURE_SECONDS): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kk-agent-bench-'))
  const running: ChildProcess[] = []
  try {
    const { file } = await buildAgent(join(folder, 'bundle'))
    const port = await startBroker(running)
    const dataDir = join(folder, 'data')
    writeState(dataDir, port)
    const agent = spawn(ownNode(folder, 'node-agent'), [...AGENT_FLAGS, file, 'run', '--data-dir', dataDir], { stdio: 'ignore' })
    const bare = spawn(ownNode(folder, 'node-bare'), ['-e', 'setInterval(() => {}, 30_000)'], { stdio: 'ignore' })
    running.push(agent, bare)
    if (agent.pid === undefined || bare.pid === undefined) throw new Error('the programs did not start')
    await sleep(SETTLE_MS)
    if (agent.exitCode !== null) throw new Error(`the agent ended with ${agent.exitCode}`)
    const cpuBefore = cpuMs(agent.pid)
    const bareCpuBefore = cpuMs(bare.pid)
    const agentPss: number[] = []
    const barePss: number[] = []
    let children = 0
    for (let second = 0; second < measureSeconds; second++) {
      await sleep(1_000)
      children = Math.max(children, childCount(agent.pid))
      if (second % 10 !== 0) continue
      agentPss.push(pssMib(agent.pid))
      barePss.push(pssMib(bare.pid))
    }
    const scale = 120 / measureSeconds
    const agentCpu = (cpuMs(agent.pid) - cpuBefore) * scale
    const bareCpu = (cpuMs(bare.pid) - bareCpuBefore) * scale
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
    const pss = median(agentPss)
    const base = median(barePss)
    return [
      { name: 'agent memory (PSS) against bare Node', value: round(pss), unit: 'MiB', baseline: round(base), ratio: round(pss / base) },
      {
        name: 'agent processor time per 120 s',
        value: round(agentCpu),
        unit: 'ms',
        baseline: round(bareCpu),
        ratio: bareCpu > 0 ? round(agentCpu / bareCpu) : null,
      },
      { name: 'agent child processes in steady state', value: children, unit: 'processes', baseline: 0, ratio: null },
    ]
  } finally {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}
