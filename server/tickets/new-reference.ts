/** The number of a ticket that is about to be registered. */
import { formatReference, referenceYear } from '../platform/reference.ts'
import type { Tx } from '../database/database.ts'
import { nextNumber } from '../database/instance-store.ts'

/** A reference nobody else has: the counter's row serialises those who ask at once. */
export async function newReference(tx: Tx, nowMs: number): Promise<string> {
  return formatReference(await nextNumber(tx, `ticket-${referenceYear(nowMs)}`), nowMs)
}
