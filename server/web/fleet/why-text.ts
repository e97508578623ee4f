/** Why a device is judged as it is, in one line. */
import type { Device } from '../../../shared/api/device-api.ts'
import { STATE_MEANS } from '../parts/truth-words.ts'

/** The worst reason and how many more there are; for a waiting device, what it waits for. */
export function whyText(device: Pick<Device, 'state' | 'reasons'>): string {
  if (device.state === 'waiting') return STATE_MEANS.waiting
  const [first, ...more] = device.reasons.toSorted((one, other) => one.severity - other.severity)
  if (!first) return ''
  return more.length === 0 ? first.text : `${first.text} (+${more.length})`
}
