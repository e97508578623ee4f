/** Watches the display chain of a device: plugs, what the displays show, what they say themselves. */
import type { ExpectedDisplay } from '../../shared/profile.ts'
import { readConnectors, type Connector } from '../probes/display/connectors.ts'
import { readDrmState, type CurrentModes } from '../probes/display/current-mode.ts'
import { askDdc, readDdcBus, type DdcState } from '../probes/display/ddc.ts'
import { askRandr } from '../probes/display/randr.ts'
import { findXServers, readCookie, type XServer } from '../probes/display/x-server.ts'
import { listNames, type Roots } from '../probes/read-file.ts'
import { addMoment } from '../signals/confirm.ts'
import { connectorId, isAstray, judgeDisplays } from '../signals/display-rules.ts'
import type { Reading } from '../signals/reading.ts'

const CHANGES_WINDOW_MS = 10 * 60_000
/** Searching for X servers looks at every process. */
const SEARCH_EVERY_MS = 5 * 60_000
/** A little less than three beats, so that a beat a moment early counts. */
const MODES_EVERY_MS = 29_000
/** Asking a display itself takes a child process: not more often than this, whatever it does. */
const DDC_PAUSE_MS = 60_000
const X_SOCKETS = '/tmp/.X11-unix'

export type DisplayWatch = {
  /** Looks at the plugs, and at the modes in use when a plug changed or some time has passed; judges both. */
  look(expected: readonly ExpectedDisplay[], nowMs: number): Promise<Reading[]>
  /** Asks the displays themselves: when a plug changed, while one said that something is wrong, or when it is due. */
  askDisplays(nowMs: number, isDue: boolean): Promise<void>
}

/** Makes the watch of one machine. */
export function makeDisplayWatch(roots: Roots, environment: NodeJS.ProcessEnv): DisplayWatch {
  let servers: XServer[] = []
  let lastSockets = ''
  let searchedAtMs = -Infinity
  let connectors: Connector[] | null = null
  let current: CurrentModes = { modes: null, isAsleep: null, why: 'not asked yet' }
  let hasChanged = false
  let askedAtMs = -Infinity
  let modesReadAtMs = -Infinity
  const moments = new Map<string, readonly number[]>()
  const statuses = new Map<string, string>()
  const ddc = new Map<string, DdcState>()

  function noteChanges(nowMs: number): void {
    for (const connector of connectors ?? []) {
      const id = connectorId(connector)
      const status = `${connector.status}/${connector.modes.length > 0}`
      const isNew = statuses.has(id) && statuses.get(id) !== status
      if (isNew || !statuses.has(id)) hasChanged = true
      if (isNew) ddc.delete(id)
      statuses.set(id, status)
      moments.set(id, addMoment(moments.get(id) ?? [], nowMs, isNew, CHANGES_WINDOW_MS))
    }
  }

  function findServers(nowMs: number): XServer[] {
    const sockets = listNames(X_SOCKETS).join()
    if (sockets !== lastSockets || (sockets !== '' && nowMs - searchedAtMs > SEARCH_EVERY_MS)) {
      servers = sockets === '' ? [] : findXServers(roots)
      lastSockets = sockets
      searchedAtMs = nowMs
    }
    return servers
  }

  /** The first X server that answers, or why none does. */
  async function askServers(nowMs: number): Promise<CurrentModes> {
    let why = 'there is no X server'
    for (const server of findServers(nowMs)) {
      if (server.isWayland) {
        why = 'a Wayland session tells it to nobody'
        continue
      }
      try {
        const answer = await askRandr(server.display, readCookie(server, environment))
        return { ...answer, why: '' }
      } catch (error) {
        why = (error as Error).message
        // it may have ended, or come back with another key
        searchedAtMs = -Infinity
      }
    }
    return { modes: null, isAsleep: null, why }
  }

  async function readModes(nowMs: number): Promise<CurrentModes> {
    const asked = await askServers(nowMs)
    if (asked.modes) return asked
    const modes = readDrmState(roots)
    return { ...asked, modes, why: modes ? '' : `${asked.why}, and the kernel's graphics state (debugfs) cannot be read` }
  }

  return {
    async look(expected, nowMs) {
      if (expected.length === 0) return []
      connectors = readConnectors(roots)
      noteChanges(nowMs)
      if (hasChanged || nowMs - modesReadAtMs >= MODES_EVERY_MS) {
        modesReadAtMs = nowMs
        current = await readModes(nowMs)
      }
      const changes = new Map([...moments].map(([id, list]) => [id, list.length]))
      return judgeDisplays(expected, { connectors, current, ddc, changes })
    },
    async askDisplays(nowMs, isDue) {
      // what a display said of a fault ends only by its own word
      const hasAstray = (connectors ?? []).some(connector => isAstray(connector, ddc.get(connectorId(connector))))
      if (!(hasChanged || isDue || hasAstray) || nowMs - askedAtMs < DDC_PAUSE_MS) return
      hasChanged = false
      askedAtMs = nowMs
      for (const connector of connectors ?? []) {
        const bus = connector.status === 'connected' ? readDdcBus(roots, connector) : null
        const state = bus === null ? null : await askDdc(bus)
        if (state) ddc.set(connectorId(connector), state)
        else ddc.delete(connectorId(connector))
      }
    },
  }
}
