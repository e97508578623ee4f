/** Waiting for a condition instead of for a time. */

/** The first value that is not null, undefined or false; throws with the last error or `what` when it takes too long. */
export async function until<Value>(
  what: string,
  probe: () => Value | Promise<Value>,
  timeoutMs = 15_000,
): Promise<NonNullable<Exclude<Value, false>>> {
  const deadline = Date.now() + timeoutMs
  let last: unknown
  while (Date.now() < deadline) {
    try {
      const value = await probe()
      if (value !== null && value !== undefined && value !== false) return value as NonNullable<Exclude<Value, false>>
    } catch (error) {
      last = error
    }
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  throw new Error(`Waited ${timeoutMs} ms for: ${what}${last instanceof Error ? ` (${last.message})` : ''}`)
}
