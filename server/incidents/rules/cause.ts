/** Which fault explains which on the same device: a symptom hangs under its cause and makes no ticket of its own. */
import { CAUSES } from '../../../shared/signals/causes.ts'
import { signalOf } from '../../../shared/signals/signals.ts'

/** A ticket raised for a symptom is taken over by a cause that begins up to this long after it. */
export const TAKEOVER_MS = 2 * 60_000

export type Fault = { signal: string; component: string }

const RANK = new Map<string, number>(CAUSES.map((cause, rank) => [cause, rank]))
/** `app.crashed` speaks of the kiosk app only: these are what its process is called when no profile says it. */
const KIOSK_PROCESS = /^(kiosk|kiosk-?app|app|browser|chrom(e|ium)(-browser)?|firefox)$/i

/** Names of the processes that are the kiosk app, by the profile: those that are found by the same words. */
export function kioskProcesses(profile: {
  processes: readonly { name: string; match: string }[]
  kioskApp?: { match?: string } | undefined
}): string[] {
  const match = profile.kioskApp?.match
  if (match === undefined) return []
  return profile.processes.filter(process => process.match.includes(match) || match.includes(process.match)).map(process => process.name)
}

function isOfKioskApp(symptom: Fault, kioskNames: readonly string[]): boolean {
  if (symptom.signal !== 'process.missing' && symptom.signal !== 'oom.killed') return true
  return kioskNames.includes(symptom.component) || KIOSK_PROCESS.test(symptom.component)
}

const isLossOfContact = ({ signal }: Fault): boolean => signal === 'agent.offline'

/** Whether `cause` explains `symptom`; with the reason. `kioskNames` are the kiosk app's processes. */
export function explanation(cause: Fault, symptom: Fault, kioskNames: readonly string[] = []): string | null {
  const because = signalOf(cause.signal)?.because
  if (because === undefined || cause.signal === symptom.signal) return null
  const line = signalOf(symptom.signal)
  if (isLossOfContact(cause)) return line?.standsWithoutContact ? null : because
  if (!line?.symptomOf.some(name => name === cause.signal)) return null
  if (cause.signal === 'usb.unstable' && cause.component !== symptom.component) return null
  return cause.signal === 'app.crashed' && !isOfKioskApp(symptom, kioskNames) ? null : because
}

/** Whether a cause that begins at `sinceMs` takes over the ticket which its symptom has since `openedMs`. */
export function takesOver(cause: Fault, symptom: Fault, sinceMs: number, openedMs: number): boolean {
  return sinceMs <= openedMs + TAKEOVER_MS || signalOf(symptom.signal)?.growsInto === cause.signal
}

/** Whether a symptom is only another word for its cause, and never stands for itself after it: a restart is how contact was lost. */
export function isPartOf(cause: Fault, symptom: Fault): boolean {
  return isLossOfContact(cause) && symptom.signal === 'reboot.unexpected'
}

/** Of what fails on the device, the first cause in the contract's order that explains the symptom; null = it stands for itself. */
export function chooseCause<Failing extends Fault>(
  symptom: Fault,
  failing: readonly Failing[],
  kioskNames: readonly string[] = [],
): { cause: Failing; because: string } | null {
  const ranked = failing.toSorted((one, other) => (RANK.get(one.signal) ?? Infinity) - (RANK.get(other.signal) ?? Infinity))
  for (const cause of ranked) {
    const because = explanation(cause, symptom, kioskNames)
    if (because !== null) return { cause, because }
  }
  return null
}
