/** Signals: what can be wrong on a device. Whatever is said or decided about one stands in its line, in the file of its kind. */
import type { CauseName } from './causes.ts'
import { CONTACT } from './contact.ts'
import { DISPLAY } from './display.ts'
import { KIOSK } from './kiosk.ts'
import { MACHINE } from './machine.ts'
import { PERIPHERALS } from './peripherals.ts'
import { POWER } from './power.ts'
import { PRINTER } from './printer.ts'
import type { SignalLine } from './signal-line.ts'
import { STORAGE_SIGNALS } from './storage.ts'
import { WATCHED } from './watched.ts'

export const SIGNALS = {
  ...CONTACT,
  ...KIOSK,
  ...DISPLAY,
  ...PERIPHERALS,
  ...PRINTER,
  ...STORAGE_SIGNALS,
  ...POWER,
  ...MACHINE,
  ...WATCHED,
} satisfies Record<string, SignalLine> & Record<CauseName, { because: string }>

export type SignalName = keyof typeof SIGNALS
type SaidBy<Who> = { [Name in SignalName]: (typeof SIGNALS)[Name]['saidBy'] extends Who ? Name : never }[SignalName]
/** What an agent says. Only the type is for the agent: the lines with their words stay out of its memory. */
export type AgentSignal = SaidBy<'agent'>
/** What the server finds out by itself. */
export type ServerSignal = SaidBy<'server'>
/** `signal`, or `signal:component`. */
export type AgentSignalKey = AgentSignal | `${AgentSignal}:${string}`

export const SIGNAL_NAMES = Object.keys(SIGNALS) as [SignalName, ...SignalName[]]

/** What is known about a signal; undefined for one of another version. */
export function signalOf(name: string): SignalLine | undefined {
  return Object.hasOwn(SIGNALS, name) ? SIGNALS[name as SignalName] : undefined
}

const familyOf = (name: string): string => name.slice(0, name.indexOf('.'))

/**
 * How a signal bears on service. One of another version takes after its family, `printer.` like printers, where all of the family agree.
 */
export function bearingOf(name: string): Pick<SignalLine, 'waitsForOpening' | 'serving'> {
  const line = signalOf(name)
  if (line) return line
  const family = SIGNAL_NAMES.filter(known => familyOf(known) === familyOf(name)).map(known => SIGNALS[known])
  const [first] = family
  const agree = (what: 'waitsForOpening' | 'serving') => family.every(known => known[what] === first?.[what])
  return {
    waitsForOpening: first !== undefined && agree('waitsForOpening') && first.waitsForOpening,
    serving: first !== undefined && agree('serving') ? first.serving : 'other',
  }
}
