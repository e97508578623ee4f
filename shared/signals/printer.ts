/** Printers and their paper. */
import { MAINS } from './causes.ts'
import type { SignalLine } from './signal-line.ts'

export const PRINTER = {
  'printer.offline': {
    saidBy: 'agent',
    words: {
      en: 'the printer is offline',
      de: 'der Drucker antwortet nicht',
      sv: 'skrivaren svarar inte',
      pt: 'a impressora não responde',
    },
    rule: { level: 2, holdSeconds: 60, clearSeconds: 30, fixedBy: 'onsite', skill: 'printer', remedies: ['restart-queue'] },
    waitsForOpening: true,
    serving: 'peripheral',
    symptomOf: [...MAINS],
    parts: ['USB or network cable', 'printer'],
    articles: ['printer-offline', 'printers'],
  },
  'printer.jam': {
    saidBy: 'agent',
    words: {
      en: 'paper jam',
      de: 'Papierstau',
      sv: 'papperet har fastnat',
      pt: 'papel encravado',
    },
    rule: { level: 2, holdSeconds: 60, clearSeconds: 30, fixedBy: 'onsite', skill: 'printer', remedies: ['restart-queue'] },
    waitsForOpening: true,
    serving: 'peripheral',
    symptomOf: [],
    parts: ['cutter', 'paper roll'],
    articles: ['printer-jam', 'printers'],
  },
  'printer.cover-open': {
    saidBy: 'agent',
    words: {
      en: 'the printer cover is open',
      de: 'die Druckerklappe ist offen',
      sv: 'skrivarluckan är öppen',
      pt: 'a tampa da impressora está aberta',
    },
    rule: { level: 2, holdSeconds: 60, clearSeconds: 30, fixedBy: 'onsite', skill: 'printer', remedies: ['restart-queue'] },
    waitsForOpening: true,
    serving: 'peripheral',
    symptomOf: [],
    parts: ['cover latch'],
    articles: ['printer-jam', 'printers'],
  },
  'printer.paper-out': {
    saidBy: 'agent',
    words: {
      en: 'the paper is out',
      de: 'das Papier ist zu Ende',
      sv: 'papperet är slut',
      pt: 'o papel acabou',
    },
    rule: { level: 2, holdSeconds: 0, clearSeconds: 0, fixedBy: 'customer', remedies: [] },
    waitsForOpening: true,
    serving: 'peripheral',
    symptomOf: [],
    parts: [],
    articles: ['printer-paper', 'printers'],
  },
  'printer.paper-low': {
    saidBy: 'agent',
    words: {
      en: 'the paper is low',
      de: 'das Papier geht zu Ende',
      sv: 'papperet är snart slut',
      pt: 'o papel está a acabar',
    },
    rule: { level: 4, holdSeconds: 0, clearSeconds: 0, fixedBy: 'customer', remedies: [] },
    waitsForOpening: true,
    serving: 'peripheral',
    symptomOf: [],
    parts: [],
    articles: ['printer-paper', 'printers'],
  },
} as const satisfies Record<string, SignalLine>
