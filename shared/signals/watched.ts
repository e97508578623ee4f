/** What a profile names to be watched: programs, services, addresses. */
import { MAINS, STORAGE } from './causes.ts'
import type { SignalLine } from './signal-line.ts'

export const WATCHED = {
  'process.missing': {
    saidBy: 'agent',
    words: {
      en: 'a program is not running',
      de: 'ein Programm läuft nicht',
      sv: 'ett program körs inte',
      pt: 'um programa não está a correr',
    },
    rule: { level: 2, holdSeconds: 20, clearSeconds: 60, fixedBy: 'remote', remedies: ['restart-unit'] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: [...STORAGE, 'app.crashed'],
    parts: [],
    articles: [],
  },
  'unit.failed': {
    saidBy: 'agent',
    words: {
      en: 'a service failed',
      de: 'ein Dienst ist ausgefallen',
      sv: 'en tjänst har fallerat',
      pt: 'um serviço falhou',
    },
    rule: { level: 2, holdSeconds: 20, clearSeconds: 60, fixedBy: 'remote', remedies: ['restart-unit'] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: [...STORAGE],
    parts: [],
    articles: [],
  },
  'url.failing': {
    saidBy: 'agent',
    words: {
      en: 'an address does not answer',
      de: 'eine Adresse antwortet nicht',
      sv: 'en adress svarar inte',
      pt: 'um endereço não responde',
    },
    rule: { level: 3, holdSeconds: 120, clearSeconds: 120, fixedBy: 'remote', remedies: [] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: [...MAINS],
    parts: [],
    articles: ['page-unreachable'],
  },
  'certificate.expiring': {
    saidBy: 'agent',
    words: {
      en: 'a certificate is about to expire',
      de: 'ein Zertifikat läuft bald ab',
      sv: 'ett certifikat går snart ut',
      pt: 'um certificado está a expirar',
    },
    rule: { level: 4, holdSeconds: 120, clearSeconds: 120, fixedBy: 'remote', remedies: [] },
    waitsForOpening: false,
    serving: 'other',
    symptomOf: [],
    standsWithoutContact: true,
    parts: [],
    articles: ['clock-certificates', 'page-unreachable'],
  },
} as const satisfies Record<string, SignalLine>
