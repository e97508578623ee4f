/** Small schema pieces used by every message and route. */
import { Type, type TEnum, type TProperties } from 'typebox'

/** An object that refuses unknown fields: what HTTP bodies and files are checked with. */
export function Closed<Properties extends TProperties>(properties: Properties, options: { description?: string; $id?: string } = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options })
}

/** Component or entity name without space or slash. */
export function Name(maxLength: number, description: string) {
  return Type.String({ pattern: `^[^\\s/\\u0000-\\u001f]{1,${maxLength}}$`, description })
}

/** Severity: 1 Critical, 2 Major, 3 Minor, 4 Cosmetic. */
export const Level = Type.Integer({ minimum: 1, maximum: 4, description: '1 Critical, 2 Major, 3 Minor, 4 Cosmetic' })
export type LevelNumber = 1 | 2 | 3 | 4

/** Instant on the wire: RFC 3339 with offset. */
export const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
  description: 'RFC 3339 with offset',
})
export const NullableInstant = Type.Union([Instant, Type.Null()])

/** IANA time zone; that it exists is checked by the service (needs the zone data). */
export const TimeZone = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_+\\-/]{0,63}$', description: 'IANA time zone' })

export const Url = Type.String({ pattern: '^(https?|wss?)://[^\\s]{1,2000}$', description: 'http or https address' })
export const Email = Type.String({ pattern: '^[^\\s@<>"]{1,64}@[^\\s@<>"]{1,190}$', description: 'e-mail address' })
/** A text, or null for none. */
export const NullableText = Type.Union([Type.String(), Type.Null()])
/** Path of one thing. */
export const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
export const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
/** One of a fixed list of words; its type is the union of them. */
export function OneOf<const Values extends readonly string[]>(values: Values): TEnum<[...Values]> {
  // TypeBox infers a plain list of strings from a generic one; the words themselves are what callers need.
  return Type.Enum([...values]) as unknown as TEnum<[...Values]>
}
