/** What the agent says when the machine restarted although nobody said goodbye. */
import { modifiedAtMs } from '../probes/boot.ts'
import type { Roots } from '../probes/read-file.ts'
import { readRebootCause, type RebootCause } from '../probes/reboot-cause.ts'
import { readKernelLines } from './kernel-log.ts'
import type { Reading } from '../signals/reading.ts'
import type { AgentStore } from '../platform/state.ts'

const KERNEL_LINES = 5_000
const WHY: Record<RebootCause, string> = {
  panic: 'The device restarted without a goodbye: the kernel panicked',
  watchdog: 'The device restarted without a goodbye: a watchdog reset it',
  'out-of-memory': 'The device restarted without a goodbye: it ran out of memory',
  thermal: 'The device restarted without a goodbye: it was too hot',
  power: 'The device restarted without a goodbye: its power was cut or it was reset, its file systems had not been closed',
  orderly: 'The device was shut down in order, but the agent did not say goodbye',
  unknown: 'The device restarted without a goodbye: no cause was recorded (a power cut may leave none)',
}

/** The finding of this start, or null when it is the same boot or the last one ended with a goodbye. */
export function findUnexpectedReboot(store: AgentStore, bootId: string, roots: Roots): Reading | null {
  const last = store.data.boot
  if (!last || last.bootId === bootId || last.clean) return null
  const kernelLines = () => readKernelLines(roots, 0, KERNEL_LINES).map(line => line.text)
  const { cause, lines } = readRebootCause(roots, modifiedAtMs(store.path), kernelLines)
  return {
    key: 'reboot.unexpected',
    verdict: 'failing',
    text: WHY[cause],
    evidence: { cause, lines },
  }
}
