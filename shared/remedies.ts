/** Remedies: what a device can do about a fault by itself, one line each. Whatever is said or decided about one is said here. */
import type { Language } from './languages.ts'

export type RemedyLine = {
  /** What the device did, in the past: `restarted app`. */
  done: string
  /** What it is told to do: `Restart the app`. */
  imperative: string
  /** A customer in front of the screen does not notice it. */
  isGentle: boolean
  /** How long after it the signal may take to be well, ms: what the remedy needs, and the rhythm of the watch that sees it. */
  verifyMs: number
  /** Makes sense without a signal: an operator can ask for it. */
  byHand: boolean
  /** Takes the kiosk away from whoever stands in front of it: an operator is asked again. */
  asksFirst: boolean
} & Record<Exclude<Language, 'en'>, string>

export const REMEDIES = {
  'reload-page': {
    done: 'reloaded page',
    imperative: 'Reload the page',
    de: 'die Seite neu geladen',
    sv: 'laddat om sidan',
    pt: 'recarregou a página',
    isGentle: false,
    verifyMs: 15_000,
    byHand: true,
    asksFirst: false,
  },
  'navigate-home': {
    done: 'went to the start page',
    imperative: 'Go to the start page',
    de: 'die Startseite aufgerufen',
    sv: 'gått till startsidan',
    pt: 'voltou à página inicial',
    isGentle: false,
    verifyMs: 15_000,
    byHand: true,
    asksFirst: false,
  },
  'restart-app': {
    done: 'restarted app',
    imperative: 'Restart the app',
    de: 'die App neu gestartet',
    sv: 'startat om appen',
    pt: 'reiniciou a aplicação',
    isGentle: false,
    verifyMs: 45_000,
    byHand: true,
    asksFirst: false,
  },
  'restart-unit': {
    done: 'restarted service',
    imperative: 'Restart the service',
    de: 'den Dienst neu gestartet',
    sv: 'startat om tjänsten',
    pt: 'reiniciou o serviço',
    isGentle: false,
    verifyMs: 45_000,
    byHand: false,
    asksFirst: false,
  },
  'restart-queue': {
    done: 'restarted print queue',
    imperative: 'Restart the print queue',
    de: 'die Druckwarteschlange neu gestartet',
    sv: 'startat om utskriftskön',
    pt: 'reiniciou a fila de impressão',
    isGentle: true,
    verifyMs: 70_000,
    byHand: false,
    asksFirst: false,
  },
  'wake-display': {
    done: 'woke display',
    imperative: 'Wake the display',
    de: 'den Bildschirm geweckt',
    sv: 'väckt skärmen',
    pt: 'acordou o ecrã',
    isGentle: true,
    verifyMs: 15_000,
    byHand: true,
    asksFirst: false,
  },
  'set-mode': {
    done: 'set display mode',
    imperative: 'Set the display mode',
    de: 'die Auflösung gesetzt',
    sv: 'ställt in upplösningen',
    pt: 'definiu a resolução',
    isGentle: true,
    verifyMs: 40_000,
    byHand: false,
    asksFirst: false,
  },
  'reset-usb': {
    done: 'reset USB port',
    imperative: 'Reset the USB port',
    de: 'den USB-Anschluss zurückgesetzt',
    sv: 'återställt USB-porten',
    pt: 'reiniciou a porta USB',
    isGentle: false,
    verifyMs: 20_000,
    byHand: false,
    asksFirst: false,
  },
  'clear-caches': {
    done: 'cleared caches',
    imperative: 'Clear caches',
    de: 'Zwischenspeicher geleert',
    sv: 'rensat cacheminnen',
    pt: 'limpou as caches',
    isGentle: true,
    verifyMs: 70_000,
    byHand: false,
    asksFirst: false,
  },
  'renew-network': {
    done: 'renewed network',
    imperative: 'Renew the network',
    de: 'das Netz erneuert',
    sv: 'förnyat nätverket',
    pt: 'renovou a rede',
    isGentle: true,
    verifyMs: 60_000,
    byHand: false,
    asksFirst: false,
  },
  'sync-time': {
    done: 'set the clock',
    imperative: 'Set the clock',
    de: 'die Uhr gestellt',
    sv: 'ställt klockan',
    pt: 'acertou o relógio',
    isGentle: true,
    verifyMs: 60_000,
    byHand: false,
    asksFirst: false,
  },
  'restart-session': {
    done: 'restarted session',
    imperative: 'Restart the session',
    de: 'die Sitzung neu gestartet',
    sv: 'startat om sessionen',
    pt: 'reiniciou a sessão',
    isGentle: false,
    verifyMs: 90_000,
    byHand: true,
    asksFirst: true,
  },
  reboot: {
    done: 'rebooted',
    imperative: 'Reboot',
    de: 'neu gestartet',
    sv: 'startat om',
    pt: 'reiniciou',
    isGentle: false,
    verifyMs: 180_000,
    byHand: true,
    asksFirst: true,
  },
  'wake-on-lan': {
    done: 'woke it over the network',
    imperative: 'Wake it over the network',
    de: 'über das Netz geweckt',
    sv: 'väckt den över nätverket',
    pt: 'acordou-o pela rede',
    isGentle: false,
    verifyMs: 60_000,
    byHand: false,
    asksFirst: false,
  },
} as const satisfies Record<string, RemedyLine>
export type RemedyName = keyof typeof REMEDIES
/** Rungs of the ladder this version knows. A newer server or agent may know more. */
export const REMEDY_IDS = Object.keys(REMEDIES) as [RemedyName, ...RemedyName[]]

/** What is known about a remedy; undefined for one of another version. */
export function remedyOf(id: string): RemedyLine | undefined {
  return Object.hasOwn(REMEDIES, id) ? REMEDIES[id as RemedyName] : undefined
}

/** What became of one attempt. */
export const REMEDY_OUTCOMES = ['worked', 'did-not-help', 'failed', 'refused', 'locked'] as const
export type RemedyResult = (typeof REMEDY_OUTCOMES)[number]

/** `restarted app`; an id of another version as it is. */
export function remedyWords(id: string): string {
  return remedyOf(id)?.done ?? id
}

/** `fixed by itself: restarted app, 41 s`. */
export function spellFixed(id: string, tookMs: number): string {
  return `fixed by itself: ${remedyWords(id)}, ${Math.max(0, Math.round(tookMs / 1000))} s`
}
