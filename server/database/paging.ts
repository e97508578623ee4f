/** Cursors of lists: the sort key and id of the last row, opaque to callers. */
import { invalidInput } from '../platform/errors.ts'

export type Cursor = readonly [string | number, string]

/** Text of a cursor. */
export function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

/** The cursor a caller sent back; throws invalid-input for anything that is not one of ours. */
export function readCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (
      Array.isArray(parsed) &&
      parsed.length === 2 &&
      typeof parsed[1] === 'string' &&
      (typeof parsed[0] === 'string' || typeof parsed[0] === 'number')
    )
      return parsed as unknown as Cursor
  } catch {
    // Falls through to the refusal.
  }
  throw invalidInput([{ path: 'querystring/cursor', message: 'is not a cursor of this list' }])
}

/** A page from one row more than its limit. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  total: number,
  item: (row: Row) => Item,
  cursor: (row: Row) => Cursor,
): { items: Item[]; total: number; next: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(item), total, next: rows.length > limit && last !== undefined ? writeCursor(cursor(last)) : null }
}

/** Text for a case-insensitive `like`, with the wildcards of the caller taken literally (escape character !). */
export function likePattern(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`
}
