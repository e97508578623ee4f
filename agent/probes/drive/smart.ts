/** What a drive says about its health (SMART): the JSON of `smartctl` for ATA, NVMe, SCSI and drives behind RAID cards. Any text is safe. */

export type DriveCounters = { reallocated: number | null; pending: number | null; uncorrectable: number | null }
export type Drive = {
  device: string
  model: string | null
  serial: string | null
  protocol: string | null
  /** The drive's own verdict; null when it gives none (RAID volumes, card readers). */
  hasPassed: boolean | null
  /** What alone is enough to fail it, in words. */
  faults: string[]
  counters: DriveCounters
  /** Of solid-state drives: share of the life they were made for that is used up, and spare blocks left. */
  usedPercent: number | null
  sparePercent: number | null
  /** Why nothing is known about it. */
  problem: string | null
}
export type DriveAddress = { name: string; type: string }

type Json = Record<string, unknown>

const ATA_COUNTERS = { reallocated: [5], pending: [197], uncorrectable: [198, 187] }
const MAX_DRIVES = 32
const NVME_WARNINGS = [
  'spare blocks run out',
  'too hot or too cold',
  'no longer reliable',
  'read-only',
  'its backup of memory failed',
  'its persistent memory is read-only',
]

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const objectAt = (value: Json, key: string): Json => (isObject(value[key]) ? value[key] : {})
const listAt = (value: Json, key: string): Json[] => (Array.isArray(value[key]) ? value[key].filter(isObject) : [])
const textAt = (value: Json, key: string): string | null =>
  typeof value[key] === 'string' && value[key] !== '' ? value[key].slice(0, 200) : null
const countAt = (value: Json, key: string): number | null => {
  const found = value[key]
  return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? found : null
}

function parseObject(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** Drives that `smartctl --scan-open -j` found, those that cannot be opened left out. */
export function parseScan(text: string): DriveAddress[] {
  return listAt(parseObject(text) ?? {}, 'devices')
    .filter(item => item.open_error === undefined)
    .map(item => ({ name: textAt(item, 'name'), type: textAt(item, 'type') }))
    .filter((item): item is DriveAddress => item.name !== null && item.type !== null)
    .slice(0, MAX_DRIVES)
}

/** Raw values of ATA hold several numbers packed into one; the text shows the first of them apart: `2111 (12437 0)`. */
function rawCount(attribute: Json): number | null {
  const match = /^\d{1,15}/.exec(textAt(objectAt(attribute, 'raw'), 'string') ?? '')
  return match ? Number(match[0]) : countAt(objectAt(attribute, 'raw'), 'value')
}

function readAta(json: Json): Pick<Drive, 'faults' | 'counters'> {
  const table = listAt(objectAt(json, 'ata_smart_attributes'), 'table')
  const counter = (ids: readonly number[]) => {
    const counts = ids.map(id => table.find(item => item.id === id)).map(item => (item ? rawCount(item) : null))
    return counts.find(count => count !== null) ?? null
  }
  const fallen = table.filter(item => item.when_failed === 'now' && objectAt(item, 'flags').prefailure !== false)
  return {
    faults: fallen.map(item => `${textAt(item, 'name') ?? 'a value'} is below its limit`),
    counters: {
      reallocated: counter(ATA_COUNTERS.reallocated),
      pending: counter(ATA_COUNTERS.pending),
      uncorrectable: counter(ATA_COUNTERS.uncorrectable),
    },
  }
}

function readNvme(log: Json): Pick<Drive, 'faults' | 'counters' | 'usedPercent' | 'sparePercent'> {
  const warning = countAt(log, 'critical_warning') ?? 0
  const [spare, threshold, used] = ['available_spare', 'available_spare_threshold', 'percentage_used'].map(key => countAt(log, key))
  const faults = NVME_WARNINGS.filter((_, bit) => Math.floor(warning / 2 ** bit) % 2 === 1)
  if (typeof spare === 'number' && typeof threshold === 'number' && spare < threshold)
    faults.push(`${spare} % spare left, needs ${threshold} %`)
  if (typeof used === 'number' && used >= 100) faults.push(`${used} % of its life is used up`)
  const counters = { reallocated: null, pending: null, uncorrectable: countAt(log, 'media_errors') }
  return { faults, counters, usedPercent: used ?? null, sparePercent: spare ?? null }
}

function readScsi(json: Json): DriveCounters {
  const log = objectAt(json, 'scsi_error_counter_log')
  const uncorrected = ['read', 'write', 'verify']
    .map(key => countAt(objectAt(log, key), 'total_uncorrected_errors'))
    .filter(count => count !== null)
  return {
    reallocated: countAt(json, 'scsi_grown_defect_list'),
    pending: null,
    uncorrectable: uncorrected.length > 0 ? uncorrected.reduce((sum, count) => sum + count, 0) : null,
  }
}

/** Reads `smartctl -j -a` of one drive. What cannot be read is a drive with a problem, never a healthy one. */
export function parseSmart(text: string, device: string): Drive {
  const json = parseObject(text) ?? {}
  const info = objectAt(json, 'device')
  const passed = objectAt(json, 'smart_status').passed
  const hasNvme = isObject(json.nvme_smart_health_information_log)
  const nvme = readNvme(objectAt(json, 'nvme_smart_health_information_log'))
  const ata = readAta(json)
  const isScsi = info.protocol === 'SCSI' && !isObject(json.ata_smart_attributes)
  const message = listAt(objectAt(json, 'smartctl'), 'messages')
    .map(item => textAt(item, 'string'))
    .find(item => item !== null)
  const hasPassed = typeof passed === 'boolean' ? passed : null
  const faults = hasNvme ? nvme.faults : ata.faults
  return {
    device: textAt(info, 'name') ?? device,
    model: textAt(json, 'model_name'),
    serial: textAt(json, 'serial_number'),
    protocol: textAt(info, 'protocol'),
    hasPassed,
    faults: hasPassed === false ? ['it expects to fail soon', ...faults] : faults,
    counters: hasNvme ? nvme.counters : isScsi ? readScsi(json) : ata.counters,
    usedPercent: hasNvme ? nvme.usedPercent : null,
    sparePercent: hasNvme ? nvme.sparePercent : null,
    problem: hasPassed === null && faults.length === 0 ? (message ?? 'it tells nothing about its health') : null,
  }
}
