/** One line of `npm run bench`. */
export type BenchRow = {
  name: string
  value: number
  unit: string
  /** The same work done by the reference side by side in this run, in the same unit; null = nothing to compare with. */
  baseline: number | null
  /** value / baseline. */
  ratio: number | null
}
