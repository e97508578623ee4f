/** Our server as a process of its own, and real agents on this machine, one after the other, each a new device at a site of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeviceDetail } from '../../shared/api/devices/device-api.ts'
import type { Incident } from '../../shared/api/incidents/incident-api.ts'
import type { Rule } from '../../shared/api/incidents/rule-api.ts'
import { AGENT_FLAGS, buildAgent } from '../../server/build-agent.ts'
import { freePorts } from '../support/free-ports.ts'
import { startServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const ADMIN_TOKEN = 'bench-admin-token-0123456789-0123456789'
type Page<Item> = { items: Item[] }
export type AgentRig = {
  agent: ChildProcess
  /** The incident of this signal, in any state; a ticket on it means that people were told. */
  incident(signal: string): Promise<Incident | undefined>
  stop(): Promise<void>
}

/** Starts a server that tells of these signals without a hold or remedies, as rules without `for` do; `startAgent` then enrols a device that watches a program by its command line and waits until it is online with that. */
export async function startAgentHouse(signals: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'kk-detection-'))
  const { file } = await buildAgent(join(folder, 'bundle'))
  const [http, https, mqtt, mqtts] = (await freePorts(4)) as [number, number, number, number]
  const ports = { http, https, mqtt, mqtts }
  const environment = { KIOSKEEPER_ADMIN_TOKEN: ADMIN_TOKEN, KIOSKEEPER_LOG_LEVEL: 'warn' }
  const server = await startServerProcess(join(folder, 'server'), ports, environment)
  let machines = 0

  const call = async <Body>(method: string, path: string, body?: object): Promise<Body> => {
    const response = await fetch(`${server.httpUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Body
  }
  const run = (name: string, words: string[]): ChildProcess =>
    spawn(process.execPath, [...AGENT_FLAGS, file, ...words, '--data-dir', join(folder, name)], {
      stdio: 'ignore',
      env: { ...process.env, KIOSKEEPER_AGENT_MACHINE_ID: name },
    })
  const customer = await call<{ id: string }>('POST', '/customers', {
    name: 'Corner shop',
    planId: 'ombori-enterprise',
    timeZone: 'Europe/Stockholm',
  })
  const { items: rules } = await call<Page<Rule>>('GET', '/rules')
  for (const rule of rules)
    if (signals.includes(rule.signal))
      await call('PUT', `/rules/${rule.signal}`, { ...rule, holdSeconds: 0, ladderSeconds: 0, remedies: [] })

  return {
    async startAgent(match: string): Promise<AgentRig> {
      machines += 1
      const name = `machine-${machines}`
      await call('PUT', `/profiles/${name}`, { name, processes: [{ name: 'till', match }], intervals: { sampleSeconds: 1 } })
      const site = await call<{ id: string }>('POST', `/customers/${customer.id}/sites`, { name })
      const { token } = await call<{ token: string }>('POST', '/enrolment-tokens', { customerId: customer.id, siteId: site.id, maxUses: 1 })
      const [code] = await once(run(name, ['enrol', '--server', server.httpUrl, '--token', token]), 'exit')
      if (code !== 0) throw new Error(`the agent could not enrol: it ended with ${String(code)}`)
      const { items } = await call<Page<{ id: string }>>('GET', `/devices?siteId=${site.id}`)
      const deviceId = items[0]?.id ?? ''
      await call('PATCH', `/devices/${deviceId}`, { profileId: name })
      const agent = run(name, ['run'])
      const stop = async (): Promise<void> => {
        if (agent.exitCode === null && agent.signalCode === null) {
          const ended = once(agent, 'exit')
          agent.kill('SIGKILL')
          await ended
        }
        await call('POST', `/devices/${deviceId}/retire`)
      }
      try {
        await until('online with its profile', async () => {
          const { connection, config } = await call<DeviceDetail>('GET', `/devices/${deviceId}`)
          return connection === 'online' && config.applied === config.wanted && config.status === 'applied'
        })
      } catch (error) {
        await stop()
        throw error
      }
      const incident = async (signal: string): Promise<Incident | undefined> =>
        (await call<Page<Incident>>('GET', `/incidents?deviceId=${deviceId}&signal=${signal}`)).items[0]
      return { agent, incident, stop }
    },
    async stop(): Promise<void> {
      await server.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
