/** `npm run simulate`: many real MQTT clients against a running server, progress on standard error, a summary as JSON on standard output. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { onStopSignal } from '../../server/platform/stop-signals.ts'
import { FaultFileError, readFaults } from './fault-file.ts'
import { serverApi } from './server-api.ts'
import { runSimulation } from './simulation.ts'

const USAGE = `npm run simulate -- --devices N --minutes M [options]

  --devices N       how many devices (1 to 20000)
  --minutes M       how long, once they are connected (may be a fraction)
  --faults FILE     what goes wrong when; an example: test/simulate/faults-example.json
  --url URL         the server (default http://127.0.0.1:8080)
  --token TOKEN     bearer token of a manager or administrator (default: KIOSKEEPER_ADMIN_TOKEN)
  --customer ID     enrol into this customer (default: 'Simulation', made when it is not there)
  --site ID         and this site of it
Ctrl-C ends it early, with its summary.
`
const complain = (text: string): void => void process.stderr.write(`${text}\n`)

/** Runs the command line; answers the exit code: 2 for wrong use, 1 when the server or a device failed. */
async function main(words: string[]): Promise<number> {
  let values
  try {
    const text = { type: 'string' } as const
    values = parseArgs({
      args: words,
      options: {
        devices: text,
        minutes: text,
        faults: text,
        url: text,
        token: text,
        customer: text,
        site: text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    complain(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const devices = Number(values.devices)
  const minutes = Number(values.minutes)
  const token = values.token ?? process.env['KIOSKEEPER_ADMIN_TOKEN'] ?? ''
  const faults = [
    ...(Number.isInteger(devices) && devices >= 1 && devices <= 20_000 ? [] : ['--devices must be a whole number from 1 to 20000']),
    ...(minutes > 0 && minutes <= 10_080 ? [] : ['--minutes must be above 0, at most 10080']),
    ...(token === ''
      ? [
          '--token or KIOSKEEPER_ADMIN_TOKEN must hold a token: make one with npm run kioskeeper -- token create --role manager --name simulation',
        ]
      : []),
  ]
  if (faults.length > 0) {
    complain(`${faults.join('\n')}\n\n${USAGE}`)
    return 2
  }
  const stop = new AbortController()
  onStopSignal(() => stop.abort())
  try {
    const script = values.faults === undefined ? [] : readFaults(readFileSync(values.faults, 'utf8'), devices)
    const summary = await runSimulation({
      api: serverApi(values.url ?? 'http://127.0.0.1:8080', token),
      devices,
      seconds: minutes * 60,
      faults: script,
      customerId: values.customer,
      siteId: values.site,
      progress: complain,
      stop: stop.signal,
    })
    process.stdout.write(`${JSON.stringify(summary)}\n`)
    return summary.connected === summary.devices ? 0 : 1
  } catch (error) {
    complain(
      error instanceof FaultFileError ? error.faults.map(fault => `${values.faults}: ${fault}`).join('\n') : (error as Error).message,
    )
    return error instanceof FaultFileError ? 2 : 1
  }
}

process.exitCode = await main(process.argv.slice(2))
