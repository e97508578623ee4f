/** What the agent keeps between starts: identity, applied configuration, what it last reported. One small file, 0600, written whole. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Low } from 'lowdb'
import writeFileAtomic from 'write-file-atomic'
import type { Profile } from '../../shared/profile.ts'
import type { DeviceRules } from '../../shared/remedy-rules.ts'

export type MqttLogin = { urls: string[]; clientId: string; username: string; password: string; shard: string }
/** `rules` is missing when the server that sent it knew none for devices: then no remedy is tried. */
export type AppliedConfig = { rev: number; hash: string; profile: Profile; rules?: DeviceRules }
export type AgentState = {
  format: 1
  serverUrl: string | null
  /** Certificate authority of the server, PEM; null = the public ones. */
  caPem: string | null
  /** Kept only while enrolment is not finished; erased from disk afterwards. */
  token: string | null
  /** Random identity of machines without /etc/machine-id. */
  randomMachineId: string | null
  enrolment: 'none' | 'waiting' | 'active' | 'additional'
  deviceId: string | null
  mqtt: MqttLogin | null
  /** Public keys (kid -> PEM) whose signature on configuration and commands is obeyed. */
  signingKeys: Record<string, string>
  keepaliveSeconds: number
  heartbeatSeconds: number
  config: AppliedConfig | null
  /** Server clock minus device clock, ms, as last heard. */
  clockOffsetMs: number | null
  /** Epoch of the spool last seen: a missing spool file is then a loss, not a first start. */
  spoolEpoch: string | null
  /** Boot this agent ran in last, and whether it ended with a goodbye. */
  boot: { bootId: string; clean: boolean } | null
  /** Signals the server may believe failing (key -> since, ms): written before `failing` is sent, removed after `ok` is stored. */
  failing: Record<string, number>
  /** The server's last commands and their answers; null = begun and not yet answered. */
  commands: { id: string; answer: { state: 'done' | 'failed' | 'refused' | 'expired'; text: string } | null }[]
}

/** State of an agent that was never enrolled. */
export const EMPTY_STATE: AgentState = {
  format: 1,
  serverUrl: null,
  caPem: null,
  token: null,
  randomMachineId: null,
  enrolment: 'none',
  deviceId: null,
  mqtt: null,
  signingKeys: {},
  keepaliveSeconds: 20,
  heartbeatSeconds: 10,
  config: null,
  clockOffsetMs: null,
  spoolEpoch: null,
  boot: null,
  failing: {},
  commands: [],
}

/** The state file says something this program cannot use; the message is for a person. */
export class StateFault extends Error {
  override name = 'StateFault'
}

function parseState(text: string): AgentState {
  const parsed = JSON.parse(text) as Partial<AgentState> | null
  if (typeof parsed !== 'object' || parsed === null || parsed.format !== 1) throw new Error('not an agent state of format 1')
  return { ...structuredClone(EMPTY_STATE), ...parsed }
}

/** Default data folder: the installer's choice, else /var/lib for root and the home folder otherwise. */
export function defaultDataDir(): string {
  const chosen = process.env.KIOSKEEPER_AGENT_DATA_DIR
  if (chosen) return chosen
  return process.getuid?.() === 0 ? '/var/lib/kioskeeper-agent' : join(homedir(), '.local/share/kioskeeper-agent')
}

/** Makes the data folder, readable by its owner only. A folder on a read-only file system is left as it is. */
export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    chmodSync(dataDir, 0o700)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EROFS' || !existsSync(dataDir)) throw error
  }
}

/** The state of one data folder. `update` answers after the new file is durable; without a file `data` is EMPTY_STATE. */
export type AgentStore = { readonly data: AgentState; readonly path: string; update(change: (state: AgentState) => void): Promise<void> }

/** Opens the state file. A torn file is replaced by the copy of the last whole one; both broken is a StateFault. */
export async function openAgentStore(dataDir: string): Promise<AgentStore> {
  const path = join(dataDir, 'agent.json')
  const backup = `${path}.bak`
  const read = async (): Promise<AgentState | null> => {
    if (!existsSync(path) && !existsSync(backup)) return null
    const faults: string[] = []
    for (const file of [path, backup]) {
      try {
        return parseState(readFileSync(file, 'utf8'))
      } catch (error) {
        faults.push(`${file}: ${(error as Error).message}`)
      }
    }
    throw new StateFault(`The agent's state cannot be read (${faults.join('; ')}). Enrol this device again.`)
  }
  const write = async (data: AgentState) => {
    // write-file-atomic fsyncs the temporary file before the rename: after a power cut the old or the new file is there, whole
    await writeFileAtomic(path, `${JSON.stringify(data, null, 1)}\n`, { mode: 0o600 })
  }
  const low = new Low<AgentState>({ read, write }, structuredClone(EMPTY_STATE))
  await low.read()
  let queue = Promise.resolve()
  return {
    path,
    get data() {
      return low.data
    },
    update(change) {
      change(low.data)
      // one write at a time: lowdb keeps only the last of several at once, and each caller waits for a file that holds its change
      const written = queue.then(async () => {
        await low.write()
        // a plain copy of the durable file: a cut here tears only the copy, and an erased token is gone from both
        copyFileSync(path, backup)
      })
      queue = written.catch(() => {})
      return written
    },
  }
}
