/** Text that people search by. */

/** Words of a search, lower case. */
export function wordsOf(q: string): string[] {
  return [...new Set(q.toLowerCase().split(/[^\p{L}\p{N}]+/u))].filter(word => word.length > 1).slice(0, 12)
}
