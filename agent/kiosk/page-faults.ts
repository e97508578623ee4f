/** What went wrong on a page, in the browser's own words: script errors, failed requests, errors printed to the console. */

type Fault = {
  /** Wall time, ms. */
  atMs: number
  text: string
  /** A script error or failed request; what a page prints itself is only remembered. */
  isCounted: boolean
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0)

function readException({ timestamp, exceptionDetails }: Record<string, unknown>): Fault {
  const details = (exceptionDetails ?? {}) as { text?: unknown; url?: unknown; lineNumber?: unknown; exception?: { description?: unknown } }
  const said = textOf(details.exception?.description).split('\n', 1)[0] || textOf(details.text) || 'an exception without text'
  const place = textOf(details.url) === '' ? '' : ` (${textOf(details.url)} line ${numberOf(details.lineNumber) + 1})`
  return { atMs: numberOf(timestamp), text: `script error: ${said}${place}`, isCounted: true }
}

function readEntry({ entry }: Record<string, unknown>): Fault | null {
  const { level, source, text, url, timestamp } = (entry ?? {}) as Record<string, unknown>
  if (level !== 'error') return null
  const place = textOf(url) === '' ? '' : ` (${textOf(url)})`
  return { atMs: numberOf(timestamp), text: `${textOf(source)} error: ${textOf(text)}${place}`, isCounted: source === 'network' }
}

function readConsole({ timestamp, args }: Record<string, unknown>): Fault {
  const parts = (Array.isArray(args) ? (args as unknown[]) : []).slice(0, 5).map(item => {
    const { value, description } = (item ?? {}) as { value?: unknown; description?: unknown }
    return textOf(description) || textOf(value)
  })
  return { atMs: numberOf(timestamp), text: `console error: ${parts.join(' ')}`, isCounted: false }
}

/** The fault in an event of the browser; null when it tells of none. Believes nothing about its shape. */
export function readFault(method: string, params: Record<string, unknown>): Fault | null {
  if (method === 'Runtime.exceptionThrown') return readException(params)
  if (method === 'Log.entryAdded') return readEntry(params)
  return method === 'Runtime.consoleAPICalled' ? readConsole(params) : null
}
