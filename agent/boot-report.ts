/** What the agent says when the machine restarted although nobody said goodbye. */
import { modifiedAtMs, readRebootCause } from './probes/boot.ts'
import type { Roots } from './probes/read-file.ts'
import type { Reading } from './signals/reading.ts'
import type { AgentStore } from './state.ts'

const WHY = {
  panic: 'the kernel panicked',
  watchdog: 'a watchdog reset it',
  'out-of-memory': 'it ran out of memory',
  thermal: 'it was too hot',
  unknown: 'no cause was recorded (a power cut leaves none)',
} as const

/** The finding of this start, or null when it is the same boot or the last one ended with a goodbye. */
export function findUnexpectedReboot(store: AgentStore, bootId: string, roots: Roots): Reading | null {
  const last = store.data.boot
  if (!last || last.bootId === bootId || last.clean) return null
  const { cause, lines } = readRebootCause(roots, modifiedAtMs(store.path))
  return {
    key: 'reboot.unexpected',
    verdict: 'failing',
    text: `The device restarted without a goodbye: ${WHY[cause]}`,
    evidence: { cause, lines },
  }
}
