/** What the helper with root's rights can be asked: a fixed list of verbs, each with a strict pattern for every argument. One request and one answer a connection, a JSON line each. */

/** The helper's socket; its folder is root's, its mode lets in only the agent's group. */
export const HELPER_SOCKET = '/run/kioskeeper-agent/helper.sock'
export const MAX_REQUEST_BYTES = 32 * 1024

// no argument may begin with a dash: a program would read it as an option
const UNIT = /^[A-Za-z0-9_][A-Za-z0-9:_.@-]{0,127}$/
const QUEUE = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,126}$/
const CONNECTOR = /^[A-Za-z][A-Za-z0-9-]{0,63}$/
const SIZE = /^[1-9]\d{1,4}x[1-9]\d{1,4}$/
const USB_ID = /^[0-9a-f]{4}:[0-9a-f]{4}$/
// oxlint-disable-next-line no-control-regex -- control characters are what it keeps out
const FOLDER = /^\/[^\u0000-\u001f]{1,511}$/

/** Patterns of the arguments of each verb; `many` repeats the only one. */
const VERBS = {
  'restart-unit': { args: [UNIT] },
  'restart-queue': { args: [QUEUE] },
  'wake-display': { args: [] },
  'set-mode': { args: [CONNECTOR, SIZE] },
  'reset-usb': { args: [USB_ID] },
  'clear-caches': { args: [FOLDER], many: 50 },
  'renew-network': { args: [] },
  'sync-time': { args: [] },
  'restart-session': { args: [] },
  reboot: { args: [] },
  'stop-app': { args: [] },
  'start-app': { args: [] },
  // the only one that changes nothing
  'read-drives': { args: [] },
} as const satisfies Record<string, { args: readonly RegExp[]; many?: number }>
export type Verb = keyof typeof VERBS
export type HelperRequest = { verb: Verb; args: string[] }
/** `refused`: nothing was done. `text` is a sentence for people. */
export type HelperAnswer = { outcome: 'done' | 'refused' | 'failed'; text: string }

function fits(verb: Verb, args: readonly unknown[]): args is string[] {
  const wanted: { args: readonly RegExp[]; many?: number } = VERBS[verb]
  const most = wanted.many ?? wanted.args.length
  const isCount = wanted.many === undefined ? args.length === most : args.length >= 1 && args.length <= most
  return isCount && args.every((arg, index) => typeof arg === 'string' && (wanted.args[wanted.many ? 0 : index]?.test(arg) ?? false))
}

/** A request in a line, or why it is none. */
export function parseRequest(line: string): HelperRequest | { fault: string } {
  try {
    const { verb, args } = JSON.parse(line) as { verb?: unknown; args?: unknown }
    if (typeof verb !== 'string' || !Object.hasOwn(VERBS, verb)) return { fault: 'No such verb.' }
    if (!Array.isArray(args) || !fits(verb as Verb, args)) return { fault: `The arguments do not fit ${verb}.` }
    return { verb: verb as Verb, args }
  } catch {
    return { fault: 'Not a request.' }
  }
}

/** An answer in a line, or null. */
export function parseAnswer(line: string): HelperAnswer | null {
  try {
    const { outcome, text } = JSON.parse(line) as { outcome?: unknown; text?: unknown }
    if ((outcome !== 'done' && outcome !== 'refused' && outcome !== 'failed') || typeof text !== 'string') return null
    return { outcome, text }
  } catch {
    return null
  }
}
