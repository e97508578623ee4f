/** What a line of the table of plan terms has: shape, what older versions are read with, words, and its place in the editor. */
import { Type, type Static, type TSchema } from 'typebox'

/** Parts of the editor, in its order. */
export const TERM_GROUPS = {
  included: { label: 'What is included', title: 'What is included', note: null },
  levels: {
    label: 'Levels',
    title: 'Levels and promises',
    note: 'Clocks run in the service hours only. Best effort is measured and never overdue.',
  },
  hours: { label: 'Hours', title: 'Hours', note: null },
  escalation: { label: 'Escalation', title: 'Escalation', note: null },
  intake: { label: 'Intake', title: 'Registering and closing', note: null },
  services: { label: 'Services', title: 'Services', note: null },
  entitlements: {
    label: 'Entitlements',
    title: 'Entitlements',
    note: 'Training, workshops, visits, consulting hours: kept as a balance per customer. Amounts agreed with one customer are set in their own terms.',
  },
} as const
export type TermGroup = keyof typeof TERM_GROUPS

type Word<Value> = Value extends string ? Value : Value extends readonly (infer Item extends string)[] ? Item : never

/**
 * How a term is written in the editor. `own`: the console has fields of its own for it. `file`: set by an import or by
 * `PUT /plans/{id}` and kept as it is by the editor, which tells it. `number` is a whole number but for `decimals`, and an empty field
 * is `empty`; its limits are those of the schema. `texts` are words of people's own.
 */
export type TermEditor<Value> =
  | { editor: 'own' | 'file' | 'zone' }
  | (Value extends boolean ? { editor: 'switch' } : never)
  | (Value extends string ? { editor: 'choice'; choices: Record<Word<Value>, string> } : never)
  | (Value extends readonly string[] ? { editor: 'several'; choices: Partial<Record<Word<Value>, string>> } | { editor: 'texts' } : never)
  | (Extract<Value, number> extends never ? never : { editor: 'number'; suffix?: string; empty?: string; decimals?: number })

/** `title` is what the term is called, `hint` says more beside the field, `isFact`: shown on the card of a plan. */
export type TermWords<Value> = {
  title: string
  hint?: string
  group: TermGroup
  isFact?: true
  /** The value as people read it, a noun or a part of a sentence; null = nothing worth telling. */
  tell(value: Value): string | null
}
type Line<Value> = TermWords<Value> & TermEditor<Value>

/** A term every version has had from the first on. No new term may be one: versions that are stored already lack it. */
export function fromTheFirst<Schema extends TSchema, Own extends Line<Static<Schema>>>(schema: Schema, line: Own) {
  return { presence: 'always' as const, schema, ...line }
}

/** A term that is always there for readers: stored versions without it are read with `value`, which promises nothing more than they did. */
export function withDefault<Schema extends TSchema, Own extends Line<Static<Schema>>>(schema: Schema, value: Static<Schema>, line: Own) {
  return { presence: 'default' as const, schema, default: value, ...line }
}

/** A term that may be missing, and its absence means something of its own. */
export function mayBeMissing<Schema extends TSchema, Own extends Line<Static<Schema>>>(schema: Schema, line: Own) {
  return { presence: 'optional' as const, schema: Type.Optional(schema), ...line }
}
