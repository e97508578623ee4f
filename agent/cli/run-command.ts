/** `run`: the agent in the foreground. Not yet admitted, it keeps asking for its place. */
import pino from 'pino'
import { startAgent } from '../agent.ts'
import { systemClock } from '../platform/agent-clock.ts'
import { pendingEnrolment, tryEnrolment } from '../link/device-enrolment.ts'
import { readGoodbye } from '../link/goodbye.ts'
import { backoffMs } from '../link/backoff.ts'
import { takeLock } from '../platform/lock.ts'
import { makeDataDir, openAgentStore, type AgentStore, type MqttLogin } from '../platform/state.ts'
import { EXIT, type CommandContext } from './command.ts'

/** Waiting for a place: asked this often at least, so a freed place is taken soon. */
const WAITING_POLL_MS = 30_000

/** Asks for a place until there is one; null when stopped before. */
async function waitForAdmission(
  store: AgentStore,
  environment: NodeJS.ProcessEnv,
  log: pino.Logger,
  stopped: AbortSignal,
): Promise<MqttLogin | null> {
  for (let failures = 1; !stopped.aborted; failures++) {
    const wish = pendingEnrolment(store)
    if (store.data.mqtt && !wish) return store.data.mqtt
    if (!wish) {
      log.warn('this device is not enrolled: run kioskeeper-agent enrol --server URL --token TOKEN')
      return null
    }
    const answer = await tryEnrolment(store, wish, environment)
    if (answer.kind === 'admitted') {
      log.info({ deviceId: answer.admission.deviceId, state: answer.admission.state }, 'enrolled')
      return answer.admission.mqtt
    }
    const jitter = Math.random()
    const delayMs =
      answer.kind === 'waiting'
        ? WAITING_POLL_MS * (0.5 + jitter / 2)
        : answer.kind === 'token-refused'
          ? backoffMs('credentials', failures, jitter)
          : Math.max((answer.retryAfterSeconds ?? 0) * 1000, backoffMs('network', failures, jitter))
    log.warn({ outcome: answer.kind, text: answer.text, delayMs: Math.round(delayMs) }, 'not admitted yet')
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, delayMs)
      stopped.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
  return null
}

/** Runs the agent until SIGTERM or SIGINT; answers the exit code. */
export async function runCommand({ dataDir, environment, entryPath, complain }: CommandContext): Promise<number> {
  process.umask(0o077)
  makeDataDir(dataDir)
  const lock = takeLock(dataDir)
  if (!lock.ok) {
    complain(`An agent is already running on ${dataDir} (process ${lock.pid}).`)
    return EXIT.failed
  }
  const log = pino({ level: environment.KIOSKEEPER_LOG_LEVEL ?? 'info', base: null }, pino.destination({ fd: 1, sync: true }))
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  try {
    const store = await openAgentStore(dataDir)
    const login = await waitForAdmission(store, environment, log, stop.signal)
    if (!login) return stop.signal.aborted ? EXIT.ok : EXIT.failed
    const agent = await startAgent({ dataDir, store, login, clock: systemClock, log, entryPath })
    await new Promise<void>(resolve => {
      if (stop.signal.aborted) resolve()
      else stop.signal.addEventListener('abort', () => resolve())
    })
    const { reason, expectedBackAt } = readGoodbye(dataDir, Date.now())
    await agent.stop(reason, expectedBackAt)
    return EXIT.ok
  } finally {
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
    lock.release()
  }
}
