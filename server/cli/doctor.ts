/** Checks an installation from outside: one PASS or FAIL line each, with what to do. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import { connect } from 'node:net'
import { join } from 'node:path'
import { storeLocation, type Settings } from '../config.ts'
import { openStore } from '../database/database.ts'
import { countDevices } from '../devices/store/device-store.ts'

type Check = { name: string; run(): Promise<string> | string }

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    socket.setTimeout(3000, () => socket.destroy(new Error('timeout')))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** Runs every check; true when all passed. */
export async function runDoctor(settings: Settings, say: (line: string) => void): Promise<boolean> {
  const checks: Check[] = [
    {
      name: 'runtime',
      run: () => {
        if (Number(process.versions.node.split('.')[0]) < 26)
          throw new Error(`Node ${process.versions.node}: run it through npm, which brings Node 26`)
        return `Node ${process.versions.node}`
      },
    },
    {
      name: 'data folder',
      run: () => {
        if (!existsSync(settings.dataDir))
          throw new Error(`${settings.dataDir} is not there: start the server once, or set KIOSKEEPER_DATA_DIR`)
        accessSync(settings.dataDir, constants.W_OK)
        const mode = statSync(settings.dataDir).mode & 0o077
        if (mode !== 0) throw new Error(`${settings.dataDir} is open to other accounts: chmod 700 it`)
        return settings.dataDir
      },
    },
    {
      name: 'store',
      run: async () => {
        const store = await openStore(storeLocation(settings))
        try {
          return `${store.kind}, ${await countDevices(store.db)} devices`
        } finally {
          await store.close()
        }
      },
    },
    {
      name: 'certificate',
      run: () => {
        const file = settings.tlsCertFile ?? join(settings.dataDir, 'tls', 'server.pem')
        if (!existsSync(file)) throw new Error(`${file} is not there: start the server once`)
        const days = Math.floor((new X509Certificate(readFileSync(file)).validToDate.getTime() - Date.now()) / 86_400_000)
        if (days < 14) throw new Error(`ends in ${days} days: restart the server to renew it, or replace the file`)
        return `valid for ${days} days`
      },
    },
    {
      name: 'server answers',
      run: async () => {
        const response = await fetch(`http://127.0.0.1:${settings.httpPort}/readyz`).catch(() => null)
        if (!response) throw new Error(`nothing answers on port ${settings.httpPort}: start it with npm start`)
        if (!response.ok) throw new Error(((await response.json()) as { detail?: string }).detail ?? `status ${response.status}`)
        return `ready on port ${settings.httpPort}`
      },
    },
    {
      name: 'MQTT port',
      run: async () => {
        if (!(await canConnect('127.0.0.1', settings.mqttPort))) throw new Error(`nothing listens on port ${settings.mqttPort}`)
        return `open on ${settings.mqttPort}`
      },
    },
    {
      name: 'mail server',
      run: async () => {
        if (settings.smtpUrl === null) return 'none set: mail waits in the outbox (KIOSKEEPER_SMTP_URL)'
        const url = new URL(settings.smtpUrl)
        const port = Number(url.port || (url.protocol === 'smtps:' ? 465 : 25))
        if (!(await canConnect(url.hostname, port))) throw new Error(`${url.hostname}:${port} does not answer`)
        return `${url.hostname}:${port} answers`
      },
    },
  ]
  let areAllWell = true
  for (const check of checks) {
    try {
      say(`PASS  ${check.name}: ${await check.run()}`)
    } catch (error) {
      areAllWell = false
      say(`FAIL  ${check.name}: ${(error as Error).message}`)
    }
  }
  return areAllWell
}
