/** Scanners, terminals, cash drawers and whatever else hangs on the bus. */
import { MAINS } from './causes.ts'
import type { SignalLine } from './signal-line.ts'

export const PERIPHERALS = {
  'usb.missing': {
    saidBy: 'agent',
    words: {
      en: 'a device is missing',
      de: 'ein Gerät fehlt',
      sv: 'en enhet saknas',
      pt: 'falta um dispositivo',
    },
    rule: { level: 2, holdSeconds: 30, clearSeconds: 30, fixedBy: 'onsite', skill: 'peripheral', remedies: ['reset-usb'] },
    waitsForOpening: true,
    serving: 'peripheral',
    symptomOf: [...MAINS, 'usb.unstable'],
    growsInto: 'usb.unstable',
    parts: ['USB cable', 'the device itself'],
    articles: ['scanner-missing', 'peripherals'],
  },
  'usb.unstable': {
    saidBy: 'agent',
    words: {
      en: 'a device comes and goes',
      de: 'ein Gerät kommt und geht',
      sv: 'en enhet kommer och går',
      pt: 'um dispositivo aparece e desaparece',
    },
    rule: { level: 3, holdSeconds: 0, clearSeconds: 1800, fixedBy: 'onsite', skill: 'peripheral', remedies: [] },
    waitsForOpening: true,
    serving: 'peripheral',
    symptomOf: [...MAINS],
    because: 'it comes and goes: each time it is away is the same fault',
    parts: ['USB cable', 'powered USB hub'],
    articles: ['scanner-missing', 'peripherals'],
  },
} as const satisfies Record<string, SignalLine>
