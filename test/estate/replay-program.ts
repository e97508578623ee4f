/** The program behind `npm run replay`: a month of an estate and what was told of its causes, one JSON object a line, then what was wrong. */
import { parseArgs } from 'node:util'
import { comparePeers } from './peers.ts'
import { replayAndJudge } from './report.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    devices: { type: 'string', default: '500' },
    /** Names everything that was told for nothing, twice, or not at all. */
    explain: { type: 'boolean', default: false },
  },
})
const [seed, devices] = [Number(values.seed), Number(values.devices)]
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const iso = (ms: number): string => new Date(ms).toISOString()
const table: string[] = []
const peerTable: string[] = []

for (const isJudging of [true, false]) {
  const startMs = performance.now()
  const { layout, verdict, truth, replayed } = await replayAndJudge({
    seed,
    devices,
    isJudging,
    progress: line => process.stderr.write(`${isJudging ? 'as it is' : 'bare'}: ${line}\n`),
  })
  const name = isJudging ? 'kioskeeper' : 'without holds, hours, outages, maintenance'
  const { told, owed, matched, duplicates, precision, recall, wrong, missed, doubled } = verdict
  const rounded = { precision: Number(precision.toFixed(4)), recall: Number(recall.toFixed(4)) }
  const seconds = Math.round((performance.now() - startMs) / 1000)
  const causes = truth.causes.length
  print(JSON.stringify({ name, seed, devices, causes, messages: replayed.messages, told, owed, matched, duplicates, ...rounded, seconds }))
  table.push(
    `${name.padEnd(44)} ${String(told).padStart(7)} ${String(duplicates).padStart(10)} ${precision.toFixed(3)} ${recall.toFixed(3)}`,
  )
  if (!isJudging) continue
  const { rows, lines } = comparePeers(layout, truth, verdict)
  for (const row of rows) print(JSON.stringify(row))
  peerTable.push(...lines)
  if (!values.explain) continue
  for (const one of wrong) print(`for nothing: device ${one.device ?? '-'} site ${one.site ?? '-'} ${one.key ?? ''} ${iso(one.atMs)}`)
  for (const one of missed)
    print(`missed: ${one.kind} device ${one.device ?? '-'} ${one.keys.join(' ')} ${iso(one.fromMs)} to ${iso(one.toMs)}`)
  for (const { told: one, cause } of doubled)
    print(
      `twice: ${one.key ?? ''} ${iso(one.atMs)} of ${cause.kind} device ${cause.device ?? '-'} ${cause.keys.join(' ')} ${iso(cause.fromMs)}`,
    )
}
print(`\n${'monitoring'.padEnd(44)} tickets duplicates prec. recall\n${table.join('\n')}`)
print(`\n${peerTable.join('\n')}`)
