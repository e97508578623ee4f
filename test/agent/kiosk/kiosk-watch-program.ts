/** A kiosk watch alone in its process: what it costs is its own. Prints a line of JSON twice a second. */
import { watchKiosk } from './watched-kiosk.ts'

const [devToolsUrl = '', dataDir = ''] = process.argv.slice(2)
const { stateOf } = watchKiosk({ devToolsUrl }, dataDir)

setInterval(() => {
  const { user, system } = process.cpuUsage()
  const line = {
    cpuMs: Math.round((user + system) / 1_000),
    rssBytes: process.memoryUsage.rss(),
    told: stateOf('app.errors')?.text ?? '',
    isCrashTold: stateOf('app.crashed')?.state === 'failing',
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}, 500)
