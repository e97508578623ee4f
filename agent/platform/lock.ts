/** One agent per data folder: a pid file that a dead process cannot hold. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Holder = { pid: number; startedTicks: string }
export type Lock = { ok: true; release(): void } | { ok: false; pid: number }

/** Start time of a process in clock ticks since boot: with it a reused process id is told from the old one. Empty when unknown. */
function startedTicksOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie is dead: its parent has just not asked for its exit code yet.
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.startedTicks !== '') return startedTicksOf(holder.pid) === holder.startedTicks
  try {
    process.kill(holder.pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function readHolder(path: string): Holder | null {
  try {
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as Holder
    return Number.isInteger(parsed.pid) && parsed.pid > 0 ? parsed : null
  } catch {
    return null
  }
}

const lockPath = (dataDir: string) => join(dataDir, 'agent.pid')

/** Process id of the agent running on this data folder, or null. */
export function runningAgentPid(dataDir: string): number | null {
  const holder = readHolder(lockPath(dataDir))
  return holder && isAlive(holder) ? holder.pid : null
}

/** Takes the folder for this process, or says who has it. On a read-only file system nothing can be written and nobody else can either. */
export function takeLock(dataDir: string): Lock {
  const path = lockPath(dataDir)
  const own: Holder = { pid: process.pid, startedTicks: startedTicksOf(process.pid) }
  const temporary = `${path}.${process.pid}`
  const release = () => {
    if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true })
  }
  try {
    writeFileSync(temporary, JSON.stringify(own), { mode: 0o600 })
  } catch (error) {
    if (['EROFS', 'ENOSPC'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      const pid = runningAgentPid(dataDir)
      return pid === null ? { ok: true, release } : { ok: false, pid }
    }
    throw error
  }
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        linkSync(temporary, path)
        break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        const pid = runningAgentPid(dataDir)
        if (pid !== null) return { ok: false, pid }
        rmSync(path, { force: true })
      }
    }
    const holder = readHolder(path)
    return holder?.pid === process.pid ? { ok: true, release } : { ok: false, pid: holder?.pid ?? 0 }
  } finally {
    rmSync(temporary, { force: true })
  }
}
