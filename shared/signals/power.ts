/** What the machine lives on: power and temperature. */
import type { SignalLine } from './signal-line.ts'

export const POWER = {
  'temperature.high': {
    saidBy: 'agent',
    words: {
      en: 'too hot',
      de: 'zu heiß',
      sv: 'för varmt',
      pt: 'demasiado quente',
    },
    rule: { level: 2, holdSeconds: 60, clearSeconds: 600, fixedBy: 'onsite', skill: 'hardware', remedies: [] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: [],
    standsWithoutContact: true,
    parts: ['fan', 'air filter'],
    articles: ['too-hot'],
  },
  'power.battery': {
    saidBy: 'agent',
    words: {
      en: 'on battery',
      de: 'Batteriebetrieb',
      sv: 'batteridrift',
      pt: 'a funcionar a bateria',
    },
    rule: { level: 2, holdSeconds: 0, clearSeconds: 60, fixedBy: 'onsite', skill: 'hardware', remedies: [] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: [],
    because: 'what hangs on the mains goes with the power',
    parts: ['battery', 'power supply'],
    articles: ['power'],
  },
  'power.undervoltage': {
    saidBy: 'agent',
    words: {
      en: 'under-voltage',
      de: 'Unterspannung',
      sv: 'för låg spänning',
      pt: 'tensão demasiado baixa',
    },
    rule: { level: 2, holdSeconds: 0, clearSeconds: 60, fixedBy: 'onsite', skill: 'hardware', remedies: [] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: [],
    because: 'what hangs on the supply fails with it',
    parts: ['power supply'],
    articles: ['power'],
  },
} as const satisfies Record<string, SignalLine>
