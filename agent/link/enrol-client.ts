/** Asks the server for a place: `POST /api/v1/enrol`. Every answer becomes a word and a text for people. */
import { isDeviceId, KEEPALIVE_SECONDS, shardOf } from '../../shared/topics.ts'
import type { MqttLogin } from '../platform/state.ts'
import { parseBrokerUrl } from './broker-connection.ts'
import { isLoopback, sendJson } from './http-json.ts'

export type EnrolRequest = {
  token: string
  machineId: string
  hostname: string
  platform: string
  agentVersion: string
  model?: string
  publicKey?: string
}
export type Admission = {
  deviceId: string
  state: 'active' | 'additional'
  mqtt: MqttLogin
  caPem: string | null
  signingKeys: Record<string, string>
  keepaliveSeconds: number
  heartbeatSeconds: number
}
export type EnrolAnswer =
  | { kind: 'admitted'; admission: Admission }
  | { kind: 'waiting'; deviceId: string | null; included: number | null; covered: number | null; text: string }
  | { kind: 'token-refused'; text: string }
  | { kind: 'failed'; text: string; retryAfterSeconds: number | null }

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
const count = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)
const seconds = (value: unknown, low: number, high: number, fallback: number) => Math.min(high, Math.max(low, count(value) ?? fallback))

/** The 201 answer, checked; null when it is not one this agent can live with. */
export function parseAdmission(body: unknown): Admission | null {
  const answer = body as Record<string, unknown> | null
  const mqtt = answer?.mqtt as Record<string, unknown> | undefined
  const deviceId = text(answer?.deviceId)
  const state = answer?.state
  if (!answer || !mqtt || deviceId === null || !isDeviceId(deviceId) || (state !== 'active' && state !== 'additional')) return null
  const urls = Array.isArray(mqtt.urls) ? mqtt.urls.filter((url): url is string => typeof url === 'string') : []
  // a password in plain text leaves the machine for nobody
  const usable = urls.filter(url => {
    const target = parseBrokerUrl(url)
    return target !== null && (target.isTls || isLoopback(target.host) || target.host === '::1')
  })
  const password = text(mqtt.password)
  if (usable.length === 0 || password === null || text(mqtt.clientId) !== deviceId || text(mqtt.username) === null) return null
  const keys = Object.entries((answer.signingKeys ?? {}) as Record<string, unknown>).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return {
    deviceId,
    state,
    mqtt: { urls: usable, clientId: deviceId, username: mqtt.username as string, password, shard: text(mqtt.shard) ?? shardOf(deviceId) },
    caPem: text(answer.ca),
    signingKeys: Object.fromEntries(keys),
    keepaliveSeconds: seconds(answer.keepaliveSeconds, KEEPALIVE_SECONDS.min, KEEPALIVE_SECONDS.max, KEEPALIVE_SECONDS.default),
    heartbeatSeconds: seconds(answer.heartbeatSeconds, 5, 300, 10),
  }
}

/** The address as a person typed it, without a path at its end; null with the reason when it cannot be used. */
export function parseServerUrl(typed: string): { ok: true; url: URL } | { ok: false; text: string } {
  const url = URL.parse(/^[a-z]+:\/\//i.test(typed) ? typed : `https://${typed}`)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return { ok: false, text: `${typed} is not a server address such as https://kioskeeper.example:8443` }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return {
      ok: false,
      text: `${url.origin} would send the secret of this device in plain text. Use the https address (port 8443) shown in the install command.`,
    }
  }
  url.pathname = url.pathname.replace(/\/+$/, '')
  url.search = ''
  url.hash = ''
  return { ok: true, url }
}

/** Sends one enrolment request and says what came of it. */
export async function requestEnrolment(serverUrl: URL, caPem: string | null, body: EnrolRequest): Promise<EnrolAnswer> {
  const endpoint = new URL(`${serverUrl.pathname.replace(/\/+$/, '')}/api/v1/enrol`, serverUrl)
  const answer = await sendJson(endpoint, { method: 'POST', body, caPem })
  if (!answer.ok) return { kind: 'failed', text: answer.text, retryAfterSeconds: null }
  const problem = answer.body as Record<string, unknown> | null
  const slug = text(problem?.type)?.split('/').at(-1)
  if (answer.status === 201 || answer.status === 200) {
    const admission = parseAdmission(answer.body)
    if (admission) return { kind: 'admitted', admission }
    return {
      kind: 'failed',
      text: 'The server admitted this device, but its answer names no broker address this agent can use.',
      retryAfterSeconds: null,
    }
  }
  if (answer.status === 403 && slug === 'device-limit-reached') {
    return {
      kind: 'waiting',
      deviceId: text(problem?.deviceId),
      included: count(problem?.included),
      covered: count(problem?.covered),
      text: text(problem?.detail) ?? 'The device limit of the plan is reached.',
    }
  }
  if (answer.status === 401)
    return { kind: 'token-refused', text: text(problem?.detail) ?? 'The enrolment token is unknown, used up or expired.' }
  const said = text(problem?.detail) ?? text(problem?.title) ?? ''
  return {
    kind: 'failed',
    text: `The server answered ${answer.status}${said === '' ? '' : `: ${said}`}`,
    retryAfterSeconds: answer.retryAfterSeconds,
  }
}
