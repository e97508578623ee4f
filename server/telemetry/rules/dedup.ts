/** What is already stored of a device's epoch. Sequences come from two lanes of the spool, so they may arrive far out of order. */

/** Everything up to `mark` is stored, and the closed ranges above it, ascending and apart. */
export type Received = { mark: number; ranges: readonly (readonly [number, number])[] }

export const NOTHING_RECEIVED: Received = { mark: 0, ranges: [] }
/** Beyond this the oldest gap counts as lost: a device cannot make us keep an endless list. */
export const MAX_RANGES = 1000

/** Whether a sequence is stored already. */
export function isReceived(received: Received, sequence: number): boolean {
  return sequence <= received.mark || received.ranges.some(([from, to]) => sequence >= from && sequence <= to)
}

/** The state with one more sequence stored. */
export function addReceived(received: Received, sequence: number): Received {
  if (sequence === received.mark + 1 && received.ranges.length === 0) return { mark: sequence, ranges: received.ranges }
  if (isReceived(received, sequence)) return received
  const ranges: [number, number][] = []
  let from = sequence
  let to = sequence
  for (const range of received.ranges) {
    if (range[1] === sequence - 1) from = range[0]
    else if (range[0] === sequence + 1) to = range[1]
    else ranges.push([range[0], range[1]])
  }
  ranges.push([from, to])
  ranges.sort((one, other) => one[0] - other[0])
  let { mark } = received
  while (ranges.length > 0 && ((ranges[0] as [number, number])[0] === mark + 1 || ranges.length > MAX_RANGES))
    mark = (ranges.shift() as [number, number])[1]
  return { mark, ranges }
}
