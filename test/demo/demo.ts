/** `npm run demo`: a server with a simulated estate and its past, live devices, and this machine under the real agent. */
import pino from 'pino'
import { readSettings, SettingsError, type Settings } from '../../server/config.ts'
import { onStopSignal } from '../../server/platform/stop-signals.ts'
import { startDemo, type RunningDemo } from './demo-run.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

function describe({ server, admin, people, thisMachineId, live }: RunningDemo): string {
  return `
Kioskeeper demo: ${server.consoleUrl}

  e-mail                     password
${[{ ...admin, of: 'administrator' }, ...people].map(one => `  ${one.email.padEnd(25)}  ${one.password.padEnd(18)} ${one.of}`).join('\n')}

${live.online()} simulated devices of 15 fictional customers on all 14 plans are live; every few minutes something breaks and is mended.${
    thisMachineId === null
      ? ''
      : `
This very machine is watched by the real agent: ${server.consoleUrl}/devices/${thisMachineId}`
  }

What to try
  - Fleet: filter for "not serving" and open a device: why, since when, its last 30 days.
  - Tickets: one of Lindqvist Livs is overdue, one waits for a partner; Brookfield's scale waits for the customer. Answer one.
  - Major incidents: cards are refused in three countries; tell all customers in one message.
  - Intake: three mails wait. Visits: one in every state. Knowledge: articles and two macros for a reply.
  - Log in as the customer or the partner in a private window: report something, or move a job.
  - Customers: Hollow Hill Coffee has a device waiting at the limit of the Free plan; Fernwood Bakery has days left to choose.
  - Add device: make a token for Hollow Hill and enrol a fifth till; it is told why it has to wait.
  - Plans: change Production's response time and see which open tickets follow.

Ctrl-C stops everything; the next start goes on where this one ended.
`
}

async function main(): Promise<number> {
  // Whoever reads along may go away first: everything is still stopped in order.
  process.stdout.on('error', () => undefined)
  let settings: Settings
  try {
    settings = readSettings({
      ...process.env,
      KIOSKEEPER_DATA_DIR: process.env['KIOSKEEPER_DATA_DIR'] || './data/demo',
      KIOSKEEPER_LOG_LEVEL: process.env['KIOSKEEPER_LOG_LEVEL'] || 'error',
    })
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    for (const fault of error.faults) process.stderr.write(`${fault}\n`)
    return 2
  }
  let isEnding = false
  const ended = new Promise<void>(resolve => {
    onStopSignal(() => {
      isEnding = true
      resolve()
    })
  })
  let demo: RunningDemo
  try {
    demo = await startDemo({
      settings,
      log: pino({ level: settings.logLevel }, pino.destination(2)),
      progress: line => {
        // Every step tells how far it is, so that here a start can be given up between two.
        if (isEnding) throw new Error('stopped')
        say(line)
      },
    })
  } catch (error) {
    if (isEnding) return 130
    process.stderr.write(`Could not start: ${(error as Error).message}\n`)
    return 1
  }
  say(describe(demo))
  await ended
  say('Stopping ...')
  await demo.stop()
  return 0
}

process.exit(await main())
