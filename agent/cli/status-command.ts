/** `status`: what the agent is doing, for people or programs. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runningAgentPid } from '../platform/lock.ts'
import { readRunReport } from '../link/run-report.ts'
import { openAgentStore } from '../platform/state.ts'
import { agentVersion } from '../platform/version.ts'
import { EXIT, type CommandContext } from './command.ts'

export type AgentStatus = {
  version: string
  dataDir: string
  enrolment: 'none' | 'waiting' | 'active' | 'additional'
  deviceId: string | null
  serverUrl: string | null
  running: boolean
  pid: number | null
  connected: boolean
  connectedSince: string | null
  lastError: string | null
  configRev: number
  clockOffsetMs: number | null
  spool: { events: number; metrics: number; bytes: number; mode: 'disk' | 'memory' } | null
  failing: string[]
}

/** Status of the agent on a data folder. */
export async function readStatus(dataDir: string): Promise<AgentStatus> {
  const { data } = await openAgentStore(dataDir)
  const pid = existsSync(join(dataDir, 'agent.pid')) ? runningAgentPid(dataDir) : null
  const report = pid === null ? null : readRunReport(dataDir, pid)
  const isConnected = report?.link.connected ?? false
  return {
    version: agentVersion(),
    dataDir,
    enrolment: data.enrolment,
    deviceId: data.deviceId,
    serverUrl: data.serverUrl,
    running: pid !== null,
    pid,
    connected: isConnected,
    connectedSince: isConnected && report ? new Date(report.link.sinceMs).toISOString() : null,
    lastError: report?.link.lastError ?? null,
    configRev: data.config?.rev ?? 0,
    clockOffsetMs: data.clockOffsetMs,
    spool: report && {
      events: report.spool.evt.count,
      metrics: report.spool.met.count,
      bytes: report.spool.evt.bytes + report.spool.met.bytes,
      mode: report.spoolMode,
    },
    failing: report?.failing ?? Object.keys(data.failing),
  }
}

/** Runs `status`: exit code 0 when the agent runs, 1 otherwise. */
export async function statusCommand(asJson: boolean, { dataDir, say }: CommandContext): Promise<number> {
  const status = await readStatus(dataDir)
  if (asJson) {
    say(JSON.stringify(status))
    return status.running ? EXIT.ok : EXIT.failed
  }
  const enrolment = {
    none: 'not enrolled',
    waiting: 'waiting for a free place in the plan',
    active: 'enrolled',
    additional: 'enrolled (additional device)',
  }[status.enrolment]
  const line = status.connected
    ? `connected since ${status.connectedSince}`
    : `not connected${status.lastError ? ` (${status.lastError})` : ''}`
  const rows: [string, string][] = [
    ['Agent', `${status.version}, ${status.running ? `running (process ${status.pid})` : 'not running'}`],
    ['Device', `${status.deviceId ?? 'none'}, ${enrolment}`],
    ['Server', status.serverUrl ?? 'none'],
    ['Line', status.running ? line : 'not connected'],
    ['Configuration', status.configRev === 0 ? 'none yet (built-in checks)' : `revision ${status.configRev}`],
    [
      'Spool',
      status.spool
        ? `${status.spool.events} events and ${status.spool.metrics} metric records waiting, ${status.spool.bytes} bytes, ${status.spool.mode === 'disk' ? 'on disk' : 'in memory: the disk cannot be written'}`
        : 'unknown',
    ],
    ['Failing', status.failing.length > 0 ? status.failing.join(', ') : 'nothing'],
    ['Data', status.dataDir],
  ]
  for (const [name, value] of rows) say(`${`${name}:`.padEnd(15)}${value}`)
  return status.running ? EXIT.ok : EXIT.failed
}
