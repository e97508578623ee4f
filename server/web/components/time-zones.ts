/** Time zones to choose from. */

/** Every IANA name the browser knows. */
export const TIME_ZONES: readonly string[] = Intl.supportedValuesOf('timeZone')
/** Zone of this browser: a good first guess. */
export const HERE_ZONE: string = Intl.DateTimeFormat().resolvedOptions().timeZone
