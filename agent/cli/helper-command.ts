/** `helper`: does for the agent what only root may do, on a socket that only the agent's group can reach. Ends when nothing is asked for a while and the service manager holds the socket. */
import pino from 'pino'
import { makePrograms } from '../helper/programs.ts'
import { startHelper } from '../helper/helper-server.ts'
import { makeVerbs } from '../helper/verbs.ts'
import { MACHINE_ROOTS } from '../probes/read-file.ts'
import { EXIT, type CommandContext } from './command.ts'

const ALLOW_DIR = '/etc/kioskeeper-agent'
const STATE_DIR = '/var/lib/kioskeeper-agent-helper'
/** First descriptor that a service manager hands on. */
const FIRST_FD = 3
const IDLE_MS = 30_000

/** Runs `helper` until SIGTERM, or until it is idle when the socket is not its own. */
export async function helperCommand(socketPath: string | undefined, { environment, complain }: CommandContext): Promise<number> {
  const isHandedOn = environment.LISTEN_PID === String(process.pid) && environment.LISTEN_FDS === '1'
  if (!isHandedOn && socketPath === undefined) {
    complain('The service manager starts the helper; by hand give it a socket: --socket PATH')
    return EXIT.usage
  }
  if (process.getuid?.() !== 0) {
    complain('The helper runs as root: it does what the agent may not.')
    return EXIT.failed
  }
  const log = pino({ level: environment.KIOSKEEPER_LOG_LEVEL ?? 'info', base: null }, pino.destination({ fd: 1, sync: true }))
  const deps = { programs: makePrograms(), roots: MACHINE_ROOTS, allowDir: ALLOW_DIR, stateDir: STATE_DIR, nowMs: () => Date.now() }
  await new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const rest = () => {
      clearTimeout(timer)
      if (isHandedOn) timer = setTimeout(resolve, IDLE_MS)
    }
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
    startHelper({
      listen: isHandedOn ? { fd: FIRST_FD } : { path: socketPath ?? '' },
      verbs: makeVerbs(deps),
      log,
      onBusy: () => clearTimeout(timer),
      onIdle: rest,
    }).then(rest, reject)
  })
  // the open door would keep the process alive
  process.exit(EXIT.ok)
}
