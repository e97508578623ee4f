/** Watched processes: is one running whose command line or name holds the wanted text? One small question per process and look while it lives. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { listNames, readText, type Roots } from './read-file.ts'

export type ProcessId = { pid: number; startedTicks: string }
export type WatchedState = { name: string; running: ProcessId | null }

/** Identity and life of one process from /proc/PID/stat; null when it is gone or a zombie. */
export function readLiving(roots: Roots, pid: number): ProcessId | null {
  const stat = readText(join(roots.proc, String(pid), 'stat'))
  if (stat === null) return null
  // the name in brackets may hold anything, spaces and brackets too
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  const startedTicks = fields[19]
  return !startedTicks || state === 'Z' || state === 'X' || state === 'x' ? null : { pid, startedTicks }
}

function matches(roots: Roots, pid: string, text: string): boolean {
  const command = readText(join(roots.proc, pid, 'cmdline'))
  // kernel threads and zombies have no command line: a name is then all there is
  if (command?.replaceAll('\0', ' ').includes(text)) return true
  return readText(join(roots.proc, pid, 'comm'))?.trim() === text
}

/** Ids of all living processes that hold the text. */
export function findProcesses(roots: Roots, text: string, exceptPid: number): number[] {
  return listNames(roots.proc)
    .filter(name => /^\d+$/.test(name) && Number(name) !== exceptPid && matches(roots, name, text))
    .map(Number)
    .filter(pid => readLiving(roots, pid) !== null)
}

/** Does a living process belong to the group? A dead one that nobody has asked for its exit code is none. */
export function isGroupAlive(roots: Roots, group: number): boolean {
  return listNames(roots.proc).some(name => {
    const stat = /^\d+$/.test(name) ? readText(join(roots.proc, name, 'stat')) : null
    const [state, , ofGroup] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
    return Number(ofGroup) === group && state !== 'Z' && state !== 'X' && state !== 'x'
  })
}

/** First living process that holds the text, or null. `exceptPid` is the agent itself, whose arguments may hold anything. */
export function findProcess(roots: Roots, text: string, exceptPid: number): ProcessId | null {
  for (const name of listNames(roots.proc)) {
    if (!/^\d+$/.test(name) || Number(name) === exceptPid || !matches(roots, name, text)) continue
    const living = readLiving(roots, Number(name))
    if (living) return living
  }
  return null
}

/**
 * Keeps the identity of each watched process; the whole of /proc is searched only while one is missing. Each look asks whether the process
 * is there, which costs a tenth of reading about it; every so many looks, whether it is still the same and no zombie.
 */
export function makeProcessWatch(roots: Roots, exceptPid: number, looksPerRead: number) {
  let known = new Map<string, ProcessId>()
  let lastStates: WatchedState[] = []
  let looks = 0
  const isAlive = ({ pid, startedTicks }: ProcessId) => readLiving(roots, pid)?.startedTicks === startedTicks
  const isThere = (process: ProcessId) =>
    looks % looksPerRead === 0 ? isAlive(process) : existsSync(join(roots.proc, String(process.pid)))

  function look(watched: readonly { name: string; match: string }[]): WatchedState[] {
    const next = new Map<string, ProcessId>()
    const states = watched.map(({ name, match }) => {
      const last = known.get(`${name}\0${match}`)
      const running = last && isAlive(last) ? last : findProcess(roots, match, exceptPid)
      if (running) next.set(`${name}\0${match}`, running)
      return { name, running }
    })
    known = next
    return states
  }

  return {
    /** State of each watched process now: the very answer of the last look while each of its processes lives, which costs almost nothing. Null when /proc cannot be read at all. */
    check(watched: readonly { name: string; match: string }[]): WatchedState[] | null {
      const isSame = watched.length === lastStates.length && watched.every(({ name, match }) => known.has(`${name}\0${match}`))
      looks++
      if (isSame && lastStates.every(({ running }) => running !== null && isThere(running))) return lastStates
      lastStates = look(watched)
      const isMissing = lastStates.some(({ running }) => running === null)
      // that nothing is found says nothing where nothing can be read
      return isMissing && readText(join(roots.proc, 'stat')) === null && listNames(roots.proc).length === 0 ? null : lastStates
    },
  }
}
