/** Rules of drives: failing by their own word, or by counters of bad sectors that rise. */
import type { Drive, DriveCounters } from '../probes/drive/smart.ts'
import type { Reading } from './reading.ts'

/** What is remembered of a drive, by model and serial; times are wall clock, because it outlives the boot. */
export type DriveMemory = Record<string, { counters: DriveCounters; roseAtMs: number | null; rise: string | null }>

/** A drive whose bad sectors rose is watched as failing this long: it may come to rest. */
const RISE_COUNTS_MS = 30 * 24 * 3_600_000
const NAMES: Record<keyof DriveCounters, string> = {
  reallocated: 'reallocated sectors',
  pending: 'sectors waiting to be reallocated',
  uncorrectable: 'errors that could not be corrected',
}

const driveId = (drive: Drive) => `${drive.model ?? '?'}/${drive.serial ?? drive.device}`

function rise(before: DriveCounters | undefined, now: DriveCounters): string | null {
  const risen = (Object.keys(NAMES) as (keyof DriveCounters)[]).flatMap(key => {
    const [was, is] = [before?.[key] ?? null, now[key]]
    return was !== null && is !== null && is > was ? [`${NAMES[key]} rose from ${was} to ${is}`] : []
  })
  return risen.length > 0 ? risen.join(', ') : null
}

/** Takes a new read of the drives into memory; drives that are gone are forgotten, one that tells nothing keeps what was known. */
export function rememberDrives(memory: DriveMemory, drives: readonly Drive[], nowMs: number): DriveMemory {
  return Object.fromEntries(
    drives.map(drive => {
      const last = memory[driveId(drive)]
      const risen = rise(last?.counters, drive.counters)
      const isRecent = last?.roseAtMs != null && Math.abs(nowMs - last.roseAtMs) < RISE_COUNTS_MS
      const kept = isRecent ? { roseAtMs: last.roseAtMs, rise: last.rise } : { roseAtMs: null, rise: null }
      const keys = Object.keys(NAMES) as (keyof DriveCounters)[]
      const counters = Object.fromEntries(keys.map(key => [key, drive.counters[key] ?? last?.counters[key] ?? null])) as DriveCounters
      return [driveId(drive), { counters, ...(risen === null ? kept : { roseAtMs: nowMs, rise: risen }) }]
    }),
  )
}

/** disk.failing over all drives. `drives` null: nothing can be asked. */
export function judgeDrives(drives: readonly Drive[] | null, memory: DriveMemory): Reading {
  const key = 'disk.failing'
  if (!drives)
    return { key, verdict: 'unknown', isLasting: true, text: 'Cannot know: smartctl is not installed or finds no drive it can ask' }
  const failing = drives.flatMap(drive => {
    const risen = memory[driveId(drive)]?.rise ?? null
    const why = [...drive.faults, ...(risen === null ? [] : [risen])]
    return why.length > 0 ? [{ drive, why }] : []
  })
  if (failing.length === 0) {
    const silent = drives.filter(drive => drive.problem !== null)
    if (silent.length < drives.length) return { key, verdict: 'ok', text: `${drives.length - silent.length} drives say that they are well` }
    return { key, verdict: 'unknown', isLasting: true, text: `Cannot know: ${silent[0]?.device} ${silent[0]?.problem}`.slice(0, 500) }
  }
  const advice = 'Save what matters and exchange the drive.'
  const text = failing.map(({ drive, why }) => `${drive.model ?? 'Drive'} (${drive.device}): ${why.join(', ')}`).join('; ')
  return {
    key,
    verdict: 'failing',
    text: `${text.slice(0, 450)}. ${advice}`,
    evidence: { advice, drives: failing.map(({ drive, why }) => ({ ...drive, why })) },
  }
}
