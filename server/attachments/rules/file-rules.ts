/** Files that people give to tickets and visits: how many, how large, under which name, and which a browser may show. */

export const MAX_FILE_BYTES = 10 * 1024 * 1024
/** Files of one person that wait for their message, on one ticket. */
export const MAX_WAITING = 20
export const MAX_FILES_A_TICKET = 500
export const MAX_PHOTOS_A_VISIT = 20
/** What waits longer than this for its message is forgotten. */
export const WAITING_MS = 24 * 3_600_000

/** Pictures that a browser shows without running anything in them. */
const PICTURES: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

/** Whether it may be shown in a page; everything else is only saved. */
export function isPicture(contentType: string): boolean {
  return PICTURES.includes(contentType)
}

/** A name as people may see and save it: no path, no control or invisible character, never empty. */
export function safeFileName(name: string, fallback: string): string {
  const bare = name
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/^.*[/\\]/, '')
    .trim()
    .slice(0, 150)
  return bare === '' || /^\.+$/.test(bare) ? fallback : bare.toWellFormed()
}
