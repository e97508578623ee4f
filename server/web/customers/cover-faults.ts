/** What the server refused about a choice of devices, at the device it belongs to. */
import { ApiProblem } from '../api/api-client.ts'

/** Messages by device; `sent` is the list the fault's index counts in. Faults of the whole list are not in it. */
export function faultsByDevice(error: unknown, sent: readonly string[]): Map<string, string> {
  const byDevice = new Map<string, string>()
  if (!(error instanceof ApiProblem)) return byDevice
  for (const { path, message } of error.faults) {
    const index = /^body\/deviceIds\/(\d+)$/.exec(path)?.[1]
    const id = index === undefined ? undefined : sent[Number(index)]
    if (id !== undefined) byDevice.set(id, message)
  }
  return byDevice
}
