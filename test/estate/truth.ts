/** What is true in the replayed month: causes, and the states of signals and links they bring about. */

/** A signal that fails for a while. `mendedBy`: the remedy that worked; `exhausted`: the ladder is through when it is told. */
export type SignalState = {
  device: number
  key: string
  fromMs: number
  toMs: number
  exhausted: boolean
  mendedBy: string | null
  /** The device says the same again, this often, while it fails. */
  repeatEveryMs?: number
}
/** How contact is lost: by the last will, without a word, or with a goodbye. */
export type LinkState = {
  device: number
  fromMs: number
  toMs: number
  how: 'will' | 'silent' | 'goodbye'
  reason?: 'update' | 'shutdown' | 'closing'
  /** Said with the goodbye. */
  expectedBackMs?: number
  /** It starts anew: another boot, and without a goodbye the agent tells of an unexpected restart. */
  boots: boolean
  /** Belongs to no cause: closing time, updates. */
  isPlanned?: boolean
}
export type Effects = { signals: SignalState[]; links: LinkState[] }

/** One true cause. `device` or `site`, neither = everybody. `owesTicket`: whether people have to hear of it, once. */
export type Cause = Effects & {
  id: number
  kind: string
  device: number | null
  site: number | null
  /** Signals under which its ticket may stand. */
  keys: string[]
  fromMs: number
  toMs: number
  owesTicket: boolean
}

/** What people and machines do to the month besides its causes. */
export type Surroundings = Effects & {
  restarts: { atMs: number; downMs: number }[]
  /** The wall clock of a device jumps by so much. */
  clockJumps: { device: number; atMs: number; byMs: number }[]
  maintenance: { device: number | null; site: number | null; fromMs: number; toMs: number }[]
  /** Signals that a customer wants to hear nothing of. */
  disabled: { customer: number; signal: string }[]
}
export type Truth = { causes: Cause[]; around: Surroundings }
