/** Watches what hangs on a device: USB, touch screens, serial lines, cameras, sound, power. */
import type { Profile } from '../../shared/profile.ts'
import { hasDeviceFile, readCameras, readSoundCards } from '../probes/devices/attached.ts'
import { makeInputReader } from '../probes/devices/inputs.ts'
import { findVoltageAlarms, makePowerReader, readVoltageAlarm } from '../probes/devices/power-supplies.ts'
import { makeUsbReader } from '../probes/devices/usb.ts'
import type { Roots } from '../probes/read-file.ts'
import {
  addUsbMoment,
  judgeMedia,
  judgeSerial,
  judgeTouch,
  judgeUsb,
  judgeUsbUnstable,
  matchUsb,
  type UsbHistory,
} from '../signals/device-rules.ts'
import { addVoltageMoment, judgeBattery, judgeVoltage } from '../signals/power-rules.ts'
import type { Reading, WasFailing } from '../signals/reading.ts'

const FIND_ALARMS_EVERY_MS = 5 * 60_000

/** Makes the watch of one machine. */
export function makePeripheralWatch(roots: Roots, wasFailing: WasFailing) {
  const readUsb = makeUsbReader(roots)
  const readInputs = makeInputReader(roots)
  const readSupplies = makePowerReader(roots)
  let watchedPorts: ReadonlySet<string> | undefined
  let histories = new Map<string, UsbHistory>()
  let alarms: string[] = []
  let alarmsFoundAtMs = -Infinity
  let voltageMoments: readonly number[] = []

  /** Counts comings and goings: told as they are, before a single absence is taken for noise. */
  function lookAtUsb({ peripherals }: Profile, nowMs: number): Reading[] {
    if (peripherals.length === 0) return []
    const devices = readUsb(watchedPorts)
    watchedPorts = undefined
    if (devices) {
      const found = matchUsb(peripherals, devices)
      // while one is missing it may be any that comes
      if (!found.includes(null)) watchedPorts = new Set(found.flatMap(device => (device ? [device.port] : [])))
      histories = new Map(
        peripherals.map(({ name, usb }, index) => {
          const id = `${name}\0${usb}`
          return [id, addUsbMoment(histories.get(id), found[index] ?? null, nowMs)]
        }),
      )
    }
    const byName = new Map(
      peripherals.map(({ name, usb }) => [name, histories.get(`${name}\0${usb}`) ?? { deviceNumber: null, moments: [] }]),
    )
    return [...judgeUsb(peripherals, devices), ...judgeUsbUnstable(peripherals, byName, wasFailing)]
  }

  return {
    /** What the profile names; nothing is read that it does not name. */
    look(profile: Profile, nowMs: number): Reading[] {
      return [
        ...lookAtUsb(profile, nowMs),
        ...(profile.touch.length > 0 ? judgeTouch(profile.touch, readInputs()) : []),
        ...judgeSerial(profile.serial, path => hasDeviceFile(roots, path)),
        ...(profile.cameras.length > 0 ? judgeMedia('camera', profile.cameras, readCameras(roots)) : []),
        ...(profile.audio.length > 0 ? judgeMedia('sound card', profile.audio, readSoundCards(roots)) : []),
      ]
    },
    /** Batteries and voltage, on every machine that has them. */
    async lookAtPower(nowMs: number): Promise<Reading[]> {
      if (nowMs - alarmsFoundAtMs > FIND_ALARMS_EVERY_MS) {
        alarms = findVoltageAlarms(roots)
        alarmsFoundAtMs = nowMs
      }
      const alarm = readVoltageAlarm(alarms)
      voltageMoments = addVoltageMoment(voltageMoments, alarm === true, nowMs)
      return [judgeBattery(await readSupplies(), wasFailing), judgeVoltage(voltageMoments, alarm !== null, wasFailing)].filter(
        reading => reading !== null,
      )
    },
  }
}
