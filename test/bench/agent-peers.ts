/** The monitors of the distribution beside which the agent is measured: installed when they are missing, run in the foreground with a default configuration. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../support/free-ports.ts'

const SCRAPE_MS = 15_000
const PATIENCE_MS = 5_000

/** `process` null: it cannot be had on this machine. `stop` ends what asks it. */
export type Peer = { name: string; process: ChildProcess | null; stop(): void }

/** Path of a program, after an attempt to install its package; null when neither helps. */
function install(packageName: string, program: string): string | null {
  const find = () => ['/usr/sbin', '/usr/bin'].map(folder => join(folder, program)).find(existsSync) ?? null
  const found = find()
  if (found !== null || process.getuid?.() !== 0) return found
  // its service would run beside the one measured
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', packageName], { stdio: 'ignore', env: environment })
  return find()
}

async function startExporter(): Promise<Peer> {
  const name = 'prometheus-node-exporter'
  const program = install(name, name)
  if (program === null) return { name, process: null, stop: () => {} }
  const [port = 0] = await freePorts(1)
  const child = spawn(program, [`--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
  const scrape = async (): Promise<void> => {
    try {
      await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    } catch {
      // not up yet; whether it ended is looked at by the measurement
    }
  }
  const timer = setInterval(() => void scrape(), SCRAPE_MS)
  return { name, process: child, stop: () => clearInterval(timer) }
}

function startZabbix(folder: string): Peer {
  const name = 'zabbix-agent2'
  const program = install(name, 'zabbix_agent2')
  if (program === null) return { name, process: null, stop: () => {} }
  // it takes none above 32767, and the free ones the kernel gives are
  const port = 20_000 + (process.pid % 10_000)
  const path = join(folder, 'zabbix.conf')
  const settings = {
    LogType: 'console',
    Server: '127.0.0.1',
    ListenIP: '127.0.0.1',
    ListenPort: String(port),
    Hostname: 'bench',
    ControlSocket: join(folder, 'zabbix.sock'),
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`)
  writeFileSync(path, lines.join(''))
  return { name, process: spawn(program, ['-c', path, '-f'], { stdio: 'ignore' }), stop: () => {} }
}

/** Starts them all; those that end at once are answered as missing. */
export async function startPeers(folder: string): Promise<Peer[]> {
  const peers = [startZabbix(folder), await startExporter()]
  await sleep(PATIENCE_MS)
  return peers.map(peer => {
    if (peer.process === null || (peer.process.exitCode === null && peer.process.signalCode === null)) return peer
    peer.stop()
    return { ...peer, process: null, stop: () => {} }
  })
}
