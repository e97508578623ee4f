/** Disks and file systems. */
import { MAINS, STORAGE } from './causes.ts'
import type { SignalLine } from './signal-line.ts'

export const STORAGE_SIGNALS = {
  'disk.full': {
    saidBy: 'agent',
    words: {
      en: 'the disk is full',
      de: 'der Datenträger ist voll',
      sv: 'disken är full',
      pt: 'o disco está cheio',
    },
    rule: { level: 2, holdSeconds: 60, clearSeconds: 900, fixedBy: 'remote', remedies: ['clear-caches'] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: ['filesystem.read-only'],
    because: 'programs that cannot write stop',
    parts: [],
    articles: ['disk'],
  },
  'disk.filling': {
    saidBy: 'agent',
    words: {
      en: 'the disk is filling up',
      de: 'der Datenträger füllt sich',
      sv: 'disken fylls',
      pt: 'o disco está a encher',
    },
    rule: { level: 3, holdSeconds: 600, clearSeconds: 1800, fixedBy: 'remote', remedies: ['clear-caches'] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: [...STORAGE],
    growsInto: 'disk.full',
    parts: [],
    articles: ['disk'],
  },
  'disk.failing': {
    saidBy: 'agent',
    words: {
      en: 'the disk is failing',
      de: 'der Datenträger ist defekt',
      sv: 'disken håller på att gå sönder',
      pt: 'o disco está a avariar',
    },
    rule: { level: 2, holdSeconds: 0, clearSeconds: 0, fixedBy: 'onsite', skill: 'hardware', remedies: [] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: [],
    standsWithoutContact: true,
    parts: ['drive'],
    articles: ['disk'],
  },
  'filesystem.read-only': {
    saidBy: 'agent',
    words: {
      en: 'the file system is read-only',
      de: 'das Dateisystem ist schreibgeschützt',
      sv: 'filsystemet är skrivskyddat',
      pt: 'o sistema de ficheiros está só de leitura',
    },
    rule: { level: 1, holdSeconds: 0, clearSeconds: 0, fixedBy: 'onsite', skill: 'hardware', remedies: [] },
    waitsForOpening: false,
    serving: 'needed',
    symptomOf: [...MAINS],
    because: 'programs that cannot write stop',
    parts: ['drive'],
    articles: ['disk'],
  },
} as const satisfies Record<string, SignalLine>
