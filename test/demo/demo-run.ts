/** A whole demo: its history once, then server, live devices and this machine's agent, until stopped. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { storeLocation, type Settings } from '../../server/config.ts'
import { openInstance } from '../../server/platform/instance/instance-file.ts'
import { startServer, type RunningServer } from '../../server/main.ts'
import { openStore } from '../../server/database/database.ts'
import { serverApi } from '../simulate/server-api.ts'
import { startMailbox } from '../support/mailbox.ts'
import { openDemoState, writeDemoState, type DemoState } from './demo-file.ts'
import { handOverMails, makeDemoPeople, type DemoPerson } from './demo-people.ts'
import { makeHistory } from './history.ts'
import { startLiveEstate, type LiveEstate } from './live.ts'
import { startThisMachine } from './this-machine.ts'

const SEED = 20_261_124
const ADMIN = { email: 'demo@kioskeeper.example', name: 'Demo' }
const DESK_EMAIL = 'desk@demo.example'
/** Mails kept in memory by the demo's own mail server. */
const MAX_MAILS = 200

export type DemoOptions = {
  settings: Settings
  log: Logger
  progress(line: string): void
  /** Smaller for tests. */
  history?: { days: number; customers: number; faultsPerMonth: number }
  /** False leaves this machine out. */
  thisMachine?: boolean
}
export type RunningDemo = {
  server: RunningServer
  admin: { email: string; password: string }
  people: readonly DemoPerson[]
  live: LiveEstate
  thisMachineId: string | null
  wasBuilt: boolean
  stop(): Promise<void>
}

async function build(options: DemoOptions): Promise<DemoState> {
  const { settings, progress, history = { days: 30, customers: 100, faultsPerMonth: 3 } } = options
  const startedMs = performance.now()
  const store = await openStore(storeLocation(settings))
  try {
    if (await store.db.selectFrom('customers').select('id').limit(1).executeTakeFirst())
      throw new Error('The database holds an installation that is not a finished demo. Use an empty one.')
    writeDemoState(settings.dataDir, { state: 'building', logins: [], here: null, admin: null })
    const { signingKey } = openInstance(join(settings.dataDir, 'instance.json'))
    const made = await makeHistory({
      store,
      endMs: Date.now(),
      seed: SEED,
      signingKey,
      deskEmail: settings.deskEmail ?? DESK_EMAIL,
      progress,
      ...history,
    })
    const state: DemoState = { state: 'ready', admin: null, ...made }
    writeDemoState(settings.dataDir, state)
    progress(`History made in ${Math.round((performance.now() - startedMs) / 1000)} s.`)
    return state
  } finally {
    await store.close()
  }
}

/** The demo's administrator: made at the first start, the same afterwards. Null when somebody else set the installation up. */
async function ensureAdmin(server: RunningServer, state: DemoState): Promise<{ email: string; password: string } | null> {
  if (server.setupSecret === null) return state.admin
  const password = randomBytes(12).toString('base64url')
  const response = await fetch(`http://127.0.0.1:${server.ports.http}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret: server.setupSecret, ...ADMIN, password }),
  })
  if (!response.ok) throw new Error(`The demo's login could not be made: ${await response.text()}`)
  return { email: ADMIN.email, password }
}

/** Starts a demo. Throws with a clear text when it cannot; then nothing is left running. */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const { log, progress } = options
  const undo: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step().catch((error: unknown) => log.warn({ err: error }, 'stop step failed'))
  }
  try {
    const before = openDemoState(options.settings.dataDir)
    const state = before ?? (await build(options))
    // A mail server of the demo's own takes what the server sends, unless there is a real one.
    const mailbox = options.settings.smtpUrl === null ? await startMailbox() : null
    if (mailbox) undo.push(() => mailbox.stop())
    const adminToken = options.settings.adminToken ?? randomBytes(32).toString('base64url')
    const settings: Settings = {
      ...options.settings,
      adminToken,
      smtpUrl: options.settings.smtpUrl ?? mailbox?.url ?? null,
      deskEmail: options.settings.deskEmail ?? DESK_EMAIL,
    }
    const server = await startServer(settings, log)
    undo.push(() => server.stop())
    const tidy = setInterval(() => mailbox?.mails.splice(0, Math.max(0, mailbox.mails.length - MAX_MAILS)), 60_000)
    undo.push(() => Promise.resolve(clearInterval(tidy)))

    const admin = await ensureAdmin(server, state)
    const serverUrl = `http://127.0.0.1:${server.ports.http}`
    const people = state.people ?? (await makeDemoPeople(serverUrl, adminToken))
    if (!state.people) {
      await handOverMails(serverUrl, adminToken)
      writeDemoState(settings.dataDir, { ...state, admin, people })
    }
    const { signingKey } = openInstance(join(settings.dataDir, 'instance.json'))
    const live = await startLiveEstate({
      logins: state.logins,
      mqttPort: server.ports.mqtt,
      signingKeys: { [signingKey.kid]: signingKey.publicKeyPem },
    })
    undo.push(() => live.stop())
    progress(`${live.online()} simulated devices are connected.`)

    let thisMachineId: string | null = null
    if (options.thisMachine !== false && state.here) {
      const machine = await startThisMachine({
        api: serverApi(serverUrl, adminToken),
        serverUrl,
        dataDir: join(settings.dataDir, 'agent'),
        here: state.here,
      })
      undo.push(() => machine.stop())
      thisMachineId = machine.deviceId
    }
    return {
      server,
      admin: admin ?? { email: '(the administrator you made)', password: '(yours)' },
      people,
      live,
      thisMachineId,
      wasBuilt: before === null,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
