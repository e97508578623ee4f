/** Waits for a condition instead of sleeping: polls until it holds, fails with what it waited for. */
import { setTimeout as sleep } from 'node:timers/promises'

/** First truthy answer of `read` within `limitMs`. */
export async function waitFor<Value>(what: string, read: () => Value | Promise<Value>, limitMs = 15_000): Promise<NonNullable<Value>> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const value = await read()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`)
    await sleep(10)
  }
}
