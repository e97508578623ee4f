/** Which fault explains which on the same device: a symptom hangs under its cause and makes no ticket of its own. */

/** A ticket raised for a symptom is taken over by a cause that begins up to this long after it. */
export const TAKEOVER_MS = 2 * 60_000

export type Fault = { signal: string; component: string }

/** What the server knows by itself, or what losing contact cannot make or end: it stands beside `agent.offline`. */
const BESIDE_OFFLINE = new Set([
  'agent.offline',
  'agent.cloned',
  'agent.outdated',
  'config.invalid',
  'certificate.expiring',
  'disk.failing',
  'temperature.high',
])
const PAGE_SYMPTOMS = ['app.errors', 'business.silent']
const APP_SYMPTOMS = ['app.frozen', 'screen.error-page', 'screen.blank', ...PAGE_SYMPTOMS]
/** A program that cannot write stops, or shows that it cannot go on. */
const STORAGE_SYMPTOMS = ['app.crashed', 'process.missing', 'unit.failed', 'spool.gap', ...APP_SYMPTOMS]
const POWER_SYMPTOMS = [
  'filesystem.read-only',
  'display.disconnected',
  'display.off',
  'touch.missing',
  'usb.missing',
  'usb.unstable',
  'printer.offline',
  'network.degraded',
  'page.unreachable',
  'url.failing',
  'reboot.unexpected',
  'cpu.saturated',
  'app.crashed',
  ...APP_SYMPTOMS,
]

/** Causes in the order of the contract, worst first, with what each explains and why. `*` = everything that is not beside it. */
const CAUSES: readonly { cause: string; explains: readonly string[]; because: string }[] = [
  { cause: 'agent.offline', explains: ['*'], because: 'nothing the device said last is fresh while there is no contact' },
  { cause: 'power.battery', explains: POWER_SYMPTOMS, because: 'what hangs on the mains goes with the power' },
  { cause: 'power.undervoltage', explains: POWER_SYMPTOMS, because: 'what hangs on the supply fails with it' },
  { cause: 'usb.unstable', explains: ['usb.missing'], because: 'it comes and goes: each time it is away is the same fault' },
  {
    cause: 'filesystem.read-only',
    explains: ['disk.full', 'disk.filling', ...STORAGE_SYMPTOMS],
    because: 'programs that cannot write stop',
  },
  { cause: 'disk.full', explains: ['disk.filling', ...STORAGE_SYMPTOMS], because: 'programs that cannot write stop' },
  {
    cause: 'display.disconnected',
    // The touch layer sits in the display; without a display the browser draws no frames.
    explains: ['display.off', 'display.wrong-mode', 'touch.missing', 'screen.blank', 'app.frozen'],
    because: 'there is nothing to draw on, and its touch layer went with it',
  },
  {
    cause: 'app.crashed',
    explains: ['process.missing', 'oom.killed', ...APP_SYMPTOMS],
    because: 'the kiosk app is gone, and with it its process, its page and its business',
  },
  {
    cause: 'page.unreachable',
    explains: ['screen.error-page', 'app.frozen', 'screen.blank', ...PAGE_SYMPTOMS],
    because: 'the page cannot be loaded from the device',
  },
  {
    cause: 'screen.error-page',
    explains: ['app.frozen', 'screen.blank', ...PAGE_SYMPTOMS],
    because: 'an error page has nothing of the kiosk page in it',
  },
  { cause: 'app.frozen', explains: ['screen.blank', ...PAGE_SYMPTOMS], because: 'a page that does not answer draws and sells nothing' },
  { cause: 'screen.blank', explains: ['business.silent'], because: 'nobody can use a blank screen' },
]
const RANK = new Map(CAUSES.map(({ cause }, rank) => [cause, rank]))
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

/** Whether `cause` explains `symptom`; with the reason. `kioskNames` are the kiosk app's processes. */
export function explanation(cause: Fault, symptom: Fault, kioskNames: readonly string[] = []): string | null {
  const rank = RANK.get(cause.signal)
  const entry = rank === undefined ? undefined : CAUSES[rank]
  if (!entry || cause.signal === symptom.signal) return null
  if (entry.explains[0] === '*') return BESIDE_OFFLINE.has(symptom.signal) ? null : entry.because
  if (!entry.explains.includes(symptom.signal)) return null
  if (cause.signal === 'usb.unstable' && cause.component !== symptom.component) return null
  return cause.signal === 'app.crashed' && !isOfKioskApp(symptom, kioskNames) ? null : entry.because
}

/** Symptoms that become their cause, however long it takes: a disk that filled is full, what was missing comes and goes. */
const GROWS_INTO = new Map([
  ['disk.filling', 'disk.full'],
  ['usb.missing', 'usb.unstable'],
])

/** Whether a cause that begins at `sinceMs` takes over the ticket which its symptom has since `openedMs`. */
export function takesOver(cause: Fault, symptom: Fault, sinceMs: number, openedMs: number): boolean {
  return sinceMs <= openedMs + TAKEOVER_MS || GROWS_INTO.get(symptom.signal) === cause.signal
}

/** Whether a symptom is only another word for its cause, and never stands for itself after it: a restart is how contact was lost. */
export function isPartOf(cause: Fault, symptom: Fault): boolean {
  return cause.signal === 'agent.offline' && symptom.signal === 'reboot.unexpected'
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
