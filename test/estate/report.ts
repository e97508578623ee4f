/** One run of the replay with what it was judged by: for the program and for the story. */
import { seededRandom } from '../demo/demo-random.ts'
import { judge, type Verdict } from './judge.ts'
import { layOut, type Layout } from './layout.ts'
import { planTruth } from './plan-truth.ts'
import { replayMonth, type Replayed } from './replay.ts'
import type { Truth } from './truth.ts'

export type Report = { layout: Layout; truth: Truth; replayed: Replayed; verdict: Verdict }

/** Draws a month from the seed, lives through it, and holds its tickets against its causes. */
export async function replayAndJudge(options: {
  seed: number
  devices: number
  isJudging: boolean
  progress?: (line: string) => void
}): Promise<Report> {
  const random = seededRandom(options.seed)
  const layout = layOut(random, options.devices)
  const truth = planTruth(random, layout)
  const replayed = await replayMonth(layout, truth, options)
  const told = replayed.tickets.map(({ device, site, signal, component, created_at: atMs }) => ({
    device,
    site,
    key: component === null || component === '' ? signal : `${signal ?? ''}:${component}`,
    atMs,
  }))
  return { layout, truth, replayed, verdict: judge(truth.causes, told, device => layout.devices[device]?.site.index ?? -1) }
}
