/** The subject of a mail, in and out. */

/** A header as one line without control characters. */
export function subjectLine(text: string): string {
  return text
    .slice(0, 2000)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 200)
}
