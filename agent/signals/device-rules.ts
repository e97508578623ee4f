/** Rules of peripherals: USB devices, touch screens, serial lines, cameras, sound cards. A device that is not there is named with where to look. */
import type { MediaDevice, Peripheral, SerialDevice, TouchDevice } from '../../shared/profile.ts'
import type { AgentSignalKey } from '../../shared/signals/signals.ts'
import type { NamedDevice } from '../probes/devices/attached.ts'
import type { InputDevice } from '../probes/devices/inputs.ts'
import type { UsbDevice } from '../probes/devices/usb.ts'
import { addMoment } from './confirm.ts'
import { hysteresis, severityOf, type Reading, type WasFailing } from './reading.ts'

const UNSTABLE_WINDOW_MS = 10 * 60_000
const UNSTABLE = { failAt: 6, clearAt: 2 }

const lookAt = (name: string) =>
  `Push in the cable of ${name} at both ends, at the machine best into another socket; check that it has power.`

/** The device each peripheral means: two of the same kind are two devices, in the order of their ports. */
export function matchUsb(peripherals: readonly Peripheral[], devices: readonly UsbDevice[]): (UsbDevice | null)[] {
  const free = [...devices]
  return peripherals.map(({ usb }) => {
    const at = free.findIndex(device => device.id === usb.toLowerCase())
    return at === -1 ? null : (free.splice(at, 1)[0] ?? null)
  })
}

/** usb.missing:NAME of USB peripherals. `devices` null: the bus cannot be seen. */
export function judgeUsb(peripherals: readonly Peripheral[], devices: readonly UsbDevice[] | null): Reading[] {
  const found = devices && matchUsb(peripherals, devices)
  return peripherals.map(({ name, usb, level }, index) => {
    const key: AgentSignalKey = `usb.missing:${name}`
    if (!found) return { key, verdict: 'unknown', isLasting: true, text: 'Cannot know: this machine shows no USB bus' }
    const device = found[index]
    if (device) return { key, verdict: 'ok', text: `${name} is on the bus (port ${device.port})` }
    const advice = lookAt(name)
    const text = `${name} (USB ${usb}) is not on the bus. ${advice}`
    return {
      key,
      verdict: 'failing',
      text,
      ...severityOf(level),
      evidence: { usb, advice, onBus: devices.map(item => item.id).slice(0, 32) },
    }
  })
}

export type UsbHistory = { deviceNumber: number | null; moments: readonly number[] }

/** Adds what was seen of one peripheral: a new number on the bus is a coming. `seen` null = not there. */
export function addUsbMoment(history: UsbHistory | undefined, seen: UsbDevice | null, nowMs: number): UsbHistory {
  const last = history ?? { deviceNumber: seen?.deviceNumber ?? null, moments: [] }
  const hasCome = seen !== null && seen.deviceNumber !== last.deviceNumber
  return {
    // its last number is kept while it is away, so that going and coming count once
    deviceNumber: seen?.deviceNumber ?? last.deviceNumber,
    moments: addMoment(last.moments, nowMs, hasCome, UNSTABLE_WINDOW_MS),
  }
}

/** usb.unstable:NAME: enumerated anew more than five times in ten minutes. */
export function judgeUsbUnstable(
  peripherals: readonly Peripheral[],
  histories: ReadonlyMap<string, UsbHistory>,
  wasFailing: WasFailing,
): Reading[] {
  return peripherals.map(({ name }) => {
    const key: AgentSignalKey = `usb.unstable:${name}`
    const times = histories.get(name)?.moments.length ?? 0
    const verdict = hysteresis(wasFailing(key), times, UNSTABLE.failAt, UNSTABLE.clearAt)
    if (verdict === 'ok') return { key, verdict, text: `${name} stays on the bus` }
    const advice = `Exchange the cable of ${name} and use another socket, best without a hub in between.`
    return { key, verdict, text: `${name} came and went ${times} times in ten minutes. ${advice}`, evidence: { times, advice } }
  })
}

const isNamed = (device: { name: string; usb: string | null }, { usb, match }: { usb?: string; match?: string }) =>
  (usb === undefined || device.usb === usb.toLowerCase()) &&
  (match === undefined || device.name.toLowerCase().includes(match.toLowerCase()))

/** Components of the touch devices of a profile: one alone needs no name. */
export function touchKey(touch: readonly TouchDevice[], { name }: TouchDevice): AgentSignalKey {
  return touch.length < 2 ? 'touch.missing' : `touch.missing:${name}`
}

/** touch.missing. A touch pad counts only when the profile names it. `inputs` null: they cannot be seen. */
export function judgeTouch(touch: readonly TouchDevice[], inputs: readonly InputDevice[] | null): Reading[] {
  return touch.map(wanted => {
    const key = touchKey(touch, wanted)
    if (!inputs) return { key, verdict: 'unknown', isLasting: true, text: 'Cannot know: this machine shows no input devices' }
    const isByName = wanted.usb !== undefined || wanted.match !== undefined
    const found = inputs.find(device => device.isTouch && (isByName ? isNamed(device, wanted) : !device.isPad))
    if (found) return { key, verdict: 'ok', text: `${wanted.name} is there (${found.name})` }
    const dumb = isByName ? inputs.find(device => isNamed(device, wanted)) : undefined
    const advice = `Push in the USB cable of the touch screen at both ends, then switch the display off and on.`
    const text = dumb
      ? `${wanted.name} is there but cannot be touched: its driver does not know it as a touch device`
      : `${wanted.name} is not among the input devices`
    const touchable = inputs.filter(device => device.isTouch).map(device => device.name)
    return {
      key,
      verdict: 'failing',
      text: `${text}. ${advice}`,
      evidence: { advice, touchable, inputs: inputs.map(item => item.name).slice(0, 32) },
    }
  })
}

/** usb.missing:NAME of serial lines. `isThere` asks for a device file. */
export function judgeSerial(serial: readonly SerialDevice[], isThere: (path: string) => boolean): Reading[] {
  return serial.map(({ name, path, level }) => {
    const key: AgentSignalKey = `usb.missing:${name}`
    if (isThere(path)) return { key, verdict: 'ok', text: `${name} is there` }
    const advice = lookAt(name)
    return {
      key,
      verdict: 'failing',
      text: `${name} is not there: no ${path}. ${advice}`,
      ...severityOf(level),
      evidence: { path, advice },
    }
  })
}

/** usb.missing:NAME of cameras or sound cards. */
export function judgeMedia(kind: 'camera' | 'sound card', wanted: readonly MediaDevice[], found: readonly NamedDevice[]): Reading[] {
  return wanted.map(media => {
    const key: AgentSignalKey = `usb.missing:${media.name}`
    const device = found.find(item => isNamed(item, media))
    if (device) return { key, verdict: 'ok', text: `${media.name} is there (${device.name})` }
    const advice = lookAt(media.name)
    const text = `${media.name} is not there: no such ${kind}. ${advice}`
    return {
      key,
      verdict: 'failing',
      text,
      ...severityOf(media.level),
      evidence: { advice, found: found.map(item => item.name).slice(0, 16) },
    }
  })
}
