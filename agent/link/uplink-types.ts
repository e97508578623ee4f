/** What the uplink needs and offers. */
import type { Logger } from 'pino'
import type { BirthData } from '../../shared/messages.ts'
import type { Clock } from '../platform/agent-clock.ts'
import type { MqttLogin } from '../platform/state.ts'
import type { Connect } from './broker-connection.ts'
import type { Spool } from './spool-types.ts'

export type GoodbyeReason = 'update' | 'shutdown' | 'maintenance' | 'closing'
export type LinkState = {
  connected: boolean
  url: string
  sinceMs: number
  failures: number
  lastError: string | null
  nextAttemptInMs: number | null
}

export type UplinkOptions = {
  login: MqttLogin
  caPem: string | null
  keepaliveSeconds: number
  heartbeatSeconds: number
  bootId: string
  spool: Spool
  clock: Clock
  log: Logger
  random?: () => number
  connect?: Connect
  /** Birth data without the session id, made anew for each birth. */
  birth: () => Omit<BirthData, 'sid'>
  /** Headline health of a heartbeat: a few short values. */
  health: () => Record<string, unknown>
  onConfig: (wire: string) => void
  onCommand: (wire: string) => void
  /** Server clock minus device clock, ms. */
  onClockOffset: (offsetMs: number) => void
  /** The server lost track: all current states are due again. */
  onRebirth: () => void
  onState?: (state: LinkState) => void
}

export type Uplink = {
  start(): void
  /** Says goodbye (within 3 s) and closes. */
  stop(reason: GoodbyeReason, expectedBackAt: string | null): Promise<void>
  /** Sends a new birth on the open line. */
  rebirth(): void
  setHeartbeatSeconds(seconds: number): void
  state(): LinkState
}
