/** Prometheus, Alertmanager and node-exporter as Debian packages them, on this machine, at the fastest settings that make sense; its notifications arrive at a small HTTP sink. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../support/free-ports.ts'
import { until } from '../support/until.ts'

/** Each program has the name of its package. */
const PROGRAMS = ['prometheus', 'prometheus-alertmanager', 'prometheus-node-exporter'] as const
type Program = (typeof PROGRAMS)[number]
const pathOf = (program: Program): string => `/usr/bin/${program}`

/** The command that installs what is missing; null when all of it is there. */
export function missingPackages(): string | null {
  const missing = PROGRAMS.filter(program => !existsSync(pathOf(program)))
  return missing.length === 0 ? null : `apt-get install -y ${missing.join(' ')}`
}

export type PrometheusRig = {
  exporter: ChildProcess
  /** When the first notification of this alert arrived, epoch ms. */
  toldAtMs(alert: 'DeviceDown' | 'ProcessMissing'): number | undefined
  stop(): Promise<void>
}

const prometheusConfig = (exporterPort: number, alertmanagerPort: number): object => ({
  global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
  rule_files: ['rules.json'],
  alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
  scrape_configs: [{ job_name: 'kiosk', static_configs: [{ targets: [`127.0.0.1:${exporterPort}`] }] }],
})
const RULES = {
  groups: [
    {
      name: 'kiosk',
      rules: [
        { alert: 'DeviceDown', expr: 'up == 0', for: '0s' },
        { alert: 'ProcessMissing', expr: 'kiosk_process_up == 0', for: '0s' },
      ],
    },
  ],
}
const alertmanagerConfig = (sinkPort: number): object => ({
  route: { receiver: 'sink', group_by: ['...'], group_wait: '0s', group_interval: '1s', repeat_interval: '4h' },
  receivers: [{ name: 'sink', webhook_configs: [{ url: `http://127.0.0.1:${sinkPort}/` }] }],
})
/** The textfile collector reads what this writes each second; it only asks for the process id, which costs less than a search by name. */
const textfileScript = (pid: number, folder: string): string =>
  `while :; do if kill -0 ${pid} 2>/dev/null; then up=1; else up=0; fi; ` +
  `echo "kiosk_process_up $up" > ${folder}/next && mv ${folder}/next ${folder}/kiosk.prom; sleep 1; done`

/** Starts all of it and waits until the device is seen as well. `watchedPid`: the process whose end is a fault. */
export async function startPrometheus(watchedPid: number): Promise<PrometheusRig> {
  const folder = mkdtempSync(join(tmpdir(), 'kk-prometheus-'))
  const [exporterPort, alertmanagerPort, prometheusPort] = (await freePorts(3)) as [number, number, number]
  const told = new Map<string, number>()
  const sink = createServer((request, response) => {
    const atMs = Date.now()
    let body = ''
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()))
    request.on('end', () => {
      const { alerts } = JSON.parse(body) as { alerts: { status: string; labels: { alertname: string } }[] }
      for (const { status, labels } of alerts) if (status === 'firing' && !told.has(labels.alertname)) told.set(labels.alertname, atMs)
      response.end()
    })
  })
  sink.listen(0, '127.0.0.1')
  await once(sink, 'listening')
  const address = sink.address()
  const running: ChildProcess[] = []
  const start = (command: string, args: string[]): ChildProcess => {
    const child = spawn(command, args, { cwd: folder, stdio: 'ignore' })
    running.push(child)
    return child
  }
  const stop = async (): Promise<void> => {
    for (const child of running) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    sink.closeAllConnections()
    await new Promise(resolve => sink.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const textfiles = join(folder, 'textfiles')
    mkdirSync(textfiles)
    const write = (file: string, content: object): void => writeFileSync(join(folder, file), JSON.stringify(content))
    // JSON is YAML too.
    write('prometheus.json', prometheusConfig(exporterPort, alertmanagerPort))
    write('rules.json', RULES)
    write('alertmanager.json', alertmanagerConfig(typeof address === 'object' && address ? address.port : 0))
    start('/bin/sh', ['-c', textfileScript(watchedPid, textfiles)])
    const exporter = start(pathOf('prometheus-node-exporter'), [
      `--web.listen-address=127.0.0.1:${exporterPort}`,
      `--collector.textfile.directory=${textfiles}`,
    ])
    start(pathOf('prometheus-alertmanager'), [
      '--config.file=alertmanager.json',
      '--storage.path=alertmanager',
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      '--cluster.listen-address=',
    ])
    const isReady = async (port: number): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok
    await until('Alertmanager is ready', () => isReady(alertmanagerPort))
    // The exporter answers before it is asked, so that nothing fires at the start.
    await until('node-exporter answers', async () => (await fetch(`http://127.0.0.1:${exporterPort}/metrics`)).ok)
    start(pathOf('prometheus'), [
      '--config.file=prometheus.json',
      '--storage.tsdb.path=data',
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
    ])
    await until('Prometheus sees the device as well', async () => {
      const answer = await fetch(
        `http://127.0.0.1:${prometheusPort}/api/v1/query?query=${encodeURIComponent('up == 1 and on() kiosk_process_up == 1')}`,
      )
      const { data } = (await answer.json()) as { data: { result: unknown[] } }
      return data.result.length > 0
    })
    return { exporter, toldAtMs: alert => told.get(alert), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
