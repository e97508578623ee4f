/** Watched systemd units. A running unit is seen by its control group, without a child process; only for one that is not there systemd is asked, at most once a minute. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { childProcess } from '../platform/builtin.ts'
import { listNames, readText, type Roots } from './read-file.ts'

export type UnitState = { name: string; state: 'running' | 'failed' | 'unknown'; detail: string }
/** Asks the service manager about units; null when it cannot be asked. */
export type AskManager = (names: string[]) => Promise<Map<string, { active: string; sub: string; result: string; load: string }> | null>

const ASK_EVERY_MS = 60_000
const ASK_LIMIT_MS = 5_000
/** Unit states that count as well: a one-shot unit that did its work is `active (exited)` and has no processes. */
const WELL = new Set(['active', 'activating', 'reloading'])

/** Full unit name: a bare name means a service. */
export function unitName(name: string): string {
  return /\.(service|socket|mount|timer|target|path|scope|slice|automount|swap)$/.test(name) ? name : `${name}.service`
}

/** Has the unit's control group a process? Looks in system.slice and one level of slices below it, on unified and old hierarchies. */
export function hasUnitProcesses(roots: Roots, name: string): boolean {
  const unit = unitName(name)
  for (const hierarchy of ['fs/cgroup/system.slice', 'fs/cgroup/systemd/system.slice']) {
    const base = join(roots.sys, hierarchy)
    const slices = listNames(base).filter(entry => entry.endsWith('.slice'))
    for (const folder of [join(base, unit), ...slices.map(slice => join(base, slice, unit))]) {
      // populated counts the processes of groups below too
      if (/^populated 1$/m.test(readText(join(folder, 'cgroup.events')) ?? '')) return true
      if ((readText(join(folder, 'cgroup.procs')) ?? '').trim() !== '') return true
    }
  }
  return false
}

/** Asks `systemctl show`: one child process for all names. */
export const askSystemctl: AskManager = names =>
  new Promise(resolve => {
    const properties = ['Id', 'Names', 'LoadState', 'ActiveState', 'SubState', 'Result'].flatMap(property => ['-p', property])
    childProcess().execFile(
      'systemctl',
      ['show', ...properties, '--', ...names.map(unitName)],
      { timeout: ASK_LIMIT_MS, maxBuffer: 1024 * 1024 },
      (error, stdout) => {
        resolve(error ? null : parseSystemctl(stdout))
      },
    )
  })

/** Output of `systemctl show`: blocks of `Key=value` lines, one block a unit, known by each of its names. */
export function parseSystemctl(text: string): Map<string, { active: string; sub: string; result: string; load: string }> {
  const units = new Map<string, { active: string; sub: string; result: string; load: string }>()
  for (const block of text.split(/\n\s*\n/)) {
    const fields = Object.fromEntries(block.split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
    const state = {
      active: fields.ActiveState ?? '',
      sub: fields.SubState ?? '',
      result: fields.Result ?? '',
      load: fields.LoadState ?? '',
    }
    for (const name of [fields.Id, ...(fields.Names ?? '').split(' ')]) if (name) units.set(name, state)
  }
  return units
}

/** Watches units of one machine. */
export function makeUnitWatch(roots: Roots, ask: AskManager = askSystemctl, hasManager = () => existsSync('/run/systemd/system')) {
  const seenRunning = new Set<string>()
  let answers: Awaited<ReturnType<AskManager>> = null
  let askedAtMs = -Infinity
  let isAsking = false

  async function refresh(names: string[], nowMs: number): Promise<void> {
    if (isAsking || nowMs - askedAtMs < ASK_EVERY_MS) return
    isAsking = true
    askedAtMs = nowMs
    answers = await ask(names)
    isAsking = false
  }

  return {
    /** State of each unit now; `nowMs` is monotonic. */
    async check(names: readonly string[], nowMs: number): Promise<UnitState[]> {
      const absent = names.filter(name => !hasUnitProcesses(roots, name))
      if (absent.length > 0 && hasManager()) await refresh(absent, nowMs)
      return names.map(name => {
        if (!absent.includes(name)) {
          seenRunning.add(name)
          answers?.delete(unitName(name))
          return { name, state: 'running', detail: 'its control group has processes' }
        }
        const answer = answers?.get(unitName(name))
        if (answer && WELL.has(answer.active)) return { name, state: 'running', detail: `${answer.active} (${answer.sub})` }
        if (answer) {
          const why =
            answer.load === 'not-found'
              ? 'not installed'
              : `${answer.active} (${answer.sub}${answer.result && answer.result !== 'success' ? `, ${answer.result}` : ''})`
          return { name, state: 'failed', detail: why }
        }
        if (seenRunning.has(name)) return { name, state: 'failed', detail: 'its processes are gone' }
        return { name, state: 'unknown', detail: 'the service manager cannot be asked' }
      })
    },
  }
}
