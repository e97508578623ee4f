import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chooseCause,
  explanation,
  isPartOf,
  kioskProcesses,
  takesOver,
  TAKEOVER_MS,
  type Fault,
} from '../../../server/incidents/rules/cause.ts'

const fault = (key: string): Fault => {
  const [signal = '', component = ''] = key.split(':')
  return { signal, component }
}

describe('what explains what on one device', () => {
  it.each([
    { why: 'nothing said last is fresh without contact', cause: 'agent.offline', symptom: 'app.crashed', explains: true },
    { why: 'the display is not fresh either', cause: 'agent.offline', symptom: 'display.disconnected', explains: true },
    { why: 'gone for a week is the same absence', cause: 'agent.offline', symptom: 'agent.missing', explains: true },
    {
      why: 'the mains went, then the contact: the contact is what people mend',
      cause: 'agent.offline',
      symptom: 'power.battery',
      explains: true,
    },
    { why: 'a dying disk may be why contact was lost', cause: 'agent.offline', symptom: 'disk.failing', explains: false },
    { why: 'heat may be why contact was lost', cause: 'agent.offline', symptom: 'temperature.high', explains: false },
    { why: 'a credential used twice has nothing to do with it', cause: 'agent.offline', symptom: 'agent.cloned', explains: false },
    { why: 'the monitor hangs on the mains', cause: 'power.battery', symptom: 'display.disconnected', explains: true },
    { why: 'USB drops under-voltage first', cause: 'power.undervoltage', symptom: 'usb.missing:scanner', explains: true },
    { why: 'paper has nothing to do with power', cause: 'power.battery', symptom: 'printer.paper-out', explains: false },
    { why: 'a program that cannot write stops', cause: 'filesystem.read-only', symptom: 'app.crashed', explains: true },
    { why: 'what cannot be deleted fills up', cause: 'filesystem.read-only', symptom: 'disk.full', explains: true },
    { why: 'the same for a full disk', cause: 'disk.full', symptom: 'process.missing:till', explains: true },
    { why: 'full comes after filling', cause: 'disk.full', symptom: 'disk.filling', explains: true },
    { why: 'a cable has nothing to do with the disk', cause: 'disk.full', symptom: 'display.disconnected', explains: false },
    { why: 'no picture without a display', cause: 'display.disconnected', symptom: 'screen.blank', explains: true },
    { why: 'the touch layer sits in the display', cause: 'display.disconnected', symptom: 'touch.missing', explains: true },
    { why: 'a touch cable alone does not take the display', cause: 'touch.missing', symptom: 'display.disconnected', explains: false },
    { why: 'the app goes on without a display', cause: 'display.disconnected', symptom: 'app.crashed', explains: false },
    { why: 'the kiosk app is its process', cause: 'app.crashed', symptom: 'process.missing:kiosk', explains: true },
    { why: 'another program is not', cause: 'app.crashed', symptom: 'process.missing:music', explains: false },
    { why: 'the kernel killed the kiosk app', cause: 'app.crashed', symptom: 'oom.killed:chromium', explains: true },
    { why: 'paper jams without the app', cause: 'app.crashed', symptom: 'printer.jam', explains: false },
    { why: 'the page fails from the network, not from the app', cause: 'app.crashed', symptom: 'page.unreachable', explains: false },
    { why: 'the browser shows its error page', cause: 'page.unreachable', symptom: 'screen.error-page', explains: true },
    { why: 'requests fail', cause: 'page.unreachable', symptom: 'app.errors', explains: true },
    { why: 'an unreachable page crashes no program', cause: 'page.unreachable', symptom: 'app.crashed', explains: false },
    { why: 'an error page does not answer the script', cause: 'screen.error-page', symptom: 'app.frozen', explains: true },
    { why: 'a frozen page may draw nothing', cause: 'app.frozen', symptom: 'screen.blank', explains: true },
    { why: 'a blank screen freezes nothing', cause: 'screen.blank', symptom: 'app.frozen', explains: false },
    { why: 'nothing explains itself', cause: 'app.frozen', symptom: 'app.frozen', explains: false },
  ])('$cause and $symptom: $why', ({ cause, symptom, explains }) => {
    expect(explanation(fault(cause), fault(symptom)) !== null).toBe(explains)
  })

  it('knows the kiosk app by its profile', () => {
    const names = kioskProcesses({
      processes: [
        { name: 'shop', match: 'shop-app' },
        { name: 'shell', match: 'shop-app --kiosk' },
        { name: 'music', match: 'mpd' },
      ],
      kioskApp: { match: 'shop-app' },
    })
    expect(names).toEqual(['shop', 'shell'])
    expect(explanation(fault('app.crashed'), fault('process.missing:shop'), names)).not.toBeNull()
    expect(explanation(fault('app.crashed'), fault('process.missing:shop'))).toBeNull()
  })

  const SIGNALS = [
    'agent.offline',
    'agent.missing',
    'power.battery',
    'filesystem.read-only',
    'disk.full',
    'display.disconnected',
    'app.crashed',
    'page.unreachable',
    'screen.error-page',
    'app.frozen',
    'screen.blank',
    'business.silent',
    'printer.jam',
    'process.missing:kiosk',
  ]
  const some = fc.subarray(SIGNALS, { minLength: 1 })

  it('leaves at least one fault that stands for itself, so that nothing is ever silent', () => {
    fc.assert(
      fc.property(some, keys => {
        const all = keys.map(fault)
        const roots = all.filter(one => chooseCause(one, all) === null)
        expect(roots.length).toBeGreaterThan(0)
      }),
    )
  })

  it('chooses the same cause in whatever order they are known, and never in a circle', () => {
    fc.assert(
      fc.property(some, fc.constantFrom(...SIGNALS), (keys, key) => {
        const all = keys.map(fault)
        const symptom = fault(key)
        const found = chooseCause(symptom, all)
        expect(chooseCause(symptom, all.toReversed())?.cause.signal).toBe(found?.cause.signal)
        if (found) expect(explanation(symptom, found.cause)).toBeNull()
      }),
    )
  })
})

describe('one fault in two words', () => {
  const of = (signal: string, component = ''): Fault => ({ signal, component })
  it.each([
    {
      why: 'it comes and goes: each absence is the same fault',
      cause: of('usb.unstable', 'scanner'),
      of: of('usb.missing', 'scanner'),
      is: true,
    },
    { why: 'another peripheral', cause: of('usb.unstable', 'scanner'), of: of('usb.missing', 'drawer'), is: false },
    {
      why: 'being away does not explain coming and going',
      cause: of('usb.missing', 'scanner'),
      of: of('usb.unstable', 'scanner'),
      is: false,
    },
  ])('$why', ({ cause, of: symptom, is }) => expect(explanation(cause, symptom) !== null).toBe(is))

  it.each([
    { why: 'a restart is how contact was lost', cause: of('agent.offline'), of: of('reboot.unexpected'), is: true },
    { why: 'a blank screen is still there after it', cause: of('agent.offline'), of: of('screen.blank'), is: false },
    { why: 'a restart for low voltage is a fault of its own', cause: of('power.undervoltage'), of: of('reboot.unexpected'), is: false },
  ])('$why', ({ cause, of: symptom, is }) => expect(isPartOf(cause, symptom)).toBe(is))

  it.each([
    { why: 'just before it', cause: of('display.disconnected'), of: of('screen.blank'), afterMs: TAKEOVER_MS, is: true },
    { why: 'long before it', cause: of('display.disconnected'), of: of('screen.blank'), afterMs: TAKEOVER_MS + 1, is: false },
    {
      why: 'what was missing for an hour now comes and goes',
      cause: of('usb.unstable', 's'),
      of: of('usb.missing', 's'),
      afterMs: 36e5,
      is: true,
    },
    { why: 'the disk that filled for hours is full', cause: of('disk.full'), of: of('disk.filling'), afterMs: 36e5, is: true },
  ])('takes over a ticket: $why', ({ cause, of: symptom, afterMs, is }) => expect(takesOver(cause, symptom, afterMs, 0)).toBe(is))
})
