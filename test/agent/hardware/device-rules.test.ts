import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InputDevice } from '../../../agent/probes/devices/inputs.ts'
import type { PowerSupply } from '../../../agent/probes/devices/power-supplies.ts'
import type { UsbDevice } from '../../../agent/probes/devices/usb.ts'
import { makeConfirmer } from '../../../agent/signals/confirm.ts'
import {
  addUsbMoment,
  judgeMedia,
  judgeSerial,
  judgeTouch,
  judgeUsb,
  judgeUsbUnstable,
  type UsbHistory,
} from '../../../agent/signals/device-rules.ts'
import { addVoltageMoment, judgeBattery, judgeVoltage } from '../../../agent/signals/power-rules.ts'
import type { Reading } from '../../../agent/signals/reading.ts'

const never = () => false
const always = () => true
const device = (port: string, id: string, deviceNumber = 1): UsbDevice => ({ port, id, deviceNumber })
const scanner = { name: 'scanner', usb: '05E0:1200', level: 1 }
const verdictsOf = (readings: Reading[]) => readings.map(({ key, verdict }) => [key, verdict])

describe('usb.missing', () => {
  it('names what is not there, with its level and what to do', () => {
    expect(judgeUsb([scanner], [device('1-2', '05e0:1200')])).toMatchObject([{ key: 'usb.missing:scanner', verdict: 'ok' }])
    expect(judgeUsb([scanner], [device('1-2', '1d6b:0002')])).toMatchObject([
      {
        verdict: 'failing',
        severity: 1,
        text: expect.stringMatching(/not on the bus\. Push in the cable/),
        evidence: { usb: '05E0:1200', onBus: ['1d6b:0002'] },
      },
    ])
    expect(judgeUsb([scanner], null)).toMatchObject([{ verdict: 'unknown', isLasting: true }])
  })

  it('wants two devices for two of the same kind', () => {
    const two = [scanner, { ...scanner, name: 'second' }]
    expect(verdictsOf(judgeUsb(two, [device('1-1', '05e0:1200'), device('1-2', '05e0:1200')]))).toEqual([
      ['usb.missing:scanner', 'ok'],
      ['usb.missing:second', 'ok'],
    ])
    expect(verdictsOf(judgeUsb(two, [device('1-2', '05e0:1200')]))).toEqual([
      ['usb.missing:scanner', 'ok'],
      ['usb.missing:second', 'failing'],
    ])
  })
})

describe('usb.unstable', () => {
  /** Numbers seen every ten seconds; null = not there. */
  function play(numbers: readonly (number | null)[], stepMs = 10_000): UsbHistory {
    let history: UsbHistory | undefined
    for (const [index, number] of numbers.entries())
      history = addUsbMoment(history, number === null ? null : device('1-2', '05e0:1200', number), index * stepMs)
    return history ?? { deviceNumber: null, moments: [] }
  }
  const verdict = (history: UsbHistory, wasFailing = never) =>
    judgeUsbUnstable([scanner], new Map([['scanner', history]]), wasFailing)[0]?.verdict

  it.each([
    { why: 'it stays', numbers: [7, 7, 7, 7, 7, 7, 7, 7], is: 'ok' },
    { why: 'there from the start counts as no coming', numbers: [7], is: 'ok' },
    { why: 'five times is not yet too often', numbers: [1, 2, 3, 4, 5, 6], is: 'ok' },
    { why: 'six times is', numbers: [1, 2, 3, 4, 5, 6, 7], is: 'failing' },
    { why: 'seen while away: going and coming count once', numbers: [1, null, 2, null, 3, null, 4, null, 5, null, 6], is: 'ok' },
    { why: 'away and back six times', numbers: [1, null, 2, null, 3, null, 4, null, 5, null, 6, null, 7], is: 'failing' },
    { why: 'away and not back is missing, not unstable', numbers: [1, null, null, null, null, null, null, null], is: 'ok' },
  ])('$why', ({ numbers, is }) => {
    expect(verdict(play(numbers))).toBe(is)
  })

  it('is over when it has rested, not when it pauses', () => {
    expect(verdict(play([1, 2, 3, 4]), always)).toBe('failing')
    expect(verdict(play([1, 2, 3]), always)).toBe('ok')
    expect(play([1, 2, 3, 4, 5, 6, 7, ...Array.from({ length: 61 }, () => 7)]).moments).toEqual([])
  })

  it('keeps no more than it needs, however long it lasts', () => {
    fc.assert(fc.property(fc.array(fc.option(fc.nat(127)), { maxLength: 500 }), numbers => play(numbers, 100).moments.length <= 64))
  })
})

describe('touch.missing', () => {
  const input = (change: Partial<InputDevice>): InputDevice => ({
    id: 'input3',
    name: 'eGalax Touch',
    usb: '0eef:c000',
    isTouch: true,
    isPad: false,
    ...change,
  })
  it.each([
    { why: 'any touch screen will do', touch: {}, inputs: [input({})], is: 'ok' },
    { why: 'a touch pad will not', touch: {}, inputs: [input({ isPad: true })], is: 'failing' },
    { why: 'unless the profile names it', touch: { match: 'egalax' }, inputs: [input({ isPad: true })], is: 'ok' },
    { why: 'by USB id', touch: { usb: '0EEF:C000' }, inputs: [input({})], is: 'ok' },
    { why: 'another touch screen is not the one', touch: { usb: '1234:5678' }, inputs: [input({})], is: 'failing' },
    { why: 'there but no touch device', touch: { match: 'eGalax' }, inputs: [input({ isTouch: false })], is: 'failing' },
    { why: 'no inputs at all', touch: {}, inputs: [], is: 'failing' },
    { why: 'inputs cannot be seen', touch: {}, inputs: null, is: 'unknown' },
  ])('$why', ({ touch, inputs, is }) => {
    expect(judgeTouch([{ name: 'front', ...touch }], inputs)).toMatchObject([{ key: 'touch.missing', verdict: is }])
  })

  it('names each of several', () => {
    expect(
      verdictsOf(
        judgeTouch(
          [
            { name: 'left', match: 'egalax' },
            { name: 'right', match: 'elo' },
          ],
          [input({})],
        ),
      ),
    ).toEqual([
      ['touch.missing:left', 'ok'],
      ['touch.missing:right', 'failing'],
    ])
  })

  it('tells a driver that is wrong from a cable that is out', () => {
    const text = (inputs: InputDevice[]) => judgeTouch([{ name: 'front', match: 'egalax' }], inputs)[0]?.text
    expect(text([input({ isTouch: false })])).toMatch(/cannot be touched/)
    expect(text([])).toMatch(/not among the input devices/)
  })
})

it('serial lines, cameras and sound cards are missing like USB devices', () => {
  const found = [{ id: 'video0', name: 'Kiosk Camera', usb: '046d:0825' }]
  expect(
    judgeSerial(
      [
        { name: 'scale', path: '/dev/ttyS0' },
        { name: 'reader', path: '/dev/ttyS9', level: 1 },
      ],
      path => path === '/dev/ttyS0',
    ),
  ).toMatchObject([
    { key: 'usb.missing:scale', verdict: 'ok' },
    { key: 'usb.missing:reader', verdict: 'failing', severity: 1, text: expect.stringContaining('/dev/ttyS9') },
  ])
  expect(
    verdictsOf(
      judgeMedia(
        'camera',
        [{ name: 'any' }, { name: 'by-usb', usb: '046D:0825' }, { name: 'by-name', match: 'kiosk' }, { name: 'other', match: 'door' }],
        found,
      ),
    ),
  ).toEqual([
    ['usb.missing:any', 'ok'],
    ['usb.missing:by-usb', 'ok'],
    ['usb.missing:by-name', 'ok'],
    ['usb.missing:other', 'failing'],
  ])
})

describe('power.battery', () => {
  const mains = (isOnline: boolean): PowerSupply => ({ name: 'AC', kind: 'mains', isOnline, status: null, percent: null, health: null })
  const battery = (change: Partial<PowerSupply>): PowerSupply => ({
    name: 'BAT0',
    kind: 'battery',
    isOnline: null,
    status: 'Full',
    percent: 100,
    health: 'Good',
    ...change,
  })
  it.each([
    { why: 'mains is there', supplies: [mains(true), battery({})], was: false, is: 'ok' },
    {
      why: 'the battery runs the machine',
      supplies: [mains(false), battery({ status: 'Discharging', percent: 80 })],
      was: false,
      is: 'failing',
    },
    { why: 'a tablet without a mains entry', supplies: [battery({ status: 'Discharging' })], was: false, is: 'failing' },
    {
      why: 'the battery is cared for while mains is there',
      supplies: [mains(true), battery({ status: 'Discharging', percent: 90 })],
      was: false,
      is: 'ok',
    },
    { why: 'low and not charging', supplies: [mains(true), battery({ status: 'Not charging', percent: 12 })], was: false, is: 'failing' },
    { why: 'low but charging: it comes back', supplies: [mains(true), battery({ status: 'Charging', percent: 12 })], was: false, is: 'ok' },
    {
      why: 'once low it must reach 30 %',
      supplies: [mains(true), battery({ status: 'Not charging', percent: 25 })],
      was: true,
      is: 'failing',
    },
    { why: 'at 30 % it is well', supplies: [mains(true), battery({ status: 'Not charging', percent: 30 })], was: true, is: 'ok' },
    { why: 'a dead battery', supplies: [mains(true), battery({ health: 'Dead' })], was: false, is: 'failing' },
    { why: 'health not told', supplies: [mains(true), battery({ health: null })], was: false, is: 'ok' },
    {
      why: 'a supply with batteries runs the machine',
      supplies: [battery({ kind: 'ups', status: 'Discharging' })],
      was: false,
      is: 'failing',
    },
    { why: 'the battery was taken out', supplies: [mains(true)], was: true, is: 'ok' },
  ])('$why', ({ supplies, was, is }) => {
    expect(judgeBattery(supplies, () => was)?.verdict).toBe(is)
  })

  it('is no matter where there is no battery', () => {
    expect(judgeBattery([mains(true)], never)).toBeNull()
    expect(judgeBattery([], never)).toBeNull()
  })
})

describe('power.undervoltage', () => {
  const play = (flags: readonly boolean[], stepMs = 10_000) =>
    flags.reduce<readonly number[]>((moments, isLow, index) => addVoltageMoment(moments, isLow, index * stepMs), [])
  it('is one dip no fault, two are, and none for five minutes is well', () => {
    expect(judgeVoltage(play([true]), true, never)?.verdict).toBe('ok')
    expect(judgeVoltage(play([true, false, true]), true, never)?.verdict).toBe('failing')
    expect(judgeVoltage(play([true, true, ...Array.from({ length: 15 }, () => false)]), true, always)?.verdict).toBe('failing')
    expect(judgeVoltage(play([true, true, ...Array.from({ length: 32 }, () => false)]), true, always)?.verdict).toBe('ok')
  })

  it('is no matter on boards without the flag, and not forgotten when it can no longer be read', () => {
    expect(judgeVoltage([], false, never)).toBeNull()
    expect(judgeVoltage([], false, always)?.verdict).toBe('unknown')
  })
})

describe('what is seen once', () => {
  const reading = (verdict: Reading['verdict']): Reading => ({ key: 'usb.missing:scanner', verdict, text: verdict })
  const play = (verdicts: Reading['verdict'][]) => {
    const confirmer = makeConfirmer()
    return verdicts.map(verdict => confirmer.take([reading(verdict)])[0]?.verdict)
  }

  it.each([
    { why: 'well at once', seen: ['ok'], is: ['ok'] },
    { why: 'failing the second time', seen: ['failing', 'failing'], is: ['unknown', 'failing'] },
    { why: 'absent for a moment', seen: ['ok', 'failing', 'ok', 'ok'], is: ['ok', 'unknown', 'ok', 'ok'] },
    { why: 'back for a moment', seen: ['failing', 'failing', 'ok', 'failing'], is: ['unknown', 'failing', 'unknown', 'failing'] },
    { why: 'back for good', seen: ['failing', 'failing', 'ok', 'ok'], is: ['unknown', 'failing', 'unknown', 'ok'] },
  ] as { why: string; seen: Reading['verdict'][]; is: Reading['verdict'][] }[])('does not count: $why', ({ seen, is }) => {
    expect(play(seen)).toEqual(is)
  })

  it('never flaps on noise that alternates, and believes only what came twice in a row', () => {
    fc.assert(
      fc.property(fc.constantFrom<Reading['verdict']>('ok', 'failing'), fc.nat(200), (first, length) => {
        const second = first === 'ok' ? 'failing' : 'ok'
        const seen = play(Array.from({ length }, (_, index) => (index % 2 === 0 ? first : second)))
        return !seen.includes('failing')
      }),
    )
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Reading['verdict']>('ok', 'failing', 'unknown')), verdicts =>
        play(verdicts).every(
          (verdict, index) => verdict !== 'failing' || (verdicts[index] === 'failing' && verdicts.slice(0, index).includes('failing')),
        ),
      ),
    )
  })

  it('is looked at again soon, and forgotten with its signal', () => {
    const confirmer = makeConfirmer()
    confirmer.take([reading('failing')])
    expect(confirmer.isWaiting()).toBe(true)
    confirmer.take([])
    expect(confirmer.isWaiting()).toBe(false)
    expect(confirmer.take([reading('failing')])[0]?.verdict).toBe('unknown')
  })
})
