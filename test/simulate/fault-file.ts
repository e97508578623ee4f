/** The script of a simulation: what goes wrong on which devices, when. A file that is wrong is refused whole, every wrong line named. */
import { Type, type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { SampleMetrics, SignalKey } from '../../shared/messages.ts'
import { Closed, Level, OneOf } from '../../shared/schema-pieces.ts'

const index = Type.Integer({ minimum: 0 })
/** One device, the devices of a range (both ends in), a share of them spread evenly, or all. */
const Devices = Type.Union([
  Closed({ index }),
  Closed({ range: Type.Tuple([index, index]) }),
  Closed({ share: Type.Number({ exclusiveMinimum: 0, maximum: 1 }) }),
  Type.Literal('all'),
])
export type Devices = Static<typeof Devices>

const head = { at: Type.Number({ minimum: 0, description: 'seconds after all devices are connected' }), devices: Devices }
/** What can happen, by the word in `do`. */
export const ACTIONS = {
  event: Closed({
    ...head,
    do: Type.Literal('event'),
    signal: SignalKey,
    state: OneOf(['failing', 'ok']),
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
    severity: Type.Optional(Level),
  }),
  kill: Closed({ ...head, do: Type.Literal('kill') }),
  silence: Closed({ ...head, do: Type.Literal('silence') }),
  goodbye: Closed({ ...head, do: Type.Literal('goodbye'), reason: Type.Optional(OneOf(['update', 'shutdown', 'maintenance', 'closing'])) }),
  reconnect: Closed({ ...head, do: Type.Literal('reconnect') }),
  metrics: Closed({
    ...head,
    do: Type.Literal('metrics'),
    values: SampleMetrics,
    seconds: Type.Number({ minimum: 1, description: 'how long the values stay' }),
  }),
} as const satisfies Record<string, TSchema>
export type Fault = { [Word in keyof typeof ACTIONS]: Static<(typeof ACTIONS)[Word]> }[keyof typeof ACTIONS]

/** A file that cannot be used; `faults` has a line for each thing that is wrong. */
export class FaultFileError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'FaultFileError'
    this.faults = faults
  }
}

function faultsOf(entry: unknown, where: string, devices: number): string[] {
  const word = typeof entry === 'object' && entry !== null && 'do' in entry ? entry.do : undefined
  if (typeof word !== 'string' || !Object.hasOwn(ACTIONS, word)) return [`${where}/do must be one of ${Object.keys(ACTIONS).join(', ')}`]
  const check = Compile(ACTIONS[word as keyof typeof ACTIONS] as TSchema)
  if (!check.Check(entry)) {
    // A field too many is told twice, the second time by its name.
    const errors = [...check.Errors(entry)].filter(error => error.keyword !== 'boolean')
    const lines = errors.map(error => {
      // The four forms of `devices` would each say why they do not fit.
      if (error.instancePath.startsWith('/devices'))
        return `${where}/devices must be {"index": n}, {"range": [from, to]}, {"share": 0 to 1} or "all"`
      const extra = 'additionalProperties' in error.params ? `: ${error.params.additionalProperties.join(', ')}` : ''
      return `${where}${error.instancePath} ${error.message}${extra}`
    })
    return [...new Set(lines)]
  }
  const chosen = (entry as Fault).devices
  const last = chosen === 'all' ? 0 : 'index' in chosen ? chosen.index : 'range' in chosen ? Math.max(...chosen.range) : 0
  return last < devices ? [] : [`${where}/devices names device ${last}, but there are ${devices}, counted from 0`]
}

/** Reads `{"faults": [...]}` for so many devices, in order of time. Throws FaultFileError. */
export function readFaults(text: string, devices: number): Fault[] {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    throw new FaultFileError([`is not JSON: ${(error as Error).message}`])
  }
  const entries = typeof file === 'object' && file !== null && 'faults' in file ? file.faults : undefined
  if (!Array.isArray(entries)) throw new FaultFileError(['must be {"faults": [...]}'])
  const faults = entries.flatMap((entry, position) => faultsOf(entry, `/faults/${position}`, devices))
  if (faults.length > 0) throw new FaultFileError(faults)
  return (entries as Fault[]).toSorted((one, other) => one.at - other.at)
}

/** Numbers of the devices meant. */
export function chooseDevices(chosen: Devices, count: number): number[] {
  const all = Array.from({ length: count }, (_, position) => position)
  if (chosen === 'all') return all
  if ('index' in chosen) return [chosen.index]
  if ('range' in chosen) return all.slice(Math.min(...chosen.range), Math.max(...chosen.range) + 1)
  const wanted = Math.max(1, Math.round(count * chosen.share))
  return all.filter(position => Math.floor(((position + 1) * wanted) / count) > Math.floor((position * wanted) / count))
}
