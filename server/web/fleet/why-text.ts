/** Why a device is judged as it is, in one line. */
import type { Device } from '../../../shared/api/devices/device-api.ts'

/** The worst reason and how many more there are; for a waiting device, what it waits for. */
export function whyText(device: Pick<Device, 'state' | 'reasons'>): string {
  if (device.state === 'waiting') return 'The plan is full: waits for a free place'
  const [first, ...more] = device.reasons.toSorted((one, other) => one.severity - other.severity)
  if (!first) return ''
  return more.length === 0 ? first.text : `${first.text} (+${more.length})`
}
