/** The real server as a process of its own, to be killed at any instruction. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { until } from './until.ts'

const ROOT = join(import.meta.dirname, '../..')

export type ServerProcess = { httpUrl: string; pid: number; kill(signal: NodeJS.Signals): Promise<void>; output(): string }
export type Ports = { http: number; https: number; mqtt: number; mqtts: number }

/** Starts `server/main.ts` on these ports and waits until it is ready. */
export async function startServerProcess(dataDir: string, ports: Ports, environment: Record<string, string> = {}): Promise<ServerProcess> {
  let output = ''
  const child: ChildProcess = spawn(process.execPath, [join(ROOT, 'server/main.ts')], {
    env: {
      ...process.env,
      KIOSKEEPER_DATA_DIR: dataDir,
      KIOSKEEPER_HTTP_PORT: String(ports.http),
      KIOSKEEPER_HTTPS_PORT: String(ports.https),
      KIOSKEEPER_MQTT_PORT: String(ports.mqtt),
      KIOSKEEPER_MQTTS_PORT: String(ports.mqtts),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const httpUrl = `http://127.0.0.1:${ports.http}`
  try {
    await until(
      'server ready',
      async () => {
        if (child.exitCode !== null) throw new Error(`server ended with ${child.exitCode}: ${output.slice(-2000)}`)
        return (await fetch(`${httpUrl}/readyz`)).ok
      },
      30_000,
    )
  } catch (error) {
    // one that never became ready would live on after the tests
    child.kill('SIGKILL')
    throw error
  }
  return {
    httpUrl,
    pid: child.pid as number,
    output: () => output,
    async kill(signal) {
      child.kill(signal)
      await ended
    },
  }
}
