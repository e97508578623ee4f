/** Numbers that people read out on the phone. */

/** `KK-2026-000123`: unique per installation, counted anew each year (UTC). */
export function formatReference(number: number, createdAtMs: number): string {
  return `KK-${referenceYear(createdAtMs)}-${String(number).padStart(6, '0')}`
}

/** Year of the counter a reference comes from. */
export function referenceYear(createdAtMs: number): number {
  return new Date(createdAtMs).getUTCFullYear()
}
