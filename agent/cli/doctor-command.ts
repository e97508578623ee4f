/** `doctor`: everything the agent needs, checked one by one: PASS, FAIL or UNKNOWN, and what to do. */
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fillProfile } from '../../shared/profile.ts'
import { connectBroker } from '../link/broker-connection.ts'
import { isUnknownAuthority, sendJson, type HttpAnswer } from '../link/http-json.ts'
import { inspectSpoolFile } from '../link/spool-file.ts'
import { runningAgentPid } from '../platform/lock.ts'
import { readMemory } from '../probes/memory.ts'
import { makeMountReader } from '../probes/mounts.ts'
import { listNames, MACHINE_ROOTS } from '../probes/read-file.ts'
import { readRunReport } from '../link/run-report.ts'
import { openAgentStore, type AgentState } from '../platform/state.ts'
import { EXIT, type CommandContext } from './command.ts'
import { checkHardware, type Check } from './doctor-hardware.ts'
import { HELPER_SOCKET } from '../helper/protocol.ts'
import { readInstallation } from '../install/installation.ts'

const LINK_WAIT_MS = 15_000
const CLOCK_LIMIT_MS = 120_000

const pass = (name: string, detail: string): Check => ({ name, result: 'PASS', detail })
const fail = (name: string, detail: string): Check => ({ name, result: 'FAIL', detail })

function checkRuntime(): Check {
  const major = Number(process.versions.node.split('.')[0])
  return major >= 26
    ? pass('runtime', `Node ${process.versions.node}`)
    : fail('runtime', `Node ${process.versions.node}; the agent needs Node 26 or newer`)
}

function checkDataDir(dataDir: string): Check {
  const probe = join(dataDir, `.doctor-${process.pid}`)
  try {
    writeFileSync(probe, 'x', { mode: 0o600 })
    rmSync(probe)
    const mode = statSync(dataDir).mode & 0o777
    if ((mode & 0o077) !== 0)
      return fail('data folder', `${dataDir} can be read by others (mode ${mode.toString(8)}): chmod 700 ${dataDir}`)
    return pass('data folder', dataDir)
  } catch (error) {
    return fail('data folder', `${dataDir} cannot be written: ${(error as Error).message}`)
  }
}

function checkSystemFiles(): Check {
  const processes = listNames('/proc').filter(name => /^\d+$/.test(name))
  const others = processes.filter(pid => pid !== String(process.pid))
  if (!readMemory(MACHINE_ROOTS) || !makeMountReader(MACHINE_ROOTS)()) return fail('system files', '/proc cannot be read')
  if (process.getuid?.() !== 0 && others.length === 0)
    return fail('system files', 'other processes are hidden (hidepid): run the agent as root')
  return pass('system files', `/proc is readable, ${processes.length} processes seen`)
}

function checkEnrolment(state: AgentState): Check {
  if (state.enrolment === 'waiting')
    return fail(
      'enrolment',
      `device ${state.deviceId ?? 'unknown'} waits for a free place in the plan; it enters by itself when one is freed`,
    )
  if (!state.mqtt || !state.deviceId) return fail('enrolment', 'not enrolled: kioskeeper-agent enrol --server URL --token TOKEN')
  return pass('enrolment', `device ${state.deviceId} (${state.enrolment})`)
}

function checkServer(state: AgentState, answer: HttpAnswer | null): Check[] {
  if (!answer || state.serverUrl === null) return [fail('server reachable', 'no server address is known')]
  if (!answer.ok) {
    const isReached = isUnknownAuthority(answer.code) || /^(CERT_|ERR_TLS)/.test(answer.code)
    return isReached
      ? [pass('server reachable', state.serverUrl), fail('server trusted', answer.text)]
      : [fail('server reachable', answer.text)]
  }
  const trusted = state.serverUrl.startsWith('https:')
    ? `its certificate is vouched for${state.caPem === null ? '' : ' by the pinned authority'}`
    : 'on this machine, no certificate needed'
  const offsetMs = answer.dateMs === null ? null : answer.dateMs - Date.now()
  const clock =
    offsetMs === null
      ? pass('clock', 'the server told no time')
      : Math.abs(offsetMs) > CLOCK_LIMIT_MS
        ? fail('clock', `differs by ${Math.round(offsetMs / 1000)} s from the server: switch on time synchronisation`)
        : pass('clock', `within ${Math.max(1, Math.round(Math.abs(offsetMs) / 1000))} s of the server`)
  const reached =
    answer.status < 500
      ? pass('server reachable', state.serverUrl)
      : fail('server reachable', `${state.serverUrl} answers ${answer.status}`)
  return [reached, pass('server trusted', trusted), clock]
}

/** Login of a running agent is seen in its report: a second login with the same name would push it out. */
async function checkRunningLink(dataDir: string, pid: number): Promise<Check> {
  const deadline = Date.now() + LINK_WAIT_MS
  for (;;) {
    const link = readRunReport(dataDir, pid)?.link
    if (link?.connected) return pass('message broker', `the running agent is connected to ${link.url}`)
    if (Date.now() > deadline)
      return fail('message broker', `the running agent is not connected${link?.lastError ? `: ${link.lastError}` : ''}`)
    await sleep(200)
  }
}

async function tryLogin(state: AgentState): Promise<Check> {
  const login = state.mqtt
  if (!login) return fail('message broker', 'no login: the device is not admitted')
  const faults: string[] = []
  for (const url of login.urls) {
    const cause = await new Promise<string | null>(resolve => {
      const will = Buffer.from(JSON.stringify({ v: 1, t: 'will', sid: 'doctor' }))
      const connection = connectBroker(
        { url, login, caPem: state.caPem, keepaliveSeconds: 30, will },
        {
          onConnected() {
            resolve(null)
            // after this turn: `connection` is set by then
            setImmediate(() => connection.disconnect())
          },
          onMessage() {},
          onClosed: ({ refused, text }) => resolve(refused ? `login refused (${text}): enrol this device again` : text),
        },
      )
    })
    if (cause === null) return pass('message broker', `login at ${url} works`)
    faults.push(`${url}: ${cause}`)
  }
  return fail('message broker', faults.join('; '))
}

function checkSpool(dataDir: string): Check {
  const path = join(dataDir, 'spool.db')
  if (!existsSync(path)) return pass('spool', 'empty: nothing was stored yet')
  try {
    const { check, records } = inspectSpoolFile(path)
    return check === 'ok'
      ? pass('spool', `${records} records waiting`)
      : fail('spool', `${path} is broken (${check}); it is replaced at the next start`)
  } catch (error) {
    return fail('spool', `${path} cannot be read: ${(error as Error).message}`)
  }
}

/** A service has its helper; without one, remedies that need root are refused, which is no fault of a trial. */
async function checkHelper(): Promise<Check> {
  const answers = await new Promise<boolean>(resolve => {
    const socket = connect(HELPER_SOCKET)
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('connect', () => {
      resolve(true)
      socket.destroy()
    })
  })
  return answers
    ? pass('helper', `${HELPER_SOCKET} is open: remedies that need root can be had`)
    : fail('helper', `${HELPER_SOCKET} does not answer: systemctl status kioskeeper-agent-helper.socket`)
}

/** Runs `doctor`: one line per check; exit code 1 when one failed. */
export async function doctorCommand({ dataDir, environment, entryPath, say }: CommandContext): Promise<number> {
  const checks: Check[] = []
  const note = (...done: Check[]) => {
    for (const check of done) {
      checks.push(check)
      say(`${check.result} ${check.name}: ${check.detail}`)
    }
  }
  note(checkRuntime(), checkDataDir(dataDir), checkSystemFiles())
  let state: AgentState
  try {
    state = (await openAgentStore(dataDir)).data
    note(pass('state', state.deviceId === null ? 'empty' : 'readable'))
  } catch (error) {
    note(fail('state', (error as Error).message))
    return EXIT.failed
  }
  note(checkEnrolment(state))
  const answer =
    state.serverUrl === null ? null : await sendJson(new URL('/healthz', state.serverUrl), { method: 'GET', caPem: state.caPem })
  note(...checkServer(state, answer))
  const pid = existsSync(dataDir) ? runningAgentPid(dataDir) : null
  note(pid === null ? await tryLogin(state) : await checkRunningLink(dataDir, pid))
  note(checkSpool(dataDir))
  if (readInstallation(entryPath)?.unit) note(await checkHelper())
  if (state.config) note(...(await checkHardware(fillProfile(state.config.profile), environment)))
  const failed = checks.filter(check => check.result === 'FAIL').length
  const unknown = checks.filter(check => check.result === 'UNKNOWN').length
  const summary = failed === 0 ? `All ${checks.length - unknown} checks passed` : `${failed} of ${checks.length} checks failed`
  say(unknown === 0 ? summary : `${summary}, ${unknown} cannot be known`)
  return failed === 0 ? EXIT.ok : EXIT.failed
}
