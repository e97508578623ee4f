/** The program behind `npm run bench`: every benchmark, one after the other, one JSON object a line. `--only` names a group, `--seconds` shortens the agent's window. Progress goes to stderr. */
import { parseArgs } from 'node:util'
import { agentBenches } from './agent-bench.ts'
import type { BenchRow } from './bench-row.ts'
import { brokerBenches } from './broker-bench.ts'
import { calendarBenches } from './calendar-bench.ts'
import { deskBenches } from './desk-bench.ts'
import { detectionBenches } from './detection-bench.ts'
import { estateBenches } from './estate-bench.ts'
import { ingestBenches } from './ingest-bench.ts'
import { slaBenches } from './sla-bench.ts'
import { storeBenches } from './store-bench.ts'

/** By the first word of the names of their rows. */
const BENCHES: Record<string, () => Promise<BenchRow[]>> = {
  agent: () => agentBenches(options.seconds === '' ? undefined : Number(options.seconds)),
  broker: brokerBenches,
  ingest: ingestBenches,
  store: storeBenches,
  sla: slaBenches,
  calendar: calendarBenches,
  estate: estateBenches,
  detection: detectionBenches,
  desk: deskBenches,
}

/** Four digits are more than a noisy machine gives. */
const rounded = (value: number): number => Number(value.toPrecision(4))
const line = ({ name, value, unit, baseline, ratio }: BenchRow): string =>
  JSON.stringify({
    name,
    value: rounded(value),
    unit,
    baseline: baseline === null ? null : rounded(baseline),
    ratio: ratio === null ? null : rounded(ratio),
  })

const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' }, seconds: { type: 'string', default: '' } } })
// A prefix may go beyond the first word: then the whole group runs and only its rows that fit are printed.
const wanted = Object.entries(BENCHES).filter(([group]) => group.startsWith(options.only) || options.only.startsWith(group))
if (wanted.length === 0) process.stderr.write(`Nothing begins with "${options.only}"; there are ${Object.keys(BENCHES).join(', ')}.\n`)
for (const [group, run] of wanted) {
  const startMs = performance.now()
  process.stderr.write(`${group} ...`)
  try {
    for (const row of await run()) if (row.name.startsWith(options.only)) process.stdout.write(`${line(row)}\n`)
  } catch (error) {
    // The other parts are worth their numbers still.
    process.stderr.write(` ${group} failed: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
  process.stderr.write(` ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`)
}
