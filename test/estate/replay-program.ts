/** The program behind `npm run replay`: a month of an estate, what was told of its causes by us and by others. One JSON object a line, then a table. */
import { parseArgs } from 'node:util'
import { seededRandom } from '../demo/demo-random.ts'
import { judge } from './judge.ts'
import { layOut } from './layout.ts'
import { planTruth } from './plan-truth.ts'
import { replayMonth } from './replay.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    devices: { type: 'string', default: '500' },
    explain: { type: 'boolean', default: false },
  },
})
const [seed, deviceCount] = [Number(values.seed), Number(values.devices)]
const random = seededRandom(seed)
const layout = layOut(random, deviceCount)
const truth = planTruth(random, layout)
const kinds = Map.groupBy(truth.causes, cause => cause.kind)
process.stderr.write(`${[...kinds].map(([kind, of]) => `${kind} ${of.length}`).join(', ')}\n`)
const startMs = performance.now()
const replayed = await replayMonth(layout, truth, {
  seed,
  isJudging: true,
  progress: line => process.stderr.write(`${line} ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`),
})
const told = replayed.tickets.map(ticket => ({
  device: ticket.device,
  site: ticket.site,
  key: ticket.component ? `${ticket.signal ?? ''}:${ticket.component}` : ticket.signal,
  atMs: ticket.created_at,
}))
const verdict = judge(truth.causes, told, device => layout.devices[device]?.site.index ?? -1)
process.stdout.write(
  `${JSON.stringify({ ...verdict, wrong: verdict.wrong.length, missed: verdict.missed.length, doubled: undefined, seconds: (performance.now() - startMs) / 1000 })}\n`,
)
if (values.explain) {
  const iso = (ms: number) => new Date(ms).toISOString()
  for (const one of verdict.wrong.slice(0, 400)) {
    const near = truth.causes.filter(
      cause =>
        (cause.device === one.device || cause.device === null) &&
        cause.fromMs - 3_600_000 < one.atMs &&
        cause.toMs + 7_200_000 > one.atMs &&
        (cause.site === null || cause.site === (one.site ?? -1)),
    )
    process.stdout.write(
      `WRONG ${one.device} s${one.site} ${one.key} ${iso(one.atMs)} closing ${layout.sites[one.site ?? 0]?.closing} near ${near.map(c => `${c.kind} ${c.keys.join('+')} ${iso(c.fromMs)}..${iso(c.toMs)}`).join(' | ')}\n`,
    )
  }
  for (const one of verdict.missed)
    process.stdout.write(`MISSED ${one.kind} ${one.device} ${one.keys.join('+')} ${iso(one.fromMs)}..${iso(one.toMs)}\n`)
  for (const { told: t, cause } of verdict.doubled)
    process.stdout.write(
      `DOUBLE ${t.device} ${t.key} ${iso(t.atMs)} of ${cause.kind} ${cause.device} ${cause.keys.join('+')} ${iso(cause.fromMs)}..${iso(cause.toMs)}\n`,
    )
}
