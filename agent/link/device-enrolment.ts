/** Getting a place: the token is kept while the device waits and erased once it is in. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { requestEnrolment, type Admission, type EnrolAnswer } from './enrol-client.ts'
import { readText } from '../probes/read-file.ts'
import type { AgentState, AgentStore } from '../platform/state.ts'
import { agentVersion } from '../platform/version.ts'

const MACHINE_ID_SALT = 'kioskeeper-agent machine id 1:'
const ENV_MACHINE_ID = 'KIOSKEEPER_AGENT_MACHINE_ID'

/** Identity of this machine: a salted hash, so the id other programs use never leaves it. Machines without one keep a random one in the state. */
export async function machineIdOf(store: AgentStore, environment: NodeJS.ProcessEnv, machineIdPath = '/etc/machine-id'): Promise<string> {
  const hash = (text: string) => createHash('sha256').update(MACHINE_ID_SALT).update(text).digest('hex')
  const forced = environment[ENV_MACHINE_ID]?.trim()
  if (forced) return hash(forced)
  const known = readText(machineIdPath)?.trim()
  if (known && /^[0-9a-f]{32}$/.test(known)) return hash(known)
  if (store.data.randomMachineId === null) {
    const random = randomBytes(16).toString('hex')
    await store.update(state => void (state.randomMachineId = random))
  }
  return hash(store.data.randomMachineId ?? '')
}

/** Model of the machine as its firmware says it, for people. */
function readModel(): string | undefined {
  const parts = ['sys_vendor', 'product_name'].map(name => readText(`/sys/class/dmi/id/${name}`)?.trim())
  const board = readText('/proc/device-tree/model')?.replaceAll('\0', '').trim()
  return parts.filter(Boolean).join(' ').slice(0, 200) || board?.slice(0, 200) || undefined
}

/** Where to ask for a place, and with what. */
export type EnrolmentWish = { serverUrl: string; token: string; caPem: string | null }

/** What the state holds of an enrolment that is not finished; null when there is none. */
export function pendingEnrolment(store: AgentStore): EnrolmentWish | null {
  const { serverUrl, token, caPem } = store.data
  return serverUrl === null || token === null ? null : { serverUrl, token, caPem }
}

/** One attempt. Its outcome is in the state before the answer is: an admission is complete and without the token; while the device waits,
 * or the server could not be reached before a first admission, the token is kept. A refused attempt leaves an earlier admission untouched. */
export async function tryEnrolment(store: AgentStore, wish: EnrolmentWish, environment: NodeJS.ProcessEnv): Promise<EnrolAnswer> {
  const model = readModel()
  const answer = await requestEnrolment(new URL(wish.serverUrl), wish.caPem, {
    token: wish.token,
    machineId: await machineIdOf(store, environment),
    hostname: hostname().slice(0, 253) || 'unknown',
    platform: `${process.platform}-${process.arch}`,
    agentVersion: agentVersion(),
    ...(model !== undefined && { model }),
  })
  switch (answer.kind) {
    case 'admitted':
      await store.update(state => keepAdmission(state, wish, answer.admission))
      break
    case 'waiting':
      await store.update(state =>
        Object.assign(state, wish, { enrolment: 'waiting', deviceId: answer.deviceId ?? state.deviceId, mqtt: null }),
      )
      break
    case 'token-refused':
      // a device that waits keeps asking: its token may be extended
      if (store.data.enrolment !== 'waiting' && store.data.token === wish.token) await store.update(state => void (state.token = null))
      break
    case 'failed':
      if (store.data.mqtt === null) await store.update(state => Object.assign(state, wish))
      break
  }
  return answer
}

function keepAdmission(state: AgentState, wish: EnrolmentWish, admission: Admission): void {
  // another device id (moved to another server or customer): nothing applied for the old one counts
  if (state.deviceId !== admission.deviceId) {
    state.config = null
    state.failing = {}
  }
  state.serverUrl = wish.serverUrl
  state.token = null
  state.enrolment = admission.state
  state.deviceId = admission.deviceId
  state.mqtt = admission.mqtt
  state.caPem = admission.caPem ?? wish.caPem
  state.signingKeys = admission.signingKeys
  state.keepaliveSeconds = admission.keepaliveSeconds
  state.heartbeatSeconds = admission.heartbeatSeconds
}

/** Certificate authority from a file; the text is for a person when it is none. */
export function readCaFile(path: string): { ok: true; pem: string } | { ok: false; text: string } {
  try {
    const pem = readFileSync(path, 'utf8')
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) return { ok: false, text: `${path} holds no certificate (PEM)` }
    return { ok: true, pem }
  } catch (error) {
    return { ok: false, text: `${path} cannot be read: ${(error as Error).message}` }
  }
}
