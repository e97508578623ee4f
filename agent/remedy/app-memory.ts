/** How much of the machine's memory the kiosk app holds: is it the cause when memory is short? */
import { join } from 'node:path'
import { readMemory } from '../probes/memory.ts'
import { findProcesses } from '../probes/processes.ts'
import { listNames, readText, type Roots } from '../probes/read-file.ts'

/** An app that holds less is not what fills the memory. */
export const CAUSE_PERCENT = 25
const PAGE_BYTES = 4_096

/** Process and session of each living process, and the pages it holds in memory. */
function readProcesses(roots: Roots): { pid: number; session: number; pages: number }[] {
  return listNames(roots.proc)
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      const stat = readText(join(roots.proc, name, 'stat'))
      const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields ? [{ pid: Number(name), session: Number(fields[3]), pages: Number(fields[21]) || 0 }] : []
    })
}

/** Share of memory, percent, of the processes that `match` names and of their sessions; null when it cannot be told. Shared pages count for each. */
export function appMemoryPercent(roots: Roots, match: string): number | null {
  const totalBytes = readMemory(roots)?.totalBytes
  const named = new Set(findProcesses(roots, match, process.pid))
  if (totalBytes === undefined || named.size === 0) return null
  const all = readProcesses(roots)
  const sessions = new Set(all.filter(item => named.has(item.pid) && item.session > 0).map(item => item.session))
  const pages = all.filter(item => named.has(item.pid) || sessions.has(item.session)).reduce((sum, item) => sum + item.pages, 0)
  return Math.round(((pages * PAGE_BYTES) / totalBytes) * 100)
}
