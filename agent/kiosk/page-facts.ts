/** What the heartbeat asks a page, and what of its answer is believed: a page may answer anything. */

/** Tiny, and reads no content but the element named: address, title, status of the document, error of a browser error page, is a password asked for, size. */
export function heartbeatOf(selector: string | undefined): string {
  const watched = selector === undefined ? 'null' : `document.querySelector(${JSON.stringify(selector)})?.textContent.slice(0, 500)`
  return `(() => {
  const textOf = () => { try { return ${watched} } catch { return null } }
  const field = document.querySelector('input[type=password]')
  return [location.href.slice(0, 2000), document.title.slice(0, 120), performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0,
    location.protocol === 'chrome-error:' && typeof loadTimeDataRaw === 'object' ? loadTimeDataRaw.errorCode : '',
    field !== null && field.checkVisibility() && field.getClientRects().length > 0, innerWidth, innerHeight, textOf(), screen.width, screen.height, devicePixelRatio]
})()`
}

export type PageFacts = {
  url: string
  title: string
  /** HTTP status of the document; 0 when there is none (a file, an error). */
  status: number
  /** `ERR_NAME_NOT_RESOLVED` and the like on a browser error page, else ''. */
  errorName: string
  hasPasswordField: boolean
  width: number
  height: number
  /** Of the whole screen, in the page's pixels. */
  screenWidth: number
  screenHeight: number
  /** Pixels of the screen to one of the page; 0 when unknown. */
  pixelRatio: number
  /** Text of the watched element; null when there is none. */
  watchedText: string | null
}

const textOf = (value: unknown, limit: number) =>
  typeof value === 'string' ? value.slice(0, limit).replace(/[\p{Cc}\u2028\u2029]/gu, ' ') : ''
const numberOf = (value: unknown, limit: number) => (typeof value === 'number' && value > 0 && value <= limit ? Math.floor(value) : 0)

/** The facts in an answer of `Runtime.evaluate`; fields a page falsified are empty. */
export function readPageFacts(answer: Record<string, unknown>): PageFacts {
  const value = (answer['result'] as { value?: unknown } | undefined)?.value
  const [url, title, status, errorName, hasPasswordField, width, height, watched, screenWidth, screenHeight, pixelRatio] = Array.isArray(
    value,
  )
    ? (value as unknown[])
    : []
  return {
    url: textOf(url, 2_000),
    title: textOf(title, 120),
    status: numberOf(status, 999),
    errorName: textOf(errorName, 80).replace(/^net::/, ''),
    hasPasswordField: hasPasswordField === true,
    width: numberOf(width, 16_384),
    height: numberOf(height, 16_384),
    screenWidth: numberOf(screenWidth, 16_384),
    screenHeight: numberOf(screenHeight, 16_384),
    pixelRatio: typeof pixelRatio === 'number' && pixelRatio > 0 && pixelRatio <= 8 ? pixelRatio : 0,
    watchedText: typeof watched === 'string' ? watched.slice(0, 500) : null,
  }
}
