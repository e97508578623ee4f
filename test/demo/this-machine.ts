/** The machine that runs the demo, watched by the real agent: enrolled and run through its command line, as on a kiosk. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve as resolvePath } from 'node:path'
import { runningAgentPid } from '../../agent/platform/lock.ts'
import type { ProfileInput } from '../../shared/profile.ts'
import type { ServerApi } from '../simulate/server-api.ts'

const AGENT = join(import.meta.dirname, '../../agent/main.ts')
const PROFILE_ID = 'this-machine'
const STOP_MS = 8000

export type ThisMachine = { deviceId: string; stop(): Promise<void> }

function start(words: string[], stdio: ['ignore', number | 'pipe', number | 'pipe']): ChildProcess {
  return spawn(process.execPath, [AGENT, ...words], { stdio, env: { ...process.env, KIOSKEEPER_LOG_LEVEL: 'info' } })
}

/** Ends the agent of a demo that was killed before it could end it itself. */
async function endForgotten(dataDir: string): Promise<void> {
  const pid = runningAgentPid(dataDir)
  if (pid === null) return
  process.kill(pid, 'SIGTERM')
  for (const untilMs = Date.now() + STOP_MS; runningAgentPid(dataDir) !== null && Date.now() < untilMs;)
    await new Promise(resolve => setTimeout(resolve, 50))
}

/** Enrols with a fresh token; a machine that is enrolled keeps its device. Gives the device id. Throws with the agent's own words. */
async function enrol(
  api: ServerApi,
  options: { serverUrl: string; dataDir: string; here: { customerId: string; siteId: string } },
): Promise<string> {
  const { token } = await api.call<{ token: string }>('POST', '/enrolment-tokens', { ...options.here, maxUses: 1 })
  const child = start(['enrol', '--server', options.serverUrl, '--token', token, '--data-dir', options.dataDir], ['ignore', 'pipe', 'pipe'])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => void (said += chunk.toString()))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  const deviceId = /Device id: ([0-9a-z]{26})/.exec(said)?.[1]
  if (code !== 0 || deviceId === undefined) throw new Error(`The agent could not enrol this machine (exit ${code}): ${said.trim()}`)
  return deviceId
}

/** Starts the agent on this machine with a profile that watches the demo itself. Its log goes to agent.log in its folder. */
export async function startThisMachine(options: {
  api: ServerApi
  serverUrl: string
  dataDir: string
  here: { customerId: string; siteId: string }
}): Promise<ThisMachine> {
  const { api, serverUrl } = options
  const dataDir = resolvePath(options.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  await endForgotten(dataDir)
  const profile: ProfileInput = {
    name: 'This machine',
    processes: [{ name: 'demo', match: 'demo.ts' }],
    urls: [{ name: 'console', url: `${serverUrl}/healthz` }],
    intervals: { sampleSeconds: 10, heartbeatSeconds: 10 },
  }
  await api.call('PUT', `/profiles/${PROFILE_ID}`, profile)
  const deviceId = await enrol(api, { ...options, dataDir })
  await api.call('PATCH', `/devices/${deviceId}`, { profileId: PROFILE_ID, name: `This machine (${hostname()})`.slice(0, 200) })
  const log = openSync(join(dataDir, 'agent.log'), 'a', 0o600)
  const child = start(['run', '--data-dir', dataDir], ['ignore', log, log])
  closeSync(log)
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  return {
    deviceId,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(late)
    },
  }
}
