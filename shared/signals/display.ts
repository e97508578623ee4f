/** Displays and what is touched on them. */
import { MAINS } from './causes.ts'
import type { SignalLine } from './signal-line.ts'

export const DISPLAY = {
  'display.disconnected': {
    saidBy: 'agent',
    words: {
      en: 'the display is disconnected',
      de: 'der Bildschirm ist nicht angeschlossen',
      sv: 'skärmen är inte ansluten',
      pt: 'o ecrã está desligado do quiosque',
    },
    rule: { level: 1, holdSeconds: 30, clearSeconds: 30, fixedBy: 'onsite', skill: 'display', remedies: [] },
    waitsForOpening: true,
    serving: 'needed',
    symptomOf: [...MAINS],
    because: 'there is nothing to draw on, and its touch layer went with it',
    parts: ['display cable (HDMI or DisplayPort)', 'display'],
    articles: ['screen-dark', 'display-chain'],
  },
  'display.off': {
    saidBy: 'agent',
    words: {
      en: 'the display is off',
      de: 'der Bildschirm ist aus',
      sv: 'skärmen är avstängd',
      pt: 'o ecrã está apagado',
    },
    rule: { level: 2, holdSeconds: 60, clearSeconds: 30, fixedBy: 'onsite', skill: 'display', remedies: ['wake-display'] },
    waitsForOpening: true,
    serving: 'needed',
    symptomOf: [...MAINS, 'display.disconnected'],
    parts: ['display power supply', 'display'],
    articles: ['screen-dark', 'display-chain'],
  },
  'display.wrong-mode': {
    saidBy: 'agent',
    words: {
      en: 'the display has a wrong mode',
      de: 'der Bildschirm hat eine falsche Auflösung',
      sv: 'skärmen har fel upplösning',
      pt: 'o ecrã tem a resolução errada',
    },
    rule: { level: 3, holdSeconds: 60, clearSeconds: 60, fixedBy: 'remote', remedies: ['set-mode'] },
    waitsForOpening: true,
    serving: 'needed',
    symptomOf: ['display.disconnected'],
    parts: [],
    articles: ['display-chain'],
  },
  'touch.missing': {
    saidBy: 'agent',
    words: {
      en: 'the touch screen is missing',
      de: 'der Touchscreen fehlt',
      sv: 'pekskärmen saknas',
      pt: 'falta o ecrã tátil',
    },
    rule: { level: 1, holdSeconds: 30, clearSeconds: 30, fixedBy: 'onsite', skill: 'peripheral', remedies: ['reset-usb'] },
    waitsForOpening: true,
    serving: 'needed',
    symptomOf: [...MAINS, 'display.disconnected'],
    parts: ['USB cable', 'touch controller'],
    articles: ['scanner-missing', 'peripherals'],
  },
} as const satisfies Record<string, SignalLine>
