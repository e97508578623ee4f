/** Ids of rows whose order counts: what is written in one instant is read in the order it was written. */
import { randomUUIDv7 } from 'node:crypto'

let last = ''

function successor(id: string): string {
  const next = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0')
  return next.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** A UUIDv7 that comes after every one before it in this process; those of the platform have no order within a millisecond. */
export function newRowId(): string {
  const drawn = randomUUIDv7()
  last = drawn > last ? drawn : successor(last)
  return last
}
